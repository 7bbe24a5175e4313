"""What an oracle is: a function from the truth, a period and a dimension to figures by member."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd


class Span(NamedTuple):
    """A period from its first day to the first one after it; what stands at its end stands on the
    day before `closes`, which is sooner than `end` while the period still runs."""

    period: str
    start: pd.Timestamp
    end: pd.Timestamp
    closes: pd.Timestamp


class Figures(NamedTuple):
    """Numerator, denominator (None where there is none) and sample size, by member."""

    numerator: dict
    denominator: dict | None
    sample: dict


@dataclass(frozen=True)
class Oracle:
    """How a figure is found, the frames of Truth whose rows say which members and periods there
    are, and whether these go on to the last day with data. A quotient is told where the two KPIs
    that it is `made_of` are."""

    find: Callable
    frames: tuple[str, ...]
    goes_on: bool
    made_of: tuple[str, ...]

    def told(self, truth, period, by):
        """The periods and members of which there must be a figure: (first day, member)."""
        if self.made_of:
            return set.intersection(*(ORACLES[one].told(truth, period, by) for one in self.made_of))
        frames = [getattr(truth, name) for name in self.frames]
        rows = pd.concat([one[["day", by]] for one in frames if by in one])
        until = max(one["day"].max() for one in frames)
        if self.goes_on:
            until = max(truth.last, until)
            if "sold" not in self.frames:
                until = max(until, *(one[name].max() for one in frames for name in ENDINGS
                                     if name in one))  # fmt: skip
        since = rows.groupby(by)["day"].min()
        return {
            (span.start, member)
            for span in spans(period, since.min(), until)
            for member, first in since.items()
            if span.end > first
        }


ORACLES: dict[str, Oracle] = {}
# Days after the first that a row tells of.
ENDINGS = ("day", "replied", "solved", "ends")


def oracle(*frames, goes_on=False, made_of=()):
    """Make a function the oracle of the KPI that has its name."""

    def define(find):
        ORACLES[find.__name__] = Oracle(find, frames, goes_on, made_of)
        return find

    return define


def within(rows, span, day="day"):
    """The rows of a period."""
    return rows[(rows[day] >= span.start) & (rows[day] < span.end)]


def count(rows, by):
    """How many rows each member has."""
    return rows.groupby(by).size().to_dict()


def total(rows, by, column="worth"):
    """The sum of a column of each member; money in euros."""
    found = rows.groupby(by)[column].sum().to_dict()
    return {one: value / 10_000 for one, value in found.items()} if column == "worth" else found


def people(rows, by):
    """How many different customers each member has."""
    return rows.groupby(by)["customer"].nunique().to_dict()


def counted(found):
    """A figure that counts, and is its own sample."""
    return Figures(found, None, found)


def summed(rows, by, column="worth"):
    """A figure that adds up a column; its sample are the rows."""
    return Figures(total(rows, by, column), None, count(rows, by))


def share(above, below):
    """A figure of which the divisor is the sample."""
    return Figures(above, below, below)


def span_of(period, day, last):
    """The period of this length that a day lies in."""
    start = pd.Timestamp(day)
    after = {
        "day": pd.Timedelta(days=1),
        "week": pd.Timedelta(days=7),
        "month": pd.DateOffset(months=1),
        "quarter": pd.DateOffset(months=3),
        "year": pd.DateOffset(years=1),
    }[period]
    match period:
        case "week":
            start -= pd.Timedelta(days=start.weekday())
        case "month":
            start = start.replace(day=1)
        case "quarter":
            start = start.replace(month=(start.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            start = start.replace(month=1, day=1)
    end = start + after
    return Span(period, start, end, min(end, last + pd.Timedelta(days=1)))


def spans(period, first, last):
    """All periods of this length from that of the day `first` to that of `last`."""
    found = [span_of(period, first, last)]
    while found[-1].end <= last:
        found.append(span_of(period, found[-1].end, last))
    return found
