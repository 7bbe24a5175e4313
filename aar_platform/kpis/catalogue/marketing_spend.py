"""Marketing spend."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How much do we spend to win customers?",
    unit="currency",
    formula="Sum of the spend of the period",
    numerator="Advertising spend of the period, and the cost of campaigns sent in it by sources "
    "that tell no spend",
    leaves_out="Salaries and other costs that no source tells",
    split="Spend counts in its own channel and campaign",
    direction="none",
    additive=True,
    periods=ALL_PERIODS,
    area="acquisition",
    in_chinese=Words(
        name="营销支出",
        question="我们为赢得客户花了多少？",
        formula="本期投放费用之和",
    ),
)
def marketing_spend(spend: ir.Table) -> Measure:
    return Measure(spend, numerator=_.amount_reporting.sum())
