"""How customers buy, one row each: what the segment schemes divide them by."""

from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.models.purchase_history import purchase_days


def customer_behaviour(
    sales: ir.Table, customers: ir.Table, scores: ir.Table, as_of: date
) -> ir.Table:
    """One row per row of `customers` that has purchased up to `as_of`.

    Columns: customer_id; `orders` (purchases, count); `value` (net, reporting currency);
    `order_value` (mean value of a purchase); `inactive_days` (last purchase to as_of);
    `tenure_days` (first purchase to as_of); `gap_variation` (standard deviation of the days between
    purchases over their mean: 0 is clockwork; null below three purchase days); `refund_share`
    (value refunded over value bought, 0 to 1); `active_months` (calendar months with a purchase).

    All sums run over integers and decimals, so that threads cannot change the last digit.
    """
    days = purchase_days(sales, as_of)
    bought = days.filter(days.purchases > 0)
    previous = bought.day.lag().over(group_by=bought.customer_id, order_by=bought.day)
    bought = bought.mutate(
        gap=bought.day.delta(previous, unit="day"), month=bought.day.truncate("M")
    )
    rhythm = bought.group_by(bought.customer_id).aggregate(
        orders=bought.purchases.sum(),
        bought=bought.bought.sum(),
        gaps=bought.gap.count(),
        gap_sum=bought.gap.sum(),
        gap_squares=(bought.gap * bought.gap).sum(),
        active_months=bought.month.nunique(),
    )
    net = days.group_by(days.customer_id).aggregate(net=days.net.sum())
    found = (
        customers.select("customer_id")
        .join(rhythm, "customer_id")
        .join(net, "customer_id")
        .join(scores.select("customer_id", "recency_days", "age_days"), "customer_id")
    )
    gap_mean = found.gap_sum.cast("float64") / found.gaps.nullif(0)
    gap_variance = found.gap_squares.cast("float64") / found.gaps.nullif(0) - gap_mean**2
    bought_value = found.bought.cast("float64")
    refunded = (found.bought - found.net).cast("float64") / bought_value
    return found.select(
        "customer_id",
        orders=found.orders.cast("int64"),
        value=found.net.cast("float64"),
        order_value=bought_value / found.orders,
        inactive_days=found.age_days - found.recency_days,
        tenure_days=found.age_days,
        gap_variation=ibis.ifelse(
            found.gaps >= 2, ibis.greatest(gap_variance, 0.0).sqrt() / gap_mean, None
        ),
        refund_share=refunded.clip(0.0, 1.0),
        active_months=found.active_months.cast("int64"),
    )
