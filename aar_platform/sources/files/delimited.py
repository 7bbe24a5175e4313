"""Delimited text: how it is cut, where it starts, and its rows as a stream of string columns."""

import io
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.containers import Container, is_binary
from aar_platform.sources.files.dialect import NO_DELIMITER
from aar_platform.sources.files.encoding import Scan, scan
from aar_platform.sources.files.layout import Layout, find_layout
from aar_platform.sources.files.line_numbers import line_of_row, open_quote, refuse_open_quote
from aar_platform.sources.files.ragged import RaggedRows
from aar_platform.sources.files.refusal import FileRefused
from aar_platform.sources.files.report import Reading, ReadingReport, require_columns
from aar_platform.sources.files.text import Utf8Stream, open_utf8

BLOCK = 4 << 20  # bytes parsed at a time, and so the longest row; 300 MB take 300 MB of memory


def read_delimited(container: Container, table: FilesTable, report: ReadingReport) -> Reading:
    """The rows of a delimited text, all columns as text, an empty unquoted field as null.

    Rows that are too short are filled with nulls; a row with surplus values refuses the file.
    Raises FileRefused, also while the batches are read.
    """
    _refuse_other_content(container)
    seen = scan(container, table.encoding)
    if table.encoding is None and not seen.is_wide and is_binary(container.head):
        raise FileRefused(container.path, "is not a text file", "export it anew")
    report.encoding = seen.encoding
    if seen.note:
        report.notes.append(seen.note)
    layout = find_layout(container, seen, table, report)
    require_columns(container.path, table.columns.values(), layout.columns)
    report.columns = layout.columns
    schema = pa.schema([(name, pa.string()) for name in layout.columns])
    batches = _batches(container, seen, layout, schema, report)
    return Reading(pa.RecordBatchReader.from_batches(schema, batches), report)


def _refuse_other_content(container: Container) -> None:
    head = container.head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    path = container.path
    if head.startswith((b"<!doctype html", b"<html")):
        raise FileRefused(
            path,
            "is a web page, not a table",
            "the download gave a page (often a login or an error); download the file itself",
        )
    if head.startswith(b"<?xml"):
        raise FileRefused(path, "is XML, not a table", "export it as csv or xlsx")
    if head.startswith(b"%pdf-"):
        raise FileRefused(path, "is a PDF, not a table", "export it as csv or xlsx")


def _batches(
    container: Container, seen: Scan, layout: Layout, schema: pa.Schema, report: ReadingReport
) -> Iterator[pa.RecordBatch]:
    stream = open_utf8(container, seen, layout.start)
    ragged = RaggedRows(len(schema), layout.dialect)
    repeated = 0
    try:
        for batch in _parsed(stream, layout, schema, ragged):
            batch, headers = _without_repeated_header(batch, layout)
            repeated += headers
            report.rows += batch.num_rows
            if batch.num_rows:
                yield batch
        quotes = stream.quotes if isinstance(stream, Utf8Stream) else seen.quotes
        if quotes % 2 and layout.dialect.quote == '"':
            refuse_open_quote(container, seen, layout)
    except pa.ArrowException as problem:
        _refuse(container, seen, layout, ragged, str(problem))
    except RaggedRows.Surplus as problem:
        line = line_of_row(container, seen, layout, problem.number)
        raise FileRefused(
            container.path,
            f"{problem.width} fields where the header has {len(schema)}",
            "quote the value that holds the delimiter, or state `delimiter` and `quote`",
            line=line,
        ) from None
    except RaggedRows.OpenQuote as problem:
        line = line_of_row(container, seen, layout, problem.number)
        raise open_quote(container, line) from None
    finally:
        stream.close()
    report.notes += ragged.notes()
    if repeated:
        report.notes.append(f"{repeated} repetitions of the header among the rows were left out")
    if isinstance(stream, Utf8Stream):
        if stream.nuls:
            report.notes.append(f"{stream.nuls} NUL characters were left out")
        if stream.marks:
            report.notes.append(f"{stream.marks} byte order marks inside the file were left out")


def _parsed(
    stream: pa.NativeFile | Utf8Stream, layout: Layout, schema: pa.Schema, ragged: RaggedRows
) -> Iterator[pa.RecordBatch]:
    """Batches with the ragged rows in their places. Single-threaded, since only so does a ragged
    row know its number; 300 MB a second all the same."""
    from pyarrow import csv as arrow_csv

    dialect = layout.dialect
    if layout.is_wrapped:
        stream = _second_cut(stream, layout)
    source = stream if isinstance(stream, pa.NativeFile) else pa.PythonFile(stream, mode="r")
    try:
        reader = arrow_csv.open_csv(
            source,
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=BLOCK, column_names=schema.names
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                escape_char=dialect.escape or False,
                newlines_in_values=dialect.quote is not None,
                invalid_row_handler=ragged.take,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=schema,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as problem:
        if "Empty CSV file" in str(problem):
            return
        raise
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            break
        yield ragged.merged(batch)
    rest = ragged.rest(schema)
    if rest.num_rows:
        yield rest


def _second_cut(stream: pa.NativeFile | Utf8Stream, layout: Layout) -> pa.NativeFile:
    """The content of lines that are quoted as a whole; small files of spreadsheet users, so it is
    held in memory."""
    single = replace(layout, columns=["line"], is_wrapped=False)
    single = replace(single, dialect=replace(layout.dialect, delimiter=NO_DELIMITER))
    schema = pa.schema([("line", pa.string())])
    ragged = RaggedRows(1, single.dialect)
    out = io.BytesIO()
    for batch in _parsed(stream, single, schema, ragged):
        for line in batch.column(0).to_pylist():
            out.write((line or "").encode() + b"\n")
    return pa.BufferReader(out.getvalue())


def _without_repeated_header(batch: pa.RecordBatch, layout: Layout) -> tuple[pa.RecordBatch, int]:
    """Joined exports repeat their header; in a single column it could be a value."""
    import pyarrow.compute as pc

    cells = layout.header_cells
    if cells is None or len(cells) < 2 or len(cells) != batch.num_columns:
        return batch, 0
    column = next((i for i, cell in enumerate(cells) if cell), None)
    if column is None:
        return batch, 0
    same = pc.equal(batch.column(column), cells[column])
    if not pc.any(same).as_py():
        return batch, 0
    for position, cell in enumerate(cells):
        same = pc.and_(same, pc.equal(pc.fill_null(batch.column(position), ""), cell))
    same = pc.fill_null(same, False)
    return batch.filter(pc.invert(same)), pc.sum(same).as_py() or 0


def _refuse(
    container: Container, seen: Scan, layout: Layout, ragged: RaggedRows, problem: str
) -> None:
    if "straddl" in problem:
        line = line_of_row(container, seen, layout, ragged.passed + 1)
        raise open_quote(container, line) from None
    if "UTF8" in problem:
        raise FileRefused(
            container.path, "changed while it was read", "read it again when it is complete"
        ) from None
    raise FileRefused(container.path, "cannot be cut into rows", "export it anew") from None
