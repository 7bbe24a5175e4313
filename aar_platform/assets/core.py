"""Then the core tables: every system in one shape, with what could not be used in quarantine."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.kpis.derived_orders import derived_orders
from aar_platform.kpis.exchange import load_rates
from aar_platform.quality.intake import Feed, take_in
from aar_platform.quality.quarantine import merge_quarantine
from aar_platform.resources.loading import empty_raw
from aar_platform.resources.metadata import column_lineage, table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.resources.warehouse import STAGING, Warehouse
from aar_platform.settings.loading import Settings
from aar_platform.sources.mapping import raw_table_name
from aar_platform.sources.registry import CoreRows, SourceConfig
from aar_platform.tables import catalogue

Sources = Sequence[SourceConfig]
Lineage = Mapping[str, list[tuple[str, str]]]


def core_assets(sources: Sources) -> list[dg.AssetsDefinition]:
    """The core tables, also those that no source feeds, then quarantine and repairs."""
    return [
        *(_core_table(name, sources) for name in catalogue.CORE),
        _parts_asset("quarantine", _quarantine),
        _parts_asset("repairs", _repairs),
    ]


def feeders(sources: Sources, table: str) -> list[tuple[SourceConfig, CoreRows]]:
    """The sources that feed a core table, with how each makes rows of it."""
    return [(one, rows) for one in sources for rows in one.core_rows() if rows.into == table]


def lines_only_sources(sources: Sources) -> list[str]:
    """Sources that feed order lines and no orders: theirs are derived."""
    with_orders = {source.name for source, _ in feeders(sources, "orders")}
    return sorted({source.name for source, _ in feeders(sources, "order_lines")} - with_orders)


def _core_table(name: str, sources: Sources) -> dg.AssetsDefinition:
    fed_by = feeders(sources, name)
    raw_names = dict.fromkeys(
        raw_table_name(source.name, item)
        for source, rows in fed_by
        for item in rows.of
        if item not in {one.name for one in source.left_out()}
    )
    items = {
        (source.name, item.name): item
        for source in sources
        for item in [*source.objects(), *source.left_out()]
    }
    lines_only = lines_only_sources(sources)
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
                source=source.name,
                rows=rows,
                raws=[
                    tables[raw]
                    if (raw := raw_table_name(source.name, item)) in tables
                    else empty_raw(platform.warehouse, items[source.name, item])
                    for item in rows.of
                ],
                items=[items[source.name, item] for item in rows.of],
                timezone=_timezone(live, source.name),
                makes_orders=name == "order_lines" and source.name in lines_only,
            )
            for source, rows in fed_by
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


def _lineage(fed_by: Sequence[tuple[SourceConfig, CoreRows]]) -> Lineage:
    lineage: dict[str, list[tuple[str, str]]] = {}
    for source, rows in fed_by:
        for column, origin in rows.columns.items():
            raw = raw_table_name(source.name, rows.of[0])
            lineage.setdefault(column, []).append((raw, origin))
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
