"""Refund rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of what we sold came back?",
    unit="share",
    formula="Refunds and credit notes of the period / gross revenue of the period",
    numerator="Refunds paid in the period and credit notes dated in it, as a positive amount",
    denominator="Value of all orders of more than nothing dated in the period",
    leaves_out="Cancelled and test orders, with their refunds",
    split="An order counts where it was bought, a refund where its order was",
    direction="down",
    is_ratio_of_money=True,
    additive=False,
    area="sales",
    in_chinese=Words(
        name="退款率",
        question="售出金额中有多大比例被退回？",
        formula="本期退款与贷项 / 本期总销售额",
    ),
)
def refund_rate(sales: ir.Table, sold_lines: ir.Table) -> Measure:
    return Measure(
        sales,
        numerator=(-_.amount_reporting).sum(where=~_.is_sold),
        denominator=_.amount_reporting.sum(where=_.is_sold),
        parts=sold_lines,
    )
