"""How fresh the sources are, and how many of their rows were kept, refused and repaired."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.reports.context import SourceState, Tables
from aar_platform.tables import catalogue

# A source is stale when its data ends a week before that of the freshest source: weekends and
# holidays pass, a broken export does not.
STALE_AFTER = timedelta(days=7)

# The time that says up to when a table's data goes; customer records are there at any time.
DATA_TIME: Mapping[str, str] = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "refunds": "refunded_at",
    "subscriptions": "started_at",
    "usage": "day",
    "tickets": "opened_at",
    "campaigns": "sent_at",
    "messages": "occurred_at",
    "deals": "created_at",
    "feedback": "given_at",
    "web_visits": "visited_at",
    "spend": "day",
    "experiment_assignments": "assigned_at",
}


def source_states(
    tables: Tables, fed: Collection[tuple[str, str]], extracted: Mapping[tuple[str, str], datetime]
) -> tuple[SourceState, ...]:
    """The state of every (source, core table) pair that the configuration feeds.

    `extracted` gives the moment (naive UTC) of the last extract of a pair.
    """
    quarantined = _counted(tables("quarantine"))
    repaired = _counted(tables("repairs").select("source", "object", "record_id").distinct())
    found: dict[tuple[str, str], tuple[int, date | None]] = {}
    for table in sorted({table for _, table in fed}):
        for source, rows, last in _rows_and_last_day(tables(table), table):
            found[source, table] = (rows, last)
    newest = max((last for _, last in found.values() if last), default=None)
    states = []
    for source, table in sorted(fed):
        rows, last = found.get((source, table), (0, None))
        states.append(
            SourceState(
                source=source,
                object=table,
                last_data=last,
                last_extracted=extracted.get((source, table)),
                rows=rows,
                quarantined=quarantined.get((source, table), 0),
                repaired=repaired.get((source, table), 0),
                is_stale=bool(last and newest and newest - last > STALE_AFTER),
            )
        )
    return tuple(states)


def _counted(rows: ir.Table) -> dict[tuple[str, str], int]:
    counted = rows.group_by("source", "object").aggregate(rows=rows.count()).to_pyarrow()
    return {(row["source"], row["object"]): row["rows"] for row in counted.to_pylist()}


def _rows_and_last_day(rows: ir.Table, table: str) -> list[tuple[str, int, date | None]]:
    time = DATA_TIME.get(table)
    last: Any = rows[time].max().cast("date") if time else ibis.null("date")
    assert time is None or time in catalogue.column_names(table)
    grouped = rows.group_by("source").aggregate(rows=rows.count(), last=last).to_pyarrow()
    return [(row["source"], row["rows"], row["last"]) for row in grouped.to_pylist()]
