"""A document as a workbook: real numbers and dates, one table a sheet, native charts.

Text is always written as text, so that nothing a customer is called can become a formula.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from aar_platform.reports.blocks import (
    Block,
    Column,
    ColumnChart,
    Definitions,
    Document,
    Fewer,
    Figure,
    Figures,
    Kind,
    LineChart,
    Note,
    Pair,
    Table,
    Timeline,
    Value,
)
from aar_platform.reports.charts.style import ACCENT, HUES, INK, MUTED, RULE
from aar_platform.reports.formats.arrange import RIGHT, text_width
from aar_platform.reports.wording import Wording

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format as CellFormat
    from xlsxwriter.worksheet import Worksheet

FONT = "Calibri"
NARROWEST, WIDEST = 9, 60
FORBIDDEN_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def xlsx(document: Document, wording: Wording) -> bytes:
    """The workbook: an overview, then a sheet for each table, month series and list."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    book = Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {
            "title": f"{document.title} · {document.period}",
            "author": document.organisation,
            "created": datetime.combine(document.as_of, time()),
        }
    )
    pages = _Pages(book, document, wording)
    pages.overview()
    pages.months()
    for block in _blocks(document):
        if isinstance(block, Table):
            pages.table(block)
        elif isinstance(block, Timeline):
            pages.timeline(block)
        elif isinstance(block, Definitions):
            pages.definitions(block)
    book.close()
    return buffer.getvalue()


def _blocks(document: Document) -> list[Block]:
    every: list[Block] = []
    for section in document.sections:
        for block in section.blocks:
            every += [block.left, block.right] if isinstance(block, Pair) else [block]
    return every


class _Pages:
    """The sheets of one workbook and the cell formats they share."""

    def __init__(self, book: "Workbook", document: Document, wording: Wording) -> None:
        self.book = book
        self.document = document
        self.wording = wording
        self.blocks = _blocks(document)
        self.formats: dict[str, CellFormat] = {}
        self.names: set[str] = set()

    def overview(self) -> None:
        """Title, headline figures and what the document remarks."""
        sheet = self._sheet(self.wording.text("sheet.overview"))
        document = self.document
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 2, 20)
        sheet.write_string(0, 0, document.organisation, self._format("organisation"))
        sheet.set_row(1, 28)
        sheet.write_string(1, 0, document.title, self._format("title"))
        sheet.write_string(2, 0, document.period, self._format("text"))
        sheet.write_string(3, 0, document.as_of_text, self._format("muted"))
        row = 5
        for label, text in document.facts:
            sheet.write_string(row, 0, label, self._format("muted"))
            sheet.write_string(row, 1, text, self._format("text"))
            row += 1
        row = self._figures(sheet, row + 1)
        for section in document.sections:
            for note in section.blocks:
                if isinstance(note, Note):
                    row += 1
                    sheet.write_string(row, 0, section.title, self._format("muted"))
                    sheet.write_string(row, 1, note.text, self._format("remark"))

    def _figures(self, sheet: "Worksheet", row: int) -> int:
        """One table of all headline figures, each section's below its title; the next row."""
        parts = [
            (section.title, block)
            for section in self.document.sections
            for block in section.blocks
            if isinstance(block, Figures)
        ]
        figures = [figure for _, part in parts for figure in part.figures]
        places = {"figure": 0, "value": 1}
        for name in ("change", "note"):
            if any(getattr(figure, name) for figure in figures):
                places[name] = len(places)
        if figures:
            for name, place in places.items():
                head = self._format("head_right" if name in ("value", "change") else "head")
                sheet.write_string(row, place, self.wording.text(f"sheet.{name}"), head)
            if "note" in places:
                sheet.set_column(places["note"], places["note"], 48)
        for title, part in parts:
            if len(parts) > 1:
                row += 1
                sheet.write_string(row, 0, title, self._format("part"))
            for figure in part.figures:
                row += 1
                self._figure(sheet, figure, row, places)
            if part.change_title:
                row += 1
                told = part.change_note or part.change_title
                sheet.write_string(row, 0, told, self._format("muted"))
        return row + 2

    def _figure(self, sheet: "Worksheet", figure: Figure, row: int, places: dict[str, int]) -> None:
        sheet.write_string(row, 0, figure.label, self._format("text"))
        self._write(sheet, row, 1, figure.value, figure.kind)
        if figure.change is not None:
            tone = figure.change.tone
            points = figure.change.kind == "points"
            size = figure.change.value * (100 if points else 1)
            self._write(
                sheet, row, places["change"], size, "points" if points else "relative", tone
            )
        if figure.note:
            sheet.write_string(row, places["note"], figure.note, self._format("text", "muted"))

    def months(self) -> None:
        """The series of all charts over the same months side by side, with native charts."""
        by_sheet: dict[str, list[LineChart | ColumnChart]] = {}
        for block in self.blocks:
            if isinstance(block, LineChart | ColumnChart):
                by_sheet.setdefault(block.sheet, []).append(block)
        for name, charts in by_sheet.items():
            kinds: list[Column] = [Column(self.wording.text("sheet.month"), "month")]
            values: list[Sequence[Value]] = [charts[0].months]
            for chart in charts:
                kinds += [Column(series.name, chart.kind) for series in chart.series]
                values += [series.values for series in chart.series]
            sheet = self._grid(name, tuple(kinds), list(zip(*values, strict=True)))
            column = 1
            for place, chart in enumerate(charts):
                picture = self._native(chart, sheet.get_name(), column)
                sheet.insert_chart(1 + 16 * place, len(kinds) + 1, picture)
                column += len(chart.series)

    def _native(self, chart: LineChart | ColumnChart, sheet: str, column: int) -> Any:
        if isinstance(chart, LineChart):
            picture = self.book.add_chart({"type": "line"})
        else:
            picture = self.book.add_chart({"type": "column", "subtype": "stacked"})
        last = len(chart.months)
        for place, series in enumerate(chart.series):
            colour = HUES[series.hue_at(place)]
            picture.add_series(
                {
                    "name": [sheet, 0, column + place],
                    "categories": [sheet, 1, 0, last, 0],
                    "values": [sheet, 1, column + place, last, column + place],
                    "line": {"color": colour, "width": 2.25},
                    "fill": {"color": colour},
                    "gap": 60,
                }
            )
        font = {"name": FONT, "size": 9, "color": MUTED}
        quiet = {"line": {"color": RULE}, "num_font": font}
        picture.set_title(
            {
                "name": chart.title,
                "overlay": False,
                "name_font": {"name": FONT, "size": 11, "color": INK},
            }
        )
        picture.set_x_axis({**quiet, "date_axis": True, "num_format": "yyyy-mm"})
        picture.set_y_axis(
            {
                "line": {"none": True},
                "num_font": font,
                "major_gridlines": {"visible": True, "line": {"color": RULE}},
            }
        )
        if len(chart.series) > 1:
            picture.set_legend({"position": "bottom", "font": font})
        else:
            picture.set_legend({"none": True})
        picture.set_size({"width": 620, "height": 300})
        return picture

    def table(self, block: Table) -> None:
        """All rows of a table, the header frozen, bars as data bars."""
        sheet = self._grid(block.sheet or block.title, block.columns, block.rows, block.alarmed)
        for place, column in enumerate(block.columns):
            if column.bar and block.rows:
                sheet.conditional_format(
                    1,
                    place,
                    len(block.rows),
                    place,
                    {
                        "type": "data_bar",
                        "bar_solid": True,
                        "bar_color": "#a9c3dc",
                        "min_type": "num",
                        "min_value": 0,
                    },
                )

    def timeline(self, block: Timeline) -> None:
        """The events, the latest first."""
        kinds: tuple[Kind, ...] = ("moment", "text", "text", "text", "money")
        given = [place for place in range(len(kinds)) if place != 2 or block.has_texts]
        columns = tuple(Column(block.columns[place], kinds[place]) for place in given)
        rows = [(e.moment, e.kind, e.text, e.source, e.amount) for e in block.entries]
        self._grid(block.sheet, columns, [[row[place] for place in given] for row in rows])

    def definitions(self, block: Definitions) -> None:
        """Terms and their meaning, details in columns of their own."""
        labels = list(dict.fromkeys(label for term in block.terms for label, _ in term.details))
        texts = self.wording.text
        columns = [
            Column(title) for title in (texts("sheet.term"), texts("sheet.meaning"), *labels)
        ]
        rows = [
            (term.term, term.text, *(dict(term.details).get(label, "") for label in labels))
            for term in block.terms
        ]
        self._grid(block.sheet, tuple(columns), rows)

    def _grid(
        self,
        name: str,
        columns: tuple[Column, ...],
        rows: Sequence[Sequence[Value]],
        alarmed: tuple[int, ...] = (),
    ) -> "Worksheet":
        sheet = self._sheet(name)
        for place, column in enumerate(columns):
            texts = [self._written(row[place], column.kind) for row in rows]
            width = max([text_width(text) for text in texts] + [text_width(column.title)]) + 2
            sheet.set_column(place, place, min(max(width, NARROWEST), WIDEST))
            head = self._format("head_right" if column.kind in RIGHT else "head")
            sheet.write_string(0, place, column.title, head)
        for number, row in enumerate(rows, start=1):
            tone = "alarm" if number - 1 in alarmed else ""
            for place, column in enumerate(columns):
                self._write(sheet, number, place, row[place], column.kind, tone)
        sheet.freeze_panes(1, 1)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(columns) - 1)
            sheet.repeat_rows(0)
        return sheet

    def _written(self, value: Value, kind: Kind) -> str:
        """About what a cell shows: money there is never shortened and bears its code."""
        if kind not in ("money", "compact_money"):
            return self.wording.show(value, kind)
        return f"{self.wording.show(value, 'money')} {self.wording.currency}"

    def _write(
        self, sheet: "Worksheet", row: int, place: int, value: Value, kind: str, tone: str = ""
    ) -> None:
        if value is None:
            sheet.write_blank(row, place, None, self._format("text", tone))
        elif isinstance(value, bool | str | Fewer):
            text = self.wording.show(value, "text")
            sheet.write_string(row, place, text, self._format("text", tone))
        elif isinstance(value, datetime | date):
            sheet.write_datetime(row, place, value, self._format(kind, tone))
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, place, float(value), self._format(kind, tone))

    def _sheet(self, wanted: str) -> "Worksheet":
        """A sheet of that name, cut to what Excel allows and told apart from its namesakes."""
        base = wanted.translate(FORBIDDEN_IN_NAMES).strip()[:31] or "Sheet"
        name, number = base, 1
        while name.lower() in self.names:
            number += 1
            name = f"{base[:27]} ({number})"
        self.names.add(name.lower())
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _format(self, kind: str, tone: str = "") -> "CellFormat":
        key = f"{kind}/{tone}"
        if key not in self.formats:
            self.formats[key] = self.book.add_format(self._look(kind, tone))
        return self.formats[key]

    def _look(self, kind: str, tone: str) -> dict[str, Any]:
        look: dict[str, Any] = {
            "font_name": FONT,
            "font_size": 11,
            "font_color": INK,
            "valign": "top",
        }
        head = {"bold": True, "bottom": 1, "bottom_color": MUTED, "text_wrap": True}
        looks: dict[str, dict[str, Any]] = {
            "organisation": {"font_color": ACCENT, "bold": True},
            "title": {"font_size": 20},
            "muted": {"font_color": MUTED},
            "part": {"bold": True},
            "head": head,
            "head_right": {**head, "align": "right"},
            "text": {"text_wrap": True},
        }
        look |= looks.get(kind, {})
        number_format = self._number_format(kind)
        if number_format:
            look["num_format"] = number_format
            if kind in ("date", "moment", "month"):
                look["align"] = "left"
        look |= {
            "good": {"font_color": "#0a6b5a"},
            "bad": {"font_color": "#a63d12"},
            "muted": {"font_color": MUTED},
            "alarm": {"bg_color": "#fdf3ec"},
        }.get(tone, {})
        return look

    def _number_format(self, kind: str) -> str | None:
        from babel.numbers import get_currency_precision

        digits = get_currency_precision(self.wording.currency)
        cents = "." + "0" * digits if digits else ""
        points = self.wording.text("points", value="")
        money = f'#,##0{cents} "{self.wording.currency}"'
        return {
            "money": money,
            "compact_money": money,
            "number": "#,##0",
            "decimal": "#,##0.00",
            "days": "#,##0",
            "percent": "0.0%",
            "points": f'+0.0"{points}";-0.0"{points}"',
            "relative": "+0.0%;-0.0%",
            "date": "yyyy-mm-dd",
            "moment": "yyyy-mm-dd hh:mm",
            "month": "yyyy-mm",
        }.get(kind)
