"""How good the data is: what was refused and repaired of whose entries, which records disagree, and
how far each source can be relied on."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.landing.extract_log import extractions
from aar_platform.landing.store import Landing
from aar_platform.quality.disagreements import disagreements as disagreements_of
from aar_platform.quality.entry_quality import entry_quality as entry_quality_of
from aar_platform.quality.entry_quality import faults, records_entered
from aar_platform.quality.reach import reach
from aar_platform.quality.reliability import PERIOD, Pulled, pulled
from aar_platform.quality.reliability import source_reliability as reliability_of
from aar_platform.resources.io_manager import in_shape
from aar_platform.resources.metadata import table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.resources.warehouse import STAGING
from aar_platform.sources.registry import SourceConfig
from aar_platform.tables import catalogue

# Who entered each record, for the two tables that ask.
ENTERED = "records_entered"


@dg.asset(
    deps=[*catalogue.CORE, "quarantine", "repairs"],
    pool=WAREHOUSE_POOL,
    **of_table("entry_quality"),
)
def entry_quality(platform: Platform) -> dg.MaterializeResult:
    warehouse = platform.warehouse
    refused = {name: warehouse.table(f"{name}_quarantine", STAGING) for name in catalogue.CORE}
    core = {name: warehouse.table(name) for name in catalogue.CORE}
    warehouse.replace(ENTERED, records_entered(core, refused), STAGING)
    rows = entry_quality_of(
        warehouse.table(ENTERED, STAGING),
        faults(warehouse.table("quarantine"), warehouse.table("repairs")),
    )
    warehouse.replace("entry_quality", in_shape(rows, "entry_quality"))
    return dg.MaterializeResult(metadata=table_metadata(warehouse, "entry_quality"))


@dg.asset(
    deps=[*catalogue.CORE, "customer_links"],
    pool=WAREHOUSE_POOL,
    **of_table("disagreements"),
)
def disagreements(platform: Platform) -> ir.Table:
    warehouse = platform.warehouse
    core = {name: warehouse.table(name) for name in catalogue.CORE}
    before = warehouse.table("disagreements") if warehouse.has("disagreements") else None
    return disagreements_of(core, warehouse.table("customer_links"), before, _now())


@dg.asset(deps=list(catalogue.CORE), pool=WAREHOUSE_POOL, **of_table("source_reliability"))
def source_reliability(
    platform: Platform,
    entry_quality: ir.Table,
    disagreements: ir.Table,
    quarantine: ir.Table,
    repairs: ir.Table,
) -> ir.Table:
    now, warehouse = _now(), platform.warehouse
    core = {name: warehouse.table(name) for name in catalogue.CORE}
    return reliability_of(
        _feeds(platform.settings.sources, platform.landing, now - PERIOD),
        reach(core, now),
        warehouse.table(ENTERED, STAGING),
        faults(quarantine, repairs),
        entry_quality,
        disagreements,
        now,
    )


def _feeds(
    sources: Sequence[SourceConfig], landing: Landing, since: datetime
) -> dict[tuple[str, str], Pulled]:
    """How the extracts went that each source's rows of a core table are made from."""
    objects: dict[tuple[str, str], set[str]] = {}
    for source in sources:
        for rows in source.core_rows():
            objects.setdefault((source.name, rows.into), set()).update(rows.of)
    return {
        (source, table): pulled(
            (one.ended_at, one.succeeded)
            for name in names
            for one in extractions(landing, source, name, since)
        )
        for (source, table), names in objects.items()
    }


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
