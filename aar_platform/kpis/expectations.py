"""What a KPI's own past leads one to expect of its next month: trend and season."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# With fewer months a trend is a guess; a season needs to have been seen one and a half times.
MONTHS_NEEDED = 8
MONTHS_FOR_SEASON = 18
# Of a hundred months that follow their past, one falls outside.
OUTSIDE = 0.01


@dataclass(frozen=True)
class Expected:
    """The expected value of a month, and the range it stays in 99 times of 100."""

    value: float
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value is inside the range."""
        return self.low <= value <= self.high


def expected(
    months: Sequence[date], values: Sequence[float], month: date, floor: float | None
) -> Expected | None:
    """The prediction interval of `month` by least squares over the months before it.

    A straight line over time and, from MONTHS_FOR_SEASON months on, one wave a year; intervals for
    a single new observation (Draper and Smith 1998, Applied Regression Analysis, 1.4 and 5.1).
    Nothing is expected below `floor`. None with fewer than MONTHS_NEEDED months. Values that do
    not scatter at all still leave room for a thousandth, so that rounding raises no alarm.
    """
    if len(values) < MONTHS_NEEDED:
        return None
    import numpy as np
    from scipy.stats import t

    at = np.array([_number(one) for one in months], float)
    known = _design(at, at[0], len(values) >= MONTHS_FOR_SEASON)
    new = _design(np.array([_number(month)], float), at[0], len(values) >= MONTHS_FOR_SEASON)
    outcome = np.array(values, float)
    weights, *_ = np.linalg.lstsq(known, outcome, rcond=None)
    degrees = len(outcome) - known.shape[1]
    variance = float(((outcome - known @ weights) ** 2).sum()) / degrees
    inverse = np.linalg.pinv(known.T @ known)
    spread = float(np.sqrt(variance * (1 + (new @ inverse @ new.T).item())))
    value = float((new @ weights).item())
    reach = max(float(t.ppf(1 - OUTSIDE / 2, degrees)) * spread, abs(value) / 1000)
    low, high = value - reach, value + reach
    if floor is None:
        return Expected(value, low, high)
    return Expected(max(value, floor), max(low, floor), max(high, floor))


def _design(at: "np.ndarray", start: float, has_season: bool) -> "np.ndarray":
    import numpy as np

    columns = [np.ones_like(at), at - start]
    if has_season:
        angle = 2 * np.pi * at / 12
        columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


def _number(month: date) -> int:
    return month.year * 12 + month.month
