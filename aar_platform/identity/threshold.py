"""From which match weight on two records are taken for one customer: chosen from the data."""

from math import log2
from typing import TYPE_CHECKING

from aar_platform.identity.policy import IdentityPolicy

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# A wrong merge shows one person's data to another; a missed one only counts a customer twice.
# So precision counts twice as much as recall (van Rijsbergen's F with beta 0.5).
_BETA = 0.5
# Below even odds nothing is linked, whatever the data say.
_LEAST_WEIGHT = 0.0


def chosen_weight(
    weights: "npt.NDArray[np.float64]", probabilities: "npt.NDArray[np.float64]"
) -> float:
    """The match weight (log2 of odds) that gives the best expected F over the scored pairs.

    A pair of probability p is expected to be right p times: with the pairs from some weight on
    accepted, their probabilities sum to the right ones among them, and all pairs' probabilities to
    those there are. Where the best F is f, it is worth accepting every pair of a probability of
    f / (1 + beta²) or more (Lipton, Elkan, Naryanaswamy 2014), wherever the next pair lies.
    """
    import numpy as np

    if not len(weights):
        return _LEAST_WEIGHT
    right = np.cumsum(probabilities[np.argsort(-weights, kind="stable")])
    accepted = np.arange(1, len(right) + 1)
    score = (1 + _BETA**2) * right / (accepted + _BETA**2 * right[-1])
    least = float(score.max()) / (1 + _BETA**2)
    return max(log2(least / (1 - least)), _LEAST_WEIGHT)


def least_probability(chosen: float | None, policy: IdentityPolicy) -> float:
    """From which probability on two records are one customer; `chosen` is `chosen_weight`.

    Chosen from the data, it never reaches into the review band: those pairs wait for a person.
    """
    if policy.match_probability != "auto":
        return policy.match_probability
    return 1.0 if chosen is None else max(1 / (1 + 2.0**-chosen), policy.review_band[1])
