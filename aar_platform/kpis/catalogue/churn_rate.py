"""Churn rate."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi
from aar_platform.kpis.purchases import ChurnWindow


@kpi(
    question="What share of our customers did we lose?",
    unit="share",
    formula="Customers active at the start of the period and no longer at its end / customers "
    "active at its start; active on a day are those who bought in the churn_after_days before it",
    numerator="Customers active at the start of the period with no purchase in the "
    "churn_after_days before its end (the last day with data, while the period still runs)",
    denominator="Customers with a purchase in the churn_after_days before the period",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders; customers won in the period",
    split="A customer counts once, where the last purchase before the period was; a purchase "
    "anywhere keeps the customer",
    direction="down",
    additive=False,
)
def churn_rate(purchases: ir.Table, periods: ir.Table, churn_window: ChurnWindow) -> Measure:
    at_start = _active_on("period_start", purchases, periods, churn_window.days)
    at_end = _active_on("period_end", purchases, periods, churn_window.days)
    lost = at_start.anti_join(at_end, ["period_start", "customer_id"]).mutate(is_lost=True)
    kept = at_start.semi_join(at_end, ["period_start", "customer_id"]).mutate(is_lost=False)
    return Measure(
        lost.union(kept), numerator=_.is_lost.sum(), denominator=_.count(), sample_size=_.count()
    )


def _active_on(day: str, purchases: ir.Table, periods: ir.Table, days: int) -> ir.Table:
    """Per period the last purchase before its `day` of every customer active on it."""
    bought = purchases.mutate(
        next_on=purchases.sold_on.lead().over(
            group_by=purchases.customer_id,
            order_by=[purchases.sold_at, purchases.source, purchases.record_id],
        )
    )
    since = (periods[day] - ibis.interval(days=days)).cast("date")
    return periods.inner_join(
        bought,
        [
            bought.sold_on >= since,
            bought.sold_on < periods[day],
            bought.next_on.isnull() | (bought.next_on >= periods[day]),
        ],
    ).drop("next_on")
