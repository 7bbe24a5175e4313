"""The table `sales`: what was sold and refunded, in one currency, by whom, on which day."""

from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import customers_of
from aar_platform.kpis.exchange import MONEY, to_reporting
from aar_platform.kpis.local_time import local_day
from aar_platform.tables import catalogue

# As sources write it, in lower case: in English, French, German, Spanish, Italian, Portuguese,
# Dutch, Polish, Swedish, Danish, Russian, Turkish, Chinese, Japanese and Korean.
CANCELLED_STATUSES = frozenset(
    word
    for line in (
        "cancelled canceled cancellation void voided",
        "failed declined expired draft checkout-draft trash abandoned",
        "annulé annulée annule annulee",
        "storniert storno annulliert abgebrochen",
        "cancelado cancelada anulado anulada annullato annullata",
        "geannuleerd anulowane anulowany anulowano avbruten annullerad annulleret",
        "отменен отменён отменено отменена аннулирован iptal",
        "已取消 取消 已作废 キャンセル キャンセル済み 취소 취소됨",
    )
    for word in line.split()
)
# The joint columns of orders and refunds on their way to `sales`.
PARTS = (
    "source",
    "kind",
    "record_id",
    "order_id",
    "customer_id",
    "sold_at",
    "country",
    "region",
    "channel",
    "campaign",
    "amount",
    "currency",
)


def sales(
    orders: ir.Table,
    refunds: ir.Table,
    links: ir.Table,
    rates: ir.Table | None,
    reporting_currency: str,
    timezone: str,
) -> ir.Table:
    """One row per order that counts and per refund, as the table `sales`.

    `orders` holds derived orders too, `links` is `customer_links`, `rates` as `load_rates` gives
    them. Left out are orders that are cancelled (a status of CANCELLED_STATUSES or a cancelled_at),
    tests or deleted, their refunds with them, since what never was revenue cannot lower it, and
    deleted refunds. Credit notes, orders with a negative total, stay and lower the day they are
    dated on, as refunds lower the day on which the money went back. A refund whose order no source
    has told of counts.

    The customer is the order's or, for a refund without one, that of the order refunded; it is null
    for an unknown buyer. Country, region, channel and campaign of a refund are its order's. An
    order without a total is worth gross − discount + tax + shipping, and nothing where gross is
    null too; a refund lowers whichever sign the source gives it, and is in its order's currency
    where it names none. Raises RateMissing and CurrencyMissing, see `to_reporting`.
    """
    orders = customers_of(orders, "orders", links).mutate(counts=counts_as_sale)
    sold = orders.filter(orders.counts).mutate(
        kind=ibis.literal("order"), sold_at=orders.ordered_at, amount=_order_value(orders)
    )
    parts = sold.select(*PARTS).union(_refunds(refunds, orders, links))
    parts = parts.mutate(sold_on=local_day(parts.sold_at, timezone))
    worth = to_reporting(parts, "amount", "currency", "sold_on", rates, reporting_currency)
    return worth.select(
        **{name: worth[name].cast(dtype) for name, dtype in catalogue.ibis_schema("sales").items()}
    )


def located(sales: ir.Table, contacts: ir.Table, companies: ir.Table, links: ir.Table) -> ir.Table:
    """`sales` with the customer's country where the order names none; null where none is known.

    The country is that of the customer's contact or company record that was changed last, never one
    of other orders: a later order would move earlier ones to another country.
    """
    said = [
        table.filter(table.country.notnull()).select(
            "source", "record_id", "country", "updated_at", object=ibis.literal(name)
        )
        for name, table in (("contacts", contacts), ("companies", companies))
    ]
    records = said[0].union(said[1])
    linked = records.inner_join(links, ["source", "object", "record_id"])
    newest = [ibis.desc(linked.updated_at, nulls_first=False), linked.record_id, linked.country]
    home = linked.group_by(buyer=linked.customer_id).aggregate(
        home=linked.country.first(order_by=newest)
    )
    found = sales.left_join(home, sales.customer_id == home.buyer)
    return found.mutate(country=found.country.fill_null(found.home)).select(*sales.columns)


def counts_as_sale(orders: ir.Table) -> ir.BooleanValue:
    """Whether an order counts: it is not cancelled, no test, and not deleted in its source."""
    is_cancelled = (
        orders.status.strip().lower().isin(sorted(CANCELLED_STATUSES)).fill_null(False)
        | orders.cancelled_at.notnull()
    )
    return ~(is_cancelled | orders.is_test.fill_null(False) | orders.is_deleted.fill_null(False))


def _order_value(orders: ir.Table) -> ir.DecimalValue:
    parts = (
        orders.gross
        - orders.discount.fill_null(0)
        + orders.tax.fill_null(0)
        + orders.shipping.fill_null(0)
    )
    return ibis.coalesce(orders.total, parts.cast(MONEY), ibis.literal(0).cast(MONEY))


def _refunds(refunds: ir.Table, orders: ir.Table, links: ir.Table) -> ir.Table:
    refunds = customers_of(refunds, "refunds", links)
    refunds = refunds.filter(~refunds.is_deleted.fill_null(False))
    refunded = orders.select(
        order_source=orders.source,
        ordered_id=orders.order_id,
        order_customer=orders.customer_id,
        order_currency=orders.currency,
        order_counts=orders.counts,
        country=orders.country,
        region=orders.region,
        channel=orders.channel,
        campaign=orders.campaign,
    )
    found = refunds.left_join(
        refunded,
        [refunds.source == refunded.order_source, refunds.order_id == refunded.ordered_id],
    )
    found = found.filter(found.order_counts.fill_null(True))
    return found.mutate(
        kind=ibis.literal("refund"),
        customer_id=found.customer_id.fill_null(found.order_customer),
        sold_at=found.refunded_at,
        amount=-found.amount.fill_null(0).abs().cast(MONEY),
        currency=found.currency.fill_null(found.order_currency),
    ).select(*PARTS)


def last_day(sales: ir.Table, customers: ir.Table) -> date:
    """The last day with data: of a sale, else of any sign of a customer, else today."""
    return last_until_today(sales.sold_on, customers.last_seen_at) or date.today()


def last_until_today(*columns: ir.Value) -> date | None:
    """The last day that has come of the first of these columns, of days or moments, that has one;
    None where none has. What is dated in the future, a slip of the pen, is not looked at."""
    for moments in columns:
        days = moments.cast("date")
        found = days.max(where=days <= ibis.literal(date.today())).to_pyarrow().as_py()
        if isinstance(found, date):
            return found
    return None
