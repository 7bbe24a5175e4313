"""From a table's files to the landing, and which days of it have something new."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aar_platform.landing.store import Arrival, Landing, file_fingerprint
from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.discovery import FoundFile, find_files
from aar_platform.sources.files.refusal import DaysRefused, FileRefused
from aar_platform.sources.registry import Extracted

if TYPE_CHECKING:
    import pyarrow


def extract_files(
    landing: Landing,
    source: str,
    name: str,
    table: FilesTable,
    days: Sequence[date] | None,
) -> Extracted:
    """Land a table's files: those of the given days, or all of them as one (`days` None).

    Files that have not changed since are not read again. A day whose file is no longer there keeps
    what has landed: exports are often moved away once they are old. Raises FileRefused, and for
    several days DaysRefused, after all other days have landed.
    """
    files = find_files(table, Path.cwd())
    if days is None:
        landed = landing.land(source, name, None, [_arrival(file, table) for file in files])
        return Extracted(
            rows=landed.rows,
            changed=int(landed.is_changed),
            readings=[_summary(file.name, file.reading) for file in landed.files],
        )
    of_day: dict[date, list[FoundFile]] = {}
    for file in files:
        if file.day is not None:
            of_day.setdefault(file.day, []).append(file)
    rows = changed = 0
    readings: list[dict[str, Any]] = []
    refusals: list[FileRefused] = []
    for day in days:
        if day not in of_day:
            continue
        arrivals = [_arrival(file, table) for file in of_day[day]]
        try:
            landed = landing.land(source, name, day.isoformat(), arrivals)
        except FileRefused as refusal:
            refusals.append(refusal)
            continue
        rows += landed.rows
        changed += landed.is_changed
        readings += [_summary(file.name, file.reading) for file in landed.files]
    if refusals:
        raise DaysRefused(refusals) if len(refusals) > 1 else refusals[0]
    return Extracted(rows=rows, changed=changed, readings=readings)


def changed_days(landing: Landing, source: str, name: str, table: FilesTable) -> list[date]:
    """The days whose files are new or differ from what has landed, in order."""
    found: dict[date, set[str]] = {}
    for file in find_files(table, Path.cwd()):
        if file.day is not None:
            found.setdefault(file.day, set()).add(_fingerprint(file, table))
    return sorted(
        day
        for day, fingerprints in found.items()
        if {f.fingerprint for f in landing.partition(source, name, day.isoformat())} != fingerprints
    )


def _arrival(file: FoundFile, table: FilesTable) -> Arrival:
    def open_it() -> "tuple[pyarrow.RecordBatchReader, Callable[[], dict[str, Any]]]":
        from aar_platform.sources.files.reading import open_file

        reading = open_file(file.path, table)
        return reading.batches, lambda: asdict(reading.report)

    return Arrival(file.path.name, _fingerprint(file, table), open_it)


def _fingerprint(file: FoundFile, table: FilesTable) -> str:
    stated = table.model_dump(
        include={"encoding", "delimiter", "quote", "header", "sheet", "columns"}
    )
    return file_fingerprint(file.path, json.dumps(stated, sort_keys=True, default=str))


def _summary(name: str, reading: dict[str, Any]) -> dict[str, Any]:
    told = ("format", "encoding", "delimiter", "header_row", "sheet", "rows", "notes")
    return {"file": name, **{key: reading[key] for key in told if reading.get(key)}}
