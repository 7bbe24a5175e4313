"""Resolution time, 90th percentile."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="Within how many hours are nine in ten of our tickets solved?",
    unit="hours",
    formula="90th percentile of the hours from opening to solution, over the tickets solved in "
    "the period",
    numerator="The figure itself, hours by the clock, nights and weekends included",
    leaves_out="Tickets not solved yet; times that end before the opening",
    split="A ticket counts in its channel and with its customer",
    direction="down",
    additive=False,
    area="service",
    in_chinese=Words(
        name="解决时间（90 百分位）",
        question="九成的工单在几小时内解决？",
        formula="本期解决的工单，从创建到解决小时数的第 90 百分位",
    ),
)
def resolution_time_p90(tickets: ir.Table) -> Measure:
    timed = tickets.filter(tickets.resolution_hours.notnull())
    return Measure(timed.mutate(day=timed.solved_on), numerator=_.resolution_hours.quantile(0.9))
