"""From a raw table, named as the source names things, to the columns of a core table."""

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir

from aar_platform.sources.registry import SourceObject

# What a raw table carries beside the source's own columns.
RAW_COLUMNS = ("payload", "extracted_at", "partition_key", "_file", "_row")
# Of a record in JSON: values that are not of their column's type, column → text.
MISREAD = "_misread"


@ibis.udf.scalar.builtin(name="json_extract_string", signature=((dt.string, dt.string), dt.string))
def json_text_at(json, path):  # type: ignore[no-untyped-def]
    """The text at a path such as `$.a.b` of a JSON text; null where there is none."""


@ibis.udf.scalar.builtin(name="json_merge_patch", signature=((dt.string, dt.string), dt.JSON()))
def _merged(json, patch):  # type: ignore[no-untyped-def]
    """A JSON with a patch applied."""


def json_without(json: Any, patch: Any) -> ir.StringValue:
    """A JSON text with a patch applied: what the patch says is null goes."""
    # The engine gives JSON, which does not compare with other text.
    return _merged(json, patch).cast(str)


@ibis.udf.scalar.builtin(name="from_json", signature=((dt.string, dt.string), dt.Array(dt.string)))
def _elements(json, kind):  # type: ignore[no-untyped-def]
    """The members of a JSON list, each as JSON text."""


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


def json_list(json: ir.StringValue) -> ir.ArrayValue:
    """The members of a JSON list, each as JSON text; null for null."""
    return _elements(json, '["JSON"]')


def id_in(system: str, id: ir.StringValue) -> ir.StringValue:
    """`external_ids` of records that carry their id in one other source; null where they do not."""
    said = id.strip().nullif("")
    told: ir.StringValue = to_json(ibis.struct({system: said})).cast(str)
    return ibis.cases((said.notnull(), told))


def core_rows(raw: ir.Table, **columns: Any) -> ir.Table:
    """Rows of a core table from a raw table of records in JSON: the columns given, by name (or a
    constant for every row), and what goes with every row (record as received, file, row, time).

    `attributes` is what else the record says: its top-level keys but for those whose values are
    given whole; a caller that unnests a list gives its own.
    """
    whole = {
        column.op().name
        for column in columns.values()
        if isinstance(column, ir.Column) and isinstance(column.op(), ops.Field)
    }
    if "attributes" not in columns:
        patch = "{" + ",".join(f'"{name}":null' for name in sorted(whole)) + "}"
        columns["attributes"] = json_without(raw.payload, patch)
    values = {
        name: value if isinstance(value, ir.Value) else ibis.literal(value)
        for name, value in columns.items()
    }
    return raw.select(**values, **{name: raw[name] for name in RAW_COLUMNS})


def latest_sql(raw: str, item: SourceObject) -> str:
    """SQL for each record of a raw table, given as SQL, once, as it was last: by time of change,
    then of extraction; of an object that reports by day, the rows of each day extracted last."""
    if item.day is not None:
        by_day = f'max(extracted_at) over (partition by "{item.day}")'
        return f"select * from ({raw}) qualify extracted_at = {by_day}"
    if not item.key:
        return raw
    times = [item.changed_at] if item.changed_at else []
    newest_first = ", ".join(
        f'"{name}" desc nulls last' for name in (*times, "extracted_at", "_file", "_row")
    )
    key = ", ".join(f'"{name}"' for name in item.key)
    window = f"row_number() over (partition by {key} order by {newest_first})"
    return f"select * from ({raw}) qualify {window} = 1"


def as_said(raw: ir.Table, misread: list[str]) -> ir.Table:
    """A raw table in which columns with values that are not of their type are text, so that the
    rules judge what the source said."""
    return raw.mutate(
        **{
            name: raw[name].cast(str).fill_null(json_text_at(raw[MISREAD], f'$."{name}"'))
            for name in misread
        }
    )


def misread_columns(raw: ir.Table) -> list[str]:
    """The columns in which a raw table has values that are not of their type."""
    if MISREAD not in raw.columns:
        return []
    backend = raw.get_backend()
    rows = backend.raw_sql(
        f"select distinct unnest(json_keys({MISREAD})) from ({backend.compile(raw)}) "
        f"where {MISREAD} is not null"
    ).fetchall()
    return sorted(name for (name,) in rows)
