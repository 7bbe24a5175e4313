"""Pairs of records compared and weighed, after Fellegi and Sunter (1969)."""

from collections.abc import Collection, Sequence
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

# Bits that something besides the name must add: less than one stranger in eight has it in common.
# That two live in one big city is no more than that.
_TELLING = 3.0


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
    match_probability and is_linkable.

    is_linkable: more than the name speaks for it, and no other given name against it. What
    households, firms and namesakes have in common is taken off the weight. There are millions of
    pairs and some thousand combinations of outcomes, so what depends on the outcomes alone is
    worked out per combination.
    """
    used = compared(parameters, comparisons)
    kept = [one for one, _ in used]
    names = ", ".join(outcome(one) for one in kept)
    groups = range(len(parameters.near_rates))
    near = " + ".join(f"pow(2, least(900, near_{k} - shared_terms))" for k in groups)
    return bench.fill(
        f"""
        with outcomes as materialized (
            select join_key_l, join_key_r, {names}, {_terms(kept, own=True)} as own_terms,
                {_terms(kept, own=False)} as shared_terms
            from ({_outcomes(rows, pairs, kept)})
            where {_is_comparable(kept)}
        ),
        combinations as materialized (
            select {names}, {_alone(parameters, used)}
            from (select distinct {names} from outcomes)
        ),
        weighed as (
            select join_key_l, join_key_r, is_linkable,
                same_weight - own_terms - shared_terms - log2(1 + {near}) as weight
            from outcomes join combinations using ({names})
        )
        select join_key_l as "left", join_key_r as "right", round(weight, 6) as match_weight,
            round(1 / (1 + pow(2, -weight)), 9) as match_probability, is_linkable
        from weighed
        where weight >= {least_weight}
        """
    )


def _alone(parameters: Parameters, used: Sequence[tuple[Comparison, Answered]]) -> str:
    """SQL: what a combination of outcomes comes to, but for the frequency of its terms."""
    together = _of_one_country([one for one, _ in used])
    strangers = max(1 - parameters.same_rate - sum(parameters.near_rates), 1e-9)
    prior = log2(parameters.same_rate / (1 - parameters.same_rate))
    same = [_weight(one, answer, answer.same, together) for one, answer in used]
    near = [
        f"{log2(rate / strangers)}"
        + "".join(
            f" + {_weight(one, answer, answer.near[group], together)}"
            for one, answer in used
            if not one.is_own
        )
        + f" as near_{group}"
        for group, rate in enumerate(parameters.near_rates)
    ]
    for_it = {
        one.name: _weight(one, answer, answer.same, together, as_usual=True) for one, answer in used
    }
    known = {one.name for one, _ in used}
    more = [
        f"({for_it[one.name]} >= {_TELLING} and {_is_news(one, known)})"
        for one, _ in used
        if not one.is_name
    ]
    levels = [
        (one, level, f"{outcome(one)} = {len(one.levels) - 1 - k}")
        for one, _ in used
        for k, level in enumerate(one.levels)
    ]
    proof = [
        f"({shown} and {for_it[one.name]} > 0)" for one, level, shown in levels if level.identifies
    ]
    apart = [
        shown
        for one, level, shown in levels
        if level.tells_apart or (one.tells_apart and not level.condition)
    ]
    never = [f"{outcome(one)} = 0" for one, _ in used if one.keeps_apart]
    linkable = f"({_any(more)}) and (not ({_any(apart)}) or {_any(proof)}) and not ({_any(never)})"
    return (
        f"{prior} + {' + '.join(same)} as same_weight, {', '.join(near)}, {linkable} as is_linkable"
    )


def _is_news(comparison: Comparison, known: Collection[str]) -> str:
    """SQL: nothing says that two customers would agree here as well."""
    if comparison.unless is None or comparison.unless[0].name not in known:
        return "true"
    other, label = comparison.unless
    level = next(k for k, one in enumerate(other.levels) if one.label == label)
    return f"{outcome(other)} <> {len(other.levels) - 1 - level}"


def _any(conditions: Sequence[str]) -> str:
    return " or ".join(conditions) or "false"


def steps(
    bench: Workbench,
    rows: ir.Table,
    pairs: ir.Table,
    parameters: Parameters,
    comparisons: Sequence[Comparison],
) -> ir.Table:
    """What each comparison adds to the weight of a few pairs: left, right, and for each comparison
    its outcome and weight_<comparison>, the frequency of the terms included."""
    used = compared(parameters, comparisons)
    kept = [one for one, _ in used]
    together = _of_one_country(kept)
    added = ", ".join(
        f"{_weight(one, answer, answer.same, together)} - {_log_of_term(one)} "
        f"as weight_{column_of(one)}, {outcome(one)}"
        for one, answer in used
    )
    return bench.fill(
        f"""
        select join_key_l as "left", join_key_r as "right", {added}
        from ({_outcomes(rows, pairs, kept)})
        """
    )


def _of_one_country(comparisons: Sequence[Comparison]) -> str:
    """SQL: both records are of one country."""
    if COUNTRY not in comparisons:
        return "false"
    return f"{outcome(COUNTRY)} = {len(COUNTRY.levels) - 1}"


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
    return f"(case when {comparison.unknown} then -1 {levels} else 0 end)::tinyint"


def _terms(comparisons: Sequence[Comparison], *, own: bool) -> str:
    """SQL: log2 of the frequencies of the terms on which the two records agree."""
    parts = [_log_of_term(one) for one in comparisons if one.is_own == own]
    return " + ".join(parts) or "0"


def _log_of_term(comparison: Comparison) -> str:
    strongest = len(comparison.levels) - 1
    levels = " ".join(
        f"when {strongest - k} then log2(tf_{level.term})"
        for k, level in enumerate(comparison.levels)
        if level.term
    )
    return f"(case {outcome(comparison)} {levels} else 0 end)" if levels else "0"


def _weight(
    comparison: Comparison,
    answered: Answered,
    shares: Sequence[float],
    together: str,
    *,
    as_usual: bool = False,
) -> str:
    """SQL: log2 of how much more often the outcome is seen than among strangers.

    Where a term is agreed on, strangers say it as often as it is frequent: that is left to be taken
    off, unless the term is to be taken for one of usual frequency. `together` is SQL: both are of
    one country.
    """
    elsewhere = _levels(comparison, shares, answered.strangers, as_usual)
    if comparison is COUNTRY or together == "false":
        return elsewhere
    there = _levels(comparison, shares, answered.compatriots, as_usual)
    return f"(case when {together} then {there} else {elsewhere} end)"


def _levels(
    comparison: Comparison, shares: Sequence[float], others: Sequence[float], as_usual: bool
) -> str:
    strongest = len(comparison.levels) - 1
    levels = " ".join(
        f"when {strongest - k} then "
        f"{log2(share) if level.term and not as_usual else log2(share / other)}"
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
