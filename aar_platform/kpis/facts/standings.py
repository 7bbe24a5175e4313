"""Who was a customer when a period began, and whether they still were at its end."""

from collections.abc import Iterable
from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.standing_rows import active_on, days_of, on_days

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

    Who has a subscription, or had one by then, is a customer while one runs, and is worth its
    monthly amount, at the rate of the day before the period. Anybody else is one for
    `churn_window.days` after a purchase, and is worth what they bought in so many days up to the
    last one before the period, put as a month's. A subscription that never ran makes nobody a
    subscriber. `table` and `record_id` name the subscription or the order that says so.
    """
    days = churn_window.days
    contracts = subscriptions.filter(subscriptions.customer_id.notnull(), has_run(subscriptions))
    begun = contracts.group_by(subscriber="customer_id").aggregate(
        subscribed_on=contracts.started_on.min()
    )
    bought = _with_recent(purchases, days)
    bought = bought.left_join(begun, bought.customer_id == begun.subscriber)
    columns = [*COLUMNS, "table", "record_id", "monthly_value", "is_lost"]
    by_contract = _by_contract(contracts, periods, rates, reporting_currency)
    by_purchases = _by_purchases(bought, contracts, periods, days)
    return by_purchases.select(*columns).union(by_contract.select(*columns))


def has_run(subscriptions: ir.Table) -> ir.BooleanValue:
    """Whether a subscription ran for a day at least."""
    ended_on, started_on = subscriptions.ended_on, subscriptions.started_on
    return started_on.notnull() & (ended_on.isnull() | (ended_on > started_on))


def _with_recent(purchases: ir.Table, days: int) -> ir.Table:
    """Purchases with what the customer bought in so many days up to each, put as a month's."""
    recent = ibis.trailing_range_window(
        preceding=ibis.interval(days=days - 1),
        group_by=purchases.customer_id,
        order_by=purchases.sold_on,
    )
    a_month = purchases.amount_reporting.sum().over(recent).cast("float64") * (DAYS_A_MONTH / days)
    return purchases.mutate(
        table=ibis.literal("orders"), monthly_value=a_month.cast("decimal(18, 4)")
    )


def _by_purchases(bought: ir.Table, contracts: ir.Table, periods: ir.Table, days: int) -> ir.Table:
    """Customers at the start by what they bought, who had no subscription by then."""
    spans = days_of(periods, "period_start", "closes_on")
    active = active_on([start for start, _ in spans], bought, days)
    found = periods.inner_join(active, periods.period_start == active.on_day)
    found = found.filter(found.subscribed_on.isnull() | (found.subscribed_on >= found.period_start))
    closes_on = found.closes_on
    since = (closes_on - ibis.interval(days=days)).cast("date")
    is_last = found.next_on.isnull() | (found.next_on >= closes_on)
    # Whoever bought again in the period stays, where it is no longer than the churn window;
    # otherwise the last purchase in it says so, and of who has subscribed since, the subscription.
    stays = is_last.ifelse(found.sold_on >= since, found.period_start >= since)
    has_subscribed = (found.subscribed_on < closes_on).fill_null(False)
    asks = has_subscribed | (~is_last & (found.period_start < since))
    found = found.mutate(stays=stays, asks=asks.ifelse(found.customer_id, None))
    at_end = _at_the_end(bought, contracts, spans, days)
    found = found.left_join(at_end, [found.asks == at_end.stayed, found.closes_on == at_end.closed])
    kept = found.asks.isnull().ifelse(found.stays, found.stayed.notnull())
    return found.mutate(is_lost=~kept)


def _at_the_end(
    bought: ir.Table, contracts: ir.Table, spans: list[tuple[date, ...]], days: int
) -> ir.Table:
    """Who still was a customer at the ends of periods longer than the churn window by a purchase,
    and at any end by a subscription: `closed`, `stayed` (customer_id), each once."""
    long = [end for start, end in spans if (end - start).days > days]
    active = active_on(long, bought, days)
    by_purchase = active.filter(
        active.subscribed_on.isnull() | (active.subscribed_on >= active.on_day)
    )
    running = _running_on([end for _, end in spans], contracts)
    names = {"closed": "on_day", "stayed": "customer_id"}
    return by_purchase.select(**names).union(running.select(**names)).distinct()


def _by_contract(
    contracts: ir.Table, periods: ir.Table, rates: ir.Table | None, currency: str
) -> ir.Table:
    spans = days_of(periods, "period_start", "closes_on")
    running = _running_on([start for start, _ in spans], contracts)
    at_start = periods.inner_join(running, periods.period_start == running.on_day)
    at_start = at_start.mutate(
        day_before=(at_start.period_start - ibis.interval(days=1)).cast("date")
    )
    worth = to_reporting(at_start, "monthly_amount", "currency", "day_before", rates, currency)
    newest = [ibis.desc(worth.started_on), worth.record_id, worth.amount_reporting, worth.source]
    kept = [name for name in (*COLUMNS, "record_id") if name not in COLUMNS[:3]]
    people = worth.group_by("period", "period_start", "closes_on", "customer_id").aggregate(
        monthly_value=worth.amount_reporting.fill_null(0).sum().cast("decimal(18, 4)"),
        **{name: worth[name].first(order_by=newest, include_null=True) for name in kept},
    )
    at_end = _running_on([end for _, end in spans], contracts)
    at_end = at_end.select(closed="on_day", stayed="customer_id").distinct()
    found = people.left_join(
        at_end,
        [people.closes_on == at_end.closed, people.customer_id == at_end.stayed],
    )
    return found.mutate(is_lost=found.stayed.isnull(), table=ibis.literal("subscriptions"))


def _running_on(days: Iterable[date], contracts: ir.Table) -> ir.Table:
    """For each of `days` the subscriptions that ran on the day before it, the day as `on_day`."""
    return on_days(
        contracts,
        days,
        lambda day: (
            (day > contracts.started_on)
            & (contracts.ended_on.isnull() | (day <= contracts.ended_on))
        ),
    )
