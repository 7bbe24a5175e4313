"""Which values of a customer stand and why, and which did not win."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from aar_platform.identity.explained_links import Rows, record_of, rows_of
from aar_platform.identity.field_choice import BLOCKS
from aar_platform.identity.signs import addresses_given, countries_ordered_from
from aar_platform.operations.decisions import Record


@dataclass(frozen=True)
class Said:
    """A value, by the columns that it consists of, and the records that say it. Columns that the
    reader may not see are left out."""

    parts: dict[str, str | date]
    records: tuple[Record, ...]


@dataclass(frozen=True)
class ChosenValue:
    """The value of a field that stands, its record, the rule that chose it among `candidates`
    different values, and those that did not win."""

    field: str
    parts: dict[str, str | date]
    record: Record
    rule: str
    candidates: int
    losing: tuple[Said, ...]


def chosen_values(
    chosen: ir.Table,
    core: Mapping[str, ir.Table],
    links: ir.Table,
    customers: Rows,
    said: Rows,
    hidden: Collection[str],
) -> dict[str, list[ChosenValue]]:
    """The values of `customers` (rows of that table) in the order of the fields, by customer.

    `chosen` is the table `customer_values`, `said` are the rows of `records_of_customers`
    with the whole name as full_name, and
    values of the columns `hidden` are left out.
    """
    ids = [row["customer_id"] for row in customers]
    winners = rows_of(chosen.filter(chosen.customer_id.isin(ids)))
    is_kept = {record_of(row) for row in said}
    by_events = {
        (row["customer_id"], row["field"]) for row in winners if record_of(row) not in is_kept
    }
    rows = [*_said_by_records(said)]
    if by_events:
        rows += [row for row in _said_by_events(core, links) if row[:2] in by_events]
    # By what makes them equal: of a name, the whole.
    different: dict[tuple[str, str], dict[tuple[Any, ...], list[tuple[Record, tuple[Any, ...]]]]]
    different = defaultdict(lambda: defaultdict(list))
    for customer_id, field, value, record in rows:
        same = value[:1] if field == "name" else value
        different[customer_id, field][same].append((record, value))
    stands = {row["customer_id"]: row for row in customers}
    found = defaultdict(list)
    order = {block: place for place, block in enumerate(BLOCKS)}
    for row in sorted(winners, key=lambda row: order[row["field"]]):
        field, record = row["field"], record_of(row)
        losing = [
            Said(_shown(BLOCKS[field], min(told)[1], hidden), tuple(sorted(one for one, _ in told)))
            for told in different[row["customer_id"], field].values()
            if all(one != record for one, _ in told)
        ]
        found[row["customer_id"]].append(
            ChosenValue(
                field=field,
                parts=_standing(stands[row["customer_id"]], field, hidden),
                record=record,
                rule=row["rule"],
                candidates=row["candidates"],
                losing=tuple(sorted(losing, key=lambda one: one.records)),
            )
        )
    return found


_Value = tuple[str, str, tuple[Any, ...], Record]


def _said_by_records(rows: Rows) -> Iterable[_Value]:
    """Customer, field, value and record, of all values that contacts and companies have."""
    for row in rows:
        for field, columns in BLOCKS.items():
            value = tuple(row[column] for column in columns)
            if any(part is not None for part in value):
                yield row["customer_id"], field, value, record_of(row)


def _said_by_events(core: Mapping[str, ir.Table], links: ir.Table) -> Iterable[_Value]:
    """The same of the e-mails and countries that events tell, with the latest record of each."""
    for values in (addresses_given(core, links), countries_ordered_from(core, links)):
        for row in rows_of(values) if values is not None else ():
            columns = BLOCKS[row["field"]]
            told = "country" if row["field"] == "address" else "email"
            value = tuple(row["value"] if column == told else None for column in columns)
            yield row["customer_id"], row["field"], value, record_of(row)


def _shown(
    columns: Sequence[str], value: tuple[Any, ...], hidden: Collection[str]
) -> dict[str, str | date]:
    seen = {"display_name" if column == "full_name" else column for column in columns} - {*hidden}
    return {
        column: part
        for column, part in zip(columns, value, strict=True)
        if part is not None and ("display_name" if column == "full_name" else column) in seen
    }


def _standing(
    customer: Mapping[str, Any], field: str, hidden: Collection[str]
) -> dict[str, str | date]:
    """The value as `customers` has it; of a whole name, how the customer is called."""
    columns = BLOCKS[field]
    named = ["display_name" if column == "full_name" else column for column in columns]
    return _shown(columns, tuple(customer[name] for name in named), hidden)


def value_in_words(field: str, parts: Mapping[str, str | date]) -> str:
    """A value in one line; nothing where no part of it is to be shown."""
    if field == "name" and "full_name" in parts:
        return str(parts["full_name"])
    return (" " if field == "name" else ", ").join(str(part) for part in parts.values())
