"""Lifetime value to cost."""

from aar_platform.kpis.catalogue.acquisition_cost import acquisition_cost
from aar_platform.kpis.catalogue.historic_lifetime_value import historic_lifetime_value
from aar_platform.kpis.definition import Quotient, Words, kpi


@kpi(
    question="How many times over does a customer bring back what it cost to win them (CLV:CAC)?",
    unit="times",
    formula="Historic lifetime value / acquisition cost",
    numerator="The KPI historic_lifetime_value at the end of the period",
    denominator="The KPI acquisition_cost of the period",
    leaves_out="As these two; it is revenue, not margin",
    split="As these two",
    definition_from="CLV:CAC, on historic lifetime value",
    direction="up",
    additive=False,
    area="acquisition",
    in_chinese=Words(
        name="价值成本比",
        question="客户带来的价值是获客成本的几倍？",
        formula="历史客户价值 / 获客成本",
    ),
)
def lifetime_value_to_cost() -> Quotient:
    return Quotient(historic_lifetime_value, acquisition_cost)
