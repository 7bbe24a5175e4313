"""The one way in which a file is turned down: a single line that says which file, where, why, and
what to do. It never quotes a value of the file, since values may be personal data."""

from collections.abc import Sequence
from pathlib import Path

DAYS_TOLD = 5


class FileRefused(ValueError):
    """A file that cannot be read whole and right; the message is one line for people."""

    def __init__(self, path: Path | str, why: str, remedy: str, line: int | None = None) -> None:
        name = path.name if isinstance(path, Path) else path
        place = f"{name}, line {line}" if line is not None else name
        super().__init__(" ".join(f"{place}: {why}; {remedy}".split()))
        self.file = name
        self.line = line


class NoFilesFound(FileRefused):
    """No file matches the pattern of a table."""


class DaysRefused(ValueError):
    """Several daily files cannot be read; the first few are told, and how many more there are."""

    def __init__(self, refusals: Sequence[FileRefused]) -> None:
        told = " | ".join(str(refusal) for refusal in refusals[:DAYS_TOLD])
        more = len(refusals) - DAYS_TOLD
        super().__init__(told + (f" | and {more} more files" if more > 0 else ""))
