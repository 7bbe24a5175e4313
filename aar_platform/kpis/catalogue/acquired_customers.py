"""Acquired customers."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many customers did we win?",
    unit="customers",
    formula="Number of customers who became one in the period",
    numerator="Customers on the day that a source states (acquired_at), else on that of their first"
    " purchase",
    leaves_out="Contacts who never became customers",
    split="A customer counts once, where a contact record says they were won, else where the "
    "first purchase was",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="acquisition",
    in_chinese=Words(
        name="获得客户",
        question="我们赢得了多少客户？",
        formula="在本期成为客户的人数",
    ),
)
def acquired_customers(acquisitions: ir.Table) -> Measure:
    return Measure(acquisitions, numerator=_.count())
