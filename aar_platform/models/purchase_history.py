"""What customers' purchases so far say about each of them: the inputs of every lifetime model."""

from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.purchases import is_purchase
from aar_platform.tables import catalogue


def purchase_days(sales: ir.Table, as_of: date) -> ir.Table:
    """One row per customer and day up to `as_of` with a sale or refund.

    Columns: customer_id, day, `purchases` (count), `bought` (value of the purchases) and `net`
    (bought, less refunds), both in the reporting currency. Sales without a customer are left out.
    """
    known = sales.filter(sales.customer_id.notnull(), sales.sold_on <= ibis.literal(as_of))
    bought = is_purchase(known)
    nothing = ibis.literal(0).cast(known.amount_reporting.type())
    return known.group_by(known.customer_id, day=known.sold_on).aggregate(
        purchases=bought.sum().cast("int64"),
        bought=known.amount_reporting.sum(where=bought).fill_null(nothing),
        net=known.amount_reporting.sum(),
    )


def customer_scores(sales: ir.Table, as_of: date, engagement: ir.Table | None = None) -> ir.Table:
    """The purchase history of every customer in `sales`, as the table `customer_scores`.

    A customer's purchases of one day count as one, and time runs in days from the first purchase
    to `as_of` (Fader, Hardie and Lee 2005, "Counting Your Customers the Easy Way"; the same as
    `summary_data_from_transaction_data` of the package lifetimes). `frequency` counts purchase
    days after the first, `recency_days` runs from the first to the last purchase, and
    `monetary_value` is the mean value of the repeat purchase days (Fader and Hardie 2013, "The
    Gamma-Gamma Model of Monetary Value"), refunds not deducted. `historic_clv` is the net value:
    everything bought less everything refunded.

    A customer who never purchased (refunds or gifts only) has frequency 0 and no recency or age.
    The columns of predictions are null; `engagement` gives each customer's score, 0 where it names
    none.

    The published summary of the CDNOW sample (2,357 customers) is met to its last digit but for two
    differences that are meant: it counts an order of 0.00 as a purchase, so that 8 customers who
    never paid have an age there; and it says 0 where there is no repeat purchase to average.
    """
    days = purchase_days(sales, as_of)
    has_purchase = days.purchases > 0
    history = days.group_by(days.customer_id).aggregate(
        purchase_days=has_purchase.sum().cast("int64"),
        first=days.day.min(where=has_purchase),
        last=days.day.max(where=has_purchase),
        bought=days.bought.sum(),
        first_bought=days.bought.argmin(days.day, where=has_purchase),
        net=days.net.sum(),
    )
    repeats = ibis.greatest(history.purchase_days - 1, 0)
    repeat_value = (history.bought - history.first_bought).cast("float64")
    if engagement is not None:
        # Who never bought may still read, visit and answer.
        history = history.outer_join(engagement, "customer_id")
        history = history.mutate(
            customer_id=history.customer_id.fill_null(history.customer_id_right),
            engagement_score=history.engagement_score.fill_null(0.0),
            purchase_days=history.purchase_days.fill_null(0),
        )
        repeats = ibis.greatest(history.purchase_days - 1, 0)
        repeat_value = (history.bought - history.first_bought).cast("float64")
    known = {
        "customer_id": history.customer_id,
        "as_of": ibis.literal(as_of),
        "frequency": repeats,
        "recency_days": history.last.delta(history["first"], unit="day"),
        "age_days": ibis.literal(as_of).delta(history["first"], unit="day"),
        "monetary_value": repeat_value / repeats.nullif(0),
        "historic_clv": history.net,
    }
    if engagement is not None:
        known["engagement_score"] = history.engagement_score
    return history.select(
        **{
            name: known[name].cast(dtype) if name in known else ibis.null(dtype)
            for name, dtype in catalogue.ibis_schema("customer_scores").items()
        }
    )
