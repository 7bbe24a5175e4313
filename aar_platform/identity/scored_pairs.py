"""Pairs of records of one kind, weighed by a model that fits them: anew, or for changed records."""

from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from aar_platform.identity.model import blocking, companies, features, people
from aar_platform.identity.model.comparison import Comparison
from aar_platform.identity.model.fitting import fitted
from aar_platform.identity.model.parameters import Parameters, compared
from aar_platform.identity.model.scoring import scored
from aar_platform.identity.model.workbench import Workbench
from aar_platform.identity.threshold import chosen_weight

COMPARISONS: dict[str, tuple[Comparison, ...]] = {
    "person": people.PEOPLE,
    "company": companies.COMPANIES,
}
_RULES: dict[str, tuple[blocking.Rule, ...]] = {
    "person": blocking.PEOPLE,
    "company": blocking.COMPANIES,
}
# log2 of the odds from which pairs are kept: 0.3 is far below what anybody wants to see.
LEAST_WEIGHT = -1.25
PAIRS = ibis.schema(
    {
        "left": "int64",
        "right": "int64",
        "match_weight": "float64",
        "match_probability": "float64",
        "is_linkable": "boolean",
    }
)
TERMS = ibis.schema(
    {"column_name": "string", "country": "string", "term": "string", "records": "int64"}
)


@dataclass(frozen=True)
class Earlier:
    """What an earlier run knows: its model, its terms, its pairs between records that have not
    changed (by their numbers now), the numbers of those that have (unique_id), and how many have
    been added, changed and removed since the model was fitted."""

    parameters: Parameters
    terms: ir.Table
    pairs: ir.Table
    changed: ir.Table


@dataclass(frozen=True)
class ScoredPairs:
    """`pairs` (PAIRS) and `terms` (TERMS), and the model; none without pairs."""

    pairs: ir.Table
    terms: ir.Table
    parameters: Parameters | None


def scored_pairs(
    bench: Workbench, records: ir.Table, kind: str, earlier: Earlier | None
) -> ScoredPairs:
    """The pairs of `records` (identity_records, numbered) of one kind that may be one customer."""
    if earlier is not None:
        return _continued(bench, records, kind, earlier)
    rows = bench.keep(features.features(records, kind))
    comparisons = features.filled(rows, COMPARISONS[kind])
    nothing = ScoredPairs(ibis.memtable([], schema=PAIRS), ibis.memtable([], schema=TERMS), None)
    if not comparisons:
        return nothing
    rows = features.telling(rows, comparisons)
    terms = bench.keep(features.term_counts(rows, comparisons).cast(TERMS))
    framed = bench.keep(features.with_frequencies(rows, terms, comparisons))
    found = fitted(bench, framed, kind, comparisons, _RULES[kind])
    if found is None:
        return nothing
    parameters, candidates = found
    weighed = scored(bench, framed, candidates, parameters, comparisons, LEAST_WEIGHT)
    chosen = weighed.filter(weighed.is_linkable).select("match_weight", "match_probability")
    arrays = chosen.to_pyarrow()
    threshold = chosen_weight(*(arrays[name].to_numpy() for name in chosen.columns))
    return ScoredPairs(weighed, terms, replace(parameters, threshold=threshold))


def _continued(bench: Workbench, records: ir.Table, kind: str, earlier: Earlier) -> ScoredPairs:
    """Pairs of changed records beside the earlier ones, by the earlier model."""
    parameters = earlier.parameters
    used = [one for one, _ in compared(parameters, COMPARISONS[kind])]
    rows = features.telling(features.features(records, kind), used)
    candidates = blocking.pairs_of_changed(bench, rows, parameters.rules, earlier.changed)
    left = candidates.select(record="join_key_l")
    right = candidates.select(record="join_key_r")
    named = records.semi_join(ibis.union(left, right, distinct=True), "record")
    framed = features.with_frequencies(
        bench.keep(features.features(named, kind)), earlier.terms, used
    )
    weighed = scored(bench, bench.keep(framed), candidates, parameters, used, LEAST_WEIGHT)
    pairs = ibis.union(earlier.pairs.select(*PAIRS.names).cast(PAIRS), weighed)
    return ScoredPairs(pairs, earlier.terms, parameters)
