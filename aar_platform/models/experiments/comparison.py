"""A variant against the control: difference, lift, intervals, p-values, and what could be seen."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from aar_platform.models.experiments.cuped import Arm
from aar_platform.models.experiments.definition import Kind
from aar_platform.models.experiments.proportions import intervals, z_test
from aar_platform.models.experiments.sequential import always_valid_p_value, critical_value
from aar_platform.models.experiments.significance import ALPHA, POWER

Interval = tuple[float | None, float | None]
# Why there is no comparison.
Obstacle = Literal["too_few", "no_denominator", "no_variance"]

NO_INTERVAL: Interval = (None, None)


@dataclass(frozen=True)
class Comparison:
    """What a variant differs by from the control.

    Lifts are relative to the control's value, None where that is not above zero. Intervals are of
    95 %, p-values two-sided. `obstacle` says why all else is None, where it is.
    """

    difference: float | None = None
    difference_interval: Interval = NO_INTERVAL
    lift: float | None = None
    lift_interval: Interval = NO_INTERVAL
    p_value: float | None = None
    sequential_interval: Interval = NO_INTERVAL
    sequential_p_value: float | None = None
    minimum_detectable_difference: float | None = None
    minimum_detectable_lift: float | None = None
    variance_reduction: float | None = None
    obstacle: Obstacle | None = None


def compare(variant: Arm, control: Arm, kind: Kind) -> Comparison:
    """Compare a variant with the control.

    Proportions: z-test with the pooled variance, see `proportions` for it and the intervals. Means
    and ratios: Welch's test, unequal variances and Welch and Satterthwaite's degrees of freedom, of
    the adjusted values (see `cuped`). The interval of their lift is Fieller's (1954, "Some Problems
    in Interval Estimation"), which leaves 0 out exactly where the p-value is below 5 %. The
    smallest effect seen with a probability of 80 % is 2.80 standard errors (Bloom 1995, "Minimum
    Detectable Effects").
    """
    if min(variant.size, control.size) < 2:
        return Comparison(obstacle="too_few")
    told = (variant.adjusted_value, control.adjusted_value)
    variances = (variant.adjusted_variance, control.adjusted_variance)
    if told[0] is None or told[1] is None or variances[0] is None or variances[1] is None:
        return Comparison(obstacle="no_denominator")
    value, base = told[0], told[1]
    errors = (variances[0] / variant.size, variances[1] / control.size)
    squared_error = sum(errors)
    if squared_error <= 0 and (kind != "proportion" or value == base):
        return Comparison(obstacle="no_variance")
    least = _least_seen(squared_error)
    found = Comparison(
        difference=value - base,
        lift=(value - base) / base if base > 0 else None,
        minimum_detectable_difference=least,
        minimum_detectable_lift=least / base if least is not None and base > 0 else None,
        variance_reduction=_variance_reduction(variant, control, squared_error),
    )
    found = _with_sequential(found, value, base, errors, variant.size + control.size)
    if kind == "proportion":
        return _as_proportions(found, variant, control)
    return _as_means(found, value, base, errors, (variant.size, control.size))


def fieller(value: float, base: float, errors: tuple[float, float], reach: float) -> Interval:
    """The interval of value / base - 1 that reaches `reach` standard errors; `errors` are the
    squared standard errors of both. None where the base cannot be told from zero."""
    g = reach**2 * errors[1] / base**2 if base > 0 else math.inf
    if g >= 1:
        return NO_INTERVAL
    ratio = value / base
    within = errors[0] + ratio**2 * errors[1] - g * errors[0]
    half = reach / base * math.sqrt(max(within, 0.0))
    return (ratio - half) / (1 - g) - 1, (ratio + half) / (1 - g) - 1


def _as_means(
    found: Comparison,
    value: float,
    base: float,
    errors: tuple[float, float],
    sizes: tuple[int, int],
) -> Comparison:
    from scipy.stats import t

    error = math.sqrt(sum(errors))
    # Shares of the squared error: squares of small errors would vanish.
    shares = [one / sum(errors) for one in errors]
    freedom = 1 / sum(share**2 / (size - 1) for share, size in zip(shares, sizes, strict=True))
    reach = float(t.ppf(1 - ALPHA / 2, freedom))
    difference = value - base
    return replace(
        found,
        difference_interval=(difference - reach * error, difference + reach * error),
        lift_interval=fieller(value, base, errors, reach),
        p_value=float(2 * t.sf(abs(difference) / error, freedom)),
    )


def _as_proportions(found: Comparison, variant: Arm, control: Arm) -> Comparison:
    assert variant.value is not None and control.value is not None, "compared before"
    successes = round(variant.value * variant.size), round(control.value * control.size)
    sizes = variant.size, control.size
    of_difference, of_lift = intervals(successes, sizes)
    return replace(
        found,
        difference_interval=of_difference,
        lift_interval=of_lift or NO_INTERVAL,
        p_value=z_test(successes, sizes)[1],
    )


def _least_seen(squared_error: float) -> float | None:
    from scipy.stats import norm

    if squared_error <= 0:
        return None
    return float(norm.ppf(1 - ALPHA / 2) + norm.ppf(POWER)) * math.sqrt(squared_error)


def _variance_reduction(variant: Arm, control: Arm, squared_error: float) -> float | None:
    """The share of the squared error that the before has taken away; None where there was none."""
    assert variant.variance is not None and control.variance is not None, "compared before"
    before = variant.variance / variant.size + control.variance / control.size
    is_adjusted = (variant.adjusted_value, control.adjusted_value) != (variant.value, control.value)
    return 1 - squared_error / before if is_adjusted and before > 0 else None


def _with_sequential(
    found: Comparison, value: float, base: float, errors: tuple[float, float], customers: int
) -> Comparison:
    if sum(errors) <= 0:
        return found
    z = (value - base) / math.sqrt(sum(errors))
    return replace(
        found,
        sequential_interval=fieller(value, base, errors, critical_value(customers)),
        sequential_p_value=always_valid_p_value(z, customers),
    )
