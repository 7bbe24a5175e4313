"""Dormant customers."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.standing_rows import active_on, days_of


@kpi(
    question="How many customers are silent, but not lost yet?",
    unit="customers",
    formula="Number of customers with no purchase in the period, and one in the churn window "
    "before its end",
    numerator="Customers whose last purchase before the end of the period (the last day with data, "
    "while it still runs) is before its start and no older than the churn window",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders",
    split="A customer counts once, where the last purchase was",
    direction="down",
    additive=True,
    area="customers",
    in_chinese=Words(
        name="沉默客户",
        question="有多少客户沉默但尚未流失？",
        formula="本期无购买、但期末前流失窗口期内有购买的客户数",
    ),
)
def dormant_customers(purchases: ir.Table, periods: ir.Table, churn_window: ChurnWindow) -> Measure:
    days = [day for (day,) in days_of(periods, "closes_on")]
    active = active_on(days, purchases, churn_window.days)
    silent = periods.inner_join(active, periods.closes_on == active.on_day)
    return Measure(silent.filter(silent.sold_on < silent.period_start), numerator=_.count())
