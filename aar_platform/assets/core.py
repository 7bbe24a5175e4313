"""Then the core tables: every system in one shape, with what could not be used in quarantine."""

from collections.abc import Callable, Mapping
from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.kpis.derived_orders import derived_orders
from aar_platform.kpis.exchange import load_rates
from aar_platform.quality.intake import Feed, take_in
from aar_platform.quality.quarantine import merge_quarantine
from aar_platform.resources.metadata import column_lineage, table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.resources.warehouse import STAGING, Warehouse
from aar_platform.settings.loading import Settings
from aar_platform.sources.mapping import raw_table_name
from aar_platform.sources.registry import Objects, SourceObject
from aar_platform.tables import catalogue


def core_assets(objects: Objects) -> list[dg.AssetsDefinition]:
    """The core tables, also those that no source feeds, then quarantine and repairs."""
    return [
        *(_core_table(name, objects) for name in catalogue.CORE),
        _parts_asset("quarantine", _quarantine),
        _parts_asset("repairs", _repairs),
    ]


def feeders(objects: Objects, table: str) -> list[tuple[str, SourceObject]]:
    """The (source, object) pairs that feed a core table."""
    return [(source.name, item) for source, item in objects if item.into == table]


def lines_only_sources(objects: Objects) -> list[str]:
    """Sources that feed order lines and no orders: theirs are derived."""
    with_orders = {source for source, _ in feeders(objects, "orders")}
    return sorted({source for source, _ in feeders(objects, "order_lines")} - with_orders)


def _core_table(name: str, objects: Objects) -> dg.AssetsDefinition:
    fed_by = feeders(objects, name)
    raw_names = [raw_table_name(source, item.name) for source, item in fed_by]
    lines_only = lines_only_sources(objects)
    derived_for = lines_only if name == "orders" else []
    look = of_table(name)
    look["metadata"] |= {"dagster/column_lineage": column_lineage(_lineage(fed_by))}

    @dg.asset(
        name=name,
        ins={raw: dg.AssetIn(raw) for raw in raw_names}
        | ({"order_lines": dg.AssetIn("order_lines")} if derived_for else {}),
        pool=WAREHOUSE_POOL,
        **look,
    )
    def core_table(platform: Platform, **tables: ir.Table) -> dg.MaterializeResult:
        live = platform.settings
        feeds = [
            Feed(
                tables[raw],
                source,
                item,
                _timezone(live, source),
                makes_orders=name == "order_lines" and source in lines_only,
            )
            for raw, (source, item) in zip(raw_names, fed_by, strict=True)
        ]
        taken = take_in(feeds, name, live.organisation.country or "")
        rows = taken.accepted
        if derived_for:
            organisation = live.organisation
            rates = load_rates(live.exchange_rates) if live.exchange_rates else None
            lines = tables["order_lines"]
            rows = rows.union(
                derived_orders(
                    lines, derived_for, rates, organisation.currency, organisation.timezone
                )
            )
        platform.warehouse.replace_many(
            {
                ("main", name): rows,
                (STAGING, f"{name}_quarantine"): taken.quarantined,
                (STAGING, f"{name}_repairs"): taken.repaired,
                (STAGING, f"{name}_intake"): taken.counts,
            }
        )
        return dg.MaterializeResult(
            metadata={
                **table_metadata(platform.warehouse, name),
                "conventions": dg.MetadataValue.json(taken.conventions),
                "quarantined": _staged_rows(platform.warehouse, f"{name}_quarantine"),
                "repaired": _staged_rows(platform.warehouse, f"{name}_repairs"),
            }
        )

    return core_table


def _timezone(settings: Settings, source: str) -> str:
    own = next(one.timezone for one in settings.sources if one.name == source)
    return own or settings.organisation.timezone


def _lineage(fed_by: list[tuple[str, SourceObject]]) -> Mapping[str, list[tuple[str, str]]]:
    lineage: dict[str, list[tuple[str, str]]] = {}
    for source, item in fed_by:
        for column, origin in item.columns.items():
            lineage.setdefault(column, []).append((raw_table_name(source, item.name), origin))
    return lineage


def _staged_rows(warehouse: Warehouse, name: str) -> int:
    return int(warehouse.table(name, STAGING).count().execute())


def _parts_asset(name: str, gather: Callable[[Warehouse], ir.Table]) -> dg.AssetsDefinition:
    look: dict[str, Any] = of_table(name)

    @dg.asset(name=name, deps=list(catalogue.CORE), pool=WAREHOUSE_POOL, **look)
    def parts(platform: Platform) -> ir.Table:
        return gather(platform.warehouse)

    return parts


def _quarantine(warehouse: Warehouse) -> ir.Table:
    previous = warehouse.table("quarantine") if warehouse.has("quarantine") else None
    parts = [warehouse.table(f"{name}_quarantine", STAGING) for name in catalogue.CORE]
    return merge_quarantine(parts, previous)


def _repairs(warehouse: Warehouse) -> ir.Table:
    return ibis.union(*(warehouse.table(f"{name}_repairs", STAGING) for name in catalogue.CORE))
