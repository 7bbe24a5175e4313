"""Small results of the engine as plain values."""

from datetime import date
from typing import Any

import ibis.expr.types as ir


def rows_of(table: ir.Table) -> list[Any]:
    """A small result as rows with named fields."""
    from collections import namedtuple

    Row = namedtuple("Row", table.columns)  # type: ignore[misc]
    return [Row(**row) for row in table.to_pyarrow().to_pylist()]


def number(value: Any) -> float | None:
    """A number, or None for what is not told."""
    return None if value is None or value != value else float(value)


def as_date(value: Any) -> date:
    """The day of a moment or date."""
    return date(value.year, value.month, value.day)
