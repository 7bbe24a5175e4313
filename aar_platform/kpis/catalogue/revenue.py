"""Revenue."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi


@kpi(
    question="How much did we sell, after what came back?",
    unit="currency",
    formula="Sum of the orders of the period, less the refunds of the period",
    numerator="Value of all orders and credit notes dated in the period, less the refunds paid in "
    "it",
    leaves_out="Cancelled and test orders, with their refunds",
    split="An order counts where it was bought, a refund where its order was",
    direction="up",
    additive=True,
)
def revenue(sales: ir.Table) -> Measure:
    return Measure(sales.mutate(day=sales.sold_on), numerator=_.amount_reporting.sum())
