"""First response time, 90th percentile."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="Within how many hours are nine in ten of our tickets first answered?",
    unit="hours",
    formula="90th percentile of the hours from opening to first answer, over the tickets first "
    "answered in the period",
    numerator="The figure itself, hours by the clock, nights and weekends included",
    leaves_out="Tickets not first answered yet; times that end before the opening",
    split="A ticket counts in its channel and with its customer",
    direction="down",
    additive=False,
    area="service",
    in_chinese=Words(
        name="首次响应时间（90 百分位）",
        question="九成的工单在几小时内得到首次答复？",
        formula="本期首次答复的工单，从创建到首次答复小时数的第 90 百分位",
    ),
)
def first_response_time_p90(tickets: ir.Table) -> Measure:
    timed = tickets.filter(tickets.response_hours.notnull())
    return Measure(
        timed.mutate(day=timed.first_replied_on), numerator=_.response_hours.quantile(0.9)
    )
