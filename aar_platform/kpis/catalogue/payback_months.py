"""Payback months."""

from aar_platform.kpis.catalogue.acquisition_cost import acquisition_cost
from aar_platform.kpis.catalogue.revenue_per_customer import revenue_per_customer
from aar_platform.kpis.definition import Quotient, Words, kpi


@kpi(
    question="After how many months has a new customer paid back what it cost to win them?",
    unit="months",
    formula="Acquisition cost / revenue per customer and month",
    numerator="The KPI acquisition_cost of the period",
    denominator="The KPI revenue_per_customer of the period, divided by its months",
    leaves_out="As these two; it is revenue, not margin",
    split="As these two; the revenue of a channel or campaign is that of its orders",
    definition_from="CAC payback period, on revenue",
    direction="down",
    additive=False,
    area="acquisition",
    in_chinese=Words(
        name="回本月数",
        question="新客户要几个月才能收回获客成本？",
        formula="获客成本 / 每月客均收入",
    ),
)
def payback_months() -> Quotient:
    return Quotient(acquisition_cost, revenue_per_customer, a_month=True)
