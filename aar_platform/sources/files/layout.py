"""How a delimited text is laid out: its dialect, its header, and where its rows start."""

from dataclasses import dataclass, replace

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.containers import Container
from aar_platform.sources.files.dialect import (
    NO_DELIMITER,
    Dialect,
    Row,
    detect,
    split_lines,
    unwrapped,
)
from aar_platform.sources.files.encoding import Scan
from aar_platform.sources.files.header import find_header
from aar_platform.sources.files.refusal import FileRefused
from aar_platform.sources.files.report import ReadingReport, unique_names
from aar_platform.sources.files.text import open_utf8

SAMPLE = 64 << 10
LONG_SAMPLE = 4 << 20  # read where the short one does not even hold the header's end
DELIMITER_LABELS = {"\t": "tab", "\x01": "\\x01"}


@dataclass(frozen=True)
class Layout:
    """Where the rows of a text start (byte of the UTF-8 text, line from 1) and how they are cut."""

    dialect: Dialect
    columns: list[str]
    start: int
    first_line: int
    header_cells: list[str] | None
    is_wrapped: bool = False


def _sample(container: Container, seen: Scan, size: int) -> tuple[str, bool]:
    stream = open_utf8(container, seen)
    try:
        data = bytes(stream.read(size))
        complete = len(data) < size
    finally:
        stream.close()
    return data.decode("utf-8", "ignore"), complete


def find_layout(
    container: Container, seen: Scan, table: FilesTable, report: ReadingReport
) -> Layout:
    path = container.path
    wanted = list(table.columns.values())
    ending = container.format if container.format in ("tsv", "txt") else "csv"
    for size in (SAMPLE, LONG_SAMPLE):
        sample, complete = _sample(container, seen, size)
        if not sample.strip("\r\n\t \x1a") and complete:
            raise FileRefused(path, "is empty", "export it anew, or remove it")
        detected = detect(sample, complete, ending, wanted, table.delimiter, table.quote)
        if detected is None:
            raise FileRefused(
                path,
                "has no delimiter that its lines agree on (prose, or columns of fixed width)",
                "convert it to csv, or state its `delimiter`",
            )
        dialect = detected
        rows = dialect.rows(sample, complete=complete)
        if len(rows) > 1 or complete:
            break
    layout = _header(container, table, dialect, rows, report)
    lines = split_lines(sample)
    head = "".join(lines[: layout.first_line - 1])
    layout = replace(layout, start=len(head.encode("utf-8")))
    single = dialect.delimiter == NO_DELIMITER
    report.delimiter = (
        None if single else DELIMITER_LABELS.get(dialect.delimiter, dialect.delimiter)
    )
    report.quote = dialect.quote
    if dialect.quote is None and table.quote is None and '"' in sample:
        report.notes.append("quotes are read as plain characters")
    if single:
        report.notes.append("no delimiter: read as one column")
    return layout


def _header(
    container: Container,
    table: FilesTable,
    dialect: Dialect,
    rows: list[Row],
    report: ReadingReport,
) -> Layout:
    kept = [[] if row.is_blank else row.fields for row in rows]
    # The header alone may be quoted as a whole, or every line, or every line but the header.
    cut = [[] if row.is_blank else row.fields for row in unwrapped(rows, dialect)]
    index: int | None = None
    if table.header is False:
        pass
    elif table.header is not None:
        index = next((i for i, row in enumerate(rows) if row.last_line >= table.header), None)
        if index is None:
            raise FileRefused(
                container.path,
                f"has no row {table.header} for its header",
                "correct `header` of the table",
            )
    else:
        index = find_header(cut, list(table.columns.values())).index
    if index is None:
        is_hinted = bool(kept) and _is_hint(kept[0])
        body = kept[is_hinted:]
        width = max((len(row) for row in body), default=1) or 1
        report.notes.append("no header row: columns are called column_<position>")
        names = [f"column_{position}" for position in range(1, width + 1)]
        return Layout(dialect, names, 0, 1 + is_hinted, None)
    cells = cut[index]
    report.header_row = rows[index - 1].last_line + 1 if index else 1
    before = sum(1 for row in kept[:index] if row)
    if before:
        report.notes.append(
            f"{before} lines before the header in line {report.header_row} are not rows"
        )
    names = unique_names(cells, report)
    later = range(index + 1, len(kept))
    filled = [position for position in later if kept[position]]
    wrapped = len(names) > 1 and bool(filled)
    wrapped &= all(len(kept[n]) == 1 and len(cut[n]) == len(names) for n in filled)
    if wrapped:
        report.notes.append("every line is quoted as a whole; it was cut a second time")
    if not filled:
        report.notes.append("the file has a header and no rows")
    return Layout(dialect, names, 0, rows[index].last_line + 1, cells, wrapped)


def _is_hint(row: list[str]) -> bool:
    return bool(row) and row[0].lower().startswith("sep=")
