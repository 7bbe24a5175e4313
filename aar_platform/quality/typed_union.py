"""Rows of several sources that come typed, joined into one table for one pass of sifting."""

from collections.abc import Sequence

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.quality.engine_functions import Stamp, utc_of_local
from aar_platform.sources.mapping import RAW_COLUMNS
from aar_platform.tables import catalogue


def typed_union(parts: Sequence[tuple[ir.Table, str, str]], table: str) -> ir.Table:
    """Rows made by `mapping.core_rows`, each part with its source and timezone, as `sift` takes
    them.

    A column has one type throughout: the one all parts give it, or else text. Days where a moment
    is wanted begin at midnight in the part's timezone; moments are in UTC. Raises LookupError for
    a column that the core table does not have.
    """
    wanted = catalogue.ibis_schema(table)
    given: dict[str, set[dt.DataType]] = {}
    columns: list[dict[str, ir.Value]] = []
    for rows, source, timezone in parts:
        values: dict[str, ir.Value] = {}
        for name in rows.columns:
            if name in RAW_COLUMNS:
                continue
            if name not in wanted:
                raise LookupError(f"source '{source}': {table} has no column '{name}'")
            value = rows[name]
            if value.type().is_null():
                continue
            if wanted[name].is_timestamp() and value.type().is_date():
                value = utc_of_local(value.cast(Stamp), timezone)
            values[name] = value
            given.setdefault(name, set()).add(value.type().copy(nullable=True))
        columns.append(values)
    types = {
        name: next(iter(kinds)) if len(kinds) == 1 else dt.string for name, kinds in given.items()
    }
    unified = [
        rows.select(
            source=ibis.literal(source),
            **{
                name: values[name].cast(kind) if name in values else ibis.null(kind)
                for name, kind in types.items()
            },
            _payload=rows["payload"].cast(str),
            _extracted_at=rows["extracted_at"],
            _file=rows["_file"],
            _row=rows["_row"],
            _partition_key=rows["partition_key"],
        )
        for (rows, source, _), values in zip(parts, columns, strict=True)
    ]
    return unified[0] if len(unified) == 1 else ibis.union(*unified)
