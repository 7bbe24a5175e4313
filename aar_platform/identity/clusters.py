"""Records that edges hold together, directly or through others."""

import ibis
import ibis.expr.types as ir


def clusters(records: ir.Table, edges: ir.Table) -> ir.Table:
    """One row per record: kind, source, object, record_id, cluster, method, match_probability.

    `records` is numbered densely from 0 in its column `record`; `edges` names such numbers in
    left and right. `cluster` is the smallest number in the connected component. A record that
    no edge holds was found by its own id (`key`, probability 1); others take both from their
    strongest edge.
    """
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = int(records.count().execute())
    pairs = edges.select("left", "right").to_pyarrow()
    left, right = (pairs[side].to_numpy() for side in ("left", "right"))
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False) if count else (0, np.empty(0, int))
    _, smallest = np.unique(labels, return_index=True)
    component = ibis.memtable(
        pa.table({"record": np.arange(count), "cluster": smallest[labels].astype("int64")})
    )
    ends = ibis.union(
        edges.select("method", "match_probability", record="left"),
        edges.select("method", "match_probability", record="right"),
    )
    held = ends.group_by("record").aggregate(
        method=ends.method.argmax(ends.match_probability),
        match_probability=ends.match_probability.max(),
    )
    found = records.join(component, "record").left_join(held, "record")
    return found.select(
        "kind",
        "source",
        "object",
        "record_id",
        "cluster",
        method=found.method.fill_null("key"),
        match_probability=found.match_probability.fill_null(1.0),
    )
