"""Core tables with the few columns a test is about; the others are null."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.tables import catalogue

Rows = Iterable[Mapping[str, Any]]
TableOf = Callable[[str, Rows], ir.Table]


def table(name: str, rows: Rows) -> ir.Table:
    """A table of the catalogue out of rows; record_id is the table's own id where not given."""
    schema = catalogue.ibis_schema(name)
    own_id = catalogue.OWN_ID.get(name)
    complete = []
    for row in rows:
        known = {"source": "shop", **row} if "source" in schema else dict(row)
        if own_id:
            known.setdefault("record_id", known[own_id])
        assert set(known) <= set(schema), set(known) - set(schema)
        complete.append({column: known.get(column) for column in schema})
    return ibis.memtable(pa.Table.from_pylist(complete, schema=schema.to_pyarrow()))


def facts(given: Mapping[str, Any] | None = None, **tables: ir.Table) -> Facts:
    """The facts of the tables given; all others are empty."""
    said = {
        "reporting_currency": "EUR",
        "timezone": "Europe/Paris",
        "rates": None,
        "as_of": date(2024, 12, 31),
        "churn_window": ChurnWindow(60, "stated"),
        **(given or {}),
    }
    return Facts(lambda name: tables[name] if name in tables else table(name, []), said)


@pytest.fixture
def table_of() -> TableOf:
    return table


@pytest.fixture
def links_of(table_of: TableOf) -> Callable[..., ir.Table]:
    """customer_links in which contact 1 of shop is customer C1, and so on, for the ids given."""

    def make(*contact_ids: str, source: str = "shop") -> ir.Table:
        return table_of(
            "customer_links",
            [
                {
                    "source": source,
                    "object": "contacts",
                    "record_id": contact_id,
                    "customer_id": f"C{contact_id}",
                }
                for contact_id in contact_ids
            ],
        )

    return make


@pytest.fixture
def facts_of() -> Callable[..., Facts]:
    return facts
