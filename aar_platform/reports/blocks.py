"""What a report consists of, whatever file it becomes: a document of sections of blocks.

Values stay values here (numbers, dates, text); formats turn them into text or cells.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Kind = Literal[
    "text", "code", "money", "compact_money", "number", "decimal", "percent", "points", "date",
    "moment", "month", "days", "flag",
]  # fmt: skip
Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Fewer:
    """A number that is not told because fewer than `than` customers stand behind it."""

    than: int


Value = str | int | float | Decimal | date | datetime | bool | Fewer | None


@dataclass(frozen=True)
class Change:
    """A figure's change on the month before: relative (`percent`) or in percentage `points`."""

    value: float
    kind: Literal["percent", "points"]
    tone: Tone


@dataclass(frozen=True)
class Figure:
    """One headline figure; `trend` is its history, oldest first; `note` stands below it.
    `explained` says what is behind it, shown on a page when the reader asks."""

    label: str
    value: Value
    kind: Kind
    change: Change | None = None
    note: str = ""
    trend: tuple[float | None, ...] = ()
    explained: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Figures:
    """Headline figures side by side; `change_title` says what they are compared with, and
    `change_note` the same for a workbook, which has neither arrows nor lines."""

    figures: tuple[Figure, ...]
    change_title: str = ""
    change_note: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table. `bar` draws the number as a bar too; `wide` gives it what room is
    left."""

    title: str
    kind: Kind = "text"
    bar: bool = False
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """A table. Pages show the first `shown` rows (None: all) and then say `more`; a workbook holds
    all of them, on the sheet `sheet`. `alarmed` are row numbers to be marked. With `only_sheet`
    pages leave the table out, because a chart shows it."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    sheet: str
    shown: int | None = None
    more: str = ""
    note: str = ""
    alarmed: tuple[int, ...] = ()
    only_sheet: bool = False


@dataclass(frozen=True)
class Series:
    """A named row of values over months, None where there is none; `hue` picks its colour (None:
    the next of the palette)."""

    name: str
    values: tuple[float | None, ...]
    hue: int | None = None

    def hue_at(self, position: int) -> int:
        """Its colour's number in the palette, as the series at that position of a chart."""
        return position if self.hue is None else self.hue


@dataclass(frozen=True)
class LineChart:
    """Lines over months."""

    title: str
    months: tuple[date, ...]
    series: tuple[Series, ...]
    kind: Kind
    alt: str
    sheet: str


@dataclass(frozen=True)
class ColumnChart:
    """Columns over months, stacked where there are several series."""

    title: str
    months: tuple[date, ...]
    series: tuple[Series, ...]
    kind: Kind
    alt: str
    sheet: str


@dataclass(frozen=True)
class Bar:
    """One bar: `label` is what is written behind it."""

    name: str
    value: float
    label: str


@dataclass(frozen=True)
class BarChart:
    """Horizontal bars, the longest first; `muted` names a last bar that sums up the rest."""

    title: str
    bars: tuple[Bar, ...]
    alt: str
    muted: str = ""


@dataclass(frozen=True)
class HeatMap:
    """Counts over two scales. `cells[y][x]` is (weight, text, text below it), the darker the more
    weight; None where nobody is."""

    title: str
    x_title: str
    y_title: str
    x_labels: tuple[str, ...]
    y_labels: tuple[str, ...]
    cells: tuple[tuple[tuple[int, str, str] | None, ...], ...]
    alt: str


Chart = LineChart | ColumnChart | BarChart | HeatMap


@dataclass(frozen=True)
class Entry:
    """One event of a timeline; `hue` picks its colour."""

    moment: datetime
    kind: str
    text: str
    source: str
    amount: Decimal | None
    hue: int


@dataclass(frozen=True)
class Timeline:
    """Events, the latest first; `more` says how many are not shown."""

    title: str
    columns: tuple[str, str, str, str, str]
    entries: tuple[Entry, ...]
    sheet: str
    more: str = ""

    @property
    def has_texts(self) -> bool:
        """Whether any event has details; a reader who may see none gets no column for them."""
        return any(entry.text for entry in self.entries)


@dataclass(frozen=True)
class Definition:
    """A term and what it means; `details` are (label, text)."""

    term: str
    text: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Definitions:
    """A list of terms; `titles` head the columns of a workbook's sheet."""

    terms: tuple[Definition, ...]
    sheet: str


@dataclass(frozen=True)
class Note:
    """A sentence set apart: `missing` where a part is empty, `alarm` where something is wrong."""

    text: str
    tone: Literal["missing", "alarm", "info"] = "info"


Block = Figures | Table | Chart | Timeline | Definitions | Note


@dataclass(frozen=True)
class Pair:
    """Two blocks side by side where there is room."""

    left: Block
    right: Block


@dataclass(frozen=True)
class Section:
    """A titled part; `new_page` begins it on a fresh page of paper."""

    title: str
    blocks: tuple[Block | Pair, ...]
    intro: str = ""
    new_page: bool = False


@dataclass(frozen=True)
class Document:
    """A whole report. `facts` are (label, text) below the title; `as_of` dates the files."""

    kind: str
    title: str
    organisation: str
    period: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    as_of: date
    as_of_text: str
    footer: str
