"""The first day with anything to count, from which on there are figures."""

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


def first_day(tables: Callable[[str], ir.Table], timezone: str) -> date | None:
    """The first day, in `timezone`, on which any table has a row that figures count; None where
    there is none."""
    days = []
    for name, columns in _COUNTED_BY.items():
        table = tables(name)
        earliest = table.aggregate(**{column: table[column].min() for column in columns})
        days += [
            _local(moment, timezone)
            for moment in earliest.to_pyarrow().to_pylist()[0].values()
            if moment is not None
        ]
    return min(days, default=None)


def _local(moment: date, timezone: str) -> date:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
    return moment
