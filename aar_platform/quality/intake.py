"""A core table out of the raw tables that feed it: each mapped and sifted, then joined."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.quality.conventions import detect_conventions
from aar_platform.quality.sift import Sifted, sift
from aar_platform.sources.mapping import map_raw
from aar_platform.sources.registry import SourceObject
from aar_platform.tables import catalogue

# What becomes of the rows of one raw table; their sum is checked after every load.
COUNTS = {"source": "string", "object": "string", "arrived": "int64", "repeated": "int64"}


@dataclass(frozen=True)
class Feed:
    """A raw table, the source and object it holds, and the timezone of its local times.

    makes_orders: whether its lines are all there is of orders.
    """

    raw: ir.Table
    source: str
    item: SourceObject
    timezone: str
    makes_orders: bool = False


@dataclass(frozen=True)
class Intake:
    """A core table's rows, the parts of quarantine and repairs, and counts by raw table.

    `conventions` tells by source, object and column how values were read.
    """

    accepted: ir.Table
    quarantined: ir.Table
    repaired: ir.Table
    counts: ir.Table
    conventions: dict[str, dict[str, Any]]


def take_in(feeds: Sequence[Feed], table: str, country: str) -> Intake:
    """Map and sift the raw tables that feed a core table; without any, the table is empty.

    Where two objects of one source hold the same record, the one changed last stays, and the other
    is counted as repeated.
    """
    sifted: list[tuple[Feed, Sifted]] = []
    conventions: dict[str, dict[str, Any]] = {}
    for feed in feeds:
        item = feed.item
        mapped = map_raw(feed.raw, feed.source, item.columns, item.constants)
        found = detect_conventions(mapped, table, item.decimal, item.date_order, country)
        conventions[f"{feed.source}.{item.name}"] = {
            column: asdict(convention) for column, convention in found.items()
        }
        sifted.append((feed, sift(mapped, table, found, country, feed.timezone, feed.makes_orders)))
    counts = [
        {"source": f.source, "object": f.item.name, "arrived": s.arrived, "repeated": s.repeated}
        for f, s in sifted
    ]
    accepted = _joined([s.accepted for _, s in sifted], table)
    for source in _sources_of_several_objects(feeds):
        accepted, repeated = _latest(accepted, source)
        counts.append({"source": source, "object": "*", "arrived": 0, "repeated": repeated})
    return Intake(
        accepted=accepted,
        quarantined=_joined([s.quarantined for _, s in sifted], "quarantine"),
        repaired=_joined([s.repaired for _, s in sifted], "repairs"),
        counts=ibis.memtable(counts, schema=ibis.schema(COUNTS)),
        conventions=conventions,
    )


def _sources_of_several_objects(feeds: Sequence[Feed]) -> list[str]:
    names = [feed.source for feed in feeds]
    return sorted({name for name in names if names.count(name) > 1})


def _latest(accepted: ir.Table, source: str) -> tuple[ir.Table, int]:
    """One row per record of a source, the one changed last, and how many rows that leaves out."""
    ranked = accepted.mutate(
        _rank=ibis.row_number().over(
            group_by=["source", "record_id"],
            order_by=[ibis.desc(accepted.updated_at, nulls_first=False), accepted.attributes],
        )
    ).cache()
    is_older = (ranked["source"] == source) & (ranked["_rank"] > 0)
    return ranked.filter(~is_older).drop("_rank"), int(ranked.filter(is_older).count().execute())


def _joined(parts: Sequence[ir.Table], table: str) -> ir.Table:
    if not parts:
        return ibis.memtable([], schema=catalogue.ibis_schema(table))
    return parts[0] if len(parts) == 1 else ibis.union(*parts)
