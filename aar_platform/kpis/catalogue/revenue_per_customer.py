"""Revenue per customer."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi
from aar_platform.kpis.purchases import is_purchase


@kpi(
    question="How much does a customer bring us?",
    unit="currency",
    formula="Revenue from known customers in the period / customers with a purchase in the period",
    numerator="Value of all orders and credit notes of known customers dated in the period, less "
    "the refunds paid to known customers in it",
    denominator="Customers with a purchase in the period, as in the KPI active_customers",
    leaves_out="Sales without a known customer; cancelled and test orders, with their refunds",
    split="A customer who bought in two countries or sources counts in both, each with its revenue",
    direction="up",
    additive=False,
)
def revenue_per_customer(sales: ir.Table) -> Measure:
    known = sales.filter(sales.customer_id.notnull())
    customers = _.customer_id.nunique(where=_.bought)
    return Measure(
        known.mutate(day=known.sold_on, bought=is_purchase(known)),
        numerator=_.amount_reporting.sum(),
        denominator=customers,
        sample_size=customers,
    )
