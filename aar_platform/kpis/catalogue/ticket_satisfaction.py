"""Ticket satisfaction."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of rated tickets is rated good?",
    unit="share",
    formula="Tickets rated good / tickets rated",
    numerator="Tickets solved in the period (else opened in it) whose rating is good, happy, "
    "satisfied, or 4 or 5 of 5",
    denominator="Tickets solved in the period (else opened in it) that were rated",
    leaves_out="Tickets not rated",
    split="A ticket counts in its channel and with its customer",
    direction="up",
    additive=False,
    area="service",
    in_chinese=Words(
        name="工单满意度",
        question="被评价的工单中有多大比例为好评？",
        formula="好评工单 / 被评价的工单",
    ),
)
def ticket_satisfaction(tickets: ir.Table) -> Measure:
    rated = tickets.mutate(day=tickets.solved_on.fill_null(tickets.opened_on))
    return Measure(
        rated,
        numerator=_.count(where=_.is_rated & _.is_satisfied),
        denominator=_.count(where=_.is_rated),
    )
