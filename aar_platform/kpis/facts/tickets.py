"""Help-desk tickets."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact

# Ratings as help desks write them, in lower case: Zendesk, Freshdesk, numbers of five.
GOOD = ("good", "goodwithcomment", "very happy", "extremely happy", "happy", "satisfied",
        "very satisfied", "4", "5", "103", "102", "101", "满意", "非常满意")  # fmt: skip
ASKED_ONLY = ("", "offered", "unoffered")


@fact("source", "channel", "country", "region", *TRAITS, lasts=True)
def tickets(
    tickets: ir.Table, customer_links: ir.Table, traits: ir.Table, timezone: str
) -> ir.Table:
    """`response_hours` and `resolution_hours` run from the opening by the clock, nights and
    weekends included; null while not answered or solved, or where the source has them end before
    the opening. `is_rated` and `is_satisfied` (good, happy, 4 or 5 of 5) tell the rating."""
    rows = customer_rows(tickets, "tickets", customer_links, traits, timezone)
    said = rows.satisfaction.strip().lower().fill_null("")
    return rows.mutate(
        day=rows.opened_on,
        response_hours=_hours(rows.opened_at, rows.first_replied_at),
        resolution_hours=_hours(rows.opened_at, rows.solved_at),
        is_rated=~said.isin(ASKED_ONLY),
        is_satisfied=said.re_replace(r"\.0+$", "").isin(GOOD),
    )


def _hours(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    seconds = end.epoch_seconds() - start.epoch_seconds()
    return ibis.cases((seconds >= 0, seconds.cast("float64") / 3600), else_=ibis.null("float64"))
