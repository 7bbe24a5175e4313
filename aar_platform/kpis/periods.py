"""Periods: days, weeks (from Monday), months, quarters and years."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

# Each with the unit to which Ibis truncates.
UNIT_OF = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
MONTH = "month"
# For rates and for how things stand: a day's are noise.
FROM_MONTHS = ("month", "quarter", "year")
# For what happens and is added up.
ALL_PERIODS = tuple(UNIT_OF)
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
SCHEMA = {"period": "string", "period_start": "date", "period_end": "date",
          "closes_on": "date", "previous_start": "date"}  # fmt: skip


class Period(NamedTuple):
    """`period_end` is the first day after it; it `closes_on` that day, or on the day after the last
    one that is known where that comes sooner: what has not happened yet is in no figure."""

    period: str
    period_start: date
    period_end: date
    closes_on: date
    previous_start: date


def start_of(period: str, day: date) -> date:
    """The first day of the period that `day` lies in."""
    match period:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % 3, 1)
    return date(day.year, 1, 1)


def end_of(period: str, start: date) -> date:
    """The first day after the period that begins on `start`."""
    longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[period]
    return start_of(period, start + timedelta(days=longest))


def overlapping(lengths: Iterable[str], start: date, end: date, until: date) -> Iterator[Period]:
    """The periods of these lengths that share a day with [start, end) and begin by `until`, the
    last day that is known: a week, quarter or year changes with each of its months."""
    for length in lengths:
        first = start_of(length, start)
        while first < end and first <= until:
            after = end_of(length, first)
            closes = min(after, until + timedelta(days=1))
            before = start_of(length, first - timedelta(days=1))
            yield Period(length, first, after, closes, before)
            first = after


def closed_by(periods: Iterable[Period], last: date) -> list[Period]:
    """The periods that begin by `last`, none of which closes after it."""
    after = last + timedelta(days=1)
    begun = [one for one in periods if one.period_start <= last]
    return [one._replace(closes_on=min(one.closes_on, after)) for one in begun]


def as_table(periods: Iterable[Period]) -> ir.Table:
    """Periods as a table with the columns of Period."""
    import pyarrow as pa

    schema = pa.schema(
        [(name, pa.string() if kind == "string" else pa.date32()) for name, kind in SCHEMA.items()]
    )
    return ibis.memtable(pa.Table.from_pylist([one._asdict() for one in periods], schema=schema))
