"""Revenue churn rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of our monthly revenue left with the customers we lost?",
    unit="share",
    formula="Monthly value of the customers lost in the period / monthly value of all customers at "
    "its start; lost as in the KPI churn_rate",
    numerator="Monthly value of the customers at the start of the period who are none at its end",
    denominator="Monthly value of all customers at the start: the monthly amounts of "
    "subscriptions, else what was bought in the churn window up to the last purchase, put as a "
    "month's",
    leaves_out="As churn_rate; what customers who stay spend less or more (contraction, expansion)",
    split="As churn_rate",
    definition_from="Gross revenue churn, as subscription businesses report it",
    direction="down",
    is_ratio_of_money=True,
    additive=False,
    area="customers",
    in_chinese=Words(
        name="收入流失率",
        question="随流失客户离开的月收入占多大比例？",
        formula="本期流失客户的月价值 / 期初全部客户的月价值",
    ),
)
def revenue_churn_rate(standings: ir.Table) -> Measure:
    return Measure(
        standings,
        numerator=_.monthly_value.sum(where=_.is_lost),
        denominator=_.monthly_value.sum(),
    )
