"""Orders."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many orders did we take?",
    unit="orders",
    formula="Number of order documents dated in the period",
    numerator="Orders and invoices of the period, credit notes and cancellation invoices included",
    leaves_out="Cancelled and test orders; refunds",
    split="An order counts where it was bought",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
)
def orders(sales: ir.Table) -> Measure:
    return Measure(sales, numerator=_.count(where=_.kind == "order"))
