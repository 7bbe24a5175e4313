"""How fresh the sources are, and how many of their rows were kept, refused and repaired."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import ibis.expr.types as ir

from aar_platform.quality.reach import DATA_TIME
from aar_platform.reports.context import SourceState, Tables

# A source is stale when its data ends a week before that of the freshest one, and its silence is
# longer than any before: weekends and rare refunds pass, a broken export does not.
STALE_AFTER = timedelta(days=7)


@dataclass(frozen=True)
class _Extent:
    """A source's rows in a table, their last day, and the most days there were between two."""

    rows: int
    last: date | None
    longest_gap_days: int

    def is_silent_until(self, newest: date) -> bool:
        """Whether nothing came for longer than ever before, and for more than a week."""
        if self.last is None:
            return False
        return newest - self.last > max(STALE_AFTER, timedelta(days=self.longest_gap_days))


def source_states(
    tables: Tables, fed: Collection[tuple[str, str]], extracted: Mapping[tuple[str, str], datetime]
) -> tuple[SourceState, ...]:
    """The state of every (source, core table) pair that the configuration feeds.

    `extracted` gives the moment (naive UTC) of the last extract of a pair.
    """
    quarantined = _counted(tables("quarantine"))
    repaired = _counted(tables("repairs").select("source", "object", "record_id").distinct())
    found: dict[tuple[str, str], _Extent] = {}
    for table in sorted({table for _, table in fed}):
        found |= {(source, table): extent for source, extent in _extents(tables(table), table)}
    newest = max((extent.last for extent in found.values() if extent.last), default=None)
    states = []
    for source, table in sorted(fed):
        extent = found.get((source, table), _Extent(0, None, 0))
        states.append(
            SourceState(
                source=source,
                object=table,
                last_data=extent.last,
                last_extracted=extracted.get((source, table)),
                rows=extent.rows,
                quarantined=quarantined.get((source, table), 0),
                repaired=repaired.get((source, table), 0),
                is_stale=bool(newest and extent.is_silent_until(newest)),
            )
        )
    return tuple(states)


def _counted(rows: ir.Table) -> dict[tuple[str, str], int]:
    counted = rows.group_by("source", "object").aggregate(rows=rows.count()).to_pyarrow()
    return {(row["source"], row["object"]): row["rows"] for row in counted.to_pylist()}


def _extents(rows: ir.Table, table: str) -> list[tuple[str, _Extent]]:
    time = DATA_TIME.get(table)
    counted = rows.group_by("source").aggregate(rows=rows.count())
    if time is None:
        return [(row["source"], _Extent(row["rows"], None, 0)) for row in _listed(counted)]
    days = rows.select("source", day=rows[time].cast("date")).distinct()
    gap = days.day.delta(days.day.lag().over(group_by="source", order_by="day"), unit="day")
    spans = days.mutate(gap=gap).group_by("source")
    spans = spans.aggregate(last=lambda t: t.day.max(), longest=lambda t: t.gap.max())
    joined = counted.left_join(spans, "source")
    return [
        (row["source"], _Extent(row["rows"], row["last"], row["longest"] or 0))
        for row in _listed(joined)
    ]


def _listed(rows: ir.Table) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = rows.to_pyarrow().to_pylist()
    return listed
