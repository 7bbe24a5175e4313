"""The days with anything to count, from the first to the last of which there are figures."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import ibis.expr.types as ir

# The columns by which rows fall into periods, by table.
_COUNTED_BY: dict[str, tuple[str, ...]] = {
    "sales": ("sold_on",),
    "contacts": ("acquired_at",),
    "subscriptions": ("started_at",),
    "deals": ("created_at", "closed_at"),
    "tickets": ("opened_at",),
    "messages": ("occurred_at",),
    "campaigns": ("sent_at",),
    "feedback": ("given_at",),
    "web_visits": ("visited_at",),
    "usage": ("day",),
    "spend": ("day",),
}


def counted_days(tables: Callable[[str], ir.Table], timezone: str) -> tuple[date, date] | None:
    """The first and the last day, in `timezone`, on which any table has a row that figures count;
    None where there is none."""
    days = []
    for name, columns in _COUNTED_BY.items():
        table = tables(name)
        ends = {f"{column} {end}": getattr(table[column], end)() for column in columns
                for end in ("min", "max")}  # fmt: skip
        days += [
            _local(moment, timezone)
            for moment in table.aggregate(**ends).to_pyarrow().to_pylist()[0].values()
            if moment is not None
        ]
    return (min(days), max(days)) if days else None


def _local(moment: date, timezone: str) -> date:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
    return moment
