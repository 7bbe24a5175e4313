"""Runs of linking over rows written down, and what tests ask of the tables by record id."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa

from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.linking import linked
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.tables import catalogue
from tests.unit.identity.conftest import NOW, Rows, core_of


class Run:
    """The tables of one run. Record ids are those of contacts and companies, each once."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.tables = dict(tables)
        links = self.tables["customer_links"]
        ids = (links[name].to_pylist() for name in ("record_id", "customer_id"))
        self.customers: dict[str, str] = dict(zip(*ids, strict=True))

    def frame(self, name: str) -> pd.DataFrame:
        """A table as pandas reads it."""
        return self.tables[name].to_pandas()

    def are_one(self, *record_ids: str) -> bool:
        """Whether these records are one customer."""
        return len({self.customers[one] for one in record_ids}) == 1

    def are_all_apart(self, *record_ids: str) -> bool:
        """Whether no two of these records are one customer."""
        return len({self.customers[one] for one in record_ids}) == len(record_ids)

    def groups(self) -> set[frozenset[str]]:
        """The records of each customer."""
        members: dict[str, set[str]] = {}
        for record, customer in self.customers.items():
            members.setdefault(customer, set()).add(record)
        return {frozenset(records) for records in members.values()}

    def pairs_of(self, *record_ids: str) -> list[dict[str, Any]]:
        """The rows of identity_pairs between these records."""
        wanted = set(record_ids)
        return [
            row
            for row in self.tables["identity_pairs"].to_pylist()
            if {row["left_record_id"], row["right_record_id"]} <= wanted
        ]


def run_linking(
    before: Run | None = None,
    policy: IdentityPolicy | None = None,
    decisions: pa.Table | None = None,
    now: datetime = NOW,
    country: str = "DE",
    **tables: Rows,
) -> Run:
    """The tables of one run over rows of core tables; `before` is an earlier run."""
    earlier = {
        name: ibis.memtable(rows, schema=ibis.schema(rows.schema))
        for name, rows in (before.tables if before else {}).items()
    }
    core = core_of(**tables)
    with linked(core, country, policy or IdentityPolicy(), decisions, earlier, now) as found:
        return Run({name: rows.to_pyarrow() for name, rows in found.tables.items()})


def decided(*decisions: tuple[str, ...]) -> pa.Table:
    """Decisions in force, each a verdict and contacts of crm (or of the source before a colon)."""
    rows: list[dict[str, Any]] = []
    for number, (verdict, *records) in enumerate(decisions):
        for pair in pairwise(records):
            row = {"verdict": verdict, "decided_at": NOW, "decision_id": f"D{number}"}
            rows.append(row | _side("left", pair[0]) | _side("right", pair[1]))
    ends = (f"{side}_{name}" for side in ("left", "right") for name in RECORD)
    columns = ["verdict", *ends, "decided_at", "decision_id"]
    schema = catalogue.ibis_schema("identity_decisions").to_pyarrow()
    return pa.Table.from_pylist(rows, schema=schema).select(columns)


def _side(side: str, record: str) -> dict[str, Any]:
    source, _, record_id = record.rpartition(":")
    values: Iterable[str] = (source or "crm", "contacts", record_id)
    return {f"{side}_{name}": value for name, value in zip(RECORD, values, strict=True)}
