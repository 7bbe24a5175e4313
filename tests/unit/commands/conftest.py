"""A warehouse as a run leaves it, made of a few linked records."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pytest

from aar_platform.operations.decisions import Decision, Record, decisions
from aar_platform.resources.operations import open_operations
from aar_platform.resources.platform import open_warehouse
from aar_platform.settings.loading import Settings, load_settings
from aar_platform.tables import catalogue

DAY = datetime(2026, 1, 1)
PAIRS = ibis.schema(
    {
        "kind": "string",
        **{
            f"{side}_{name}": "string"
            for side in ("left", "right")
            for name in ("source", "object", "record_id")
        },
        "method": "string",
        "match_weight": "float64",
        "match_probability": "float64",
        "state": "string",
        "reason": "string",
    }
)


def record(text: str) -> Record:
    """A record by `source/object/record_id`."""
    return Record(*text.split("/", 2))


@dataclass(frozen=True)
class LinkedCompany:
    """An aar.yaml with a warehouse whose customers are given."""

    settings: Settings

    def link(self, **customers: list[str]) -> None:
        """Make customer_links of customer_id → records; the first record is the oldest."""
        rows = [
            {"customer_id": customer_id, **record(text)._asdict(), "method": "key",
             "match_probability": 1.0, "linked_at": DAY.replace(day=place + 1)}
            for customer_id, texts in customers.items() for place, text in enumerate(texts)
        ]  # fmt: skip
        self.write("customer_links", catalogue.ibis_schema("customer_links"), rows)

    def write(self, name: str, schema: ibis.Schema, rows: list[dict[str, Any]]) -> None:
        warehouse = open_warehouse(self.settings)
        table = pa.Table.from_pylist(rows, schema=schema.to_pyarrow())
        warehouse.replace(name, ibis.memtable(table))
        warehouse.close()

    def history(self, *events: tuple[str, str, str | None]) -> None:
        """Make customer_history of (customer_id, event, other_customer_id)."""
        schema = catalogue.ibis_schema("customer_history")
        rows = [(*event, DAY.replace(day=place + 1)) for place, event in enumerate(events)]
        self.write(
            "customer_history", schema, [dict(zip(schema, row, strict=True)) for row in rows]
        )

    def pairs(self, *rows: dict[str, Any]) -> None:
        """Make identity_pairs; `left` and `right` are records, the rest its columns."""
        full = []
        for row in rows:
            sides = {
                f"{side}_{name}": value
                for side in ("left", "right")
                for name, value in record(row[side])._asdict().items()
            }
            facts = {"kind": "person", "method": "probabilistic", "match_weight": 3.0}
            facts |= {"match_probability": 0.8, "state": "review", "reason": "similar"}
            full.append({name: ({**facts, **sides, **row}).get(name) for name in PAIRS})
        self.write("identity_pairs", PAIRS, full)

    def decided(self) -> list[Decision]:
        """All decisions that were kept."""
        return decisions(open_operations(self.settings))


@pytest.fixture
def company(tmp_path: Path) -> LinkedCompany:
    """No customers yet, not even a warehouse."""
    path = tmp_path / "aar.yaml"
    path.write_text("organisation: {name: Small}\n")
    return LinkedCompany(load_settings(path))


@pytest.fixture
def linked_company(company: LinkedCompany) -> LinkedCompany:
    """Ada in three records, Bea in one, and their employer in two."""
    company.link(
        CADA=["crm/contacts/1", "shop/contacts/1", "shop/orders/o/7"],
        CBEA=["crm/contacts/2"],
        CCEO=["crm/contacts/3", "desk/contacts/3"],
        CORG=["crm/companies/1", "shop/companies/1"],
        CSUB=["crm/companies/2"],
    )
    return company


@pytest.fixture
def refused() -> Callable[..., str]:
    """Call a command that must refuse, in one line; returns the line."""
    from aar_platform.commands.identity_lookup import DecisionRefused

    def call(command: Callable[..., Any], *arguments: Any) -> str:
        with pytest.raises(DecisionRefused) as error:
            command(*arguments)
        text = str(error.value)
        assert len(text.splitlines()) == 1
        return text

    return call
