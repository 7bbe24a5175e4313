"""Sales cycle."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="How long does it take to win a deal?",
    unit="days",
    formula="Days from opening to close of the deals won in the period / number of these deals",
    numerator="Days between opening and close, summed up over the deals won and closed in the "
    "period",
    denominator="Deals won and closed in the period of which both days are known",
    leaves_out="Lost and open deals; deals that close before they are opened",
    split="A deal counts with its seller, its channel and its customer",
    direction="down",
    additive=False,
    area="pipeline",
    in_chinese=Words(
        name="销售周期",
        question="赢得一单需要多久？",
        formula="本期赢单从创建到关闭的天数之和 / 赢单数",
    ),
)
def sales_cycle(deals: ir.Table) -> Measure:
    days = deals.closed_on.delta(deals.created_on, unit="day")
    won = deals.mutate(days=days, is_dated=deals.is_won & deals.opened_known & (days >= 0))
    return Measure(
        won, numerator=_.days.sum(where=_.is_dated), denominator=_.count(where=_.is_dated)
    )
