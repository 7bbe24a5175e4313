"""Small experiments: who was in which variant, and what they did on which day."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pytest

from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.registry import kpis
from aar_platform.models.experiments.definition import Metric
from aar_platform.models.experiments.metrics import metrics_of
from aar_platform.tables import catalogue

START = date(2024, 6, 1)
# The period after the assignment is as long as June.
AS_OF = date(2024, 6, 30)


def whole(name: str, rows: Iterable[dict[str, Any]]) -> pa.Table:
    """Rows with all columns of a table of the catalogue, those not given null."""
    schema = catalogue.ibis_schema(name)
    complete = [{column: row.get(column) for column in schema} for row in rows]
    return pa.Table.from_pylist(complete, schema=schema.to_pyarrow())


def metrics_out_of(sales: ir.Table, names: Iterable[str]) -> dict[str, Metric]:
    """Metrics out of the table sales; all other tables are empty."""

    def tables(name: str) -> ir.Table:
        return sales if name == "sales" else ibis.memtable(whole(name, []))

    given = {
        "reporting_currency": "EUR",
        "timezone": "UTC",
        "rates": None,
        "as_of": AS_OF,
        "churn_window": ChurnWindow(60, "stated"),
    }
    return metrics_of(Facts(tables, given), kpis(), names)


class Experiment:
    """Tables of a made-up experiment, in an engine of their own."""

    def __init__(self) -> None:
        self.engine = ibis.duckdb.connect()
        self._tables = 0

    def table(self, rows: pa.Table | pd.DataFrame) -> ir.Table:
        self._tables += 1
        return self.engine.create_table(f"t{self._tables}", rows)

    def assignments(self, rows: Iterable[tuple[Any, ...]], experiment: str = "e") -> ir.Table:
        """Of (contact, variant[, when[, is_deleted]])."""
        return self.table(
            whole(
                "experiment_assignments",
                [
                    {
                        "source": "shop",
                        "record_id": str(number),
                        "assignment_id": str(number),
                        "experiment": experiment,
                        "variant": row[1],
                        "contact_id": row[0],
                        "assigned_at": row[2] if len(row) > 2 else datetime(2024, 6, 1, 12),
                        "is_deleted": row[3] if len(row) > 3 else None,
                    }
                    for number, row in enumerate(rows)
                ],
            )
        )

    def links(self, contacts: Iterable[str], **same: str) -> ir.Table:
        """Every contact a customer of its own, but for those that `same` makes another one."""
        return self.table(
            whole(
                "customer_links",
                [
                    {
                        "source": "shop",
                        "object": "contacts",
                        "record_id": contact,
                        "customer_id": same.get(contact, f"C{contact}"),
                    }
                    for contact in contacts
                ],
            )
        )

    def metric(self, rows: Iterable[tuple[Any, ...]], kind: Any = "mean") -> Metric:
        """Of (customer, day, numerator[, denominator])."""
        padded = [(*row, None)[:4] for row in rows]
        names = ("customer_id", "day", "numerator", "denominator")
        columns = zip(*padded, strict=True) if padded else ([], [], [], [])
        types = (pa.string(), pa.date32(), pa.float64(), pa.float64())
        arrays = [pa.array(list(column), kind) for column, kind in zip(columns, types, strict=True)]
        table = self.table(pa.table(dict(zip(names, arrays, strict=True))))
        return Metric("spend", kind, "spend per customer", "人均消费", table)


@pytest.fixture
def made() -> Callable[[], Experiment]:
    return Experiment


@pytest.fixture
def experiment() -> Experiment:
    return Experiment()
