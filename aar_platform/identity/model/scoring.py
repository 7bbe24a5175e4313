"""Pairs of records compared and weighed, after Fellegi and Sunter (1969)."""

from collections.abc import Sequence
from math import log2
from typing import TYPE_CHECKING

import ibis.expr.types as ir

from aar_platform.identity.model.comparison import Comparison
from aar_platform.identity.model.parameters import Answered, Parameters, compared
from aar_platform.identity.model.places import COUNTRY
from aar_platform.identity.model.workbench import Workbench, name_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Two outcomes at least, and a third where there is no name: one agreement is no identity.
_FEWEST_KNOWN, _FEWEST_WITHOUT_NAME = 2, 3


def column_of(comparison: Comparison) -> str:
    """The name of a comparison as part of a column's name."""
    return comparison.name.replace(" ", "_").replace("-", "_")


def outcome(comparison: Comparison) -> str:
    """The column that holds a comparison's outcome: -1 unknown, 0 the weakest level, …"""
    return "outcome_" + column_of(comparison)


def patterns(
    bench: Workbench, rows: ir.Table, pairs: ir.Table, comparisons: Sequence[Comparison]
) -> tuple["npt.NDArray[np.int64]", "npt.NDArray[np.float64]"]:
    """The combinations of outcomes that the pairs show, and how many pairs show each.

    Pairs with too little to compare are left out. `rows` are features with frequencies, `pairs`
    candidate pairs; both are tables of the workbench.
    """
    import numpy as np

    names = [outcome(one) for one in comparisons]
    listed = ", ".join(names)
    sql = (
        f"select {listed}, count(*) as pairs from ({_outcomes(rows, pairs, comparisons)}) "
        f"where {_is_comparable(comparisons)} group by {listed} order by {listed}"
    )
    with bench.cursor() as cursor:
        counted = cursor.execute(sql).to_arrow_table()
    shown = [counted[name].to_numpy().astype(np.int64) for name in names]
    return np.column_stack(shown), counted["pairs"].to_numpy().astype(np.float64)


def scored(
    bench: Workbench,
    rows: ir.Table,
    pairs: ir.Table,
    parameters: Parameters,
    comparisons: Sequence[Comparison],
    least_weight: float,
) -> ir.Table:
    """The pairs of at least `least_weight`: left, right (records), match_weight (log2 of the odds),
    match_probability, is_linkable, near_weight and weight_<comparison>, what each of them adds.

    is_linkable: more than the name speaks for it, and no other given name against it. near_weight:
    what households, firms and namesakes take away, never above 0.
    """
    used = compared(parameters, comparisons)
    countries = [one for one, _ in used if one is COUNTRY]
    together = f"{outcome(COUNTRY)} = {len(COUNTRY.levels) - 1}" if countries else "false"
    weights = [
        f"{_weight(one, answer, answer.same, together)} as {_added(one)}" for one, answer in used
    ]
    strangers = max(1 - parameters.same_rate - sum(parameters.near_rates), 1e-9)
    # Beyond 2**1000 a double overflows.
    near = " + ".join(
        f"pow(2, least(900, {log2(rate / strangers)}"
        + "".join(
            f" + {_weight(one, answer, answer.near[group], together)}"
            for one, answer in used
            if not one.is_own
        )
        + "))"
        for group, rate in enumerate(parameters.near_rates)
    )
    more = " or ".join(f"{_added(one)} > 0" for one, _ in used if not one.is_name) or "false"
    others = " and ".join(f"{outcome(one)} = 0" for one, _ in used if one.is_name and one.is_own)
    proof = " or ".join(f"{_added(one)} > 0" for one, _ in used if one.identifies) or "false"
    linkable = f"({more}) and (not ({others or 'false'}) or {proof})"
    total = " + ".join(_added(one) for one, _ in used)
    added = ", ".join(_added(one) for one, _ in used)
    prior = log2(parameters.same_rate / (1 - parameters.same_rate))
    kept = [one for one, _ in used]
    return bench.fill(
        f"""
        select join_key_l as "left", join_key_r as "right", round(weight, 6) as match_weight,
            round(1 / (1 + pow(2, -weight)), 9) as match_probability, {linkable} as is_linkable,
            near_weight, {added}
        from (
            select *, {prior} + {total} + near_weight as weight
            from (
                select *, {", ".join(weights)},
                    -log2(1 + {near}) as near_weight
                from ({_outcomes(rows, pairs, kept)})
                where {_is_comparable(kept)}
            )
        )
        where weight >= {least_weight}
        """
    )


def _added(comparison: Comparison) -> str:
    return "weight_" + column_of(comparison)


def _outcomes(rows: ir.Table, pairs: ir.Table, comparisons: Sequence[Comparison]) -> str:
    """SQL: the pairs with the outcome of each comparison and the frequency of the terms."""
    columns = [name for name in rows.columns if name != "unique_id"]
    both = ", ".join(f"{side}.{name} as {name}_{side}" for name in columns for side in "lr")
    terms = sorted({level.term for one in comparisons for level in one.levels if level.term})
    frequencies = "".join(f", greatest(tf_{term}_l, tf_{term}_r) as tf_{term}" for term in terms)
    cases = ", ".join(f"{_case(one)} as {outcome(one)}" for one in comparisons)
    return f"""
        select join_key_l, join_key_r, {cases}{frequencies}
        from (
            select join_key_l, join_key_r, {both}
            from {name_of(pairs)}
            join {name_of(rows)} as l on l.unique_id = join_key_l
            join {name_of(rows)} as r on r.unique_id = join_key_r
        )
    """


def _case(comparison: Comparison) -> str:
    strongest = len(comparison.levels) - 1
    levels = " ".join(
        f"when {level.condition} then {strongest - k}"
        for k, level in enumerate(comparison.levels)
        if level.condition
    )
    return f"case when {comparison.unknown} then -1 {levels} else 0 end"


def _weight(
    comparison: Comparison, answered: Answered, shares: Sequence[float], together: str
) -> str:
    """SQL: log2 of how much more often the outcome is seen than among strangers, of whom so many
    say the same as the value is frequent. `together` is SQL: both are of one country."""
    if comparison is COUNTRY:
        return _levels(comparison, shares, answered.strangers)
    return (
        f"(case when {together} then {_levels(comparison, shares, answered.compatriots)} "
        f"else {_levels(comparison, shares, answered.strangers)} end)"
    )


def _levels(comparison: Comparison, shares: Sequence[float], others: Sequence[float]) -> str:
    strongest = len(comparison.levels) - 1
    levels = " ".join(
        f"when {strongest - k} then {log2(share)} - log2(tf_{level.term})"
        if level.term
        else f"when {strongest - k} then {log2(share / other)}"
        for k, (level, share, other) in enumerate(
            zip(comparison.levels, shares, others, strict=True)
        )
    )
    return f"(case {outcome(comparison)} {levels} else 0 end)"


def _is_comparable(comparisons: Sequence[Comparison]) -> str:
    known = [f"({outcome(one)} >= 0)::int" for one in comparisons]
    names = [part for part, one in zip(known, comparisons, strict=True) if one.is_name] or ["0"]
    return (
        f"{' + '.join(known)} >= case when {' + '.join(names)} > 0 "
        f"then {_FEWEST_KNOWN} else {_FEWEST_WITHOUT_NAME} end"
    )
