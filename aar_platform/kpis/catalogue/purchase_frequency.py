"""Purchase frequency."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi


@kpi(
    question="How often does a customer buy in a period?",
    unit="orders",
    formula="Purchases of the period / customers with a purchase in the period",
    numerator="Orders of more than nothing of known customers, dated in the period",
    denominator="Customers with a purchase in the period, as in the KPI active_customers",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer who bought in two countries or sources counts in both, each with its orders",
    direction="up",
    additive=False,
)
def purchase_frequency(purchases: ir.Table) -> Measure:
    return Measure(purchases, numerator=_.count(), denominator=_.customer_id.nunique())
