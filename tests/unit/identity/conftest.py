"""Core tables out of a few columns, as identity reads them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from aar_platform.identity.linking import linked
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.identity.records import identity_records
from aar_platform.tables import catalogue

NOW = datetime(2026, 1, 1)
Rows = list[dict[str, Any]]


def core_of(**tables: Rows) -> dict[str, ibis.Table]:
    """Core tables with the columns given; the rest is null, and the id is also the record_id."""
    core = {}
    for name, rows in tables.items():
        schema = catalogue.ibis_schema(name)
        own_id = catalogue.OWN_ID[name]
        full = [
            {
                column: {"source": "crm", "record_id": row.get(own_id), **row}.get(column)
                for column in schema.names
            }
            for row in rows
        ]
        core[name] = ibis.memtable(pa.Table.from_pylist(full, schema=schema.to_pyarrow()))
    return core


@pytest.fixture
def core() -> Callable[..., dict[str, ibis.Table]]:
    return core_of


@pytest.fixture
def link() -> Callable[..., pd.DataFrame]:
    """customer_links as a frame, for core tables and optionally the links before."""

    def run(
        tables: Mapping[str, ibis.Table],
        previous: pd.DataFrame | None = None,
        now: datetime = NOW,
    ) -> pd.DataFrame:
        schema = catalogue.ibis_schema("customer_links")
        before = {}
        if previous is not None:
            before["customer_links"] = ibis.memtable(previous, schema=schema)
        with linked(tables, "DE", IdentityPolicy(), None, before, now) as found:
            return found.tables["customer_links"].to_pandas()

    return run


@pytest.fixture
def groups() -> Callable[[pd.DataFrame], set[frozenset[str]]]:
    """The clusters as sets of record ids."""

    def run(links: pd.DataFrame) -> set[frozenset[str]]:
        return {frozenset(ids) for _, ids in links.groupby("customer_id")["record_id"]}

    return run


@pytest.fixture
def normalised() -> Callable[..., pd.DataFrame]:
    """identity_records as a frame by record id, for rows of core tables; nulls are None."""

    def run(country: str = "DE", **tables: Rows) -> pd.DataFrame:
        frame = identity_records(core_of(**tables), country).to_pandas()
        frame = frame.astype(object).where(frame.notna(), None)
        return frame.set_index("record_id")

    return run
