"""Whether the variants of an experiment have the sizes that they should."""

from collections.abc import Mapping

import ibis.expr.types as ir

from aar_platform.quality.audits import Verdict

# Once in a hundred sound experiments it is a false alarm; a split that is broken by a redirect or
# a lost event is far beyond (Fabijan et al. 2019, "Diagnosing Sample Ratio Mismatch").
LEAST_P_VALUE = 0.01
# Chi-square is not to be trusted where fewer customers are expected (Cochran 1954).
LEAST_EXPECTED = 5


def sample_ratio_p_value(
    sizes: Mapping[str, int], split: Mapping[str, float] | None
) -> float | None:
    """Probability of sizes at least as far from the split, if customers were split as they should.

    Chi-square test of `sizes` by variant against the shares in `split` (equal ones where it is
    None). 0 where a variant has customers that should have none. None with fewer than two variants,
    and where fewer than five customers are expected in one.
    """
    from scipy.stats import chisquare

    shares = dict(split) if split else dict.fromkeys(sizes, 1.0)
    total = sum(sizes.values())
    if total and any(size and variant not in shares for variant, size in sizes.items()):
        return 0.0
    expected = [total * share / sum(shares.values()) for share in shares.values()]
    if len(shares) < 2 or min(expected) < LEAST_EXPECTED:
        return None
    return float(chisquare([sizes.get(variant, 0) for variant in shares], expected).pvalue)


def sample_ratio_verdict(results: ir.Table) -> Verdict:
    """Of the table `experiment_results`: whether all experiments have the sizes they should, and
    the p-values of those that have not."""
    failing = results.filter(results.is_sample_ratio_ok == False)  # noqa: E712
    found = (
        failing.group_by("experiment")
        .aggregate(p_value=failing.sample_ratio_p_value.min())
        .order_by("experiment")
    )
    p_values = {row["experiment"]: row["p_value"] for row in found.to_pyarrow().to_pylist()}
    if not p_values:
        return Verdict(True, "warn", "the variants have the sizes they should")
    told = ", ".join(f"{name} (p = {p_value:.2g})" for name, p_value in p_values.items())
    message = f"do not trust the figures of {told}: the variants do not have the sizes they should"
    return Verdict(False, "warn", message, dict(p_values))
