"""Won value."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How much are the deals worth that we won?",
    unit="currency",
    formula="Sum of the amounts of the deals won in the period",
    numerator="Amounts of the deals that were won and closed in the period, at the rate of that "
    "day",
    leaves_out="Lost and open deals",
    split="A deal counts with its seller, its channel and its customer",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="pipeline",
    in_chinese=Words(
        name="赢单金额",
        question="我们赢得的商机值多少？",
        formula="本期赢单金额之和",
    ),
)
def won_value(deals: ir.Table) -> Measure:
    return Measure(deals, numerator=_.amount_reporting.sum(where=_.is_won))
