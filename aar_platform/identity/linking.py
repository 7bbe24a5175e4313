"""From core tables to customers' records: normalise, compare, decide, cluster, give stable ids."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import ibis
import ibis.expr.types as ir

from aar_platform.identity.changed_records import RecordsNow, records_now
from aar_platform.identity.clusters import clusters, connected, parted
from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.edges import decided_pairs, edges, with_method
from aar_platform.identity.hard_facts import apart, hard_values
from aar_platform.identity.history import customer_history
from aar_platform.identity.model.saved import SavedModel, model_rows, model_table, saved_models
from aar_platform.identity.model.workbench import Workbench, workbench
from aar_platform.identity.pair_states import identity_pairs, pairs_known
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.identity.records import told_contents
from aar_platform.identity.scored_pairs import COMPARISONS, Earlier, ScoredPairs, scored_pairs
from aar_platform.identity.stable_ids import assign_customer_ids
from aar_platform.identity.threshold import least_probability
from aar_platform.tables import catalogue
from aar_platform.tables.exchange import Exchange

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


class Linked(NamedTuple):
    """The TABLES as they are now, and how those of them change that need not be written anew."""

    tables: dict[str, ir.Table]
    exchanges: dict[str, Exchange]


@contextmanager
def linked(
    core: Mapping[str, ir.Table],
    country: str,
    policy: IdentityPolicy,
    decisions: "pa.Table | None",
    before: Mapping[str, ir.Table],
    now: datetime,
) -> Iterator[Linked]:
    """The TABLES, readable until the block is left.

    `core` is any subset of the core tables, `country` the organisation's, `decisions` what people
    decided (`decisions.active_decisions`), `before` the TABLES as the last run left them, none
    before the first; `now` is naive UTC. Records that have not changed since keep their pairs, and
    the model is fitted anew once a tenth of the records have.
    """
    contents = told_contents(core, country)
    with workbench(contents) as bench:
        before = _of_this_version(before)
        old = before.get("identity_records")
        records = records_now(bench, core, country, contents, old)
        tables = _linked(bench, records, policy, decisions, before, now)
        exchanges = {}
        if records.gone is not None:
            exchanges["identity_records"] = Exchange("record", records.gone, records.arrived)
        yield Linked(tables, exchanges)


def _of_this_version(before: Mapping[str, ir.Table]) -> Mapping[str, ir.Table]:
    """What the last run left, without what can be made anew where a version with other columns
    made it: ids and history stay."""
    old = before.get("identity_records")
    if old is None or set(old.columns) == set(catalogue.ibis_schema("identity_records")):
        return before
    kept = ("customer_links", "customer_history")
    return {name: before[name] for name in kept if name in before}


def _linked(
    bench: Workbench,
    now_told: RecordsNow,
    policy: IdentityPolicy,
    decisions: "pa.Table | None",
    before: Mapping[str, ir.Table],
    now: datetime,
) -> dict[str, ir.Table]:
    records = now_told.records
    saved = (
        saved_models(before["identity_model"], COMPARISONS) if "identity_model" in before else {}
    )
    earlier = _earlier(bench, now_told, saved, before)
    scores: dict[str, ScoredPairs] = {}
    rows = []
    for kind in COMPARISONS:
        known = earlier.get(kind)
        scores[kind] = scored_pairs(bench, records, kind, known[0] if known else None)
        if model := scores[kind].parameters:
            changed = known[1] if known else 0
            # Fitted anew to the same effect, a model is as old as it was.
            is_same = kind in saved and saved[kind].parameters == model
            fitted_at = saved[kind].fitted_at if is_same else now
            rows += model_rows(model, COMPARISONS[kind], fitted_at, changed)
    weighed = bench.keep(_accepted(scores, policy))
    decided = bench.keep(decided_pairs(records, decisions))
    different = decided.filter(decided.verdict == "different").select("left", "right")
    tied = bench.keep(edges(records, weighed, decided))
    person = scores["person"].parameters
    facts = bench.keep(hard_values(records, person))
    labels = connected(_numbers(records), tied)
    hard = apart(facts, clusters(labels), different)
    parts = bench.keep(clusters(parted(labels, tied, records, hard)))
    previous = before.get("customer_links")
    links = bench.keep(assign_customer_ids(with_method(records, parts, tied), previous, now))
    history = customer_history(previous, links, before.get("customer_history"), now)
    terms = [part.terms.mutate(kind=ibis.literal(kind)) for kind, part in scores.items()]
    pairs = bench.keep(pairs_known(records, weighed, tied))
    return {
        "identity_records": records,
        "identity_pairs": bench.keep(
            identity_pairs(records, pairs, parts, facts, different, policy.review_band[0])
        ),
        "identity_model": model_table(rows),
        "identity_terms": ibis.union(*terms).select(*catalogue.ibis_schema("identity_terms")),
        "customer_links": links,
        "customer_history": bench.keep(history),
    }


def _numbers(records: ir.Table) -> int:
    """How many numbers records have: those that are gone have left theirs behind."""
    last = records.record.max().to_pyarrow().as_py()
    return 0 if last is None else int(last) + 1


def _earlier(
    bench: Workbench,
    now_told: RecordsNow,
    saved: Mapping[str, SavedModel],
    before: Mapping[str, ir.Table],
) -> dict[str, tuple[Earlier, int]]:
    """By kind, for kinds whose model still fits the records: what the last run knows, and how many
    records have changed since the model was fitted."""
    if now_told.gone is None:
        return {}
    known = {}
    stayed = before["identity_records"].anti_join(now_told.gone, "record")
    for kind, (parameters, _, changed_since) in saved.items():
        arrived, gone = (
            part.filter(part.kind == kind) for part in (now_told.arrived, now_told.gone)
        )
        removed = gone.anti_join(arrived, "record")
        counts = [int(part.count().to_pyarrow().as_py()) for part in (arrived, removed)]
        changes = changed_since + sum(counts)
        if not parameters.rules or changes > _OUTDATED * parameters.records:
            continue
        pairs = bench.keep(_numbered(before["identity_pairs"], stayed, kind))
        terms = before["identity_terms"]
        terms = terms.filter(terms.kind == kind).select("column_name", "country", "term", "records")
        moved = arrived.select(unique_id="record")
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
