"""A grid of counts, the darker the more."""

from typing import TYPE_CHECKING

from aar_platform.reports.blocks import HeatMap
from aar_platform.reports.charts.style import INK, MUTED, PALE, POINTS, blank

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HEIGHT = 2.65
STRONGEST = (0.122, 0.353, 0.580)
WEAKEST = (0.905, 0.935, 0.965)


def heat_map(chart: HeatMap) -> "Figure":
    """Cells with their count and a second figure below it; empty cells stay pale."""
    from matplotlib.patches import Rectangle

    figure = blank(HEIGHT)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_position((0.12, 0.16, 0.87, 0.83))
    most = max([cell[0] for row in chart.cells for cell in row if cell] or [1])
    for y, row in enumerate(chart.cells):
        for x, cell in enumerate(row):
            share = (cell[0] / most) ** 0.5 if cell else 0.0
            colour = _mixed(share) if cell and cell[0] else PALE
            axes.add_patch(
                Rectangle((x + 0.025, y + 0.035), 0.95, 0.93, facecolor=colour, linewidth=0)
            )
            if not cell:
                continue
            ink = "white" if share > 0.55 else INK
            axes.text(
                x + 0.5, y + 0.42 if cell[2] else y + 0.5, cell[1],
                ha="center", va="center", color=ink, weight=600, fontsize=POINTS + 0.5,
            )  # fmt: skip
            axes.text(
                x + 0.5, y + 0.72, cell[2], ha="center", va="center", color=ink,
                fontsize=POINTS - 1.5,
            )  # fmt: skip
    axes.set_xlim(0, len(chart.x_labels))
    axes.set_ylim(len(chart.y_labels), 0)
    axes.set_xticks([x + 0.5 for x in range(len(chart.x_labels))], chart.x_labels)
    axes.set_yticks([y + 0.5 for y in range(len(chart.y_labels))], chart.y_labels)
    axes.tick_params(length=0, pad=2)
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(chart.x_title, color=MUTED, labelpad=2)
    axes.set_ylabel(chart.y_title, color=MUTED, labelpad=3)
    return figure


def _mixed(share: float) -> tuple[float, float, float]:
    red, green, blue = (
        weak + (strong - weak) * share for weak, strong in zip(WEAKEST, STRONGEST, strict=True)
    )
    return red, green, blue
