"""Intervals and p-values that hold however often somebody looks and whenever they stop.

An asymptotic confidence sequence: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2021,
"Time-uniform central limit theory and asymptotic confidence sequences", theorem 2.2. Its p-value
inverts the same Gaussian mixture, as in Johari, Koomen, Pekelis and Walsh 2017, "Peeking at A/B
Tests".
"""

import math

from aar_platform.models.experiments.significance import ALPHA

# Chosen once, before any data: at this many customers in both arms together the intervals are
# narrowest for their kind, 1.55 times as wide as ones that allow a single look. With 500 customers
# they are 1.97 times as wide, with 500,000 1.82 times.
TIGHTEST_AT = 5_000
# Their equation for the tuning parameter, with the number of customers as time.
RHO_SQUARED = (-2 * math.log(ALPHA) + math.log(-2 * math.log(ALPHA) + 1)) / TIGHTEST_AT


def critical_value(customers: int) -> float:
    """How many standard errors the 95 % interval reaches to either side, with so many customers in
    both arms together (1.96 for somebody who looks once)."""
    information = customers * RHO_SQUARED
    return math.sqrt(
        2 * (information + 1) / information * math.log(math.sqrt(information + 1) / ALPHA)
    )


def always_valid_p_value(z: float, customers: int) -> float:
    """The p-value of a difference of `z` standard errors with so many customers in both arms.

    The probability that it ever falls to p or below without a difference is p at the most.
    """
    information = customers * RHO_SQUARED
    evidence = information * z**2 / (2 * (information + 1))
    return min(1.0, math.exp(0.5 * math.log(information + 1) - evidence))
