"""Workbooks (xlsx, xlsb, xls, ods): one sheet, its header, and its cells with their own types."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice

import pyarrow as pa
import python_calamine as calamine

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.containers import OLE, Container
from aar_platform.sources.files.header import SEARCHED, find_header
from aar_platform.sources.files.refusal import FileRefused
from aar_platform.sources.files.report import Reading, ReadingReport, require_columns, unique_names

BATCH_ROWS = 16_384
Cell = object
DAMAGED = ("is not a workbook, or is damaged", "save it anew as .xlsx")


def read_spreadsheet(container: Container, table: FilesTable, report: ReadingReport) -> Reading:
    """The rows of one sheet: the stated one, else the first visible one with the wanted columns,
    else the first visible one with cells. Whole numbers are int64, mixed columns text; rows
    without any cell are left out and counted. Raises FileRefused."""
    sheet = _sheet(container, table, report)
    report.sheet = sheet.name
    top = list(islice(_rows(sheet), SEARCHED * 4))
    wanted = list(table.columns.values())
    start: int | None
    if table.header is False:
        start = None
    elif table.header is not None:
        start = table.header - 1
        if start >= len(top):
            raise FileRefused(
                container.path, f"has no row {table.header}", "correct `header` of the table"
            )
    else:
        start = find_header(top, wanted).index
    kinds, filled, blank = _survey(sheet, 0 if start is None else start + 1)
    width = len(kinds)
    if start is None:
        names: Sequence[object] = [f"column_{n}" for n in range(1, width + 1)]
        report.notes.append("no header row: columns are called column_<position>")
    else:
        header = _trimmed(top[start])
        width = max(width, len(header))
        names = header + [None] * (width - len(header))
        before = sum(1 for row in top[:start] if _trimmed(row))
        if before:
            report.notes.append(
                f"{before} lines before the header in line {start + 1} are not rows"
            )
        report.header_row = start + 1
    kinds += [set() for _ in range(width - len(kinds))]
    report.columns = unique_names(names, report)
    require_columns(container.path, wanted, report.columns)
    for name, found in zip(report.columns, kinds, strict=True):
        if "inexact" in found and name in wanted:
            raise FileRefused(
                container.path,
                f"column {name!r} holds numbers of more than 15 digits, whose last digits a "
                "workbook loses",
                "export the column as text, or as csv",
            )
    if blank:
        report.notes.append(f"{blank} empty rows were left out")
    if not filled:
        report.notes.append("the sheet has a header and no rows")
    schema = pa.schema(list(zip(report.columns, map(_type, kinds), strict=True)))
    batches = _batches(sheet, 0 if start is None else start + 1, schema, report)
    return Reading(pa.RecordBatchReader.from_batches(schema, batches), report)


def _sheet(
    container: Container, table: FilesTable, report: ReadingReport
) -> calamine.CalamineSheet:
    path = container.path
    try:
        _refuse_impossible_ole(container)
        if container.compression:
            book = calamine.CalamineWorkbook.from_filelike(
                io.BytesIO(container.read_all().to_pybytes())
            )
        else:
            book = calamine.CalamineWorkbook.from_path(str(path))
        visible = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == calamine.SheetVisibleEnum.Visible
            and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if table.sheet is not None:
            return book.get_sheet_by_name(_stated(container, table.sheet, book.sheet_names))
        sheets = [book.get_sheet_by_name(name) for name in visible]
    except calamine.PasswordError:
        raise FileRefused(path, "is protected by a password", "save it without one") from None
    except (calamine.CalamineError, OSError, ValueError) as problem:
        if isinstance(problem, FileRefused):
            raise
        if "assword" in str(problem) or "EncryptedPackage" in str(problem):
            raise FileRefused(path, "is protected by a password", "save it without one") from None
        raise FileRefused(path, *DAMAGED) from None
    except BaseException as problem:
        # The workbook library panics on some damaged files, with a class it does not export.
        if type(problem).__name__ != "PanicException":
            raise
        raise FileRefused(path, *DAMAGED) from None
    full = [sheet for sheet in sheets if sheet.end is not None]
    if not full:
        raise FileRefused(path, "has no sheet with cells", "export it anew, or remove it")
    wanted = set(table.columns.values())
    fitting = [
        sheet
        for sheet in full
        if wanted and any(wanted <= _texts(row) for row in islice(_rows(sheet), SEARCHED))
    ]
    chosen = (fitting or full)[0]
    others = [repr(sheet.name) for sheet in full if sheet is not chosen]
    if others:
        report.notes.append(f"sheet {chosen.name!r} was read; not read: {', '.join(others)}")
    return chosen


def _refuse_impossible_ole(container: Container) -> None:
    """Refuse an .xls whose header counts more sectors than the file has: the workbook library
    would allocate memory for them and abort the process."""
    head, size = container.head, container.path.stat().st_size
    if not head.startswith(OLE) or container.compression:
        return
    if len(head) < 76:
        raise FileRefused(container.path, *DAMAGED)
    shift = int.from_bytes(head[30:32], "little")
    counts = (int.from_bytes(head[at : at + 4], "little") for at in (44, 64, 72))
    if shift not in (9, 12) or any(count << shift > size for count in counts):
        raise FileRefused(container.path, *DAMAGED)


def _stated(container: Container, wanted: str | int, names: list[str]) -> str:
    if isinstance(wanted, int) and wanted <= len(names):
        return names[wanted - 1]
    if wanted in names:
        return str(wanted)
    listed = ", ".join(repr(name) for name in names)
    raise FileRefused(container.path, f"has no sheet {wanted!r}", f"its sheets are {listed}")


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[Cell]]:
    """All rows from the sheet's first on, so that positions are row numbers."""
    yield from sheet.iter_rows()


def _texts(row: Sequence[Cell]) -> set[str]:
    return {" ".join(str(cell).split()) for cell in row}


def _trimmed(row: Sequence[Cell]) -> list[Cell]:
    last = max((n for n, cell in enumerate(row, start=1) if cell != ""), default=0)
    return list(row[:last])


def _survey(sheet: calamine.CalamineSheet, start: int) -> tuple[list[set[str]], int, int]:
    """Kinds of cells by column, number of rows with cells, and of empty ones between them."""
    kinds: list[set[str]] = []
    filled = blank = pending = 0
    for row in islice(_rows(sheet), start, None):
        cells = _trimmed(row)
        if not cells:
            pending += 1
            continue
        filled, blank, pending = filled + 1, blank + pending, 0
        kinds += [set() for _ in range(len(cells) - len(kinds))]
        for found, cell in zip(kinds, cells, strict=False):
            if cell != "":
                found.add(_kind(cell))
    return kinds, filled, blank


def _kind(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, int):
        return "int"
    if isinstance(cell, float):
        # A workbook stores every number as a double, exact for whole numbers up to 2**53.
        if not cell.is_integer():
            return "float"
        return "int" if abs(cell) <= 2**53 else "inexact"
    if isinstance(cell, datetime):
        return "datetime"
    if isinstance(cell, date):
        return "date"
    return "time" if isinstance(cell, time) else "text"


def _type(found: set[str]) -> pa.DataType:
    kinds = {"float" if kind == "inexact" else kind for kind in found}
    single = {
        "bool": pa.bool_(),
        "int": pa.int64(),
        "float": pa.float64(),
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
        "time": pa.time64("us"),
    }
    if len(kinds) == 1:
        return single.get(next(iter(kinds)), pa.string())
    if kinds == {"int", "float"}:
        return pa.float64()
    return pa.timestamp("us") if kinds == {"date", "datetime"} else pa.string()


def _batches(
    sheet: calamine.CalamineSheet, start: int, schema: pa.Schema, report: ReadingReport
) -> Iterator[pa.RecordBatch]:
    rows = (row for row in islice(_rows(sheet), start, None) if any(cell != "" for cell in row))
    while chunk := list(islice(rows, BATCH_ROWS)):
        columns = []
        for position, kind in enumerate(schema.types):
            cells = [row[position] if position < len(row) else "" for row in chunk]
            columns.append(pa.array([_value(cell, kind) for cell in cells], kind))
        report.rows += len(chunk)
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _value(cell: Cell, kind: pa.DataType) -> object:
    if cell == "":
        return None
    if pa.types.is_string(kind):
        return _text(cell)
    if pa.types.is_integer(kind) and isinstance(cell, float):
        return int(cell)
    if pa.types.is_timestamp(kind) and not isinstance(cell, datetime) and isinstance(cell, date):
        return datetime.combine(cell, time())
    return cell


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell.total_seconds()) if isinstance(cell, timedelta) else str(cell)
