"""The quarantine over all sources: what is refused today, with what was known of it before."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from aar_platform.tables import catalogue

_KEY = ("source", "object", "record_id", "rule")


def merge_quarantine(parts: Sequence[ir.Table], previous: ir.Table | None) -> ir.Table:
    """What is refused now, keeping when it was first refused and whether it was dismissed.

    `parts` and `previous` have the schema of `quarantine`, as has the result. A record that no
    part refuses any more is gone; one that was marked as repaired and is refused again by the same
    rule is open again.
    """
    schema = catalogue.ibis_schema("quarantine")
    if not parts:
        return ibis.memtable([], schema=schema)
    refused = ibis.union(*parts) if len(parts) > 1 else parts[0]
    if previous is None:
        return refused.select(*schema)
    known = previous.group_by(*_KEY).agg(
        known_since=previous.first_seen_at.min(),
        was_dismissed=(previous.state == "dismissed").any(),
    )
    known = known.rename({f"known_{name}": name for name in _KEY})
    both = refused.left_join(known, [refused[name] == known[f"known_{name}"] for name in _KEY])
    since = ibis.least(both.known_since.fill_null(both.first_seen_at), both.first_seen_at)
    merged = both.mutate(
        first_seen_at=since,
        state=ibis.ifelse(both.was_dismissed.fill_null(False), "dismissed", both.state),
    )
    return merged.select(**{name: merged[name].cast(kind) for name, kind in schema.items()})
