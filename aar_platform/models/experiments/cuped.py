"""Values of variants, freed of the chance differences that were there before the assignment."""

from collections.abc import Mapping
from dataclasses import dataclass

from aar_platform.models.experiments.definition import Kind, Moments

# Relative to the squares they are made of: what rounding leaves of a variance that is 0.
_NOTHING = 1e-12


@dataclass(frozen=True)
class Arm:
    """A variant's value, and the variance of what one customer adds to it.

    `variance / size` is the squared standard error of `value`, `adjusted_variance / size` that of
    `adjusted_value`. All are None where they cannot be told: no denominator, fewer than two
    customers.
    """

    size: int
    value: float | None = None
    variance: float | None = None
    adjusted_value: float | None = None
    adjusted_variance: float | None = None


def arms(moments: Mapping[str, Moments], kind: Kind) -> dict[str, Arm]:
    """The arms of one metric, by variant.

    A mean or ratio is the sum of numerators over the sum of denominators; its variance is that of
    the linearised (y - R d) / mean(d) (delta method: Deng, Knoblich and Lu 2018, "Applying the
    Delta Method in Metric Analytics"). Where customers differed before the assignment, the adjusted
    value is the value less theta times the arm's mean of the same figure before, taken as its
    difference from all arms together, and theta is the covariance of after and before over the
    variance of before, within arms, of all arms together (CUPED: Deng, Xu, Kohavi and Walker 2013,
    "Improving the Sensitivity of Online Controlled Experiments by Utilizing Pre-Experiment Data").
    Without a before the adjusted value is the value. Proportions are never adjusted, so that
    anybody can test them again from the counts.
    """
    raw = {variant: _raw(one, kind) for variant, one in moments.items()}
    before = None if kind == "proportion" else _ratio_before(moments)
    if before is None:
        return raw
    usable = {
        variant: (one, raw[variant].value)
        for variant, one in moments.items()
        if one.covariances is not None and raw[variant].variance is not None
    }
    together = variance = 0.0
    squares = 0.0
    for one, value in usable.values():
        assert value is not None, "a variance has a value"
        inner = _within(one, value, before)
        together += (one.size - 1) * inner[0]
        variance += (one.size - 1) * inner[1]
        squares += (one.size - 1) * inner[2]
    if variance <= _NOTHING * squares:
        return raw
    theta = together / variance
    return {
        variant: _adjusted(raw[variant], moments[variant], theta, before)
        if variant in usable
        else raw[variant]
        for variant in moments
    }


def _raw(one: Moments, kind: Kind) -> Arm:
    if one.size == 0 or one.means is None or not one.means[1]:
        return Arm(one.size)
    y, d = one.means[:2]
    value = y / d
    if one.covariances is None:
        return Arm(one.size, value, None, value, None)
    if kind == "proportion":
        variance = value * (1 - value)
    else:
        (yy, yd), dd = one.covariances[0][:2], one.covariances[1][1]
        variance = (yy - 2 * value * yd + value**2 * dd) / d**2
        floor = _NOTHING * (yy + value**2 * dd) / d**2 + (_NOTHING * value) ** 2
        variance = variance if variance > floor else 0.0
    return Arm(one.size, value, variance, value, variance)


def _ratio_before(moments: Mapping[str, Moments]) -> float | None:
    """The figure before the assignment in all arms together; None where there is none."""
    known = [one for one in moments.values() if one.means is not None]
    numerators = sum(one.size * one.means[2] for one in known if one.means)
    denominators = sum(one.size * one.means[3] for one in known if one.means)
    return numerators / denominators if denominators else None


def _within(one: Moments, value: float, before: float) -> tuple[float, float, float]:
    """Covariance of after and before, variance of before, and the squares that the latter is made
    of, in one arm; after and before both linearised."""
    assert one.means is not None and one.covariances is not None, "asked of usable arms alone"
    c, d = one.covariances, one.means[1]
    together = (c[0][2] - before * c[0][3] - value * c[1][2] + value * before * c[1][3]) / d
    variance = c[2][2] - 2 * before * c[2][3] + before**2 * c[3][3]
    return together, variance, c[2][2] + before**2 * c[3][3] + before**2


def _adjusted(arm: Arm, one: Moments, theta: float, before: float) -> Arm:
    assert arm.value is not None and arm.variance is not None and one.means is not None
    together, of_before, _ = _within(one, arm.value, before)
    shift = theta * (one.means[2] - before * one.means[3])
    variance = arm.variance - 2 * theta * together + theta**2 * of_before
    return Arm(
        arm.size,
        arm.value,
        arm.variance,
        arm.value - shift,
        variance if variance > _NOTHING * arm.variance else 0.0,
    )
