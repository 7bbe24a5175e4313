"""Dormant customers."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.purchases import ChurnWindow


@kpi(
    question="How many customers are silent, but not lost yet?",
    unit="customers",
    formula="Number of customers with no purchase in the period, and one in the churn_after_days "
    "before its end",
    numerator="Customers whose last purchase before the end of the period (the last day with data, "
    "while it still runs) is before its start and at most churn_after_days old",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer counts once, where the last purchase was",
    direction="down",
    additive=True,
    area="customers",
    in_chinese=Words(
        name="沉默客户",
        question="有多少客户沉默但尚未流失？",
        formula="本期无购买、但期末前 churn_after_days 天内有购买的客户数",
    ),
)
def dormant_customers(purchases: ir.Table, periods: ir.Table, churn_window: ChurnWindow) -> Measure:
    silent = periods.inner_join(
        purchases,
        [
            purchases.sold_on < periods.period_start,
            purchases.sold_on
            >= (periods.closes_on - ibis.interval(days=churn_window.days)).cast("date"),
            purchases.next_on.isnull() | (purchases.next_on >= periods.closes_on),
        ],
    )
    return Measure(silent, numerator=_.count())
