"""Help-desk tickets."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows, told_until
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact

# Ratings as help desks write them, in lower case: Zendesk, Freshdesk (words, 103 to -103), numbers
# of five. Any other word is no rating: to take it for a bad one would be a guess.
GOOD = ("good", "goodwithcomment", "very happy", "extremely happy", "happy", "satisfied",
        "very satisfied", "very good", "excellent", "great", "positive",
        "4", "5", "103", "102", "101", "满意", "非常满意", "好", "很好")  # fmt: skip
NOT_GOOD = ("bad", "badwithcomment", "very bad", "poor", "terrible", "negative", "neutral", "ok",
            "okay", "average", "unhappy", "very unhappy", "extremely unhappy", "dissatisfied",
            "very dissatisfied", "unsatisfied", "very unsatisfied", "1", "2", "3",
            "100", "-101", "-102", "-103", "一般", "不满意", "非常不满意", "差")  # fmt: skip
# `5/5`, `4.0`, `4 out of 5` as `5` and `4`.
OF_FIVE = r"^([1-5])(\.0+)?\s*((/|out of)\s*5)?$"


@fact("source", "channel", "country", "region", *TRAITS, lasts=True)
def tickets(
    tickets: ir.Table, customer_links: ir.Table, traits: ir.Table, timezone: str
) -> ir.Table:
    """`response_hours` and `resolution_hours` run from the opening by the clock, nights and
    weekends included; null while not answered or solved, or where the source has them end before
    the opening. `is_rated` and `is_satisfied` (good, happy, 4 or 5 of 5) tell the rating; words of
    neither GOOD nor NOT_GOOD are none."""
    rows = customer_rows(tickets, "tickets", customer_links, traits, timezone)
    said = rows.satisfaction.strip().lower().fill_null("")
    said = said.re_replace(OF_FIVE, r"\1").re_replace(r"\.0+$", "")
    return rows.mutate(
        day=rows.opened_on,
        response_hours=_hours(rows.opened_at, rows.first_replied_at),
        resolution_hours=_hours(rows.opened_at, rows.solved_at),
        told_until=told_until(rows.opened_on, rows.first_replied_on, rows.solved_on),
        is_rated=said.isin((*GOOD, *NOT_GOOD)),
        is_satisfied=said.isin(GOOD),
    )


def _hours(start: ir.TimestampValue, end: ir.TimestampValue) -> ir.FloatingValue:
    seconds = end.epoch_seconds() - start.epoch_seconds()
    return ibis.cases((seconds >= 0, seconds.cast("float64") / 3600), else_=ibis.null("float64"))
