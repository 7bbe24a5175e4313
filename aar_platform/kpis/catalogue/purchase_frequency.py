"""Purchase frequency."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="How often does a customer buy in a period?",
    unit="orders",
    formula="Purchases of the period / customers with a purchase in the period",
    numerator="Orders of more than nothing of known customers, dated in the period",
    denominator="Customers with a purchase in the period, as in the KPI active_customers",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer who bought in two countries or sources counts in both, each with its orders",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="购买频率",
        question="客户在一个期间内购买几次？",
        formula="本期购买次数 / 本期有购买的客户",
    ),
)
def purchase_frequency(purchases: ir.Table) -> Measure:
    return Measure(purchases, numerator=_.count(), denominator=_.customer_id.nunique())
