"""Parquet: its own types, streamed; nested values as JSON text."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
from pyarrow import parquet as pq

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.containers import Container
from aar_platform.sources.files.refusal import FileRefused
from aar_platform.sources.files.report import Reading, ReadingReport, require_columns, unique_names

BATCH_ROWS = 65_536


def read_parquet(container: Container, table: FilesTable, report: ReadingReport) -> Reading:
    """The rows of a Parquet file. Dictionary columns come decoded, nested ones as JSON text.

    Raises FileRefused for a damaged or encrypted file, also while the batches are read.
    """
    try:
        if container.compression:
            file = pq.ParquetFile(pa.BufferReader(container.read_all()))
        else:
            file = pq.ParquetFile(str(container.path), memory_map=True)
        schema = file.schema_arrow
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise _damaged(container) from None
    if not schema.names:
        raise FileRefused(container.path, "has no columns", "export it anew")
    report.columns = unique_names(schema.names, report)
    require_columns(container.path, table.columns.values(), report.columns)
    nested = [i for i, kind in enumerate(schema.types) if pa.types.is_nested(kind)]
    if nested:
        report.notes.append(f"{len(nested)} nested columns are kept as JSON text")
    types = [
        pa.string() if i in nested else kind.value_type if pa.types.is_dictionary(kind) else kind
        for i, kind in enumerate(schema.types)
    ]
    flat = pa.schema(list(zip(report.columns, types, strict=True)))
    if file.metadata.num_rows == 0:
        report.notes.append("the file has no rows")
    batches = _batches(container, file, flat, nested, report)
    return Reading(pa.RecordBatchReader.from_batches(flat, batches), report)


def _batches(
    container: Container,
    file: pq.ParquetFile,
    schema: pa.Schema,
    nested: list[int],
    report: ReadingReport,
) -> Iterator[pa.RecordBatch]:
    try:
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            columns = [
                _as_json(column) if i in nested else column.cast(schema.types[i])
                for i, column in enumerate(batch.columns)
            ]
            report.rows += batch.num_rows
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise _damaged(container) from None
    finally:
        file.close()


def _as_json(column: pa.Array) -> pa.Array:
    values = pa.table({"value": column})
    with duckdb.connect(":memory:", config={"temp_directory": ""}) as connection:
        connection.register("received", values)
        query = "select case when value is not null then to_json(value)::varchar end from received"
        text = connection.sql(query).to_arrow_table().column(0)
    return text.cast(pa.string()).combine_chunks()


def _damaged(container: Container) -> FileRefused:
    return FileRefused(
        container.path, "is a damaged, cut or encrypted Parquet file", "export it anew, unencrypted"
    )
