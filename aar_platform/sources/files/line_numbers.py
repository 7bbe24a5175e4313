"""On which line of a delimited text something is wrong, found by reading it again, slowly."""

import csv
import io
from collections.abc import Iterator

from aar_platform.sources.files.containers import Container
from aar_platform.sources.files.dialect import Row
from aar_platform.sources.files.encoding import Scan
from aar_platform.sources.files.layout import Layout
from aar_platform.sources.files.refusal import FileRefused
from aar_platform.sources.files.text import open_utf8


def open_quote(container: Container, line: int) -> FileRefused:
    return FileRefused(
        container.path,
        "a quote opens here that is never closed",
        "the file is cut short, or quotes are plain characters: then state quote: false",
        line=line,
    )


def _csv_rows(
    container: Container, seen: Scan, layout: Layout, sentinel: str = ""
) -> Iterator[Row]:
    """Every row by Python's csv module, slow but with line numbers; for refusals only."""
    stream = open_utf8(container, seen, layout.start)
    lines = io.TextIOWrapper(io.BufferedReader(stream), encoding="utf-8", newline="")

    def with_sentinel() -> Iterator[str]:
        last = "\n"
        for line in lines:
            last = line
            yield line
        if sentinel:
            yield ("" if last.endswith(("\r", "\n")) else "\n") + sentinel

    reader = csv.reader(with_sentinel(), **layout.dialect.for_csv())  # type: ignore[arg-type]
    try:
        for fields in reader:
            yield Row(fields, layout.first_line - 1 + reader.line_num)
    finally:
        stream.close()


def line_of_row(container: Container, seen: Scan, layout: Layout, number: int) -> int:
    """The line on which the row of this number starts; blank lines are no rows."""
    line = layout.first_line
    try:
        for row in _csv_rows(container, seen, layout):
            if row.fields:
                number -= 1
                if number == 0:
                    return line
            line = row.last_line + 1
    except csv.Error:  # a field beyond 128 kB, which is the row that is looked for
        pass
    return line


def refuse_open_quote(container: Container, seen: Scan, layout: Layout) -> None:
    """An odd number of quotes: either one is a plain character, or the last is never closed, and
    then whatever is written behind the text lands in its last field."""
    sentinel, line = "end-of-file", layout.first_line
    fields: list[str] = []
    try:
        for row in _csv_rows(container, seen, layout, sentinel):
            fields = row.fields
            if fields != [sentinel]:
                line, before = row.last_line + 1, line
    except csv.Error:
        raise open_quote(container, line) from None
    if fields != [sentinel]:
        raise open_quote(container, before)
