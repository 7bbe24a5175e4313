"""What a table of the platform is: typed columns with unit, privacy class and description.

One pandera model per table serves the check, the storage, the column schema in the UI and the
documentation. Which tables there are stands in the sibling modules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import ibis.expr.datatypes as dt
import pandera.ibis as pa

Privacy = Literal["none", "direct", "quasi", "financial", "free_text"]
Unreadable = Literal["refuse", "blank"]

Text = dt.String
Flag = dt.Boolean
Count = dt.Int64
Number = dt.Float64
Day = dt.Date
# Naive timestamps in UTC, in microseconds: what DuckDB's TIMESTAMP is.
Moment = Annotated[dt.Timestamp, None, 6, True]
# Four decimals hold every ISO 4217 minor unit (three at most) and unit prices below a cent.
Money = Annotated[dt.Decimal, 18, 4, True]
Quantity = Annotated[dt.Decimal, 18, 4, True]


class Table(pa.DataFrameModel):
    """Base of all tables: columns are exactly those named, in that order."""

    class Config:
        strict = True
        coerce = False


@dataclass(frozen=True)
class Column:
    """One column as the catalogue tells it."""

    name: str
    dtype: dt.DataType
    description: str
    privacy: Privacy
    unit: str | None
    required: bool
    unreadable: Unreadable
    normalise: str | None
    allowed: tuple[str, ...] | None
    minimum: float | None
    maximum: float | None


def column(
    description: str,
    *,
    privacy: Privacy = "none",
    unit: str | None = None,
    required: bool = False,
    unreadable: Unreadable = "blank",
    normalise: str | None = None,
    isin: tuple[str, ...] | None = None,
    ge: float | None = None,
    le: float | None = None,
) -> Any:
    """Declare a column.

    `required` columns hold no null. A value that cannot be read as the column's type either
    refuses its row (`unreadable="refuse"`: figures and their dates) or is left out of the row and
    told in `repairs` (`"blank"`: facts about a customer). `normalise` names the repair that brings
    values to one form: `email`, `phone`, `country`, `currency`, `code` (lower case).
    """
    return pa.Field(
        nullable=not required,
        isin=list(isin) if isin else None,
        ge=ge,
        le=le,
        description=description,
        metadata={
            "privacy": privacy,
            "unit": unit,
            "unreadable": "refuse" if required else unreadable,
            "normalise": normalise,
        },
    )


def key(description: str, **extra: Any) -> Any:
    """Declare a column that is never null and belongs to the table's key."""
    return column(description, required=True, **extra)


def columns_of(model: type[Table]) -> Iterator[Column]:
    """The columns of a table in order."""
    for name, spec in model.to_schema().columns.items():
        facts: dict[str, Any] = spec.metadata or {}
        limits = {check.name: check.statistics for check in spec.checks}
        allowed = limits.get("isin", {}).get("allowed_values")
        yield Column(
            name=name,
            dtype=spec.dtype.type,
            description=spec.description or "",
            privacy=facts.get("privacy", "none"),
            unit=facts.get("unit"),
            required=not spec.nullable,
            unreadable=facts.get("unreadable", "blank"),
            normalise=facts.get("normalise"),
            allowed=tuple(allowed) if allowed else None,
            minimum=limits.get("greater_than_or_equal_to", {}).get("min_value"),
            maximum=limits.get("less_than_or_equal_to", {}).get("max_value"),
        )
