"""Customers and records by the names a person types, as the last run linked them."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from aar_platform.operations.decisions import Record
from aar_platform.resources.platform import open_warehouse
from aar_platform.resources.warehouse import Warehouse
from aar_platform.settings.loading import Settings

NOTHING_LINKED = "nothing has been linked yet; run 'aar run'"
# Letters by which a mistyped id may differ from the one that is suggested.
_SLIPS = 3
_LISTED = 20


class DecisionRefused(ValueError):
    """What is to be decided or looked at is not there, or contradicts what was decided."""


@dataclass(frozen=True)
class Customer:
    """A customer as the last run left it; its records begin with those that last longest."""

    customer_id: str
    kind: str
    records: tuple[Record, ...]


class Linked:
    """The tables of customers in an open warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.links = warehouse.table("customer_links")

    def customer(self, customer_id: str) -> Customer:
        """Raises DecisionRefused, with the customer it went into or the nearest id."""
        links = self.links
        rows = _rows(links.filter(links.customer_id == customer_id))
        if not rows:
            raise DecisionRefused(f"customer {customer_id}: {self._whereabouts(customer_id)}")
        rows.sort(key=_lasting)
        records = tuple(_record(row) for row in rows)
        return Customer(customer_id, self._kind(customer_id, records), records)

    def record(self, text: str) -> tuple[Record, str]:
        """The record that `source/object/record_id` or `source/record_id` means, and its
        customer_id. Raises DecisionRefused."""
        links = self.links
        short = links.source + "/" + links.record_id
        full = links.source + "/" + links.object + "/" + links.record_id
        rows = _rows(links.filter((full == text) | (short == text)))
        record = meant(text, [_record(row) for row in rows])
        if record is None:
            raise DecisionRefused(
                f"record {text}: there is none; write source/object/record_id as in customer_links"
            )
        return record, next(row["customer_id"] for row in rows if _record(row) == record)

    def customers_of(self, records: Iterable[Record]) -> dict[Record, str]:
        """The customer_id of each of these records that there is."""
        wanted = set(records)
        ids = sorted({record.record_id for record in wanted})
        rows = _rows(self.links.filter(self.links.record_id.isin(ids))) if ids else []
        return {_record(row): row["customer_id"] for row in rows if _record(row) in wanted}

    def _kind(self, customer_id: str, records: tuple[Record, ...]) -> str:
        if self.warehouse.has("customers"):
            customers = self.warehouse.table("customers")
            rows = _rows(customers.filter(customers.customer_id == customer_id).select("kind"))
            if rows:
                return str(rows[0]["kind"])
        return "company" if records[0].object == "companies" else "person"

    def _whereabouts(self, customer_id: str) -> str:
        gone, became = self._became(customer_id)
        if became is not None:
            return f"it was merged into {became}; name that one"
        if gone is not None:
            return gone
        ids = self.links.select("customer_id").distinct()
        slips = ids.customer_id.levenshtein(customer_id)
        near = _rows(ids.mutate(slips=slips).order_by("slips", "customer_id").limit(1))
        if near and near[0]["slips"] <= _SLIPS:
            return f"there is none of this id; did you mean {near[0]['customer_id']}?"
        return "there is none of this id; the table customers lists them"

    def _became(self, customer_id: str) -> tuple[str | None, str | None]:
        """What became of an id that is gone, in words, or the customer that it is part of now."""
        if not self.warehouse.has("customer_history"):
            return None, None
        history = self.warehouse.table("customer_history")
        seen, now = set(), customer_id
        while now not in seen:
            seen.add(now)
            events = _rows(history.filter(history.customer_id == now).order_by("occurred_at"))
            merged = [row for row in events if row["event"] == "merged_into"]
            if any(row["event"] == "erased" for row in events):
                return "it has been erased", None
            if not merged:
                return ("no source has its records any more" if events else None), None
            now = str(merged[-1]["other_customer_id"])
            if int(self.links.filter(self.links.customer_id == now).count().execute()):
                return None, now
        return "no source has its records any more", None


@contextlib.contextmanager
def linked(settings: Settings) -> Iterator[Linked]:
    """The customers of the last run, read only. Raises DecisionRefused before the first one."""
    warehouse = open_warehouse(settings, read_only=True)
    try:
        if not warehouse.has("customer_links"):
            raise DecisionRefused(NOTHING_LINKED)
        yield Linked(warehouse)
    finally:
        warehouse.close()


def meant(text: str, records: Iterable[Record]) -> Record | None:
    """The record of these that a text names, in full or without its object.

    Raises DecisionRefused where it may be several.
    """
    short = [one for one in records if f"{one.source}/{one.record_id}" == text]
    full = [one for one in records if str(one) == text]
    found = full or short
    if len(found) > 1:
        raise DecisionRefused(f"record {text}: may be {listed(found, ' or ')}; write it in full")
    return found[0] if found else None


def listed(records: Iterable[Record], conjunction: str = ", ") -> str:
    """Records by name, of many the first ones."""
    names = sorted(map(str, records))
    rest = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return conjunction.join(names[:_LISTED]) + rest


def _rows(rows: ir.Table) -> list[dict[str, Any]]:
    return list(rows.to_pyarrow().to_pylist())


def _record(row: dict[str, Any]) -> Record:
    return Record(row["source"], row["object"], row["record_id"])


def _lasting(row: dict[str, Any]) -> tuple[Any, ...]:
    """Records that systems keep come before those that an order or ticket tells of, and those
    known for long before new ones."""
    return row["object"] not in ("contacts", "companies"), row["linked_at"], _record(row)
