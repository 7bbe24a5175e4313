"""Who was a customer when a period began, and whether they still were at its end."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.standing_rows import active_on, days_of

COLUMNS = ("period", "period_start", "customer_id", "source", "channel", "country", "region",
           *TRAITS)  # fmt: skip
# Purchases within so many days are put as so much a month.
DAYS_A_MONTH = 365.25 / 12


@fact("source", "channel", "country", "region", *TRAITS, members_of=("sales", "subscriptions"),
      is_kept=False)  # fmt: skip
def standings(
    purchases: ir.Table,
    subscriptions: ir.Table,
    periods: ir.Table,
    churn_window: ChurnWindow,
    rates: ir.Table | None,
    reporting_currency: str,
) -> ir.Table:
    """One row per period and customer at its start: `is_lost` and `monthly_value`.

    Who has or had a subscription is a customer while one runs, and is worth its monthly amount, at
    the rate of the day before the period. Anybody else is one for `churn_window.days` after a
    purchase, and is worth what they bought in so many days up to the last one before the period,
    put as a month's. `table` and `record_id` name the subscription or the order that says so.
    """
    subscribers = subscriptions.filter(subscriptions.customer_id.notnull())
    others = purchases.anti_join(subscribers, "customer_id")
    columns = [*COLUMNS, "table", "record_id", "monthly_value", "is_lost"]
    by_contract = _by_contract(subscribers, periods, rates, reporting_currency)
    return (
        _by_purchases(others, periods, churn_window.days)
        .select(*columns)
        .union(by_contract.select(*columns))
    )


def _by_purchases(purchases: ir.Table, periods: ir.Table, days: int) -> ir.Table:
    recent = ibis.trailing_range_window(
        preceding=ibis.interval(days=days - 1),
        group_by=purchases.customer_id,
        order_by=purchases.sold_on,
    )
    bought = purchases.mutate(
        table=ibis.literal("orders"), recent=purchases.amount_reporting.sum().over(recent)
    )
    spans = days_of(periods, "period_start", "closes_on")
    active = active_on([start for start, _ in spans], bought, days)
    found = periods.inner_join(active, periods.period_start == active.on_day)
    closes_on = found.closes_on
    is_last = found.next_on.isnull() | (found.next_on >= closes_on)
    since = (closes_on - ibis.interval(days=days)).cast("date")
    # Whoever bought again in the period stays, where it is no longer than the churn window;
    # otherwise the last purchase in it says so.
    stays = is_last.ifelse(found.sold_on >= since, found.period_start >= since)
    long = [end for start, end in spans if (end - start).days > days]
    if long:
        at_end = active_on(long, purchases, days).select(closed="on_day", stayed="customer_id")
        asks = (~is_last & (found.period_start < since)).ifelse(found.customer_id, None)
        found = found.mutate(asks=asks, stays=stays)
        found = found.left_join(
            at_end, [found.asks == at_end.stayed, found.closes_on == at_end.closed]
        )
        stays = found.stays | found.stayed.notnull()
    a_month = found.recent.cast("float64") * (DAYS_A_MONTH / days)
    return found.mutate(is_lost=~stays, monthly_value=a_month.cast("decimal(18, 4)"))


def _by_contract(
    subscribers: ir.Table, periods: ir.Table, rates: ir.Table | None, currency: str
) -> ir.Table:
    at_start = _running("period_start", subscribers, periods).mutate(
        day_before=lambda t: (t.period_start - ibis.interval(days=1)).cast("date")
    )
    worth = to_reporting(at_start, "monthly_amount", "currency", "day_before", rates, currency)
    at_end = _running("closes_on", subscribers, periods).select(
        "period", "period_start", "customer_id", stays=ibis.literal(True)
    )
    newest = [ibis.desc(worth.started_on), worth.record_id]
    kept = [name for name in (*COLUMNS, "record_id") if name not in COLUMNS[:3]]
    people = worth.group_by("period", "period_start", "customer_id").aggregate(
        monthly_value=worth.amount_reporting.sum().cast("decimal(18, 4)"),
        **{name: worth[name].first(order_by=newest, include_null=True) for name in kept},
    )
    found = people.left_join(at_end.distinct(), ["period", "period_start", "customer_id"])
    return found.mutate(is_lost=found.stays.isnull(), table=ibis.literal("subscriptions"))


def _running(day: str, subscriptions: ir.Table, periods: ir.Table) -> ir.Table:
    """Per period the subscriptions that ran on the day before its `day`."""
    return periods.inner_join(
        subscriptions,
        [
            subscriptions.started_on < periods[day],
            subscriptions.ended_on.isnull() | (subscriptions.ended_on >= periods[day]),
            subscriptions.ended_on.isnull() | (subscriptions.ended_on > subscriptions.started_on),
        ],
    )
