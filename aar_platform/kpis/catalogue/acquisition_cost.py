"""Acquisition cost."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What does it cost to win a customer (CAC)?",
    unit="currency",
    formula="Spend of the period / customers won in the period: a ratio of sums, never a mean of "
    "ratios",
    numerator="Advertising spend of the period, and the cost of campaigns sent in it by sources "
    "that tell no spend",
    denominator="Customers who became one in the period: on the day that a source states "
    "(acquired_at), else on that of their first purchase",
    leaves_out="Salaries and other costs that no source tells; contacts who never became customers",
    split="Spend counts in its own channel and campaign; a customer in the channel and campaign"
    " that a contact record names, else in those of the first purchase",
    definition_from="Customer acquisition cost (CAC): Farris et al., Marketing Metrics",
    direction="down",
    additive=False,
    dimensions=("all", "channel", "campaign"),
    area="acquisition",
    in_chinese=Words(
        name="获客成本",
        question="赢得一位客户要花多少钱？",
        formula="本期投放费用 / 本期赢得的客户数：总和之比，而非比率的平均",
    ),
)
def acquisition_cost(spend: ir.Table, acquisitions: ir.Table) -> Measure:
    return Measure(
        spend,
        numerator=_.amount_reporting.sum(),
        denominator=_.count(),
        denominator_rows=acquisitions,
    )
