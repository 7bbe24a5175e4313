"""What became of customer_ids from one run to the next: founded, merged, split."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.tables import catalogue


def customer_history(
    previous_links: ir.Table | None,
    links: ir.Table,
    previous_history: ir.Table | None,
    now: datetime,
) -> ir.Table:
    """The table `customer_history`: the earlier events and those of this run, at `now` (UTC).

    `created`: an id that no earlier event created. `merged_into`: an id that is gone, and the one
    that most of its records went to. `split_from`: an id that is new and holds records of an id
    that lives on. Records that the sources no longer have leave no event.
    """
    schema = catalogue.ibis_schema("customer_history")
    earlier = ibis.memtable([], schema=schema) if previous_history is None else previous_history
    ids = links.select("customer_id").distinct()
    told = earlier.filter(earlier.event == "created").select("customer_id").distinct()
    events = [_event(ids.anti_join(told, "customer_id"), "created", now)]
    if previous_links is not None:
        moved = previous_links.select(*RECORD, earlier_id="customer_id").join(
            links.select(*RECORD, "customer_id"), list(RECORD)
        )
        moved = moved.filter(moved.earlier_id != moved.customer_id)
        moves = moved.group_by(["earlier_id", "customer_id"]).aggregate(records=moved.count())
        events += [_merges(moves, ids, now), _splits(moves, ids, previous_links, now)]
    return ibis.union(earlier.select(*schema.names).cast(dict(schema.items())), *events)


def _merges(moves: ir.Table, ids: ir.Table, now: datetime) -> ir.Table:
    gone = moves.anti_join(ids, moves.earlier_id == ids.customer_id)
    gone = gone.select("earlier_id", "customer_id", "records")
    goal = gone.group_by("earlier_id").aggregate(
        other_customer_id=gone.customer_id.argmin(
            ibis.struct({"records": -gone.records, "customer_id": gone.customer_id})
        )
    )
    return _event(goal.rename(customer_id="earlier_id"), "merged_into", now)


def _splits(moves: ir.Table, ids: ir.Table, previous_links: ir.Table, now: datetime) -> ir.Table:
    before = previous_links.select("customer_id").distinct()
    living = ids.select(earlier_id="customer_id")
    new = moves.select("earlier_id", "customer_id").semi_join(living, "earlier_id")
    new = new.anti_join(before, "customer_id").select("customer_id", other_customer_id="earlier_id")
    return _event(new, "split_from", now)


def _event(subjects: ir.Table, event: str, now: datetime) -> ir.Table:
    schema = catalogue.ibis_schema("customer_history")
    facts = {
        "event": ibis.literal(event),
        "other_customer_id": ibis.null("string"),
        "occurred_at": ibis.literal(now, "timestamp(6)"),
    }
    columns = subjects.columns
    new = {name: value for name, value in facts.items() if name not in columns}
    return subjects.select(*columns).mutate(**new).select(*schema.names).cast(dict(schema.items()))
