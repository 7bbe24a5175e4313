"""Revenue."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How much did we sell, after what came back?",
    unit="currency",
    formula="Sum of the orders of the period, less the refunds of the period",
    numerator="Value of all orders and credit notes dated in the period, less the refunds paid in "
    "it",
    leaves_out="Cancelled and test orders, with their refunds",
    split="An order counts where it was bought, a refund where its order was; by product and "
    "category an order is shared out by the values of its lines",
    definition_from="Net sales, as in IFRS 15 (variable consideration is deducted when it occurs)",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="sales",
    in_chinese=Words(
        name="收入",
        question="扣除退回后我们卖出了多少？",
        formula="本期订单之和减去本期退款",
    ),
)
def revenue(sales: ir.Table, sold_lines: ir.Table) -> Measure:
    return Measure(sales, numerator=_.amount_reporting.sum(), parts=sold_lines)
