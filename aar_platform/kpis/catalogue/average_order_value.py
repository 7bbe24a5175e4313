"""Average order value."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="How much is an order worth?",
    unit="currency",
    formula="Value of the orders of the period / number of orders of the period",
    numerator="Value of all orders, invoices, credit notes and cancellation invoices of the period",
    denominator="Number of these documents, as in the KPI orders",
    leaves_out="Cancelled and test orders; refunds, which lower revenue but no order's value",
    split="An order counts where it was bought",
    direction="up",
    additive=False,
    area="sales",
    in_chinese=Words(
        name="平均订单金额",
        question="一个订单值多少？",
        formula="本期订单金额 / 本期订单数",
    ),
)
def average_order_value(sales: ir.Table) -> Measure:
    is_order = _.kind == "order"
    return Measure(
        sales, numerator=_.amount_reporting.sum(where=is_order), denominator=_.count(where=is_order)
    )
