"""Two proportions: the test, and intervals that hold with few successes too."""

from typing import Any

Pair = tuple[int, int]
Interval = tuple[float, float]


def z_test(successes: Pair, sizes: Pair) -> tuple[float, float]:
    """z and the two-sided p-value of the first proportion less the second, with the pooled
    variance. Neither exists where all customers did it, or none."""
    from statsmodels.stats.proportion import proportions_ztest

    z, p_value = proportions_ztest(list(successes), list(sizes))
    return float(z), float(p_value)


def intervals(successes: Pair, sizes: Pair) -> tuple[Interval, Interval | None]:
    """The 95 % intervals of the difference and of the lift, both of the first over the second.

    Of the difference Newcombe's (1998, "Interval estimation for the difference between independent
    proportions", method 10), of the lift that of the logarithm with half a success added (Walter
    1975, "The distribution of Levin's measure of attributable risk"); the half would be all there
    is, and the lift has no interval, where an arm has no success. Score intervals would agree with
    the test to the last digit, but statsmodels 0.15 finds no root for one pair of counts in four
    whose sizes are far apart.
    """
    import numpy as np
    from statsmodels.stats.proportion import confint_proportions_2indep

    (one, other), (size, other_size) = successes, sizes
    counts: tuple[Any, ...] = (one, size, other, other_size)
    # The ratio and the odds ratio, which are not used here, may be infinite.
    with np.errstate(all="ignore"):
        low, high = confint_proportions_2indep(*counts, compare="diff", method="newcomb")
        least, most = confint_proportions_2indep(*counts, compare="ratio", method="log-adjusted")
    of_lift = (float(least) - 1, float(most) - 1) if one and other else None
    # All against none is rounded to a hair above 1.
    return (max(float(low), -1.0), min(float(high), 1.0)), of_lift
