"""From a chart's values to its picture: one SVG for pages on screen and on paper."""

from collections.abc import Sequence

from aar_platform.reports.blocks import BarChart, Chart, ColumnChart, LineChart
from aar_platform.reports.charts.bars import bar_chart
from aar_platform.reports.charts.heat import heat_map
from aar_platform.reports.charts.months import column_chart, line_chart
from aar_platform.reports.charts.style import ACCENT, house_style, svg_of
from aar_platform.reports.wording import Wording


def draw(chart: Chart, wording: Wording) -> str:
    """The chart as SVG. Equal charts give equal bytes."""
    with house_style():
        if isinstance(chart, LineChart):
            figure = line_chart(chart, wording)
        elif isinstance(chart, ColumnChart):
            figure = column_chart(chart, wording)
        elif isinstance(chart, BarChart):
            figure = bar_chart(chart)
        else:
            figure = heat_map(chart)
        return svg_of(figure)


def sparkline(values: Sequence[float | None]) -> str:
    """A figure's history as a thin line, in SVG by hand: a tenth of a millisecond. Empty with
    fewer than three values."""
    points = [(x, y) for x, y in enumerate(values) if y is not None]
    if len(points) < 3:
        return ""
    low, high = min(y for _, y in points), max(y for _, y in points)
    span = (high - low) or 1.0
    last = len(values) - 1
    places = [(2 + 92 * x / last, 21 - 18 * (y - low) / span) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    end_x, end_y = places[-1]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 98 24" width="98" height="24">'
        f'<polyline points="{path}" fill="none" stroke="{ACCENT}" stroke-width="1.4" '
        'stroke-linejoin="round" stroke-linecap="round" opacity="0.75"/>'
        f'<circle cx="{end_x:.1f}" cy="{end_y:.1f}" r="2.1" fill="{ACCENT}"/></svg>'
    )
