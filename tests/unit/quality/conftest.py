"""Rows as a mapped raw table, and what became of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from aar_platform.quality.conventions import Convention, detect_conventions
from aar_platform.quality.sift import Sifted, sift

EXTRACTED_AT = datetime(2024, 6, 1, 3, 0)


@dataclass(frozen=True)
class Outcome:
    accepted: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    repaired: list[dict[str, Any]]
    sifted: Sifted
    conventions: dict[str, Convention]

    def values(self, column: str) -> list[Any]:
        """A column of the accepted records, in the order of their ids."""
        return [row[column] for row in sorted(self.accepted, key=lambda row: row["record_id"])]


def mapped_rows(
    rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType] | None = None
) -> ir.Table:
    """Rows as `map_raw` gives them; columns are text unless `types` says otherwise.

    `_file`, `_row` and `_extracted_at` can be given per row; the payload is the rest of the row.
    """
    types = types or {}
    names = list(dict.fromkeys(name for row in rows for name in row if not name.startswith("_")))
    columns: dict[str, pa.Array] = {
        "source": pa.array(["shop"] * len(rows), pa.string()),
        **{n: pa.array([r.get(n) for r in rows], types.get(n, pa.string())) for n in names},
        "_payload": pa.array(
            [json.dumps({n: r.get(n) for n in names}, default=str) for r in rows], pa.string()
        ),
        "_extracted_at": pa.array(
            [r.get("_extracted_at", EXTRACTED_AT) for r in rows], pa.timestamp("us")
        ),
        "_file": pa.array([r.get("_file", "day.csv") for r in rows], pa.string()),
        "_row": pa.array([r.get("_row", i) for i, r in enumerate(rows, 1)], pa.int64()),
        "_partition_key": pa.array([""] * len(rows), pa.string()),
    }
    return ibis.duckdb.connect(threads=1).create_table("mapped", pa.table(columns))


def sifted_rows(
    table: str,
    rows: Sequence[Mapping[str, Any]],
    types: Mapping[str, pa.DataType] | None = None,
    country: str = "FR",
    timezone: str = "UTC",
    decimal: str | None = None,
    date_order: str | None = None,
) -> Outcome:
    mapped = mapped_rows(rows, types)
    conventions = detect_conventions(mapped, table, decimal, date_order, country)
    sifted = sift(mapped, table, conventions, country, timezone)
    accepted, quarantined, repaired = (
        part.to_pyarrow().to_pylist()
        for part in (sifted.accepted, sifted.quarantined, sifted.repaired)
    )
    assert sifted.arrived == len(rows)
    assert sifted.arrived == len(accepted) + len(quarantined) + sifted.repeated
    return Outcome(accepted, quarantined, repaired, sifted, conventions)


@pytest.fixture
def sifted() -> Callable[..., Outcome]:
    return sifted_rows


@pytest.fixture
def mapped() -> Callable[..., ir.Table]:
    return mapped_rows
