"""`aar demo`: the made-up company's systems served on loopback, and pulled like any others."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from rich.console import Console

from aar_platform.sandbox.folder import company_of
from aar_platform.sandbox.served import SECRETS
from aar_platform.settings.loading import load_settings

# What a run loads, in the order in which it does.
LOADED_BY_A_RUN = (
    "aar_platform.commands.run",
    "alembic.command",
    "pandera.ibis",
    "pypinyin",
    "sklearn.cluster",
    "statsmodels.stats.proportion",
    "matplotlib.backends.backend_svg",
    "fontTools.subset",
    "typst",
)


class SandboxFailed(RuntimeError):
    """The made-up company could not be served; the text is one line."""


@contextmanager
def served(customers: int | None, folder: Path, seed: int | None) -> Iterator[Callable[[], None]]:
    """The company's systems in a process of their own, written into `folder`.

    Yields at once what waits until they are ready; it raises SandboxFailed with what the process
    says where it does not come up.
    """
    command = [sys.executable, "-m", "aar_platform.cli", "sandbox", "--dir", str(folder)]
    for option, value in (("--customers", customers), ("--seed", seed)):
        command += [] if value is None else [option, str(value)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, complaints = process.stdout, process.stderr

        def wait() -> None:
            if not said.readline():
                last = complaints.read().strip().splitlines()
                raise SandboxFailed(f"the sandbox did not start: {last[-1] if last else 'no word'}")

        try:
            yield wait
        finally:
            process.terminate()


def run_demo(
    customers: int | None, folder: Path, seed: int | None, console: Console
) -> tuple[list[str], list[str]]:
    """Serve the folder's company and run it; returns failures and what to tell the user.

    Raises FolderRefused where the folder is another company's.
    """
    company_of(folder, customers, seed)
    path = folder / "aar.yaml"
    # Where the platform looks for the company's secrets, in this process and those it starts.
    os.environ["AAR_SECRETS_DIR"] = str((folder / SECRETS).absolute())
    with served(customers, folder, seed) as wait_until_ready:
        # A company of 5,000 is served after 4 s, on the other core: these take 3 s.
        for name in LOADED_BY_A_RUN:
            import_module(name)
        from aar_platform.commands.run import Window, run_pipeline

        wait_until_ready()
        settings = load_settings(path)
        failures = run_pipeline(settings, path, None, Window(), console)
    outbox = settings.delivery.outbox
    pages = sorted(outbox.glob("*/*/*.html"))
    portfolios = [page for page in pages if page.parent.name == "portfolio"]
    accounts = [page for page in pages if page.parent.name == "account_activity"]
    said = [f"Reports lie in {outbox}"]
    said += [f"  {page}" for page in [*portfolios[-2:], *accounts[:1]]]
    said.append(f"Ask the warehouse: aar --config {path} query 'select * from kpis limit 5'")
    said.append(
        f"Serve its systems again: aar sandbox --dir {folder}, "
        f"then AAR_SECRETS_DIR={folder / SECRETS} aar --config {path} run"
    )
    return failures, said
