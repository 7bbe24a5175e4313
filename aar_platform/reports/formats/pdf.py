"""A document as PDF, set by typst from data: fonts embedded, none of the machine's used."""

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aar_platform.reports.blocks import (
    BarChart,
    Block,
    Chart,
    ColumnChart,
    Definitions,
    Document,
    Figures,
    HeatMap,
    LineChart,
    Note,
    Pair,
    Table,
    Timeline,
)
from aar_platform.reports.charts.draw import sparkline
from aar_platform.reports.fonts import font_folders
from aar_platform.reports.formats.arrange import RIGHT, bar_shares, column_widths, tiles
from aar_platform.reports.wording import Wording

if TYPE_CHECKING:
    import typst

PAGE = Path(__file__).parent / "page.typ"


def pdf(document: Document, wording: Wording, charts: dict[Chart, str]) -> bytes:
    """The document on A4 pages, tagged for screen readers, dated by its data."""
    data = {
        "kind": document.kind,
        "title": document.title,
        "heading": f"{document.title} · {document.period}",
        "organisation": document.organisation,
        "period": document.period,
        "lang": wording.language,
        "as_of": [document.as_of.year, document.as_of.month, document.as_of.day],
        "as_of_text": document.as_of_text,
        "facts": document.facts,
        "footer": document.footer,
        "page": wording.text("page"),
        "sections": [
            {
                "title": section.title,
                "intro": section.intro,
                "new_page": section.new_page,
                "blocks": [_pair_or_block(block, wording, charts) for block in section.blocks],
            }
            for section in document.sections
        ],
    }
    made = _compiler().compile(
        format="pdf", sys_inputs={"document": json.dumps(data, ensure_ascii=False)}, timestamp=0
    )
    assert isinstance(made, bytes), "a PDF without a path to write to is given as bytes"
    return made


@cache
def _compiler() -> "typst.Compiler":
    import typst

    return typst.Compiler(
        input=str(PAGE),
        root=str(PAGE.parent),
        font_paths=[str(folder) for folder in font_folders()],
        ignore_system_fonts=True,
    )


def _pair_or_block(
    block: Block | Pair, wording: Wording, charts: dict[Chart, str]
) -> dict[str, Any]:
    if isinstance(block, Pair):
        return {
            "block": "pair",
            "left": _block(block.left, wording, charts),
            "right": _block(block.right, wording, charts),
        }
    return _block(block, wording, charts)


def _block(block: Block, wording: Wording, charts: dict[Chart, str]) -> dict[str, Any]:
    if isinstance(block, Figures):
        return _figures(block, wording)
    if isinstance(block, LineChart | ColumnChart | BarChart | HeatMap):
        return {"block": "chart", "title": block.title, "alt": block.alt, "svg": charts[block]}
    if isinstance(block, Table):
        return _table(block, wording)
    if isinstance(block, Timeline):
        return _timeline(block, wording)
    if isinstance(block, Definitions):
        terms = [{"term": t.term, "text": t.text, "details": t.details} for t in block.terms]
        return {"block": "definitions", "terms": terms}
    assert isinstance(block, Note)
    return {"block": "note", "text": block.text, "tone": block.tone}


def _figures(block: Figures, wording: Wording) -> dict[str, Any]:
    return {
        "block": "figures",
        "change_title": block.change_title,
        "columns": tiles(len(block.figures)),
        "figures": [
            {
                "label": figure.label,
                "value": wording.show(figure.value, figure.kind),
                "change": wording.change(figure.change) if figure.change else None,
                "tone": figure.change.tone if figure.change else "neutral",
                "note": figure.note,
                "trend": sparkline(figure.trend),
            }
            for figure in block.figures
        ],
    }


def _table(block: Table, wording: Wording) -> dict[str, Any]:
    shown = block.rows if block.shown is None else block.rows[: block.shown]
    shares = bar_shares(block, shown)
    kinds = [column.kind for column in block.columns]
    texts = [
        [wording.show(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in shown
    ]
    return {
        "block": "none" if block.only_sheet else "table",
        "title": block.title,
        "more": block.more,
        "note": block.note,
        "alarmed": block.alarmed,
        "columns": [
            {
                "title": column.title,
                "right": column.kind in RIGHT,
                "width": width,
                "share": 3 if column.wide else 1.4 if place == 0 else 1,
            }
            for place, (column, width) in enumerate(
                zip(block.columns, column_widths(block, texts), strict=True)
            )
        ],
        "rows": [
            [{"text": text, "share": share} for text, share in zip(row, row_shares, strict=True)]
            for row, row_shares in zip(texts, shares, strict=True)
        ],
    }


def _timeline(block: Timeline, wording: Wording) -> dict[str, Any]:
    return {
        "block": "timeline",
        "title": block.title,
        "more": block.more,
        "columns": block.columns,
        "has_texts": block.has_texts,
        "entries": [
            {
                "moment": wording.show(entry.moment, "moment"),
                "kind": entry.kind,
                "text": entry.text,
                "source": entry.source,
                "hue": entry.hue,
                "negative": entry.amount is not None and entry.amount < 0,
                "amount": "" if entry.amount is None else wording.show(entry.amount, "money"),
            }
            for entry in block.entries
        ],
    }
