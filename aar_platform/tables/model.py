"""What a table of the platform is: typed columns with unit, privacy class and description.

One declaration per table serves the check (as a pandera model), the storage, the column schema in
the UI and the documentation. Which tables there are stands in the sibling modules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, get_args

import ibis.expr.datatypes as dt

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


class Table:
    """Base of all tables: columns are exactly those named, in that order, a base's first.

    `facts` tell layer, key, owner and, where there is one, the column that partitions the table.
    """

    facts: ClassVar[dict[str, Any]] = {}


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What a table's module says of a column; see `column`."""

    description: str
    privacy: Privacy
    unit: str | None
    required: bool
    unreadable: Unreadable
    normalise: str | None
    allowed: tuple[str, ...] | None
    minimum: float | None
    maximum: float | None


@dataclass(frozen=True, kw_only=True)
class Column(Declared):
    """One column as the catalogue tells it."""

    name: str
    dtype: dt.DataType


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
    return Declared(
        description=description,
        privacy=privacy,
        unit=unit,
        required=required,
        unreadable="refuse" if required else unreadable,
        normalise=normalise,
        allowed=tuple(isin) if isin else None,
        minimum=ge,
        maximum=le,
    )


def key(description: str, **extra: Any) -> Any:
    """Declare a column that is never null and belongs to the table's key."""
    return column(description, required=True, **extra)


def columns_of(table: type[Table]) -> Iterator[Column]:
    """The columns of a table in order."""
    declared: dict[str, tuple[Any, Declared]] = {}
    for base in reversed(table.__mro__):
        for name, annotation in vars(base).get("__annotations__", {}).items():
            if isinstance(said := vars(base).get(name), Declared):
                declared[name] = (annotation, said)
    for name, (annotation, said) in declared.items():
        yield Column(name=name, dtype=_dtype(annotation), **vars(said))


def _dtype(annotation: Any) -> dt.DataType:
    """The Ibis type of `dt.String`, or of `Annotated[dt.Decimal, 18, 4, True]`."""
    kind, *parameters = get_args(annotation) or (annotation,)
    dtype: dt.DataType = kind(*parameters)
    return dtype
