"""From which match weight on two records are taken for one customer: chosen from the data."""

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
    """The match weight (log2 of odds) with the best expected F over the scored pairs.

    A pair of probability p is expected to be right p times: with the pairs from some weight on
    accepted, their probabilities sum to the right ones among them, and all pairs' probabilities to
    those there are.
    """
    import numpy as np

    if not len(weights):
        return _LEAST_WEIGHT
    order = np.argsort(-weights, kind="stable")
    right = np.cumsum(probabilities[order])
    accepted = np.arange(1, len(order) + 1)
    all_right = right[-1]
    score = (1 + _BETA**2) * right / (accepted + _BETA**2 * all_right)
    best = weights[order][int(np.argmax(score))]
    return float(max(best, _LEAST_WEIGHT))


def least_probability(chosen: float | None, policy: IdentityPolicy) -> float:
    """From which probability on two records are one customer; `chosen` is `chosen_weight`.

    Chosen from the data, it never reaches into the review band: those pairs wait for a person.
    """
    if policy.match_probability != "auto":
        return policy.match_probability
    return 1.0 if chosen is None else max(1 / (1 + 2.0**-chosen), policy.review_band[1])
