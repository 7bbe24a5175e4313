"""Which records a customer is made of, and how they were linked."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD, REFERRING, living, named_record
from aar_platform.identity.signs import MOMENTS
from aar_platform.operations.decisions import Record

Rows = list[dict[str, Any]]
_SIDES = ("left", "right")


@dataclass(frozen=True)
class LinkedRecord:
    """A record of the customer. `known_from` is the table that tells of it, which is another than
    its own where only orders, tickets and the like do; `changed_at` is when it was last changed or
    mentioned, UTC. Method and probability are those of its strongest link."""

    record: Record
    known_from: str | None
    changed_at: datetime | None
    method: str
    match_probability: float | None
    linked_at: datetime


@dataclass(frozen=True)
class ComparedPair:
    """Two records that were compared, at least one of them the customer's. `match_weight` is log2
    of the odds; `other_customer_id` is whose the other record is where it is not the customer's."""

    left: Record
    right: Record
    method: str
    match_weight: float | None
    match_probability: float | None
    state: str
    reason: str | None
    other_customer_id: str | None


def rows_of(table: ir.Table) -> Rows:
    """The rows of a small table."""
    return list(table.to_pyarrow().to_pylist())


def record_of(row: Mapping[str, Any], prefix: str = "") -> Record:
    """The record that a row names."""
    return Record(*(row[prefix + name] for name in RECORD))


def linked_records(
    core: Mapping[str, ir.Table], links: ir.Table, said: Rows
) -> dict[str, list[LinkedRecord]]:
    """The records of `links` by customer. `said` are the rows of `records_of_customers`."""
    kept = {record_of(row): row["changed_at"] for row in said}
    rows = rows_of(links.order_by(*RECORD))
    mentioned = _mentioned(core, links) if any(record_of(row) not in kept for row in rows) else {}
    found = defaultdict(list)
    for row in rows:
        record = record_of(row)
        known_from, changed_at = (
            (record.object, kept[record]) if record in kept else mentioned.get(record, (None, None))
        )
        found[row["customer_id"]].append(
            LinkedRecord(
                record,
                known_from,
                changed_at,
                row["method"],
                row["match_probability"],
                row["linked_at"],
            )
        )
    return found


def _mentioned(
    core: Mapping[str, ir.Table], links: ir.Table
) -> dict[Record, tuple[str, datetime | None]]:
    """Records that events name: the first table in which they do, and the latest time."""
    parts = []
    for place, name in enumerate(REFERRING):
        if name not in core:
            continue
        table = living(core[name])
        where, which = named_record(table, name)
        named = [(where, which)]
        if "company_id" in table.columns:
            named.append((ibis.literal("companies"), table.company_id.nullif("")))
        for object_name, record_id in named:
            part = table.select(
                source="source",
                object=object_name,
                record_id=record_id,
                place=ibis.literal(place, "int64"),
                at=table[MOMENTS[name][0]].cast("timestamp(6)"),
            )
            parts.append(part.semi_join(links, list(RECORD)))
    if not parts:
        return {}
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    first = rows.group_by(*RECORD).aggregate(place=rows.place.min(), at=rows["at"].max())
    return {record_of(row): (REFERRING[row["place"]], row["at"]) for row in rows_of(first)}


def compared_pairs(
    pairs: ir.Table | None, all_links: ir.Table, links: ir.Table
) -> dict[str, list[ComparedPair]]:
    """The pairs with a record of `links`, by customer, the strongest first; `pairs` is the table
    `identity_pairs`, None where there is none."""
    found: dict[str, list[ComparedPair]] = defaultdict(list)
    if pairs is None:
        return found
    # Two customers asked for may both be in one pair: it is told of each.
    touched = [
        pairs.semi_join(links, [pairs[f"{side}_{name}"] == links[name] for name in RECORD])
        for side in _SIDES
    ]
    rows = ibis.union(*touched, distinct=True)
    for side in _SIDES:
        named = all_links.select(
            **{f"{side}_customer": all_links.customer_id},
            **{f"{side}_{name}": all_links[name] for name in RECORD},
        )
        columns = (*rows.columns, f"{side}_customer")
        keys = [f"{side}_{name}" for name in RECORD]
        rows = rows.left_join(named, keys).select(*columns)
    asked = {row["customer_id"] for row in rows_of(links.select("customer_id").distinct())}
    for row in rows_of(rows):
        owners = [row[f"{side}_customer"] for side in _SIDES]
        for owner in {*owners} & asked:
            other = next((one for one in owners if one != owner), None)
            # A common name is compared with that of many; what came of nothing explains nothing.
            if other is not None and row["state"] == "unlikely":
                continue
            found[owner].append(
                ComparedPair(
                    record_of(row, "left_"),
                    record_of(row, "right_"),
                    row["method"],
                    row["match_weight"],
                    row["match_probability"],
                    row["state"],
                    row["reason"],
                    other,
                )
            )
    for told in found.values():
        told.sort(key=lambda one: (-_finite(one.match_weight), one.left, one.right))
    return found


def _finite(weight: float | None) -> float:
    # Pairs without a weight are ties by rule: stronger than any.
    return 1e9 if weight is None else weight
