"""Horizontal bars with their names before and their values behind them."""

from typing import TYPE_CHECKING

from aar_platform.reports.blocks import BarChart
from aar_platform.reports.charts.style import ACCENT, HUES, INK, MUTED, RULE, blank
from aar_platform.reports.formats.arrange import text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME_WIDTH = 22  # characters of half width
ROW = 0.235  # inches


def bar_chart(chart: BarChart) -> "Figure":
    """One row per bar; bars of negative values run to the left of the line."""
    count = len(chart.bars)
    figure = blank(max(ROW * count + 0.1, 0.6))
    axes = figure.add_axes((0, 0, 1, 1))
    values = [bar.value for bar in chart.bars]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = (high - low) or 1.0
    names = [shortened(bar.name, NAME_WIDTH) for bar in chart.bars]
    left = 0.02 + 0.0132 * max(text_width(name) for name in names)
    right = 0.03 + 0.0125 * max(text_width(bar.label) for bar in chart.bars)
    axes.set_position((left, 0.01, 1 - left - right, 0.98))
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xlim(low - (0.02 * span if low < 0 else 0), high)
    for y, bar in enumerate(chart.bars):
        colour = HUES[4] if bar.name == chart.muted else ACCENT if bar.value >= 0 else HUES[5]
        axes.barh(y, bar.value, 0.62, color=colour, linewidth=0)
        axes.annotate(
            bar.label,
            (max(bar.value, 0.0), y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=MUTED,
            annotation_clip=False,
        )
    axes.set_xticks([])
    axes.set_yticks(range(count), names, color=INK)
    axes.tick_params(length=0, pad=4)
    axes.axvline(0, color=RULE, linewidth=0.8)
    axes.spines["bottom"].set_visible(False)
    return figure


def shortened(text: str, width: int) -> str:
    """The text, cut with an ellipsis to a number of half-width characters."""
    if text_width(text) <= width:
        return text
    kept = ""
    for character in text:
        if text_width(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"
