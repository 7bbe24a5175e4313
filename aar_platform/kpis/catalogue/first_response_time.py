"""First response time."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="Within how many hours are half of our tickets first answered?",
    unit="hours",
    formula="Median of the hours from opening to first answer, over the tickets first answered in"
    " the period",
    numerator="The figure itself, hours by the clock, nights and weekends included",
    leaves_out="Tickets not first answered yet; times that end before the opening",
    split="A ticket counts in its channel and with its customer",
    direction="down",
    additive=False,
    area="service",
    in_chinese=Words(
        name="首次响应时间",
        question="一半的工单在几小时内得到首次答复？",
        formula="本期首次答复的工单，从创建到首次答复小时数的中位数",
    ),
)
def first_response_time(tickets: ir.Table) -> Measure:
    timed = tickets.filter(tickets.response_hours.notnull())
    return Measure(
        timed.mutate(day=timed.first_replied_on), numerator=_.response_hours.quantile(0.5)
    )
