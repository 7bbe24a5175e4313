"""Rows of how things stood: what was open at the end of each period, who was asked for a rating."""

from collections.abc import Callable, Iterable
from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS

ASKED = ("table", "source", "record_id", "customer_id", "day", "channel", "country", "region",
         *TRAITS, "is_answered")  # fmt: skip


def on_days(
    rows: ir.Table, days: Iterable[date], holds: Callable[[ir.DateValue], ir.BooleanValue]
) -> ir.Table:
    """The rows once for each of `days` on which `holds` is true, with the day in `on_day`.

    A join by these conditions would compare ranges: 100,000 purchases and the 770 periods of two
    years took 112 s by one, and 24 months, quarters and years take less than one second so.
    """
    told = [ibis.literal(day) for day in sorted(set(days))]
    if not told:
        return rows.mutate(on_day=ibis.null("date")).limit(0)
    return rows.mutate(on_day=ibis.array(told).filter(holds).unnest())


def days_of(periods: ir.Table, *columns: str) -> list[tuple[date, ...]]:
    """The days in these columns of the table of periods."""
    return [tuple(row.values()) for row in periods.select(*columns).to_pyarrow().to_pylist()]


def active_on(days: Iterable[date], purchases: ir.Table, window: int) -> ir.Table:
    """For each of `days` the last purchase before it of every customer who made one in the
    `window` days before: the columns of `purchases`, and the day as `on_day`."""
    last_day = (purchases.sold_on + ibis.interval(days=window)).cast("date")
    return on_days(
        purchases,
        days,
        lambda day: (
            (day > purchases.sold_on)
            & (day <= last_day)
            & (purchases.next_on.isnull() | (day <= purchases.next_on))
        ),
    )


def open_at_the_end(rows: ir.Table, periods: ir.Table, begins: str, ends: str) -> ir.Table:
    """Per period the rows that began (date column `begins`) before it closed and had not ended
    (`ends`, null while open) by then."""
    waiting = on_days(
        rows,
        [day for (day,) in days_of(periods, "closes_on")],
        lambda day: (day > rows[begins]) & (rows[ends].isnull() | (day <= rows[ends])),
    )
    return periods.inner_join(waiting, periods.closes_on == waiting.on_day)


def requests_for_ratings(tickets: ir.Table, feedback: ir.Table) -> ir.Table:
    """Solved tickets of sources that ask for ratings, and survey rows of sources that tell
    unanswered ones too: `day`, `is_answered` and the columns that figures are split by."""
    asks = tickets.filter(tickets.is_rated).select("source").distinct()
    solved = tickets.filter(tickets.solved_on.notnull()).semi_join(asks, "source")
    solved = solved.mutate(
        table=ibis.literal("tickets"), day=solved.solved_on, is_answered=solved.is_rated
    )
    surveys = feedback.filter(feedback.channel == "survey").mutate(table=ibis.literal("feedback"))
    told = surveys.filter(~surveys.is_answered).select("source").distinct()
    return solved.select(*ASKED).union(surveys.semi_join(told, "source").select(*ASKED))
