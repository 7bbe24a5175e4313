"""Repeat rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of our customers had bought before?",
    unit="share",
    formula="Customers with a purchase in the period that was not their first / customers with a "
    "purchase in the period",
    numerator="Customers with a purchase in the period who had bought before it, or bought twice "
    "in it: at least one purchase of the period is not their first ever, in any source",
    denominator="Customers with a purchase in the period, as in the KPI active_customers",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer who bought in two countries or sources counts in both; as a repeat customer "
    "where at least one of the purchases was not the first ever",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="复购率",
        question="有多大比例的客户曾经购买过？",
        formula="本期有非首次购买的客户 / 本期有购买的客户",
    ),
)
def repeat_rate(purchases: ir.Table) -> Measure:
    return Measure(
        purchases,
        numerator=_.customer_id.nunique(where=_.nth > 0),
        denominator=_.customer_id.nunique(),
    )
