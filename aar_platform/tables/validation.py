"""Tables as pandera models, which check rows in the engine."""

from typing import Any

import pandera.ibis as pa

from aar_platform.tables.model import Table, columns_of


def model_of(table: type[Table]) -> type[pa.DataFrameModel]:
    """The pandera model of a table: exactly its columns, with types, nulls and limits."""
    annotations: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for column in columns_of(table):
        annotations[column.name] = column.dtype
        fields[column.name] = pa.Field(
            nullable=not column.required,
            isin=list(column.allowed) if column.allowed else None,
            ge=column.minimum,
            le=column.maximum,
            description=column.description,
        )
    config = type("Config", (), {"strict": True, "coerce": False})
    body = {"__annotations__": annotations, "__doc__": table.__doc__, "Config": config, **fields}
    return type(table.__name__, (pa.DataFrameModel,), body)
