"""Why records are one customer, and why its values are what they are."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis.expr.types as ir

from aar_platform.identity.customers_of import REFERRING
from aar_platform.identity.explained_links import (
    ComparedPair,
    LinkedRecord,
    compared_pairs,
    linked_records,
    rows_of,
)
from aar_platform.identity.explained_values import ChosenValue, chosen_values
from aar_platform.identity.field_choice import whole_name
from aar_platform.identity.records_of_customers import records_of_customers

Tables = Callable[[str], ir.Table]


@dataclass(frozen=True)
class Event:
    """An event of `customer_history` that the customer is in."""

    customer_id: str
    event: str
    other_customer_id: str | None
    occurred_at: datetime


@dataclass(frozen=True)
class Explanation:
    """All that made a customer, in a stable order: records by name, values in the order of the
    fields, pairs by weight, events by time."""

    customer_id: str
    kind: str
    display_name: str | None
    records: tuple[LinkedRecord, ...]
    pairs: tuple[ComparedPair, ...]
    values: tuple[ChosenValue, ...]
    history: tuple[Event, ...]


def explanations(
    tables: Tables, customer_ids: Collection[str], hidden: Collection[str] = ()
) -> dict[str, Explanation]:
    """The explanations of these customers, of those that `customers` has.

    `tables` gives a table by name and raises LookupError for one that is not there:
    `identity_pairs` and core tables may be missing. `hidden` are columns of `customers` whose
    values are left out.
    """
    ids = [*dict.fromkeys(customer_ids)]
    customers = tables("customers")
    found = rows_of(customers.filter(customers.customer_id.isin(ids)))
    all_links = tables("customer_links")
    links = all_links.filter(all_links.customer_id.isin(ids))
    names = ("contacts", "companies", *REFERRING)
    core = {name: table for name in names if (table := _optional(tables, name)) is not None}
    said = records_of_customers(core, all_links, links)
    records = [] if said is None else rows_of(said.mutate(full_name=whole_name(said)))
    linked = linked_records(core, links, records)
    pairs = compared_pairs(_optional(tables, "identity_pairs"), all_links, links)
    values = chosen_values(tables("customer_values"), core, links, found, records, hidden)
    history = _history(_optional(tables, "customer_history"), ids)
    return {
        row["customer_id"]: Explanation(
            customer_id=row["customer_id"],
            kind=row["kind"],
            display_name=None if "display_name" in hidden else row["display_name"],
            records=tuple(linked.get(row["customer_id"], ())),
            pairs=tuple(pairs.get(row["customer_id"], ())),
            values=tuple(values.get(row["customer_id"], ())),
            history=tuple(history.get(row["customer_id"], ())),
        )
        for row in found
    }


def _optional(tables: Tables, name: str) -> ir.Table | None:
    try:
        return tables(name)
    except LookupError:
        return None


def _history(history: ir.Table | None, ids: Sequence[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    if history is None:
        return found
    concerned = history.customer_id.isin(ids) | history.other_customer_id.isin(ids)
    for row in rows_of(history.filter(concerned).order_by("occurred_at", "customer_id", "event")):
        event = Event(
            row["customer_id"], row["event"], row["other_customer_id"], row["occurred_at"]
        )
        for one in {event.customer_id, event.other_customer_id} & {*ids}:
            found[str(one)].append(event)
    return found
