"""From core tables to customers' records: normalise, compare, decide, cluster, give stable ids."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from aar_platform.identity.clusters import clusters
from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.exact_keys import exact_edges
from aar_platform.identity.hard_facts import apart, hard_values, is_proof
from aar_platform.identity.history import customer_history
from aar_platform.identity.model.parameters import Parameters
from aar_platform.identity.model.saved import SavedModel, model_rows, model_table, saved_models
from aar_platform.identity.model.workbench import Workbench, workbench
from aar_platform.identity.pair_states import identity_pairs, related_companies
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.identity.records import SCHEMA as IDENTITY_RECORD
from aar_platform.identity.records import identity_records, told_contents
from aar_platform.identity.scored_pairs import COMPARISONS, Earlier, ScoredPairs, scored_pairs
from aar_platform.identity.stable_ids import assign_customer_ids
from aar_platform.identity.threshold import least_probability
from aar_platform.tables import catalogue

if TYPE_CHECKING:
    import pyarrow as pa

# The tables that one run of linking makes, and starts from the next time.
TABLES = (
    "identity_records",
    "identity_pairs",
    "identity_model",
    "identity_terms",
    "customer_links",
    "customer_history",
)
# A model is fitted anew when so large a part of its records has changed.
_OUTDATED = 0.1
_EDGE = ("left", "right", "method", "match_weight", "match_probability", "reason")


@contextmanager
def linked(
    core: Mapping[str, ir.Table],
    country: str,
    policy: IdentityPolicy,
    decisions: "pa.Table | None",
    before: Mapping[str, ir.Table],
    now: datetime,
) -> Iterator[dict[str, ir.Table]]:
    """The TABLES, readable until the block is left.

    `core` is any subset of the core tables, `country` the organisation's, `decisions` what people
    decided (`decisions.active_decisions`), `before` the TABLES as the last run left them, none
    before the first; `now` is naive UTC. Records that have not changed since keep their pairs, and
    the model is fitted anew once a tenth of the records have.
    """
    contents = told_contents(core)
    with workbench(contents) as bench:
        records = _records(bench, core, country, bench.keep(contents), before)
        yield _linked(bench, records, policy, decisions, before, now)


def _records(
    bench: Workbench,
    core: Mapping[str, ir.Table],
    country: str,
    contents: ir.Table,
    before: Mapping[str, ir.Table],
) -> ir.Table:
    """`identity_records` with their numbers and contents; those that say what they said before are
    taken as they were."""
    key = ["kind", *RECORD]
    if "identity_records" not in before:
        made = identity_records(core, country)
        told = contents.select(*key, "content")
        return bench.keep(made.join(told, key).select(*made.columns, "content"))
    old = before["identity_records"].drop("known_from", "updated_at")
    kept = bench.keep(old.join(contents, [*key, "content"]))
    only = bench.keep(contents.anti_join(kept, key).select(*key, "content"))
    made = identity_records(core, country, only).drop("record").join(only, key)
    columns = [*(name for name in IDENTITY_RECORD.names if name != "record"), "content"]
    both = ibis.union(kept.select(*columns), made.select(*columns))
    number = ibis.row_number().over(order_by=[both[name] for name in key])
    return bench.keep(both.mutate(record=number.cast("int64")))


def _linked(
    bench: Workbench,
    records: ir.Table,
    policy: IdentityPolicy,
    decisions: "pa.Table | None",
    before: Mapping[str, ir.Table],
    now: datetime,
) -> dict[str, ir.Table]:
    saved = (
        saved_models(before["identity_model"], COMPARISONS) if "identity_model" in before else {}
    )
    earlier = _earlier(bench, records, saved, before)
    scores: dict[str, ScoredPairs] = {}
    rows = []
    for kind in COMPARISONS:
        known = earlier.get(kind)
        scores[kind] = scored_pairs(bench, records, kind, known[0] if known else None)
        if model := scores[kind].parameters:
            changed = known[1] if known else 0
            # Fitted anew to the same effect, a model is as old as it was.
            fitted_at = (
                saved[kind].fitted_at if kind in saved and saved[kind].parameters == model else now
            )
            rows += model_rows(model, COMPARISONS[kind], fitted_at, changed)
    weighed = bench.keep(_accepted(scores, policy))
    decided = _decided(records, decisions)
    edges = bench.keep(_edges(records, weighed, decided))
    count = int(records.count().to_pyarrow().as_py())
    components = bench.keep(clusters(count, edges))
    person = scores["person"].parameters
    different = decided.filter(decided.verdict == "different").select("left", "right")
    hard = apart(hard_values(records, person), components, different)
    parted = bench.keep(clusters(count, edges, hard))
    links = bench.keep(
        assign_customer_ids(_with_method(records, parted, edges), before.get("customer_links"), now)
    )
    history = customer_history(
        before.get("customer_links"), links, before.get("customer_history"), now
    )
    terms = [part.terms.mutate(kind=ibis.literal(kind)) for kind, part in scores.items()]
    schema = catalogue.ibis_schema("identity_records")
    return {
        "identity_records": records.select(*schema.names).cast(dict(schema.items())),
        "identity_pairs": bench.keep(
            _pair_states(
                bench, records, weighed, edges, parted, decided, person, policy.review_band[0]
            )
        ),
        "identity_model": model_table(rows),
        "identity_terms": ibis.union(*terms).select(*catalogue.ibis_schema("identity_terms")),
        "customer_links": links,
        "customer_history": bench.keep(history),
    }


def _earlier(
    bench: Workbench,
    records: ir.Table,
    saved: Mapping[str, SavedModel],
    before: Mapping[str, ir.Table],
) -> dict[str, tuple[Earlier, int]]:
    """By kind, for kinds whose model still fits the records: what the last run knows, and how many
    records have changed since the model was fitted."""
    if not saved:
        return {}
    known = {}
    numbered = records.select("kind", *RECORD, "record", "content")
    old = before["identity_records"].select("kind", *RECORD, "content")
    same = bench.keep(numbered.semi_join(old, ["kind", *RECORD, "content"]))
    changed = bench.keep(numbered.anti_join(old, ["kind", *RECORD, "content"]))
    for kind, (parameters, _, changed_since) in saved.items():
        kept, new, had = (
            int(part.filter(part.kind == kind).count().to_pyarrow().as_py())
            for part in (same, changed, old)
        )
        changes = changed_since + new + (had - kept)
        if not parameters.rules or changes > _OUTDATED * parameters.records:
            continue
        pairs = bench.keep(_numbered(before["identity_pairs"], same, kind))
        terms = before["identity_terms"]
        terms = terms.filter(terms.kind == kind).select("column_name", "country", "term", "records")
        moved = changed.filter(changed.kind == kind).select(unique_id="record")
        known[kind] = (Earlier(parameters, terms, pairs, moved), changes)
    return known


def _numbered(pairs: ir.Table, records: ir.Table, kind: str) -> ir.Table:
    """The weighed pairs whose two records are among `records`, by their numbers."""
    pairs = pairs.filter((pairs.kind == kind) & (pairs.method == "probabilistic"))
    for side in ("left", "right"):
        ends = records.select(
            **{f"{side}_{name}": name for name in RECORD}, **{f"{side}_number": "record"}
        )
        pairs = pairs.join(ends, [f"{side}_{name}" for name in RECORD])
    return pairs.select(
        "match_weight",
        "match_probability",
        "is_linkable",
        left=ibis.least(pairs.left_number, pairs.right_number),
        right=ibis.greatest(pairs.left_number, pairs.right_number),
    )


def _accepted(scores: Mapping[str, ScoredPairs], policy: IdentityPolicy) -> ir.Table:
    """The weighed pairs of all kinds, with is_accepted."""
    parts = []
    for part in scores.values():
        threshold = part.parameters.threshold if part.parameters else None
        least = least_probability(threshold, policy)
        is_accepted = part.pairs.is_linkable & (part.pairs.match_probability >= least)
        parts.append(part.pairs.mutate(is_accepted=is_accepted))
    return ibis.union(*parts)


def _decided(records: ir.Table, decisions: "pa.Table | None") -> ir.Table:
    """left, right, verdict: what people decided of records that are still there."""
    schema = ibis.schema({"left": "int64", "right": "int64", "verdict": "string"})
    if decisions is None or not decisions.num_rows:
        return ibis.memtable([], schema=schema)
    rows = ibis.memtable(decisions)
    for side in ("left", "right"):
        ends = records.select(**{f"{side}_{name}": name for name in RECORD}, **{side: "record"})
        rows = rows.join(ends, [f"{side}_{name}" for name in RECORD])
    return rows.select(
        left=ibis.least(rows.left, rows.right),
        right=ibis.greatest(rows.left, rows.right),
        verdict="verdict",
    ).distinct()


def _edges(records: ir.Table, weighed: ir.Table, decided: ir.Table) -> ir.Table:
    """What ties records: _EDGE and tie, a text that depends on what the two records say alone."""
    chosen = weighed.filter(weighed.is_accepted).mutate(
        method=ibis.literal("probabilistic"), reason=ibis.literal("model")
    )
    same = decided.filter(decided.verdict == "same")
    certain = {
        "match_weight": ibis.literal(1000.0),
        "match_probability": ibis.literal(1.0),
    }
    manual = same.mutate(method=ibis.literal("manual"), reason=ibis.literal("decision"), **certain)
    ruled = exact_edges(records).mutate(method=ibis.literal("rule"), **certain)
    edges = ibis.union(*(part.select(*_EDGE) for part in (chosen, manual, ruled)))
    left = records.select(left="record", left_content="content")
    right = records.select(right="record", right_content="content")
    told = edges.join(left, "left").join(right, "right")
    tie = ibis.least(told.left_content, told.right_content) + ibis.greatest(
        told.left_content, told.right_content
    )
    return told.select(*_EDGE, tie=tie)


def _with_method(records: ir.Table, parted: ir.Table, edges: ir.Table) -> ir.Table:
    """One row per record: what it is, its cluster, and by which of its edges it is in it.

    A record that no edge holds was found by its own id: `key`, probability 1.
    """
    own = parted.rename(left="record", left_cluster="cluster")
    other = parted.rename(right="record", right_cluster="cluster")
    held = edges.join(own, "left").join(other, "right")
    held = held.filter(held.left_cluster == held.right_cluster)
    ends = ibis.union(
        held.select("method", "match_probability", record="left"),
        held.select("method", "match_probability", record="right"),
    )
    best = ends.group_by("record").aggregate(
        method=ends.method.argmin(
            ibis.struct({"p": -ends.match_probability, "method": ends.method})
        ),
        match_probability=ends.match_probability.max(),
    )
    found = records.join(parted, "record").left_join(best, "record")
    return found.select(
        "kind",
        *RECORD,
        "cluster",
        method=found.method.fill_null("key"),
        match_probability=found.match_probability.fill_null(1.0),
    )


def _pair_states(
    bench: Workbench,
    records: ir.Table,
    weighed: ir.Table,
    edges: ir.Table,
    parted: ir.Table,
    decided: ir.Table,
    model: Parameters | None,
    low: float,
) -> ir.Table:
    certain = edges.filter(edges.method != "probabilistic")
    scored = weighed.mutate(method=ibis.literal("probabilistic"), reason=ibis.literal("model"))
    related = related_companies(records, edges).mutate(
        method=ibis.literal("rule"),
        match_weight=ibis.null("float64"),
        match_probability=ibis.null("float64"),
        is_linkable=ibis.literal(False),
        is_accepted=ibis.literal(False),
    )
    columns = [*_EDGE, "is_linkable", "is_accepted"]
    known = certain.mutate(is_linkable=ibis.literal(True), is_accepted=ibis.literal(True))
    pairs = bench.keep(ibis.union(*(part.select(*columns) for part in (known, scored, related))))
    facts = records.select(
        "record",
        national_id=records.national_id if is_proof(model) else ibis.null("string"),
        verified_birth_date=records.is_birth_date_verified.ifelse(
            records.birth_date, ibis.null("date")
        ),
    ).join(parted, "record")
    different = decided.filter(decided.verdict == "different").select("left", "right")
    return identity_pairs(records, pairs, bench.keep(facts), different, low)
