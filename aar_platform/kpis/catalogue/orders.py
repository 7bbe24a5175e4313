"""Orders."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many orders did we take?",
    unit="orders",
    formula="Number of orders and invoices dated in the period, credit notes among them",
    numerator="Orders and invoices of the period, credit notes and cancellation invoices included",
    leaves_out="Cancelled and test orders; refunds",
    split="An order counts where it was bought",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="sales",
    in_chinese=Words(
        name="订单数",
        question="我们收到了多少订单？",
        formula="本期的订单与发票数量，贷项凭证也计入",
    ),
)
def orders(sales: ir.Table) -> Measure:
    return Measure(sales, numerator=_.count(where=_.kind == "order"))
