"""A document as one HTML file that opens without network: styles, fonts and charts inside."""

import base64
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

from aar_platform.reports.blocks import (
    BarChart,
    Chart,
    ColumnChart,
    Document,
    HeatMap,
    LineChart,
)
from aar_platform.reports.charts.draw import sparkline
from aar_platform.reports.fonts import font_faces
from aar_platform.reports.formats.arrange import RIGHT, bar_shares, tiles
from aar_platform.reports.wording import Wording

if TYPE_CHECKING:
    from jinja2 import Template

FOLDER = Path(__file__).parent
CHARTS = (LineChart, ColumnChart, BarChart, HeatMap)


def html(document: Document, wording: Wording, charts: dict[Chart, str]) -> bytes:
    """The page in UTF-8. `charts` holds the SVG of every chart."""
    page = _template().render(
        document=document,
        wording=wording,
        name=lambda block: type(block).__name__,
        picture=lambda chart: _data_url(charts[chart]),
        is_chart=lambda block: isinstance(block, CHARTS),
        sparkline=sparkline,
        right=RIGHT,
        bar_shares=bar_shares,
        tiles=tiles,
    )
    body, end = page.split("<!--fonts-->", 1)
    # The glyphs of everything that is written, entities resolved.
    return (body + font_faces(unescape(page)) + end).encode("utf-8")


@cache
def _template() -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _data_url(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode("utf-8")).decode("ascii")
