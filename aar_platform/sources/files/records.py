"""JSON records: an array of objects, one object a line, or one object that holds such an array.
DuckDB reads them; keys become columns with JSON's own types, nested values stay JSON text."""

import json
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.containers import Container
from aar_platform.sources.files.encoding import Scan, scan
from aar_platform.sources.files.refusal import FileRefused
from aar_platform.sources.files.report import Reading, ReadingReport, require_columns, unique_names
from aar_platform.sources.files.text import Utf8Stream, open_utf8

BATCH_ROWS = 65_536
LONGEST_RECORD = 64 << 20  # bytes; the reader's buffers grow with it
READ_ERRORS = (
    duckdb.InvalidInputException,
    duckdb.IOException,
    duckdb.ConversionException,
    UnicodeDecodeError,  # DuckDB cuts the text it quotes in a message within a character
)
ARROW_TYPES = {
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR": pa.string(),
}


def read_records(container: Container, table: FilesTable, report: ReadingReport) -> Reading:
    """The records of a JSON file, in order. A key that a record lacks is null there; a column of
    several types is text. Raises FileRefused, also while the batches are read."""
    seen = scan(container, table.encoding)
    report.encoding = seen.encoding
    if seen.note:
        report.notes.append(seen.note)
    # No folder to spill to: what is read must not come to lie on disk in plain.
    connection = duckdb.connect(":memory:", config={"temp_directory": "", "threads": 2})
    try:
        _receive(connection, container, seen, report)
        keys = _keys(connection, container)
        report.columns = unique_names(keys, report)
        if not keys:
            report.notes.append("the file has no records")
            report.columns = list(dict.fromkeys(table.columns.values())) or ["column_1"]
        require_columns(container.path, table.columns.values(), report.columns)
        types = _types(connection, keys)
    except READ_ERRORS as problem:
        connection.close()
        raise _malformed(container, seen, problem) from None
    except FileRefused:
        connection.close()
        raise
    kinds = [ARROW_TYPES[kind] for kind in types] or [pa.string()] * len(report.columns)
    schema = pa.schema(list(zip(report.columns, kinds, strict=True)))
    shape = json.dumps(dict(zip(keys, types, strict=True)), ensure_ascii=False)
    batches = _batches(connection, container, seen, shape if keys else None, schema, report)
    return Reading(pa.RecordBatchReader.from_batches(schema, batches), report)


def _receive(
    connection: duckdb.DuckDBPyConnection, container: Container, seen: Scan, report: ReadingReport
) -> None:
    """Make the view `received` with a column `json`: one record a row."""
    first, is_only = _first_line(container, seen)
    opening = first.lstrip()[:1]
    if opening not in ("[", "{"):
        raise FileRefused(
            container.path, "is not JSON records", "export an array of objects, or one a line"
        )
    by_line = opening == "{" and (container.format == "jsonl" or (_is_json(first) and not is_only))
    is_plain = seen.is_clean and not seen.mark and container.compression in (None, "gzip")
    if is_plain and (by_line or opening == "[") and not set(str(container.path)) & set("*?["):
        path = str(container.path).replace("'", "''")
        connection.execute(
            f"""create view received as select json from read_json_objects('{path}',
            format='{"newline_delimited" if by_line else "array"}',
            compression='{container.compression or "uncompressed"}',
            maximum_object_size={LONGEST_RECORD})"""
        )
        return
    text = _text(container, seen)
    if by_line:
        records = pa.array([line for line in text.split("\n") if line.strip()], pa.string())
    else:
        records = _records_of_document(connection, text, container, report)
    connection.register("received", pa.table({"json": records}))


def _records_of_document(
    connection: duckdb.DuckDBPyConnection, text: str, container: Container, report: ReadingReport
) -> pa.ChunkedArray:
    if text.lstrip()[:1] == "{":
        kinds = connection.execute(
            "select key, value from json_each(?::json) where type = 'ARRAY' "
            "and coalesce(json_type(value, '/0'), 'OBJECT') = 'OBJECT'",
            [text],
        ).fetchall()
        if len(kinds) > 1:
            names = ", ".join(repr(name) for name, _ in kinds)
            raise FileRefused(
                container.path, f"holds several lists of records ({names})", "export one of them"
            )
        if kinds:
            report.notes.append(f"the records are those under {kinds[0][0]!r}")
            text = kinds[0][1]
        else:
            text = f"[{text}]"
    query = """select unnest(json_transform(?::json, '["JSON"]'))::varchar"""
    return connection.execute(query, [text]).to_arrow_table().column(0)


def _keys(connection: duckdb.DuckDBPyConnection, container: Container) -> list[str]:
    """Every key of any record, the usual order of keys first."""
    shapes = connection.execute(
        "select json_type(json) kind, json_keys(json) keys, count(*) records from received "
        "group by all order by records desc, keys"
    ).fetchall()
    others = sorted({kind for kind, _, _ in shapes if kind != "OBJECT"})
    if others:
        raise FileRefused(
            container.path,
            f"holds {others[0].lower()} values where records are expected",
            "export an array of objects, or one a line",
        )
    return list(dict.fromkeys(key for _, keys, _ in shapes for key in keys))


def _types(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> list[str]:
    if not keys:
        return []
    pointers = ["/" + key.replace("~", "~0").replace("/", "~1") for key in keys]
    literal = ", ".join("'" + pointer.replace("'", "''") + "'" for pointer in pointers)
    rows = connection.execute(
        "select distinct place, kind from (select generate_subscripts(kinds, 1) place, "
        f"unnest(kinds) kind from (select json_type(json, [{literal}]) kinds from received))"
    ).fetchall()
    kinds: list[set[str]] = [set() for _ in keys]
    for place, kind in rows:
        if kind not in (None, "NULL"):
            kinds[place - 1].add(kind)
    types = [_type(found) for found in kinds]
    whole = [key for key, kind in zip(keys, types, strict=True) if kind == "BIGINT"]
    for key in _beyond_bigint(connection, whole):
        types[keys.index(key)] = "VARCHAR"
    return types


def _type(kinds: set[str]) -> str:
    if kinds and kinds <= {"BIGINT", "UBIGINT"}:
        return "BIGINT"
    if kinds and kinds <= {"BIGINT", "UBIGINT", "DOUBLE"}:
        return "DOUBLE"
    return "BOOLEAN" if kinds == {"BOOLEAN"} else "VARCHAR"


def _beyond_bigint(connection: duckdb.DuckDBPyConnection, keys: list[str]) -> list[str]:
    """Columns of whole numbers too large for 64 bits with sign, which a cast would make null."""
    if not keys:
        return []
    shape = json.dumps(dict.fromkeys(keys, "HUGEINT"), ensure_ascii=False).replace("'", "''")
    largest = connection.execute(
        "select "
        + ", ".join(f"max(struct_extract_at(s, {i}))" for i in range(1, len(keys) + 1))
        + f" from (select json_transform(json, '{shape}') s from received)"
    ).fetchone()
    return [k for k, top in zip(keys, largest or (), strict=True) if top and top >= 2**63]


def _batches(
    connection: duckdb.DuckDBPyConnection,
    container: Container,
    seen: Scan,
    shape: str | None,
    schema: pa.Schema,
    report: ReadingReport,
) -> Iterator[pa.RecordBatch]:
    if shape is None:
        connection.close()
        return
    literal = shape.replace("'", "''")
    query = f"select json_transform(json, '{literal}') record from received"
    try:
        for batch in connection.sql(query).to_arrow_reader(BATCH_ROWS):
            report.rows += batch.num_rows
            yield pa.RecordBatch.from_arrays(
                [
                    column.cast(kind)
                    for column, kind in zip(batch.column(0).flatten(), schema.types, strict=True)
                ],
                schema=schema,
            )
    except READ_ERRORS as problem:
        raise _malformed(container, seen, problem) from None
    finally:
        connection.close()


def _first_line(container: Container, seen: Scan) -> tuple[str, bool]:
    """The first line with content, up to 1 MB of it, and whether nothing follows it."""
    stream = open_utf8(container, seen)
    try:
        start = bytes(stream.read(1 << 20)).decode("utf-8", "ignore").lstrip()
    finally:
        stream.close()
    line, _, rest = start.partition("\n")
    return line, not rest.strip()


def _text(container: Container, seen: Scan) -> str:
    stream = Utf8Stream(container, seen)
    try:
        return stream.read().decode("utf-8")
    finally:
        stream.close()


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _malformed(container: Container, seen: Scan, problem: Exception) -> FileRefused:
    """The refusal with the line at fault, which Python's parser knows and DuckDB does not."""
    if "maximum_object_size" in str(problem):
        return FileRefused(
            container.path, f"has a record beyond {LONGEST_RECORD >> 20} MB", "export smaller ones"
        )
    text, line = _text(container, seen), None
    if container.format == "jsonl" or _is_json(text.lstrip().partition("\n")[0]):
        lines = enumerate(text.split("\n"), start=1)
        line = next((n for n, part in lines if part.strip() and not _is_json(part)), None)
    else:
        try:
            json.loads(text)
        except json.JSONDecodeError as fault:
            line = fault.lineno
    return FileRefused(
        container.path, "is cut short or is not valid JSON", "export it anew", line=line
    )
