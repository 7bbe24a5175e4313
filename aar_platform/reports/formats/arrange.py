"""How pages lay out what a document holds: tiles in a row, bars beside numbers."""

from collections.abc import Sequence
from decimal import Decimal
from unicodedata import east_asian_width

from aar_platform.reports.blocks import Table, Value

# Kinds that are written against the right edge of their column.
RIGHT = ("money", "compact_money", "number", "decimal", "percent", "points", "days")
UNBROKEN = ("date", "moment", "month")
BAR_POINTS = 42.0
GAP_POINTS = 9.0


def tiles(count: int) -> int:
    """How many headline figures stand side by side, so that rows are full where they can be."""
    return count if count <= 4 else 3 if count in (5, 6, 9) else 4


def bar_shares(table: Table, shown: Sequence[Sequence[Value]]) -> list[list[float | None]]:
    """For each cell of the rows shown: its share, 0 to 1, of the largest number of its column, or
    None where the column has no bars. Negative numbers and text have none."""
    largest = [
        max((_size(row[place]) for row in shown), default=0.0) if column.bar else None
        for place, column in enumerate(table.columns)
    ]
    return [
        [
            None if most is None else (_size(value) / most if most else 0.0)
            for most, value in zip(largest, row, strict=True)
        ]
        for row in shown
    ]


def column_widths(table: Table, texts: Sequence[Sequence[str]]) -> list[float | None]:
    """Widths of number and date columns on paper, in points, by the widest of their cells and of
    the words of their title; None for text, which shares what is left."""
    widths: list[float | None] = []
    for place, column in enumerate(table.columns):
        if column.kind not in (*RIGHT, *UNBROKEN):
            widths.append(None)
            continue
        cell = max((text_width(row[place]) for row in texts), default=0)
        # Chinese titles break anywhere: four characters a line keep them in two or three lines.
        title = max(min(text_width(word), 11) for word in column.title.split() or [""])
        bar = BAR_POINTS if column.bar else 0.0
        widths.append(max(cell * 4.35 + bar, title * 4.2) + GAP_POINTS)
    return widths


def text_width(text: str) -> int:
    """Half-width characters a text takes: Chinese ones take two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _size(value: Value) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return 0.0
    return max(float(value), 0.0)
