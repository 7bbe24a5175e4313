"""Rows of how things stood: what was open at the end of each period, who was asked for a rating."""

import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS

ASKED = ("source", "record_id", "customer_id", "day", "channel", "country", "region", *TRAITS,
         "is_answered")  # fmt: skip


def open_at_the_end(rows: ir.Table, periods: ir.Table, begins: str, ends: str) -> ir.Table:
    """Per period the rows that began (date column `begins`) before it closed and had not ended
    (`ends`, null while open) by then."""
    return periods.inner_join(
        rows,
        [
            rows[begins] < periods.closes_on,
            rows[ends].isnull() | (rows[ends] >= periods.closes_on),
        ],
    )


def requests_for_ratings(tickets: ir.Table, feedback: ir.Table) -> ir.Table:
    """Solved tickets of sources that ask for ratings, and survey rows of sources that tell
    unanswered ones too: `day`, `is_answered` and the columns that figures are split by."""
    asks = tickets.filter(tickets.is_rated).select("source").distinct()
    solved = tickets.filter(tickets.solved_on.notnull()).semi_join(asks, "source")
    solved = solved.mutate(day=solved.solved_on, is_answered=solved.is_rated)
    surveys = feedback.filter(feedback.channel == "survey")
    told = surveys.filter(~surveys.is_answered).select("source").distinct()
    return solved.select(*ASKED).union(surveys.semi_join(told, "source").select(*ASKED))
