"""A core table out of the raw tables that feed it: mapped, sifted, joined.

What files say is sifted file by file, since each is written its own way. What APIs say comes typed,
so that all of it is sifted in one pass.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.quality.conventions import detect_conventions
from aar_platform.quality.sift import Sifted, sift
from aar_platform.quality.spoken import spoken_rows
from aar_platform.quality.stored import stored
from aar_platform.quality.typed_union import typed_union
from aar_platform.sources.mapping import map_raw
from aar_platform.sources.registry import CoreRows, SourceObject
from aar_platform.tables import catalogue

# What becomes of the rows of one raw table; their sum is checked after every load.
COUNTS = {"source": "string", "object": "string", "arrived": "int64", "repeated": "int64"}


@dataclass(frozen=True)
class Feed:
    """Raw tables of a source, the objects they hold, how rows are made of them, and the timezone
    of local times.

    makes_orders: whether its lines are all there is of orders.
    """

    source: str
    rows: CoreRows
    raws: Sequence[ir.Table]
    items: Sequence[SourceObject]
    timezone: str
    makes_orders: bool = False

    @property
    def object(self) -> str:
        """The object whose records become rows."""
        return self.rows.of[0]


@dataclass(frozen=True)
class Intake:
    """A core table's rows, the parts of quarantine (with `entered_by`) and repairs, and counts by
    raw table.

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
    sifted: list[Sifted] = []
    conventions: dict[str, dict[str, Any]] = {}
    counts: list[dict[str, Any]] = []
    written = [feed for feed in feeds if feed.rows.rows is None]
    for feed in written:
        rows = feed.rows
        mapped = map_raw(feed.raws[0], feed.source, rows.columns, rows.constants)
        found = detect_conventions(mapped, table, rows.decimal, rows.date_order, country)
        conventions[f"{feed.source}.{feed.object}"] = {
            column: asdict(convention) for column, convention in found.items()
        }
        sifted.append(sift(mapped, table, found, country, feed.timezone, feed.makes_orders))
        counts += _counts(sifted[-1], feed.object)
    for makes_orders in (False, True):
        spoken = [f for f in feeds if f.rows.rows is not None and f.makes_orders == makes_orders]
        if spoken:
            joined = stored(typed_union([_mapped(feed) for feed in spoken], table))
            found = detect_conventions(joined, table, ".", "ymd", country)
            sifted.append(sift(joined, table, found, country, "UTC", makes_orders))
            counts += _counts(sifted[-1], "*")
    accepted = _joined([one.accepted for one in sifted], table)
    for source in _sources_of_several_objects(written):
        accepted, repeated = _latest(accepted, source)
        counts.append({"source": source, "object": "*", "arrived": 0, "repeated": repeated})
    return Intake(
        accepted=accepted,
        quarantined=_all_quarantined([one.quarantined for one in sifted]),
        repaired=_joined([one.repaired for one in sifted], "repairs"),
        counts=ibis.memtable(counts, schema=ibis.schema(COUNTS)),
        conventions=conventions,
    )


def _counts(sifted: Sifted, name: str) -> list[dict[str, Any]]:
    return [
        {"source": source, "object": name, "arrived": arrived, "repeated": repeated}
        for source, (arrived, repeated) in sifted.by_source.items()
    ]


def _mapped(feed: Feed) -> tuple[ir.Table, str, str]:
    return spoken_rows(feed.rows, feed.raws, feed.items), feed.source, feed.timezone


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


def _all_quarantined(parts: Sequence[ir.Table]) -> ir.Table:
    if parts:
        return ibis.union(*parts)
    return _joined([], "quarantine").mutate(entered_by=ibis.null(str))


def _joined(parts: Sequence[ir.Table], table: str) -> ir.Table:
    if not parts:
        return ibis.memtable([], schema=catalogue.ibis_schema(table))
    return parts[0] if len(parts) == 1 else ibis.union(*parts)
