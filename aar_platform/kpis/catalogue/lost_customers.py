"""Lost customers."""

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS
from aar_platform.kpis.purchases import ChurnWindow


@kpi(
    question="How many customers did we lose?",
    unit="customers",
    formula="Number of customers for whom a churn window without a purchase ended in the period",
    numerator="Customers whose last purchase was a churn window before a day of the period, with "
    "none up to the end of that day; who is lost twice counts twice",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders; subscriptions, see the KPI churn_rate",
    split="A customer counts where the last purchase was",
    direction="down",
    additive=True,
    periods=ALL_PERIODS,
    area="customers",
    in_chinese=Words(
        name="流失客户",
        question="我们流失了多少客户？",
        formula="在本期满一个流失窗口期没有购买的客户数",
    ),
)
def lost_customers(purchases: ir.Table, churn_window: ChurnWindow, as_of: date) -> Measure:
    last_day = (purchases.sold_on + ibis.interval(days=churn_window.days)).cast("date")
    rows = purchases.mutate(day=last_day)
    is_over = rows.day <= ibis.literal(as_of)
    lost = is_over & (rows.next_on.isnull() | (rows.next_on > rows.day))
    return Measure(rows.mutate(is_lost=lost), numerator=_.count(where=_.is_lost))
