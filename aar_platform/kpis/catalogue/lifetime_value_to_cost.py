"""Lifetime value to cost."""

from aar_platform.kpis.catalogue.acquisition_cost import acquisition_cost
from aar_platform.kpis.catalogue.historic_lifetime_value import historic_lifetime_value
from aar_platform.kpis.definition import Quotient, kpi


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
)
def lifetime_value_to_cost() -> Quotient:
    return Quotient(historic_lifetime_value, acquisition_cost)
