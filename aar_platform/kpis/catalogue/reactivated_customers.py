"""Reactivated customers."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS
from aar_platform.kpis.purchases import ChurnWindow


@kpi(
    question="How many customers came back after we had lost them?",
    unit="customers",
    formula="Number of purchases that follow more than the churn window without one",
    numerator="Customers who bought in the period, more than the churn window after their purchase "
    "before; who comes back twice counts twice",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders; first purchases",
    split="A customer counts where the purchase was",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="customers",
    in_chinese=Words(
        name="回流客户",
        question="有多少流失的客户又回来了？",
        formula="距上次购买超过流失窗口期后再次购买的次数",
    ),
)
def reactivated_customers(purchases: ir.Table, churn_window: ChurnWindow) -> Measure:
    lost_on = purchases.previous_on + ibis.interval(days=churn_window.days)
    came_back = (purchases.sold_on > lost_on).fill_null(False)
    return Measure(purchases.mutate(came_back=came_back), numerator=_.count(where=_.came_back))
