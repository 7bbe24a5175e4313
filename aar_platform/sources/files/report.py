"""What reading a file gives: its batches, and a statement of how it was read."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from aar_platform.sources.files.refusal import FileRefused


@dataclass
class ReadingReport:
    """How a file was read: what was detected or stated, and what is worth knowing.

    header_row: number of the header's row from 1, None where the file has none or needs none.
    notes and rows are complete once the batches have been read to their end.
    """

    file: str
    format: str
    compression: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    columns: list[str] = field(default_factory=list)
    rows: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class Reading:
    """An opened file. batches stream its rows once; an error within them refuses the whole file."""

    batches: pa.RecordBatchReader
    report: ReadingReport


def unique_names(raw: Sequence[object], report: ReadingReport) -> list[str]:
    """Column names as a warehouse can hold them: trimmed, blanks named by position, repetitions
    (also by case alone, which SQL does not tell apart) numbered. What was changed is noted."""
    cleaned = [" ".join(str(name or "").replace("\ufeff", "").split()) for name in raw]
    cleaned = [_without_quotes(name) for name in cleaned]
    taken: set[str] = set()
    names, blanks, repeated = [], 0, []
    kept = {name.lower() for name in cleaned}
    for position, name in enumerate(cleaned, start=1):
        wanted = name
        if not name:
            wanted = f"column_{position}"
            blanks += 1
        candidate, number = wanted, 2
        while candidate.lower() in taken or (candidate != name and candidate.lower() in kept):
            candidate, number = f"{wanted}_{number}", number + 1
        if name and candidate != name:
            repeated.append(candidate)
        taken.add(candidate.lower())
        names.append(candidate)
    if blanks:
        report.notes.append(f"{blanks} columns without a name are called column_<position>")
    if repeated:
        report.notes.append(f"repeated column names were numbered: {', '.join(repeated)}")
    return names


def _without_quotes(name: str) -> str:
    while len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1].strip()
    return name


def require_columns(path: Path, wanted: Iterable[str], present: Sequence[str]) -> None:
    """Refuse the file unless it has every wanted column, naming the nearest it does have."""
    missing = [name for name in wanted if name not in present]
    if not missing:
        return
    lowered = {name.lower(): name for name in present}
    near = difflib.get_close_matches(missing[0].lower(), lowered, n=1, cutoff=0.5)
    remedy = (
        f"the nearest is {lowered[near[0]]!r}" if near else f"it has {len(present)} other columns"
    )
    more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
    raise FileRefused(
        path, f"has no column {missing[0]!r}{more}", f"{remedy}: correct `columns` of the table"
    )
