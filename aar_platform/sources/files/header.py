"""Which row of a table is its header, told from the first rows; cells are text or native values."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_VALUE = re.compile(
    r"""\s*(?:
      [-+(]?[^\w\s]?\s?\d[\d.,'\s]*(?:[eE][-+]?\d+)?\s?[^\w\s]?\)?   # number, price, percentage
    | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s].*)?                     # date, with or without time
    | \d{1,2}:\d{2}(?::\d{2})?.*                                      # time of day
    | [^@\s]+@[^@\s]+\.[^@\s]+                                        # e-mail address
    | https?://\S+
    | true | false
    )\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_YEAR = re.compile(r"\s*(?:19|20)\d\d(?:[-/]?(?:Q?\d{1,2}))?\s*")
SEARCHED = 50  # rows a title block may take


@dataclass(frozen=True)
class Header:
    """index: position of the header among the rows, None where the table has none.
    width: number of columns. before: non-blank rows ahead of the header."""

    index: int | None
    width: int
    before: int


def find_header(rows: Sequence[Sequence[object]], wanted: Sequence[str]) -> Header:
    """The header among the first rows of a table.

    A row that holds all the wanted columns is it. Otherwise it is the first row filled to more
    than half of the usual width, if its cells are names rather than values; rows before it are
    titles. A first row of values means that there is no header.
    """
    named = _row_of_names(rows, set(wanted))
    if named is not None:
        return named
    filled = [_filled(row) for row in rows]
    width = _usual_width(rows)
    present = [index for index, count in enumerate(filled) if count]
    if not present:
        return Header(None, max((len(row) for row in rows), default=0), 0)
    passed = False
    for position, index in enumerate(present[:SEARCHED]):
        row = rows[index]
        starts_blank = position == 0 and not _text(row[0]) and filled[index] == width - 1
        if filled[index] * 2 <= width and width > 1 and not starts_blank:
            continue
        if _is_of_names(row):
            follows = present[position + 1 :][:1]
            if not passed or (
                filled[index] == width and not any(map(_is_of_names, _at(rows, follows)))
            ):
                return Header(index, len(row), position)
        if filled[index] >= width:
            break
        passed = True  # may be a title block's line with a date or a figure
    first = rows[present[0]]
    if _is_of_names(first) and (width == 1 or filled[present[0]] > 1):
        return Header(present[0], len(first), 0)
    return Header(None, max(width, max(_width(row) for row in rows)), 0)


def _row_of_names(rows: Sequence[Sequence[object]], names: set[str]) -> Header | None:
    before = 0
    for index, row in enumerate(rows):
        if not names or before == SEARCHED:
            return None
        cells = {_text(cell) for cell in row}
        if names <= cells:
            return Header(index, len(row), before)
        before += any(cells)
    return None


def _at(rows: Sequence[Sequence[object]], indices: Sequence[int]) -> list[Sequence[object]]:
    return [rows[index] for index in indices]


def _usual_width(rows: Sequence[Sequence[object]]) -> int:
    widths = Counter(_width(row) for row in rows if _filled(row))
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _width(row: Sequence[object]) -> int:
    return max((position for position, cell in enumerate(row, 1) if _text(cell)), default=0)


def _filled(row: Sequence[object]) -> int:
    return sum(1 for cell in row if _text(cell))


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\ufeff", "").strip()


def _is_of_names(row: Sequence[object]) -> bool:
    """Names are text; a year may be one where it stands beside text (a table by year)."""
    texts = values = years = 0
    for cell in row:
        text = _text(cell)
        if not text:
            continue
        if isinstance(cell, str) and not _VALUE.fullmatch(text):
            texts += 1
        elif _YEAR.fullmatch(text):
            years += 1
        else:
            values += 1
    return values == 0 and texts > 0
