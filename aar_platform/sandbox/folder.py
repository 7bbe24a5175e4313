"""The folder of a company whose systems are served: it remembers which company it is, and what lies
in it already stays as it is."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

# Which company is a folder's, and at which port it is served: the folder's aar.yaml names it.
STATE = "sandbox.json"
CUSTOMERS, SEED = 5000, 7
# What is being written lies here first, so that what is cut off is not taken for a file.
_DRAFT = ".sandbox-draft"


class FolderRefused(RuntimeError):
    """A folder that cannot be that of the company wanted; the text is one line."""


@dataclass(frozen=True)
class Served:
    """The company of a folder, and the port it is served at; 0 where there is none yet."""

    customers: int
    seed: int
    port: int


def company_of(folder: Path, customers: int | None, seed: int | None) -> Served:
    """The company that is a folder's, or the one wanted where the folder is new.

    Raises FolderRefused where another one is named, and where the folder is not known to be of any.
    """
    path = folder / STATE
    if not path.exists():
        if (folder / "aar.yaml").exists():
            raise FolderRefused(
                f"{folder}/aar.yaml is not of a made-up company ({STATE} is missing); "
                "name another --dir"
            )
        return Served(customers or CUSTOMERS, SEED if seed is None else seed, 0)
    known = json.loads(path.read_text(encoding="utf-8"))
    if "customers" not in known:
        raise FolderRefused(
            f"{path} does not say which company it is of, as those of a former version; "
            "name another --dir"
        )
    served = Served(known["customers"], known["seed"], known["port"])
    wanted = (customers or served.customers, served.seed if seed is None else seed)
    if wanted != (served.customers, served.seed):
        raise FolderRefused(
            f"{folder} holds the company of {served.customers} customers and seed {served.seed}, "
            f"not that of {wanted[0]} and seed {wanted[1]}; name another --dir"
        )
    return served


def remember(served: Served, folder: Path) -> None:
    """Write which company is the folder's."""
    (folder / STATE).write_text(json.dumps(asdict(served)), encoding="utf-8")


@contextmanager
def only_missing(folder: Path) -> Iterator[Path]:
    """A place to write to: of its files, those that the folder lacks are put into it at the end."""
    draft = folder / _DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        for path in sorted(draft.rglob("*")):
            target = folder / path.relative_to(draft)
            if path.is_dir():
                target.mkdir(mode=path.stat().st_mode & 0o777, exist_ok=True)
            elif not target.exists():
                path.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def point_to(folder: Path, before: str, url: str) -> None:
    """Let the folder's aar.yaml name the systems at another address; the rest of it stays."""
    path = folder / "aar.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f"{before}/", f"{url}/"), encoding="utf-8")
