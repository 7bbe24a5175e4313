"""How far each source can be relied on: fetched, punctual, sound, and not contradicted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.tables import catalogue

# Pulls and failures are counted over these.
PERIOD = timedelta(days=30)
# So late, a source tells nothing of the current week.
WORTHLESS_AFTER_HOURS = 7 * 24.0
# A source that speaks every day has been silent for a night each time.
USUAL_SILENCE_DAYS = 1
_PAIR = ("source", "object")
_FEEDS = ibis.schema(
    {
        "source": "string",
        "object": "string",
        "pulls": "int64",
        "failures": "int64",
        "last_pulled_at": "timestamp(6)",
    }
)


@dataclass(frozen=True)
class Pulled:
    """How a source's extracts for a core table went: their number, how many failed, when the last
    one succeeded (naive UTC)."""

    pulls: int
    failures: int
    last_pulled_at: datetime | None


def pulled(extracts: Iterable[tuple[datetime, bool]]) -> Pulled:
    """Sum up extracts, each a moment and whether it succeeded."""
    listed = list(extracts)
    good = [at for at, succeeded in listed if succeeded]
    return Pulled(len(listed), len(listed) - len(good), max(good, default=None))


def source_reliability(
    feeds: Mapping[tuple[str, str], Pulled],
    reached: ir.Table,
    entered: ir.Table,
    found: ir.Table,
    quality: ir.Table,
    disagreements: ir.Table,
    now: datetime,
) -> ir.Table:
    """The table `source_reliability`: a row for each (source, core table) of `feeds`.

    reached: of `reach.reach`. entered, found: of `entry_quality.records_entered` and `faults`.
    quality, disagreements: the tables `entry_quality` and `disagreements`. now: naive UTC.
    """
    rows: list[dict[str, Any]] = [
        {"source": source, "object": table, **vars(one)} for (source, table), one in feeds.items()
    ]
    told = ibis.memtable(rows, schema=_FEEDS)
    for counts in (
        reached,
        entered.group_by(_PAIR).aggregate(
            records=entered.count(), refused=entered.is_refused.sum()
        ),
        _repaired(entered, found, quality),
        _contradicted(disagreements),
    ):
        told = told.left_join(counts, _PAIR).drop("source_right", "object_right")
    told = told.mutate(
        **{
            name: told[name].fill_null(0)
            for name in ("records", "refused", "repaired", "differing")
        }
    )
    newest = told.data_until.max().over().epoch_seconds()
    silent_hours = (newest - told.data_until.epoch_seconds()) / 3600.0
    usual_hours = ibis.greatest(told.longest_silence_days, USUAL_SILENCE_DAYS) * 24.0
    records = told.records.nullif(0)
    told = told.mutate(
        as_of=ibis.literal(now, "timestamp(6)"),
        lateness_hours=ibis.ifelse(
            told.data_until.notnull(), ibis.greatest(silent_hours - usual_hours, 0.0), None
        ),
        refused_share=told.refused / records,
        repaired_share=told.repaired / records,
        disagreements_share=told.differing / records,
    )
    failed = (told.failures / told.pulls.nullif(0)).fill_null(0.0)
    late = ibis.least(told.lateness_hours.fill_null(0.0) / WORTHLESS_AFTER_HOURS, 1.0)
    told = told.mutate(
        score=100
        * (1 - failed)
        * (1 - late)
        * (1 - told.refused_share)
        * (1 - told.disagreements_share)
        * (1 - told.repaired_share / 2)
    )
    return told.select(*catalogue.column_names("source_reliability"))


def _repaired(entered: ir.Table, found: ir.Table, quality: ir.Table) -> ir.Table:
    """Records with a value repaired or left out, but for conventions of their source."""
    rule = (*_PAIR, "rule", "column_name", "outcome")
    conventions = quality.filter(quality.is_convention).select(*rule).distinct()
    slips = found.filter(~found.is_refused).anti_join(conventions, rule)
    slips = slips.semi_join(entered, [*_PAIR, "record_id", "is_refused"])
    return slips.group_by(_PAIR).aggregate(repaired=slips.record_id.nunique())


def _contradicted(disagreements: ir.Table) -> ir.Table:
    """Records that take part in a disagreement."""
    sides = [
        disagreements.select(
            **{name: disagreements[f"{name}_{side}"] for name in (*_PAIR, "record_id")}
        )
        for side in (1, 2)
    ]
    records = ibis.union(*sides)
    return records.group_by(_PAIR).aggregate(differing=records.record_id.nunique())
