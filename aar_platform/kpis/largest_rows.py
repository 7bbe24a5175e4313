"""Of the rows behind a figure, those that add most: what a report has room for."""

from dataclasses import dataclass
from datetime import date

import ibis

from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.tracing import Asked, source_rows


@dataclass(frozen=True)
class CountedRow:
    """A record and what it adds to the numerator; of a median, its value."""

    table: str
    source: str | None
    record_id: str | None
    day: date | None
    adds: float | None


@dataclass(frozen=True)
class Behind:
    """How many rows a numerator counts, and those of them that add most."""

    count: int
    largest: tuple[CountedRow, ...]


def behind(kpi: Kpi, known: Facts, asked: Asked, at_most: int) -> Behind | None:
    """The rows behind a figure's numerator; None for a quotient of KPIs, which counts none."""
    if kpi.quotient is not None:
        return None
    rows = source_rows(kpi, known, asked)["numerator"]
    names = ("table", "source", "record_id", "day")
    told = rows.select(
        **{name: rows[name] if name in rows.columns else ibis.null() for name in names},
        adds=rows.adds.cast("float64"),
        count=rows.count().over(),
    )
    order = [ibis.desc(told.adds.abs(), nulls_first=False), "table", "source", "record_id"]
    found = told.order_by(order).limit(at_most).to_pyarrow().to_pylist()
    count = found[0]["count"] if found else 0
    return Behind(
        count, tuple(CountedRow(*(row[name] for name in (*names, "adds"))) for row in found)
    )
