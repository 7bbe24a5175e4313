"""Then the customers: which records are one customer, what is known of them, what they did."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.identity.golden_record import golden_record
from aar_platform.identity.linking import TABLES, linked
from aar_platform.identity.quality import headline_figures, identity_quality
from aar_platform.identity.suspicions import identity_suspicions
from aar_platform.kpis.activities import activities as activities_of
from aar_platform.kpis.exchange import load_rates
from aar_platform.resources.io_manager import in_shape
from aar_platform.resources.metadata import table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.tables import catalogue

_LOOKED_AT = ("identity_records", "identity_pairs", "identity_model", "customer_links")
CORE_INS = {name: dg.AssetIn(name) for name in catalogue.CORE}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(name, deps=[*catalogue.CORE, "identity_decisions"], **of_table(name))
        for name in TABLES
    ],
    pool=WAREHOUSE_POOL,
)
def identity(platform: Platform) -> Iterator[dg.MaterializeResult]:
    """All these tables change in one transaction, so that no event of a customer_id is lost and
    the next run finds pairs, model and records of one state."""
    warehouse, settings = platform.warehouse, platform.settings
    core = {name: warehouse.table(name) for name in catalogue.CORE}
    decisions = warehouse.table("identity_decisions")
    active = decisions.filter(decisions.is_active).to_pyarrow()
    before = {name: warehouse.table(name) for name in TABLES if warehouse.has(name)}
    now = datetime.now(UTC).replace(tzinfo=None)
    country = settings.organisation.country or ""
    with linked(core, country, settings.identity, active, before, now) as found:
        shaped = {name: in_shape(rows, name) for name, rows in found.tables.items()}
        warehouse.replace_many(
            {("main", name): rows for name, rows in {**shaped, **found.exchanges}.items()}
        )
    for name in TABLES:
        yield dg.MaterializeResult(asset_key=name, metadata=table_metadata(warehouse, name))


@dg.multi_asset(
    specs=[
        dg.AssetSpec(name, deps=_LOOKED_AT, **of_table(name))
        for name in ("identity_suspicions", "identity_quality")
    ],
    pool=WAREHOUSE_POOL,
)
def linking_quality(platform: Platform) -> Iterator[dg.MaterializeResult]:
    """The customers that look wrong, and the figures, which count them."""
    warehouse = platform.warehouse
    tables = {name: warehouse.table(name) for name in _LOOKED_AT}
    suspicions = in_shape(identity_suspicions(tables), "identity_suspicions")
    warehouse.replace("identity_suspicions", suspicions)
    tables["identity_suspicions"] = warehouse.table("identity_suspicions")
    figures = identity_quality(tables, platform.settings.identity)
    warehouse.replace("identity_quality", in_shape(figures, "identity_quality"))
    # The UI draws what is told as a number, run by run.
    told = headline_figures(warehouse.table("identity_quality"))
    for name, more in (("identity_suspicions", {}), ("identity_quality", told)):
        metadata = {**table_metadata(warehouse, name), **more}
        yield dg.MaterializeResult(asset_key=name, metadata=metadata)


@dg.multi_asset(
    specs=[
        dg.AssetSpec(name, deps=[*catalogue.CORE, "customer_links"], **of_table(name))
        for name in ("customers", "customer_values")
    ],
    pool=WAREHOUSE_POOL,
)
def golden(platform: Platform) -> Iterator[dg.MaterializeResult]:
    """Both tables come out of one computation and change in one transaction."""
    warehouse = platform.warehouse
    core = {name: warehouse.table(name) for name in catalogue.CORE}
    links = warehouse.table("customer_links")
    tables = golden_record(core, links, platform.settings.identity.trusted_sources)._asdict()
    warehouse.replace_many({("main", name): in_shape(rows, name) for name, rows in tables.items()})
    for name in tables:
        yield dg.MaterializeResult(asset_key=name, metadata=table_metadata(warehouse, name))


@dg.asset(
    ins={**CORE_INS, "customer_links": dg.AssetIn("customer_links"), "sales": dg.AssetIn("sales")},
    pool=WAREHOUSE_POOL,
    **of_table("activities"),
)
def activities(platform: Platform, **tables: ir.Table) -> ir.Table:
    settings = platform.settings
    sales, links = tables.pop("sales"), tables.pop("customer_links")
    rates = load_rates(settings.exchange_rates) if settings.exchange_rates else None
    organisation = settings.organisation
    return activities_of(tables, sales, links, rates, organisation.currency, organisation.timezone)
