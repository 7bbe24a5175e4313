"""Charts over months: lines and stacked columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aar_platform.reports.blocks import ColumnChart, LineChart, Series
from aar_platform.reports.charts.canvas import CHARACTER, Canvas
from aar_platform.reports.charts.style import HUES, POINTS
from aar_platform.reports.formats.arrange import text_width
from aar_platform.reports.wording import Wording

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HALF_COLUMN = 0.34  # of a month's place
LABEL_HEIGHT = 10.0  # points


def line_chart(chart: LineChart, wording: Wording) -> "Figure":
    """Lines, each valued at its end and, where there are several, named above."""
    ends = [_last(series) for series in chart.series]
    labels = [wording.axis(end[1], chart.kind) if end else "" for end in ends]
    room = 12 + (CHARACTER + 0.4) * max(text_width(label) for label in labels)
    canvas = Canvas(
        chart.months,
        _limits([value for series in chart.series for value in series.values]),
        chart.kind,
        wording,
        room_right=room,
        is_named=len(chart.series) > 1,
    )
    canvas.ground()
    for position, series in enumerate(chart.series):
        colour = HUES[series.hue_at(position)]
        for run in _runs(series):
            xs = [canvas.x(place) for place, _ in run]
            ys = [canvas.y(value) for _, value in run]
            if len(chart.series) == 1:
                floor = canvas.y(max(0.0, canvas.low))
                shape = [(xs[0], floor), *zip(xs, ys, strict=True), (xs[-1], floor)]
                canvas.area([shape], colour, alpha=0.08)
            canvas.line(
                xs, ys, color=colour, linewidth=1.6, solid_capstyle="round", solid_joinstyle="round"
            )
    _name_ends(canvas, chart, ends, labels)
    if len(chart.series) > 1:
        canvas.legend(chart.series)
    return canvas.figure


def column_chart(chart: ColumnChart, wording: Wording) -> "Figure":
    """Columns; several series are stacked, negative values below the line."""
    count = len(chart.months)
    above, below = [0.0] * count, [0.0] * count
    for series in chart.series:
        for place, value in enumerate(series.values):
            above[place] += max(value or 0.0, 0.0)
            below[place] += min(value or 0.0, 0.0)
    canvas = Canvas(
        chart.months,
        _limits([*above, *below]),
        chart.kind,
        wording,
        room_right=4,
        is_named=len(chart.series) > 1,
    )
    canvas.ground()
    above, below = [0.0] * count, [0.0] * count
    for position, series in enumerate(chart.series):
        shapes = []
        for place, value in enumerate(series.values):
            if not value:
                continue
            side = above if value > 0 else below
            bottom, top = canvas.y(side[place]), canvas.y(side[place] + value)
            side[place] += value
            left, right = canvas.x(place - HALF_COLUMN), canvas.x(place + HALF_COLUMN)
            shapes.append([(left, bottom), (left, top), (right, top), (right, bottom)])
        canvas.area(shapes, HUES[series.hue_at(position)])
    if len(chart.series) > 1:
        canvas.legend(chart.series)
    return canvas.figure


def _limits(values: Sequence[float | None]) -> tuple[float, float]:
    """From zero, or below it, to a little above the highest value."""
    known = [value for value in values if value is not None]
    high, low = max([0.0, *known]), min([0.0, *known])
    room = (high - low) or 1.0
    return (low - 0.06 * room if low < 0 else 0.0), high + 0.08 * room


def _last(series: Series) -> tuple[int, float] | None:
    points = [(place, value) for place, value in enumerate(series.values) if value is not None]
    return points[-1] if points else None


def _runs(series: Series) -> list[list[tuple[int, float]]]:
    """The stretches of a series without a gap."""
    runs: list[list[tuple[int, float]]] = []
    before: float | None = None
    for place, value in enumerate(series.values):
        if value is not None:
            if before is None:
                runs.append([])
            runs[-1].append((place, value))
        before = value
    return runs


def _name_ends(
    canvas: Canvas,
    chart: LineChart,
    ends: Sequence[tuple[int, float] | None],
    labels: Sequence[str],
) -> None:
    """The last value of each line beside it, pushed apart where they would touch."""
    present = [
        (end[1], end[0], label, HUES[series.hue_at(position)])
        for position, (series, end, label) in enumerate(
            zip(chart.series, ends, labels, strict=True)
        )
        if end is not None
    ]
    height = float("-inf")
    for value, place, label, colour in sorted(present):
        x, y = canvas.x(place), canvas.y(value)
        canvas.line([x], [y], marker="o", markersize=3.6, color=colour, linestyle="none")
        height = max(y, height + LABEL_HEIGHT)
        canvas.write(x + 5, height, label, color=colour, weight=600, fontsize=POINTS)
