"""Gross revenue."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How much did we sell, before anything came back?",
    unit="currency",
    formula="Sum of the orders of the period",
    numerator="Value of all orders of more than nothing dated in the period",
    leaves_out="Refunds, credit notes and cancellation invoices; cancelled and test orders",
    split="An order counts where it was bought; by product and category it is shared out by the "
    "values of its lines",
    definition_from="Gross sales, as shops report them",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="sales",
    in_chinese=Words(
        name="总销售额",
        question="在任何退回之前我们卖出了多少？",
        formula="本期订单之和",
    ),
)
def gross_revenue(sales: ir.Table, sold_lines: ir.Table) -> Measure:
    return Measure(sales, numerator=_.amount_reporting.sum(where=_.is_sold), parts=sold_lines)
