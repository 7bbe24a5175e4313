"""Who was a customer when a period began, and whether they still were at its end."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.purchases import ChurnWindow

COLUMNS = ("period", "period_start", "customer_id", "source", "channel", "country", "region",
           *TRAITS)  # fmt: skip
# Purchases within so many days are put as so much a month.
DAYS_A_MONTH = 365.25 / 12


@fact("source", "channel", "country", "region", *TRAITS, members_of=("sales", "subscriptions"))
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
    columns = [*COLUMNS, "table", "record_id", "monthly_value"]
    by_contract = _by_contract(contracts, periods, rates, reporting_currency).select(*columns)
    by_purchases = _last_before("period_start", bought, periods, days).select(*columns)
    key = ["period", "period_start", "customer_id"]
    stays = _running("closes_on", contracts, periods).select(*key)
    stays = stays.union(_last_before("closes_on", bought, periods, days).select(*key))
    stays = stays.distinct().mutate(stays=ibis.literal(True))
    found = by_purchases.union(by_contract).left_join(stays, key)
    return found.select(*columns, is_lost=found.stays.isnull())


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


def _last_before(day: str, bought: ir.Table, periods: ir.Table, days: int) -> ir.Table:
    """Per period the last purchase before its `day` of every customer active on it who had no
    subscription by then."""
    since = (periods[day] - ibis.interval(days=days)).cast("date")
    return periods.inner_join(
        bought,
        [
            bought.sold_on >= since,
            bought.sold_on < periods[day],
            bought.next_on.isnull() | (bought.next_on >= periods[day]),
            bought.subscribed_on.isnull() | (bought.subscribed_on >= periods[day]),
        ],
    )


def _by_contract(
    contracts: ir.Table, periods: ir.Table, rates: ir.Table | None, currency: str
) -> ir.Table:
    at_start = _running("period_start", contracts, periods).mutate(
        day_before=lambda t: (t.period_start - ibis.interval(days=1)).cast("date")
    )
    worth = to_reporting(at_start, "monthly_amount", "currency", "day_before", rates, currency)
    newest = [ibis.desc(worth.started_on), worth.record_id, worth.amount_reporting, worth.source]
    kept = [name for name in (*COLUMNS, "record_id") if name not in COLUMNS[:3]]
    people = worth.group_by("period", "period_start", "customer_id").aggregate(
        monthly_value=worth.amount_reporting.fill_null(0).sum().cast("decimal(18, 4)"),
        **{name: worth[name].first(order_by=newest, include_null=True) for name in kept},
    )
    return people.mutate(table=ibis.literal("subscriptions"))


def _running(day: str, subscriptions: ir.Table, periods: ir.Table) -> ir.Table:
    """Per period the subscriptions that ran on the day before its `day`."""
    return periods.inner_join(
        subscriptions,
        [
            subscriptions.started_on < periods[day],
            subscriptions.ended_on.isnull() | (subscriptions.ended_on >= periods[day]),
        ],
    )
