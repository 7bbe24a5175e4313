"""Active customers."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="How many customers bought from us?",
    unit="customers",
    formula="Number of different customers with a purchase in the period",
    numerator="Customers with at least one order of more than nothing in the period",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer who bought in two countries or sources counts in both, and once in the whole",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="活跃客户",
        question="有多少客户购买？",
        formula="本期有购买的不同客户数",
    ),
)
def active_customers(purchases: ir.Table) -> Measure:
    return Measure(purchases, numerator=_.customer_id.nunique())
