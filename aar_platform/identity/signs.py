"""What events tell of customers: when they were first and last seen, from which country they
order, and the address they give."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import (
    REFERRING,
    customers_of,
    living,
    named_record,
    usable_email,
)

# The times at which a customer was there. Changes that a system makes by itself (updated_at) and
# messages that were only sent are no sign of the customer.
MOMENTS: dict[str, tuple[str, ...]] = {
    "contacts": ("created_at", "acquired_at"),
    "companies": ("created_at",),
    "orders": ("ordered_at",),
    "order_lines": ("ordered_at",),
    "refunds": ("refunded_at",),
    "subscriptions": ("started_at",),
    "usage": ("day",),
    "tickets": ("opened_at",),
    "messages": ("occurred_at",),
    "deals": ("created_at",),
    "feedback": ("given_at",),
    "web_visits": ("visited_at",),
    "experiment_assignments": ("assigned_at",),
}
_ANSWERS = ("opened", "clicked", "unsubscribed")


def times_seen(core: Mapping[str, ir.Table], links: ir.Table) -> ir.Table | None:
    """customer_id, first_seen_at, last_seen_at; None without any table.

    What a person of a company does, with the company named in the row, is a sign of both.
    """
    seen = [part for name in MOMENTS if name in core for part in _seen(living(core[name]), name)]
    if not seen:
        return None
    records = ibis.union(*seen) if len(seen) > 1 else seen[0]
    known = records.join(
        links.select("source", "object", "record_id", "customer_id"),
        ["source", "object", "record_id"],
    )
    return known.group_by("customer_id").aggregate(
        first_seen_at=known.first_at.min(), last_seen_at=known.last_at.max()
    )


def _seen(table: ir.Table, name: str) -> list[ir.Table]:
    if name == "messages":
        table = table.filter(table.event.isin(_ANSWERS))
    where, which = named_record(table, name)
    records = [(where, which)]
    if name in REFERRING and "company_id" in table.columns:
        records.append((ibis.literal("companies"), table.company_id.nullif("")))
    moments = [table[moment].cast("timestamp(6)") for moment in MOMENTS[name]]
    return [
        table.select(
            source="source",
            object=where,
            record_id=which,
            early=ibis.least(*moments),
            late=ibis.greatest(*moments),
        )
        .filter(lambda rows: rows.record_id.notnull())
        .group_by(["source", "object", "record_id"])
        .aggregate(first_at=lambda rows: rows.early.min(), last_at=lambda rows: rows.late.max())
        for where, which in records
    ]


def ordering_country(core: Mapping[str, ir.Table], links: ir.Table) -> ir.Table | None:
    """customer_id, order_country: the country of most of the customer's orders (of equals the
    first in the alphabet). An order counts once, however many lines it has."""
    orders = [
        customers_of(living(core[name]), name, links)
        .filter(lambda rows: rows.customer_id.notnull() & rows.country.notnull())
        .select("customer_id", "source", "order_id", "country")
        for name in ("orders", "order_lines")
        if name in core
    ]
    if not orders:
        return None
    distinct = ibis.union(*orders, distinct=True) if len(orders) > 1 else orders[0].distinct()
    counted = distinct.group_by(["customer_id", "country"]).aggregate(orders=distinct.count())
    return counted.group_by("customer_id").aggregate(
        order_country=counted.country.argmin(
            ibis.struct({"orders": -counted.orders, "country": counted.country})
        )
    )


def given_address(core: Mapping[str, ir.Table], links: ir.Table) -> ir.Table | None:
    """customer_id, given_email: the address last given with an order, ticket and the like (of
    equally late ones the most frequent, then the first in the alphabet)."""
    given = []
    for name in REFERRING:
        if name in core and "email" in core[name].columns:
            rows = customers_of(living(core[name]), name, links)
            rows = rows.mutate(email=usable_email(rows.email), at=rows[MOMENTS[name][0]])
            rows = rows.filter(rows.customer_id.notnull() & rows.email.notnull())
            given.append(rows.select("customer_id", "email", "at"))
    if not given:
        return None
    rows = ibis.union(*given) if len(given) > 1 else given[0]
    used = rows.group_by(["customer_id", "email"]).aggregate(
        at=rows["at"].max().epoch_seconds(), times=rows.count()
    )
    return used.group_by("customer_id").aggregate(
        given_email=used.email.argmin(
            ibis.struct({"age": -used["at"], "times": -used.times, "email": used.email})
        )
    )
