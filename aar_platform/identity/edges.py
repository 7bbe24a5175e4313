"""What ties records: what people say, exact keys, and the pairs that the model accepts."""

from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.exact_keys import exact_edges

if TYPE_CHECKING:
    import pyarrow as pa

EDGE = ("left", "right", "method", "match_weight", "match_probability", "reason")


def decided_pairs(records: ir.Table, decisions: "pa.Table | None") -> ir.Table:
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


def edges(records: ir.Table, weighed: ir.Table, decided: ir.Table) -> ir.Table:
    """What ties records, with the columns EDGE. `weighed` are pairs with is_accepted, `decided` is
    `decided_pairs`."""
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
    return ibis.union(*(part.select(*EDGE) for part in (chosen, manual, ruled)))


def with_method(records: ir.Table, parted: ir.Table, edges: ir.Table) -> ir.Table:
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
