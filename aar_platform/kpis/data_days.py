"""The days with anything to count, from the first to the last of which there are figures."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.sales import last_until_today

# The columns by which rows fall into periods, by table.
_COUNTED_BY: dict[str, tuple[str, ...]] = {
    "sales": ("sold_on",),
    "contacts": ("acquired_at",),
    "subscriptions": ("started_at", "ended_at"),
    "deals": ("created_at", "closed_at"),
    "tickets": ("opened_at", "first_replied_at", "solved_at"),
    "messages": ("occurred_at",),
    "campaigns": ("sent_at",),
    "feedback": ("given_at",),
    "web_visits": ("visited_at",),
    "usage": ("day",),
    "spend": ("day",),
}


def known_until(kpi: Kpi, last_days: Mapping[str, date], as_of: date) -> date:
    """The last day of which is known what a KPI counts: that of the last sale (`as_of`); where it
    does not rest on sales, that of the last row of its facts (`last_days`) if that is later. What
    is dated in the future has not happened yet."""
    if "sales" in kpi.tables:
        return as_of
    own = [last_days[name] for name in kpi.members_of if name in last_days]
    return max([as_of, *(min(day, date.today()) for day in own)])


def counted_days(tables: Callable[[str], ir.Table], timezone: str) -> tuple[date, date] | None:
    """The first and the last day, in `timezone`, on which any table has a row that figures count;
    None where there is none. What is dated in the future has not happened yet."""
    days = []
    for name, columns in _COUNTED_BY.items():
        table = tables(name)
        has_come = {
            column: table[column].cast("date") <= ibis.literal(date.today()) for column in columns
        }
        ends = {
            f"{column} {end}": getattr(table[column], end)(where=has_come[column])
            for column in columns
            for end in ("min", "max")
        }
        days += [
            _local(moment, timezone)
            for moment in table.aggregate(**ends).to_pyarrow().to_pylist()[0].values()
            if moment is not None
        ]
    return (min(days), max(days)) if days else None


def last_data_day(tables: Callable[[str], ir.Table], timezone: str) -> date:
    """The last day with a sale, else with any sign of a customer, else with anything that figures
    count, else today."""
    known = last_until_today(tables("sales").sold_on, tables("customers").last_seen_at)
    if known is not None:
        return known
    counted = counted_days(tables, timezone)
    return counted[1] if counted else date.today()


def _local(moment: date, timezone: str) -> date:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).date()
    return moment
