"""Repeat rate."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi


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
)
def repeat_rate(purchases: ir.Table) -> Measure:
    nth = ibis.row_number().over(
        group_by=purchases.customer_id,
        order_by=[purchases.sold_at, purchases.source, purchases.record_id],
    )
    customers = _.customer_id.nunique()
    return Measure(
        purchases.mutate(nth=nth, day=purchases.sold_on),
        numerator=_.customer_id.nunique(where=_.nth > 0),
        denominator=customers,
        sample_size=customers,
    )
