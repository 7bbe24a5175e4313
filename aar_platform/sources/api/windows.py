"""Which window of time a pull covers: what changed since the last, or the days asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from aar_platform.sources.registry import Calendar


class Asked(Protocol):
    """What is asked for, as far as its window depends on it.

    reads: `changes`, `days` or `whole`. overlap: how far a window reaches back before the last.
    days_again: how many past days are asked for again.
    """

    @property
    def reads(self) -> str: ...

    @property
    def overlap(self) -> timedelta: ...

    @property
    def days_again(self) -> int: ...


@dataclass(frozen=True)
class Window:
    """since, until: aware, in UTC; since None is the beginning. days: the partitions it fills, none
    for an object that is pulled as a whole. is_open: whether it goes up to now, so that the next
    pull goes on from its end. question: what is asked, the same when it is asked again after a
    pull was cut off. begin: the first day asked for where it is not that of the partitions."""

    since: datetime | None
    until: datetime
    days: tuple[date, ...]
    is_open: bool
    question: Mapping[str, Any]
    begin: date | None = None

    @property
    def first_day(self) -> date:
        """The first day asked for, which the partition of a first pull does not tell."""
        return self.begin or self.days[0]

    def as_asked_at(self, moment: datetime, zone: str) -> "Window":
        """The window as it was when the question was first put: days that have begun since, in
        `zone`, are not part of it."""
        if not self.is_open or moment >= self.until:
            return self
        last = moment.astimezone(ZoneInfo(zone)).date()
        days = tuple(day for day in self.days if day <= last) or (last,)
        return replace(self, until=moment, days=days if self.days else ())


def window_of(
    one: Asked,
    pulled_until: datetime | None,
    days: Sequence[date] | None,
    calendar: Calendar,
    only_new: bool,
) -> Window:
    """The window for an object's partitions, which are the days of `calendar`.

    An object that was never pulled is asked for everything as soon as today is among the days; all
    of it lands in today's partition. `only_new` goes on from the last pull (with the object's
    overlap, or the days it reports again). Any other days are asked for from the first's midnight
    to the last's.
    """
    now = datetime.now(UTC)
    if one.reads == "whole" or not days:
        return Window(None, now, (), True, {"reads": one.reads})
    local = ZoneInfo(calendar.zone)
    today = now.astimezone(local).date()
    first, last = min(days), min(max(days), today)
    is_open = last >= today
    if pulled_until is None and is_open:
        begin = calendar.start if one.reads == "days" else None
        return Window(None, now, (today,), True, {"reads": one.reads, "since": None}, begin)
    if pulled_until is not None and only_new and is_open:
        last_pulled = pulled_until.astimezone(local).date()
        since = pulled_until - one.overlap
        question = {"reads": one.reads, "since": since.isoformat()}
        first = last_pulled - timedelta(days=one.days_again)
        return Window(since, now, tuple(days_between(first, today)), True, question)
    since = _midnight(first, local)
    end = min(_midnight(last + timedelta(days=1), local), now)
    # Days that do not join on to what has been pulled do not carry the mark on: what lies between
    # would never be asked for.
    joins = pulled_until is not None and since <= pulled_until
    question = {"reads": one.reads, "since": since.isoformat(), "last": last.isoformat()}
    return Window(since, end, tuple(days_between(first, last)), is_open and joins, question)


def days_between(first: date, last: date) -> list[date]:
    """All days from the first to the last, both included; the last alone where it is earlier."""
    count = (last - first).days
    return [first + timedelta(days=offset) for offset in range(count + 1)] if count > 0 else [last]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock_time(), zone).astimezone(UTC)
