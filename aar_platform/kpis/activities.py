"""The table `activities`: everything one customer did, in order."""

from collections.abc import Callable, Mapping
from functools import partial

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.identity.customers_of import customers_of, living
from aar_platform.kpis import deal_stages
from aar_platform.kpis.exchange import MONEY, to_reporting
from aar_platform.kpis.local_time import local_day, start_of_day
from aar_platform.kpis.sales import counts_as_sale
from aar_platform.tables import catalogue

# A ticket's subject can be a whole mail; a timeline has room for a line.
TITLE_LENGTH = 80


def activities(
    core: Mapping[str, ir.Table],
    sales: ir.Table,
    links: ir.Table,
    rates: ir.Table | None,
    reporting_currency: str,
    timezone: str,
) -> ir.Table:
    """What customers did, from any subset of the core tables, as the table `activities`.

    `sales` gives orders and refunds their customer and value; a cancelled order is told too, with
    no value. `amount_reporting` of the kinds order and refund thus adds up to `sales`; that of a
    deal is what it may bring. A deal stands at its close, an open one at its start, usage at the
    beginning of its day in `timezone`. Test orders, deleted records and records of no known
    customer are left out. Titles say what happened in a few words, with no name or address other
    than a source's own words (a ticket's subject). Raises RateMissing and CurrencyMissing, see
    `to_reporting`.
    """
    deal = partial(_deal, rates=rates, reporting_currency=reporting_currency, timezone=timezone)
    shapes: dict[str, Callable[[ir.Table], ir.Table]] = {
        "orders": _cancelled,
        "tickets": _ticket,
        "messages": partial(_message, campaigns=core.get("campaigns")),
        "feedback": _feedback,
        "web_visits": _visit,
        "usage": partial(_usage, timezone=timezone),
        "deals": deal,
    }
    parts = [_row(_sold(sales))]
    for name, shape in shapes.items():
        if name in core:
            rows = customers_of(living(core[name]), name, links)
            parts.append(_row(shape(rows.filter(rows.customer_id.notnull()))))
    every = ibis.union(*parts) if len(parts) > 1 else parts[0]
    known = every.filter(every.customer_id.notnull(), every.occurred_at.notnull())
    return known.select(
        **{
            name: known[name].cast(dtype)
            for name, dtype in catalogue.ibis_schema("activities").items()
        }
    )


def _row(table: ir.Table) -> ir.Table:
    """The columns of `activities` out of a table that has what is known of them."""
    if "amount_reporting" not in table.columns:
        table = table.mutate(amount_reporting=ibis.null(MONEY))
    return table.select(
        "customer_id",
        "kind",
        "source",
        "record_id",
        occurred_at=table.occurred_at.cast("timestamp(6)"),
        title=_short(table.title),
        amount_reporting=table.amount_reporting.cast(MONEY),
    )


def _short(title: ir.StringValue) -> ir.StringValue:
    tidy = title.re_replace(r"\s+", " ").strip()
    return (tidy.length() > TITLE_LENGTH).ifelse(tidy.left(TITLE_LENGTH - 1) + "…", tidy)


def _sold(sales: ir.Table) -> ir.Table:
    is_credit = (sales.kind == "order") & (sales.amount_reporting < 0)
    title = ibis.cases(
        (is_credit, "Credit note " + sales.order_id),
        (sales.kind == "order", "Order " + sales.order_id),
        (sales.order_id.notnull(), "Refund of order " + sales.order_id),
        else_="Refund",
    )
    return sales.mutate(occurred_at=sales.sold_at, title=title)


def _cancelled(orders: ir.Table) -> ir.Table:
    cancelled = orders.filter(~counts_as_sale(orders), ~orders.is_test.fill_null(False))
    return cancelled.mutate(
        kind=ibis.literal("order"),
        occurred_at=cancelled.ordered_at,
        title="Order " + cancelled.order_id + ", cancelled",
    )


def _ticket(tickets: ir.Table) -> ir.Table:
    return tickets.mutate(
        kind=ibis.literal("ticket"),
        occurred_at=tickets.opened_at,
        title="Ticket: "
        + ibis.coalesce(tickets.subject.nullif(""), tickets.topic, tickets.record_id),
    )


def _message(messages: ir.Table, campaigns: ir.Table | None) -> ir.Table:
    campaign = messages.campaign_id
    if campaigns is not None:
        names = campaigns.select(campaign_source="source", named_id="campaign_id", name="name")
        messages = messages.left_join(
            names,
            [messages.source == names.campaign_source, messages.campaign_id == names.named_id],
        )
        campaign = ibis.coalesce(messages.name.nullif(""), messages.campaign_id)
    return messages.mutate(
        kind=ibis.literal("message"),
        title="Message " + messages.event + (": " + campaign).fill_null(""),
    )


def _feedback(feedback: ir.Table) -> ir.Table:
    where = feedback.channel.capitalize().fill_null("Feedback")
    score = _number(feedback.score)
    rated = ibis.coalesce(score + " of " + _number(feedback.scale_max), score)
    return feedback.mutate(
        kind=ibis.literal("feedback"),
        occurred_at=feedback.given_at,
        title=ibis.coalesce(where + ": " + rated, where),
    )


def _visit(visits: ir.Table) -> ir.Table:
    by = (" by " + visits.channel).fill_null("")
    pages = (", " + _counted(visits.page_views, "page", "pages")).fill_null("")
    return visits.mutate(
        kind=ibis.literal("visit"),
        occurred_at=visits.visited_at,
        title="Website visit" + by + pages,
    )


def _usage(usage: ir.Table, timezone: str) -> ir.Table:
    feature = usage.feature.nullif("").fill_null("the product")
    times = (", " + _counted(usage.quantity, "time", "times")).fill_null("")
    return usage.mutate(
        kind=ibis.literal("usage"),
        occurred_at=start_of_day(usage.day, timezone),
        title="Used " + feature + times,
    )


def _deal(
    deals: ir.Table, rates: ir.Table | None, reporting_currency: str, timezone: str
) -> ir.Table:
    is_won, is_closed = deal_stages.is_won(deals), deal_stages.is_closed(deals)
    state = ibis.cases((is_won, "Deal won"), (is_closed, "Deal lost"), else_="Deal open")
    stage = is_closed.ifelse("", (", stage " + deals.stage).fill_null(""))
    occurred_at = is_closed.ifelse(deals.closed_at.fill_null(deals.created_at), deals.created_at)
    told = deals.mutate(
        kind=ibis.literal("deal"),
        occurred_at=occurred_at,
        title=state + stage,
        day=local_day(occurred_at, timezone),
    ).filter(_.occurred_at.notnull())
    return to_reporting(told, "amount", "currency", "day", rates, reporting_currency)


def _number(number: ir.NumericValue) -> ir.StringValue:
    """A number as people write it: 9 for 9.0, 4.5 for 4.50."""
    return number.cast("float64").cast("string").re_replace(r"\.0$", "")


def _counted(number: ir.NumericValue, one: str, several: str) -> ir.StringValue:
    return _number(number) + " " + (number == 1).ifelse(one, several)
