"""What events tell of customers: when they were first and last seen, from which country they
order, and the address they give."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import (
    RECORD,
    REFERRING,
    customers_of,
    living,
    named_record,
    usable_email,
)
from aar_platform.identity.field_choice import decided

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


def ordering_countries(
    core: Mapping[str, ir.Table], links: ir.Table, known: ir.Table | None = None
) -> ir.Table | None:
    """The country of most of the orders of each customer not in `known`, with the latest order
    from there: customer_id, field (`address`), source, object, record_id, rule, candidates, value.

    Of equally frequent ones stands the latest.
    """
    values = countries_ordered_from(core, links, known)
    rules = {"most_frequent": "rarity", "most_recent": "age"}
    return None if values is None else _standing(values, rules)


def given_addresses(
    core: Mapping[str, ir.Table], links: ir.Table, known: ir.Table | None = None
) -> ir.Table | None:
    """The e-mail address last given by each customer not in `known`: customer_id, field, source,
    object, record_id, rule, candidates, value.

    Of equally late ones stands the most frequent.
    """
    values = addresses_given(core, links, known)
    rules = {"most_recent": "age", "most_frequent": "rarity"}
    return None if values is None else _standing(values, rules)


def countries_ordered_from(
    core: Mapping[str, ir.Table], links: ir.Table, known: ir.Table | None = None
) -> ir.Table | None:
    """The countries of the orders of each customer not in `known`: customer_id, field, value, the
    latest order from there (source, object, record_id, age) and rarity, minus the number of
    orders. An order counts once, however many lines it has."""
    parts = []
    for place, name in enumerate(("orders", "order_lines")):
        if name in core:
            rows = _of_customers(core, name, links, known)
            rows = rows.filter(rows.country.notnull())
            parts.append(
                rows.select(
                    *("customer_id", "source", "order_id", "country"),
                    record=ibis.struct(
                        {
                            "place": ibis.literal(place, "int8"),
                            "age": _age(rows.ordered_at),
                            "object": ibis.literal(name),
                            "record_id": rows.record_id,
                        }
                    ),
                )
            )
    if not parts:
        return None
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    orders = rows.group_by("customer_id", "source", "order_id", value=rows.country).aggregate(
        record=rows.record.min()
    )
    orders = orders.mutate(**{name: orders.record[name] for name in ("age", "object", "record_id")})
    return _different(orders, "address")


def addresses_given(
    core: Mapping[str, ir.Table], links: ir.Table, known: ir.Table | None = None
) -> ir.Table | None:
    """The e-mail addresses that each customer not in `known` gave with orders, tickets and the
    like: customer_id, field, value, the latest record with it (source, object, record_id, age) and
    rarity, minus the number of records."""
    given = []
    for name in REFERRING:
        if name in core and "email" in core[name].columns:
            rows = _of_customers(core, name, links, known)
            rows = rows.select(
                *("customer_id", "source", "record_id"),
                object=ibis.literal(name),
                value=usable_email(rows.email),
                age=_age(rows[MOMENTS[name][0]]),
            )
            given.append(rows.filter(rows["value"].notnull()))
    if not given:
        return None
    return _different(ibis.union(*given) if len(given) > 1 else given[0], "email")


def _of_customers(
    core: Mapping[str, ir.Table], name: str, links: ir.Table, known: ir.Table | None
) -> ir.Table:
    """Rows of a core table that are a customer's, but one in `known`."""
    rows = customers_of(living(core[name]), name, links)
    rows = rows.filter(rows.customer_id.notnull())
    return rows if known is None else rows.anti_join(known, "customer_id")


def _age(moment: ir.TimestampValue) -> ir.IntegerValue:
    """The smaller, the later; without time: oldest."""
    return (-moment.epoch_seconds()).fill_null(2**62)


def _different(rows: ir.Table, field: str) -> ir.Table:
    """The different values of each customer, with their latest record and rarity."""
    key = ("age", *RECORD)
    used = rows.group_by("customer_id", "value").aggregate(
        latest=ibis.struct({name: rows[name] for name in key}).min(), rarity=-rows.count()
    )
    return used.select(
        *("customer_id", "value", "rarity"),
        field=ibis.literal(field),
        **{name: used.latest[name] for name in key},
    )


def _standing(values: ir.Table, rules: Mapping[str, str]) -> ir.Table:
    """The value that stands for each customer, out of different ones."""
    told = decided(values, rules)
    return told.select("customer_id", "field", *RECORD, "rule", "candidates", "value")
