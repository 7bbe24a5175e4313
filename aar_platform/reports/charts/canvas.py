"""A bare chart over months: scales, grid, month names and legend, placed by hand in points.

matplotlib's own axes take 60 ms a chart to make and measure their ticks; a report for each of a
hundred accounts has two hundred of them.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from aar_platform.reports.blocks import Kind, Series
from aar_platform.reports.charts.style import HUES, MUTED, POINTS, RULE, WIDTH, blank
from aar_platform.reports.formats.arrange import text_width
from aar_platform.reports.wording import Wording

if TYPE_CHECKING:
    from matplotlib.artist import Artist

HEIGHT = 1.86  # inches
SMALL = POINTS - 0.5
# Points that a half-width character takes at the small size, a little generous.
CHARACTER = 4.1


class Canvas:
    """An area with a value scale and one place per month."""

    def __init__(
        self,
        months: Sequence[date],
        limits: tuple[float, float],
        kind: Kind,
        wording: Wording,
        *,
        room_right: float,
        is_named: bool,
    ) -> None:
        from matplotlib.transforms import Affine2D

        self.figure = blank(HEIGHT)
        self.points = Affine2D().scale(1 / 72) + self.figure.dpi_scale_trans
        self.months, self.kind, self.wording = months, kind, wording
        self.low, self.high = limits
        self.ticks = _ticks(self.low, self.high, whole=kind == "number")
        self.tick_labels = [wording.axis(tick, kind) for tick in self.ticks]
        self.left = 6 + CHARACTER * max(text_width(label) for label in self.tick_labels)
        self.right = WIDTH * 72 - room_right
        self.bottom, self.top = 24.0, HEIGHT * 72 - (17 if is_named else 5)
        self.step = (self.right - self.left) / max(len(months), 1)

    def x(self, place: float) -> float:
        """Where the middle of a month is."""
        return self.left + self.step * (place + 0.5)

    def y(self, value: float) -> float:
        """Where a value is."""
        share = (value - self.low) / (self.high - self.low)
        return self.bottom + share * (self.top - self.bottom)

    def add(self, artist: "Artist") -> None:
        """Put something drawn in points onto the canvas."""
        artist.set_transform(self.points)
        self.figure.add_artist(artist)

    def write(self, x: float, y: float, text: str, **look: Any) -> None:
        """Put text onto the canvas."""
        from matplotlib.text import Text

        look = {"color": MUTED, "fontsize": SMALL, "va": "center", **look}
        self.add(Text(x, y, text, **look))

    def line(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        """Put a line onto the canvas."""
        from matplotlib.lines import Line2D

        self.add(Line2D(xs, ys, **look))

    def area(
        self, corners: Sequence[Sequence[tuple[float, float]]], colour: str, **look: Any
    ) -> None:
        """Put closed shapes onto the canvas, as one path."""
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path

        points: list[tuple[float, float]] = []
        codes: list[Any] = []
        for shape in corners:
            points += [*shape, shape[0]]
            codes += [Path.MOVETO, *[Path.LINETO] * (len(shape) - 1), Path.CLOSEPOLY]
        if points:
            look = {"linewidth": 0, **look}
            self.add(PathPatch(Path(points, codes), facecolor=colour, edgecolor="none", **look))

    def ground(self) -> None:
        """Grid, values and months."""
        for tick, label in zip(self.ticks, self.tick_labels, strict=True):
            is_base = tick == 0
            colour = MUTED if is_base and self.low < 0 else RULE
            self.line(
                [self.left, self.right], [self.y(tick)] * 2, color=colour, linewidth=0.5, zorder=0.5
            )
            self.write(self.left - 4, self.y(tick), label, ha="right")
        count = len(self.months)
        step = 1 if count <= 13 else 3
        year = None
        for place, month in enumerate(self.months):
            if (count - 1 - place) % step:
                continue
            name = self.wording.short_month(month)
            self.write(self.x(place), self.bottom - 4, name, ha="center", va="top")
            if month.year != year:
                year = month.year
                self.write(self.x(place), self.bottom - 13.5, str(year), ha="center", va="top")

    def legend(self, many: Sequence[Series]) -> None:
        """Names of the series above the chart, each with its colour."""
        x, y = 6.0, HEIGHT * 72 - 6.5
        for position, series in enumerate(many):
            colour = HUES[series.hue_at(position)]
            self.area([[(x, y - 3), (x, y + 3), (x + 7, y + 3), (x + 7, y - 3)]], colour)
            self.write(x + 10, y - 0.3, series.name)
            x += 10 + CHARACTER * text_width(series.name) + 9


def _ticks(low: float, high: float, whole: bool) -> list[float]:
    """Three to six round values within the limits."""
    from matplotlib.ticker import MaxNLocator

    locator = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10], integer=whole)
    room = 1e-9 * (high - low)
    inside = [float(v) for v in locator.tick_values(low, high) if low - room <= v <= high + room]
    return [0.0 if abs(tick) < 1e-9 * (high - low) else float(f"{tick:.10g}") for tick in inside]
