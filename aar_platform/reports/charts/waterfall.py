"""How a pair's match weight came about: bars from what two records in general have in common to
the weight in the end."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aar_platform.identity.waterfall import (
    Waterfall,
    share_in_words,
    weight_in_words,
)
from aar_platform.reports.charts.bars import shortened
from aar_platform.reports.charts.style import HUES, INK, MUTED, POINTS, RULE, WIDTH, blank
from aar_platform.reports.formats.arrange import text_width

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROW = 0.235  # inches
TITLE = 0.3
GAP = 0.25
NAME_WIDTH = 44  # characters of half width
CHARACTER = 0.0132  # of the chart's width, per character of half width
FOR, AGAINST, TOTAL = HUES[2], HUES[5], HUES[0]


def waterfall_chart(waterfalls: Sequence[Waterfall]) -> "Figure":
    """One waterfall below the other, on one scale; call it within `house_style`.

    Raises ValueError without any.
    """
    if not waterfalls:
        raise ValueError("a chart of match weights needs a pair that has them")
    heights = [TITLE + ROW * (len(one.steps) + 2) for one in waterfalls]
    total = sum(heights) + GAP * len(waterfalls)
    figure = blank(total)
    # Names of steps are longer than those of bars elsewhere.
    figure.set_size_inches(1.6 * WIDTH, total)
    reached = [weight for one in waterfalls for weight in _reached(one)]
    low, high = min(0.0, *reached), max(0.0, *reached)
    room = 0.14 * ((high - low) or 1.0)
    names = [name for one in waterfalls for name, *_ in _rows(one)]
    left = 0.02 + CHARACTER / 1.6 * max(text_width(name) for name in names)
    top = total
    for one, height in zip(waterfalls, heights, strict=True):
        axes = figure.add_axes((0, 0, 1, 1))
        bottom = top - height
        axes.set_position((left, bottom / total, 0.98 - left, (height - TITLE) / total))
        axes.set_xlim(low - room, high + room)
        _draw(axes, one)
        title = shortened(f"{one.left} – {one.right}", 100)
        figure.text(0.02, (top - 0.1) / total, title, color=INK, weight=600, va="top")
        top = bottom - GAP
    return figure


def _rows(waterfall: Waterfall) -> list[tuple[str, float, float, str, str]]:
    """Name, begin and end of each bar, its label and colour."""
    prior, final = waterfall.prior_weight, waterfall.final_weight
    rows = [("any two records", 0.0, prior, weight_in_words(prior), HUES[4])]
    at = prior
    for step in waterfall.steps:
        name = shortened(f"{step.comparison} {step.level}", NAME_WIDTH)
        colour = FOR if step.weight >= 0 else AGAINST
        rows.append((name, at, at + step.weight, weight_in_words(step.weight), colour))
        at += step.weight
    label = f"{weight_in_words(final)}  {share_in_words(waterfall.probability)}"
    return [*rows, ("in all", 0.0, final, label, TOTAL)]


def _reached(waterfall: Waterfall) -> list[float]:
    return [end for _, _, end, _, _ in _rows(waterfall)]


def _draw(axes, waterfall: Waterfall) -> None:  # type: ignore[no-untyped-def]
    rows = _rows(waterfall)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    for y, (_, begin, end, label, colour) in enumerate(rows):
        axes.barh(y, end - begin, 0.62, left=begin, color=colour, linewidth=0)
        if y + 1 < len(rows):
            axes.plot([end, end], [y - 0.31, y + 1.31], color=MUTED, linewidth=0.5)
        axes.annotate(
            label,
            (max(begin, end), y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=INK if y + 1 == len(rows) else MUTED,
            weight=600 if y + 1 == len(rows) else 400,
            fontsize=POINTS - 0.5,
            annotation_clip=False,
        )
    axes.set_xticks([])
    axes.set_yticks(range(len(rows)), [row[0] for row in rows], color=INK)
    axes.tick_params(length=0, pad=4)
    axes.axvline(0, color=RULE, linewidth=0.8, zorder=0)
    axes.spines["bottom"].set_visible(False)
