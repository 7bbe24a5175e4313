"""Answers to surveys, reviews and comments."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact

NPS_SCALE = (0, 10)
PROMOTER, DETRACTOR = 9, 6
# 4 and 5 of 1 to 5, as CSAT is usually told; 6 and 7 of 1 to 7.
SATISFIED = 0.75


def is_answered(feedback: ir.Table) -> ir.BooleanValue:
    """Whether a row of `feedback` holds an answer: a score or a text."""
    return feedback.score.notnull() | feedback.text.nullif("").notnull()


@fact("source", "channel", "country", "region", *TRAITS)
def feedback(
    feedback: ir.Table, customer_links: ir.Table, traits: ir.Table, timezone: str
) -> ir.Table:
    """`is_nps` marks answers on a scale from 0 to 10, by which people are asked whether they would
    recommend the company. `is_satisfied` holds for a score in the upper quarter of any other
    scale; null without score or scale. `is_answered` holds where there is a score or a text."""
    rows = customer_rows(feedback, "feedback", customer_links, traits, timezone)
    is_nps = (rows.scale_min == NPS_SCALE[0]) & (rows.scale_max == NPS_SCALE[1])
    width = rows.scale_max - rows.scale_min
    at = (rows.score - rows.scale_min) / width.nullif(0)
    return rows.mutate(
        day=rows.given_on,
        is_nps=is_nps.fill_null(False) & rows.score.notnull(),
        is_satisfied=is_nps.fill_null(False).ifelse(ibis.null("boolean"), at >= SATISFIED),
        is_answered=is_answered(rows),
    )
