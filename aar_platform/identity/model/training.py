"""Parameters of a model, estimated without labels.

Expectation maximisation after Fellegi and Sunter (1969) and Winkler (1988), with further kinds of
pairs beside those of one customer and of strangers: of customers who have something in common.
Strangers of one country are alike in name, town and street as others are not, and so are counted
by themselves.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aar_platform.identity.model.comparison import NEAR, Comparison
from aar_platform.identity.model.parameters import Answered
from aar_platform.identity.model.places import COUNTRY

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

# What is expected counts as so many pairs, so that a handful of records still has a model.
_STRANGERS, _FEW = 5_000.0, 10.0
# Before the data speak: pairs of each group per record. Three in ten records have a second one of
# the same customer, one in ten stands beside somebody of the household, and so on.
_PER_RECORD = {"same": 0.3, "household": 0.1, "firm": 0.1, "namesakes": 0.1}
# Even a table of two records is a sample of more customers than that.
_FEWEST_RECORDS = 10.0
_ROUNDS, _CLOSE = 500, 1e-5
_LEAST = 1e-6


def estimate(
    comparisons: Sequence[Comparison],
    random_patterns: "Integers",
    random_counts: "Floats",
    patterns: "Integers",
    counts: "Floats",
    records: int,
) -> tuple[float, tuple[float, ...], tuple[Answered, ...]]:
    """same_rate, near_rates and the answers of each comparison.

    `patterns` has a row per combination of outcomes and a column per comparison: -1 unknown, 0 the
    weakest level, and so on; `counts` how many candidate pairs show it. The random ones are those
    of pairs drawn blindly. Pairs that no blocking rule found are taken for strangers: that keeps
    the few candidates from passing for a sample of all pairs.
    """
    import numpy as np

    pairs = max(records * (records - 1) / 2, 1.0)
    strangers = _among_strangers(comparisons, random_patterns, random_counts)
    of_one_country = are_compatriots(comparisons, random_patterns)
    compatriots = _among_strangers(
        comparisons, random_patterns[of_one_country], random_counts[of_one_country]
    )
    of_one_country = are_compatriots(comparisons, patterns)
    as_strangers = _by_country(
        _log_likelihood(patterns, strangers),
        _log_likelihood(patterns, _with_country(comparisons, compatriots, strangers)),
        of_one_country,
    )
    own = [one.is_own for one in comparisons]
    as_own = _by_country(
        _log_likelihood(patterns, strangers, own),
        _log_likelihood(patterns, compatriots, own),
        of_one_country,
    )
    shared = [not one for one in own]
    groups = ("same", *NEAR)
    expected = {name: [_expected(one, name) for one in comparisons] for name in groups}
    size = max(records - 1, _FEWEST_RECORDS)
    first = {name: 2 * share / size for name, share in _PER_RECORD.items()}
    rates, shares = dict(first), dict(expected)
    for _ in range(_ROUNDS):
        odds = [np.log(rates["same"]) + _log_likelihood(patterns, shares["same"]) - as_strangers]
        odds += [
            np.log(rates[name])
            + _log_likelihood(patterns, shares[name], shared)
            + as_own
            - as_strangers
            for name in NEAR
        ]
        odds.append(np.full(len(patterns), np.log(max(1 - sum(rates.values()), _LEAST))))
        before, rate_before = shares["same"], rates["same"]
        for name, posterior in zip(groups, _posteriors(odds), strict=False):
            weights = posterior * counts
            shares[name] = [
                _shares(patterns[:, k], weights, expected[name][k], _FEW)
                for k in range(len(comparisons))
            ]
            rates[name] = (weights.sum() + _FEW) / (pairs + _FEW / first[name])
        moved = max(
            (abs(a - b).max() for a, b in zip(before, shares["same"], strict=True)), default=0.0
        )
        if moved < _CLOSE and abs(rates["same"] / rate_before - 1) < _CLOSE:
            break
    answers = tuple(
        Answered(
            one.name,
            _strongest_first(shares["same"][k]),
            _strongest_first(strangers[k]),
            _strongest_first(compatriots[k]),
            tuple(_strongest_first(shares[name][k]) for name in NEAR),
        )
        for k, one in enumerate(comparisons)
    )
    return float(rates["same"]), tuple(float(rates[name]) for name in NEAR), answers


def are_compatriots(comparisons: Sequence[Comparison], patterns: "Integers") -> "Flags":
    """Which patterns are those of two records of one country."""
    import numpy as np

    for k, one in enumerate(comparisons):
        if one is COUNTRY:
            return np.asarray(patterns[:, k] == len(COUNTRY.levels) - 1)
    return np.zeros(len(patterns), dtype=bool)


def _among_strangers(
    comparisons: Sequence[Comparison], patterns: "Integers", counts: "Floats"
) -> list["Floats"]:
    return [
        _shares(patterns[:, k], counts, _expected(one, "strangers"), _STRANGERS)
        for k, one in enumerate(comparisons)
    ]


def _with_country(
    comparisons: Sequence[Comparison],
    compatriots: Sequence["Floats"],
    strangers: Sequence["Floats"],
) -> list["Floats"]:
    """That two are of one country is as likely as among all strangers."""
    return [strangers[k] if one is COUNTRY else compatriots[k] for k, one in enumerate(comparisons)]


def _by_country(elsewhere: "Floats", together: "Floats", of_one_country: "Flags") -> "Floats":
    import numpy as np

    return np.asarray(np.where(of_one_country, together, elsewhere))


def _expected(comparison: Comparison, group: str) -> "Floats":
    """Expected shares, weakest level first, as outcomes are numbered."""
    import numpy as np

    shares = np.array([level.among(group) for level in reversed(comparison.levels)])
    return np.asarray(shares / shares.sum())


def _strongest_first(shares: "Floats") -> tuple[float, ...]:
    return tuple(round(float(share), 9) for share in reversed(shares))


def _shares(outcomes: "Integers", weights: "Floats", expected: "Floats", trust: float) -> "Floats":
    import numpy as np

    known = outcomes >= 0
    seen = np.bincount(outcomes[known], weights=weights[known], minlength=len(expected))
    shares = np.maximum((seen + trust * expected) / (seen.sum() + trust), _LEAST)
    return np.asarray(shares / shares.sum())


def _log_likelihood(
    patterns: "Integers", shares: Sequence["Floats"], which: Sequence[bool] | None = None
) -> "Floats":
    import numpy as np

    total = np.zeros(len(patterns))
    for k, share in enumerate(shares):
        if which is None or which[k]:
            known = patterns[:, k] >= 0
            total[known] += np.log(share[patterns[known, k]])
    return total


def _posteriors(odds: Sequence["Floats"]) -> list["Floats"]:
    import numpy as np

    top = np.maximum.reduce(list(odds))
    likely = [np.exp(part - top) for part in odds]
    total = sum(likely[1:], likely[0])
    return [part / total for part in likely]
