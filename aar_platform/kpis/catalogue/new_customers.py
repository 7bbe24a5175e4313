"""New customers."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many customers bought from us for the first time?",
    unit="customers",
    formula="Number of customers whose first purchase falls into the period",
    numerator="Customers whose first order of more than nothing, in any source, is in the period",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer counts once, where the first purchase was",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="customers",
    in_chinese=Words(
        name="新客户",
        question="有多少客户首次购买？",
        formula="首次购买发生在本期的客户数",
    ),
)
def new_customers(purchases: ir.Table) -> Measure:
    return Measure(purchases, numerator=_.count(where=_.nth == 0))
