"""Headline figures as cards of a page and as rows of a workbook: whole, with their notes."""

import io
from datetime import date

import openpyxl
import pypdf
import pytest

from aar_platform.reports.blocks import (
    Change,
    Definition,
    Definitions,
    Document,
    Figure,
    Figures,
    Note,
    Section,
)
from aar_platform.reports.formats.html import html
from aar_platform.reports.formats.pdf import pdf
from aar_platform.reports.formats.xlsx import xlsx
from aar_platform.reports.wording import Wording

WORDING = Wording("en", "EUR")


def document(*sections):
    day = date(2024, 7, 31)
    return Document("", "Report", "Northwind", "July 2024", (), sections, day, "", "")


def pages(made):
    reader = pypdf.PdfReader(io.BytesIO(pdf(made, WORDING, {})))
    return [page.extract_text() for page in reader.pages]


def overview(made):
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(made, WORDING))).worksheets[0]
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


TREND = tuple(float(number) for number in range(9))


@pytest.mark.parametrize("lines_before", range(30, 48, 2))
def test_a_card_is_never_parted_by_the_end_of_a_page_nor_from_its_heading(lines_before):
    before = Section("Before", tuple(Note(f"line {n}") for n in range(lines_before // 2)))
    cards = tuple(
        Figure(f"label-{n}", f"value-{n}", "text", note=f"note-{n}", trend=TREND) for n in range(8)
    )
    made = pages(document(before, Section("Heading", (Figures(cards),))))
    for n in range(8):
        [holding] = [page for page in made if f"label-{n}" in page]
        assert f"value-{n}" in holding and f"note-{n}" in holding
    assert any("Heading" in page and "label-0" in page for page in made)


@pytest.mark.parametrize("terms", range(36, 44))
def test_the_last_page_of_a_long_list_holds_more_than_one_term(terms):
    list_ = Definitions(tuple(Definition(f"term-{n}.", "what it means") for n in range(terms)), "D")
    made = pages(document(Section("Defined", (list_,))))
    assert made[-1].count("term-") >= 4
    assert sum(page.count("term-") for page in made) == terms


def test_a_workbook_names_the_sections_of_figures_and_has_a_column_for_notes():
    change = Change(0.5, "percent", "neutral")
    rows = overview(
        document(
            Section("Deals", (Figures((Figure("Won", 4, "number", change, "Small sample: 4"),)),)),
            Section(
                "Website",
                (
                    Figures(
                        (Figure("Visits", 9, "number"),),
                        change_title="Arrows: change",
                        change_note="Change: on June",
                    ),
                ),
            ),
        )
    )
    head = rows.index(("Figure", "Value", "Change", "Note"))
    assert [tuple(one for one in row if one is not None) for row in rows[head + 1 :]] == [
        ("Deals",), ("Won", 4, 0.5, "Small sample: 4"), ("Website",), ("Visits", 9),
        ("Change: on June",),
    ]  # fmt: skip
    assert "Arrows: change" not in {one for row in rows for one in row}


def test_figures_without_changes_or_notes_get_no_columns_for_them():
    rows = overview(document(Section("Deals", (Figures((Figure("Won", 4, "number"),)),))))
    assert ("Figure", "Value") in rows


def test_a_note_stands_on_the_card_of_the_page():
    card = Figure("Won", 4, "number", note="Small sample: 4")
    page = html(document(Section("Deals", (Figures((card,)),))), WORDING, {}).decode()
    assert '<p class="note">Small sample: 4</p>' in page
