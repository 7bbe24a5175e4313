"""How all charts look: paper, ink, colours that colour-blind readers tell apart, type."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

from aar_platform.reports.fonts import FACES, FAMILIES, LATIN, font_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK = "#1c2733"
MUTED = "#5a6673"
RULE = "#d8dee4"
ACCENT = "#1f5a94"
# After Okabe and Ito (2008), darkened for white paper and ordered by how far they are apart.
HUES = (
    "#1f5a94", "#d1731a", "#2b8a78", "#a2558c", "#7d8fa1", "#b8472a", "#c9a227", "#5fa3d3",
    "#b9c2cb",
)  # fmt: skip
PALE = "#f1f5f9"
WIDTH = 4.0  # inches: half a page of paper, half a screen
POINTS = 8.0


@cache
def _settings() -> dict[str, object]:
    """matplotlib's parameters for one chart; fonts are made known once."""
    from matplotlib import font_manager

    known = font_manager.fontManager
    for face in FACES:
        known.addfont(str(font_file(face)))
        # Families without a semibold cut write their regular one, without a warning each time.
        if face.family != LATIN.family:
            known.ttflist.append(replace(known.ttflist[-1], weight=600))
    return {
        "font.family": list(FAMILIES),
        "font.size": POINTS,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": RULE,
        "axes.labelcolor": MUTED,
        "axes.linewidth": 0.6,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "xtick.color": RULE,
        "xtick.labelcolor": MUTED,
        "ytick.color": RULE,
        "ytick.labelcolor": MUTED,
        "grid.color": RULE,
        "grid.linewidth": 0.5,
        "svg.fonttype": "path",
        "svg.hashsalt": "aar",
        "figure.facecolor": "none",
        "axes.facecolor": "none",
    }


@contextmanager
def house_style() -> Iterator[None]:
    """matplotlib in the reports' style, and as it was afterwards."""
    import matplotlib

    with matplotlib.rc_context(_settings()):
        yield


def blank(height: float) -> "Figure":
    """An empty chart, without pyplot and its global state."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasSVG(figure)
    return figure


def svg_of(figure: "Figure") -> str:
    """The chart as SVG: text as outlines, no date, so that equal data gives equal bytes."""
    buffer = BytesIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(buffer, format="svg", metadata=nothing)
    svg = buffer.getvalue().decode("utf-8")
    return svg[svg.index("<svg") :]
