"""Which files a table's path names, and the day each of them stands for."""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.refusal import FileRefused, NoFilesFound

# A date, optionally followed by a time of day without a separator (20101201T0830, 20101201083000).
_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:[T_-]?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?![-_.]\d\d[-_.]\d\d))?(?!\d)"
)


@dataclass(frozen=True)
class FoundFile:
    """A file of a table. day: the date in its name, if there is exactly one. size in bytes.
    modified: the file system's time of last change, UTC."""

    path: Path
    day: date | None
    size: int
    modified: datetime


def find_files(table: FilesTable, base: Path) -> list[FoundFile]:
    """The files `table.path` names, in the order of their paths; relative paths start at `base`.

    Raises NoFilesFound where nothing matches, FileRefused where a file cannot be looked at.
    """
    pattern = base / table.path
    if not has_wildcard(table.path) or pattern.is_file():
        paths = [pattern] if pattern.is_file() else []
    else:
        # Path.glob refuses absolute patterns, and hides a folder it may not list.
        paths = [Path(name) for name in glob.glob(str(pattern), recursive=True)]  # noqa: PTH207
    found = []
    for path in sorted(paths):
        if path.is_dir() or path.name.startswith("~$"):  # ~$ is the lock of an open workbook
            continue
        try:
            state = path.stat()
        except OSError as problem:
            raise FileRefused(
                path, f"cannot be looked at ({problem.strerror})", "check the link or its rights"
            ) from None
        modified = datetime.fromtimestamp(state.st_mtime, UTC)
        found.append(FoundFile(path, day_in_name(path.name), state.st_size, modified))
    if not found:
        raise NoFilesFound(
            table.path,
            f"no file of this name in {fixed_folder(pattern)}",
            "check the `path` of the table, or wait for the export",
        )
    return found


def is_daily(table: FilesTable, files: Sequence[FoundFile]) -> bool:
    """Whether the table arrives as one export a day: a wildcard, and a date in every name."""
    return has_wildcard(table.path) and bool(files) and all(file.day for file in files)


def has_wildcard(path: str) -> bool:
    """Whether a path names any number of files rather than one."""
    return glob.has_magic(path)


def day_in_name(name: str) -> date | None:
    """The date in a file's name (2010-12-01, 20101201, 2010_12_01, 2010.12.01, also followed by a
    time); None where there is none, or more than one."""
    days = set()
    for year, _, month, day in _DAY.findall(name):
        try:
            days.add(date(int(year), int(month), int(day)))
        except ValueError:  # 30 February is not a date but a number
            continue
    return days.pop() if len(days) == 1 else None


def fixed_folder(pattern: Path) -> Path:
    """The deepest folder of a pattern that holds no wildcard."""
    folder = pattern.parent
    while glob.has_magic(str(folder)) and folder != folder.parent:
        folder = folder.parent
    return folder
