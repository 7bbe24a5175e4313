"""Revenue per customer."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="How much does a customer bring us?",
    unit="currency",
    formula="Revenue from known customers in the period / customers with a purchase in the period",
    numerator="Value of all orders and credit notes of known customers dated in the period, less "
    "the refunds paid to known customers in it",
    denominator="Customers with a purchase in the period, as in the KPI active_customers",
    leaves_out="Sales without a known customer; cancelled and test orders, with their refunds",
    split="A customer who bought in two countries or sources counts in both, each with its revenue",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="客均收入",
        question="一位客户为我们带来多少收入？",
        formula="本期已知客户的收入 / 本期有购买的客户",
    ),
)
def revenue_per_customer(sales: ir.Table, purchases: ir.Table) -> Measure:
    return Measure(
        sales,
        numerator=_.amount_reporting.sum(where=_.customer_id.notnull()),
        denominator=_.customer_id.nunique(),
        denominator_rows=purchases,
    )
