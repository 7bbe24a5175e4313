"""Then the customers: which records are one customer, what is known of them, what they did."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.identity.golden_record import customers as golden_customers
from aar_platform.identity.history import customer_history
from aar_platform.identity.links import customer_links
from aar_platform.kpis.activities import activities as activities_of
from aar_platform.kpis.exchange import load_rates
from aar_platform.resources.io_manager import in_shape
from aar_platform.resources.metadata import table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.tables import catalogue

CORE_INS = {name: dg.AssetIn(name) for name in catalogue.CORE}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(name, deps=list(catalogue.CORE), **of_table(name))
        for name in ("customer_links", "customer_history")
    ],
    pool=WAREHOUSE_POOL,
)
def identity(platform: Platform) -> Iterator[dg.MaterializeResult]:
    """Both tables change in one transaction, so that no event of a customer_id is lost."""
    warehouse = platform.warehouse
    core = {name: warehouse.table(name) for name in catalogue.CORE}
    before = {
        name: warehouse.table(name) if warehouse.has(name) else None
        for name in ("customer_links", "customer_history")
    }
    now = datetime.now(UTC).replace(tzinfo=None)
    links = in_shape(customer_links(core, before["customer_links"], now), "customer_links")
    history = customer_history(before["customer_links"], links, before["customer_history"], now)
    warehouse.replace_many(
        {
            ("main", "customer_history"): in_shape(history, "customer_history"),
            ("main", "customer_links"): links,
        }
    )
    for name in before:
        yield dg.MaterializeResult(asset_key=name, metadata=table_metadata(warehouse, name))


@dg.asset(
    ins={**CORE_INS, "customer_links": dg.AssetIn("customer_links")},
    pool=WAREHOUSE_POOL,
    **of_table("customers"),
)
def customers(**tables: ir.Table) -> ir.Table:
    links = tables.pop("customer_links")
    return golden_customers(tables, links)


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
