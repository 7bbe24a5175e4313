"""New customers."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi


@kpi(
    question="How many customers bought from us for the first time?",
    unit="customers",
    formula="Number of customers whose first purchase falls into the period",
    numerator="Customers whose first order of more than nothing, in any source, is in the period",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer counts once, where the first purchase was",
    direction="up",
    additive=True,
)
def new_customers(purchases: ir.Table) -> Measure:
    nth = ibis.row_number().over(
        group_by=purchases.customer_id,
        order_by=[purchases.sold_at, purchases.source, purchases.record_id],
    )
    first = purchases.mutate(nth=nth, day=purchases.sold_on).filter(_.nth == 0)
    return Measure(first, numerator=_.count())
