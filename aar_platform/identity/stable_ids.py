"""Ids of customers that outlive re-runs: which earlier id a cluster of records goes on with."""

from datetime import datetime
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.tables import catalogue

if TYPE_CHECKING:
    import pandas as pd

_BEFORE = ("linked_at", "earlier_id")
# How often the same smallest record can found a new customer while its earlier ids live on.
_FOUNDINGS = 64


def assign_customer_ids(
    clusters: ir.Table, previous_links: ir.Table | None, now: datetime
) -> ir.Table:
    """The table `customer_links` for `clusters` (one row per record, with its cluster's number).

    A cluster goes on with the earlier id that most of its records had (of equals the oldest); where
    several want one id, the one with most of its records has it (of equals the one with the record
    that the id was made from) and the others take their next choice. A cluster left without is new:
    'C' and 15 hexadecimal digits of the MD5 of its smallest (kind, source, object, record_id).
    `linked_at` stays where the customer_id does.
    `now` is naive UTC.
    """
    schema = catalogue.ibis_schema("customer_links")
    if previous_links is None:
        previous_links = ibis.memtable([], schema=schema)
    before = previous_links.select(*RECORD, "linked_at", earlier_id="customer_id")
    # Worked out once: clusters are costly, and looked at several times here.
    known = clusters.left_join(before, list(RECORD)).select(*clusters.columns, *_BEFORE).cache()
    linked = known.join(_ids(known, before.select("earlier_id").distinct()), "cluster")
    is_same = (linked.earlier_id == linked.customer_id).fill_null(False)
    linked_at = is_same.ifelse(linked.linked_at, ibis.literal(now, "timestamp(6)"))
    columns = linked.mutate(linked_at=linked_at).select(*schema.names)
    return columns.cast(dict(schema.items()))


def _ids(known: ir.Table, taken: ir.Table) -> ir.Table:
    """cluster, customer_id: one row per cluster of `known`, records with their `earlier_id`."""
    had = known.filter(known.earlier_id.notnull())
    by_cluster = had.group_by("cluster").aggregate(
        customer_id=had.earlier_id.min(), other_id=had.earlier_id.max()
    )
    by_id = had.group_by("earlier_id").aggregate(first=had.cluster.min(), last=had.cluster.max())
    lone = by_id.filter(by_id.first == by_id.last).select(customer_id="earlier_id")
    kept = by_cluster.filter(by_cluster.customer_id == by_cluster.other_id)
    kept = kept.semi_join(lone, "customer_id").select("cluster", "customer_id")
    contested = had.anti_join(kept, "cluster")
    votes = contested.group_by("cluster", customer_id=contested.earlier_id).aggregate(
        records=contested.count(),
        is_founder=(_id_of(_seed(contested)) == contested.earlier_id).any(),
        since=contested.linked_at.min(),
    )
    settled = _settled(votes.to_pandas())
    kept = ibis.union(kept, ibis.memtable(settled, schema=kept.schema()))
    new = known.anti_join(kept, "cluster")
    seeds = new.group_by("cluster").aggregate(seed=_seed(new).min())
    return ibis.union(kept, _founded(seeds, taken))


def _settled(contested: "pd.DataFrame") -> "pd.DataFrame":
    """Each id to one cluster, each cluster at most one id: most records first, then the oldest,
    then the founder's."""
    import pandas as pd

    votes = contested.sort_values(
        ["records", "since", "is_founder", "customer_id", "cluster"],
        ascending=[False, True, False, True, True],
    )
    settled = [votes.head(0)]
    while len(votes):
        # A vote that comes first both for its cluster and for its id can be outdone by none.
        won = votes[~votes.duplicated("cluster") & ~votes.duplicated("customer_id")]
        settled.append(won)
        votes = votes[
            ~votes["cluster"].isin(won["cluster"]) & ~votes["customer_id"].isin(won["customer_id"])
        ]
    return pd.concat(settled)[["cluster", "customer_id"]]


def _founded(seeds: ir.Table, taken: ir.Table) -> ir.Table:
    """New ids. The smallest record of a cluster may have left one that goes on with the id made
    from it: then the seed is numbered until its id is free."""
    first = seeds.select("cluster", "seed").mutate(customer_id=lambda rows: _id_of(rows.seed))
    clashing = first.semi_join(taken, first.customer_id == taken.earlier_id).select(
        "cluster", "seed"
    )
    again = clashing.mutate(founding=ibis.range(1, _FOUNDINGS).unnest())
    again = again.mutate(customer_id=_id_of(again.seed + "\x1f" + again.founding.cast("string")))
    again = again.anti_join(taken, again.customer_id == taken.earlier_id).select(*again.columns)
    again = again.group_by("cluster").aggregate(
        customer_id=again.customer_id.argmin(again.founding)
    )
    free = first.anti_join(taken, first.customer_id == taken.earlier_id)
    return ibis.union(free.select("cluster", "customer_id"), again)


def _seed(records: ir.Table) -> ir.StringValue:
    """What an id is made from."""
    return ibis.literal("\x1f").join([records[name] for name in ("kind", *RECORD)])


def _id_of(seed: ir.StringValue) -> ir.StringValue:
    return ibis.literal("C") + seed.hexdigest("md5").left(15)
