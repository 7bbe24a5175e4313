"""Months of a report: the last complete one and those before it."""

from datetime import date, timedelta

from aar_platform.kpis.data_days import counted_days
from aar_platform.kpis.sales import last_until_today
from aar_platform.reports.context import Tables

# Shops that close at weekends have no sale on the last two days of some months.
QUIET_DAYS = timedelta(days=2)


def month_before(month: date, count: int = 1) -> date:
    """The first day of the month `count` months earlier (later where negative)."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)


def months_until(last: date, count: int) -> tuple[date, ...]:
    """`count` months in order, the last of them `last`."""
    return tuple(month_before(last, count - 1 - position) for position in range(count))


def data_as_of(tables: Tables) -> date | None:
    """The last day with a sale, else with an activity of a customer, else with anything that is
    counted; None without any. What is dated in the future is not looked at.
    """
    known = last_until_today(tables("sales").sold_on, tables("activities").occurred_at)
    if known is not None:
        return known
    counted = counted_days(tables, "UTC")
    return counted and counted[1]


def is_before_data(month: date, as_of: date | None) -> bool:
    """Whether there is data of a later month than the one reported: what is kept as it stands
    today, such as segments, is then not that of the month."""
    return as_of is not None and as_of >= month_before(month, -1)


def report_month(as_of: date) -> date:
    """The last month that data up to `as_of` covers completely, as its first day."""
    month = as_of.replace(day=1)
    last_day = month_before(month, -1) - timedelta(days=1)
    return month if as_of >= last_day - QUIET_DAYS else month_before(month)
