"""`aar demo`: the made-up company's systems served on loopback, and pulled like any others."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from aar_platform.commands.run import Window, run_pipeline
from aar_platform.sandbox.served import SECRETS
from aar_platform.settings.loading import load_settings


class SandboxFailed(RuntimeError):
    """The made-up company could not be served; the text is one line."""


@contextmanager
def served(customers: int, folder: Path, seed: int) -> Iterator[None]:
    """The company's systems in a process of their own, written into `folder` and ready.

    Raises SandboxFailed with what the process says where it does not come up.
    """
    command = [sys.executable, "-m", "aar_platform.cli", "sandbox", "--dir", str(folder)]
    command += ["--customers", str(customers), "--seed", str(seed)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            if not process.stdout.readline():
                said = process.stderr.read().strip().splitlines()
                raise SandboxFailed(f"the sandbox did not start: {said[-1] if said else 'no word'}")
            yield
        finally:
            process.terminate()


def run_demo(
    customers: int, folder: Path, seed: int, console: Console
) -> tuple[list[str], list[str]]:
    """Serve the company and run it; returns failures and what to tell the user."""
    path = folder / "aar.yaml"
    # Where the platform looks for the company's secrets, in this process and those it starts.
    os.environ["AAR_SECRETS_DIR"] = str((folder / SECRETS).absolute())
    with served(customers, folder, seed):
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
        f"Serve its systems again: aar sandbox --dir {folder} --customers {customers}, "
        f"then AAR_SECRETS_DIR={folder / SECRETS} aar --config {path} run"
    )
    return failures, said
