"""Tickets opened."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many tickets were opened?",
    unit="tickets",
    formula="Number of tickets opened in the period",
    numerator="Tickets of all help desks by the day they were opened",
    leaves_out="Deleted tickets",
    split="A ticket counts in its channel and with its customer",
    direction="down",
    additive=True,
    periods=ALL_PERIODS,
    area="service",
    in_chinese=Words(
        name="新工单",
        question="新开了多少工单？",
        formula="本期新开工单数",
    ),
)
def tickets_opened(tickets: ir.Table) -> Measure:
    return Measure(tickets, numerator=_.count())
