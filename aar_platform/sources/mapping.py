"""From a raw table, named as the source names things, to the columns of a core table."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

# What a raw table carries beside the source's own columns.
RAW_COLUMNS = ("payload", "extracted_at", "partition_key", "_file", "_row")


@ibis.udf.scalar.builtin(name="to_json")
def to_json(value) -> dt.JSON:  # type: ignore[no-untyped-def]  # of any type
    """A value of any type as JSON."""


def raw_table_name(source: str, object_name: str) -> str:
    """The name of the raw table of a source's object."""
    return f"raw_{source}__{object_name}"


def extract_name(source: str, object_name: str) -> str:
    """The name under which a source's object lands."""
    return f"extract_{source}__{object_name}"


def raw_column_name(name: str) -> str:
    """How a source's column is called in the raw table: as it is, unless the name is taken."""
    return f"{name}_" if name.lower() in RAW_COLUMNS else name


def map_raw(
    raw: ir.Table, source: str, columns: Mapping[str, str], constants: Mapping[str, Any]
) -> ir.Table:
    """Rename a raw table's columns to a core table's, add constants, keep the rest as attributes.

    `columns` maps core column → the source's column, `constants` core column → value. The result
    has `source`, the core columns in the types the raw table has, `attributes` (JSON text of the
    columns that are mapped to nothing), and `_payload`, `_extracted_at`, `_file`, `_row`,
    `_partition_key`. Raises LookupError for a column that the raw table does not have.
    """
    mapped = {core: raw_column_name(name) for core, name in columns.items()}
    for core, name in mapped.items():
        if name not in raw.columns:
            raise LookupError(f"source '{source}' has no column '{columns[core]}' for {core}")
    used = set(mapped.values())
    rest = [name for name in raw.columns if name not in used and name not in RAW_COLUMNS]
    selected = {"source": ibis.literal(source)}
    selected |= {core: raw[name] for core, name in mapped.items()}
    selected |= {core: ibis.literal(value) for core, value in constants.items()}
    if rest and "attributes" not in selected:
        selected["attributes"] = to_json(ibis.struct({name: raw[name] for name in rest})).cast(str)
    return raw.select(
        **selected,
        _payload=raw["payload"],
        _extracted_at=raw["extracted_at"],
        _file=raw["_file"],
        _row=raw["_row"],
        _partition_key=raw["partition_key"],
    )
