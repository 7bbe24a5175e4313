"""First the sources: each object is extracted into the landing, then loaded into a raw table."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from aar_platform.assets.appearance import FOLLOW, NIGHTLY, WAREHOUSE_POOL
from aar_platform.assets.partitions import daily
from aar_platform.landing.extract_log import Extraction, note_extraction
from aar_platform.resources.loading import load_raw
from aar_platform.resources.platform import Platform
from aar_platform.settings.calendar import calendar_of
from aar_platform.settings.loading import Settings
from aar_platform.sources.mapping import extract_name, raw_table_name
from aar_platform.sources.registry import ONLY_NEW_TAG, Objects, SourceConfig, SourceObject

# Ways of reading shown in the UI; the landing's manifests tell them file by file.
WAYS_SHOWN = 10


def extract_assets(objects: Objects, settings: Settings) -> list[dg.AssetsDefinition]:
    """An extract and a raw table for each object of each source."""
    return [
        asset
        for source, item in objects
        for asset in (_extract(source, item, settings), _raw(source, item))
    ]


def _extract(source: SourceConfig, item: SourceObject, settings: Settings) -> dg.AssetsDefinition:
    @dg.asset(
        name=extract_name(source.name, item.name),
        deps=[extract_name(source.name, other) for other in item.after],
        partitions_def=daily(settings) if item.is_daily else None,
        backfill_policy=dg.BackfillPolicy.single_run() if item.is_daily else None,
        group_name=source.name,
        kinds={source.kind, "parquet"},
        owners=["team:data-engineering"],
        tags={"layer": "extracts", "source": source.name},
        description=f"Records of {item.name} as {source.name} gives them, in the landing.",
        freshness_policy=NIGHTLY,
    )
    def extract(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        days = (
            [date.fromisoformat(key) for key in context.partition_keys] if item.is_daily else None
        )
        live = _live(platform, source.name)
        succeeded = False
        try:
            only_new = ONLY_NEW_TAG in context.run.tags
            result = live.extract(
                platform.landing, item.name, days, calendar_of(platform.settings), only_new
            )
            succeeded = True
        except Exception:
            # The days that could be read have landed all the same, and are shown so.
            for key in context.partition_keys if item.is_daily else ():
                if platform.landing.partition(source.name, item.name, key):
                    context.log_event(dg.AssetMaterialization(context.asset_key, partition=key))
            raise
        finally:
            ended = Extraction(datetime.now(UTC).replace(tzinfo=None), succeeded)
            note_extraction(platform.landing, source.name, item.name, ended)
        return dg.MaterializeResult(
            metadata={
                "rows": result.rows,
                "partitions changed": result.changed,
                **({"requests": result.requests} if result.requests else {}),
                "how it was read": dg.MetadataValue.json(_ways(result.readings)),
            }
        )

    return extract


def _raw(source: SourceConfig, item: SourceObject) -> dg.AssetsDefinition:
    name = raw_table_name(source.name, item.name)

    @dg.asset(
        name=name,
        deps=[extract_name(source.name, item.name)],
        group_name=source.name,
        kinds={source.kind, "duckdb"},
        owners=["team:data-engineering"],
        tags={"layer": "raw", "source": source.name},
        metadata={"dagster/table_name": name},
        description=f"Records of {item.name} as {source.name} gives them, one row per version.",
        pool=WAREHOUSE_POOL,
        freshness_policy=NIGHTLY,
        automation_condition=FOLLOW,
    )
    def raw(platform: Platform) -> dg.MaterializeResult:
        loaded = load_raw(
            platform.warehouse,
            platform.landing,
            source.name,
            item.name,
            item.is_daily,
            item.columns,
        )
        return dg.MaterializeResult(
            metadata={"rows loaded anew": loaded, **_counted(platform, name)}
        )

    return raw


def _ways(readings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The distinct ways in which files were read, with the number of files and one of them."""
    ways: dict[str, dict[str, Any]] = {}
    for reading in readings:
        told = {key: value for key, value in reading.items() if key not in ("file", "rows")}
        way = ways.setdefault(repr(told), {**told, "files": 0, "such as": reading.get("file")})
        way["files"] += 1
    return sorted(ways.values(), key=lambda way: -way["files"])[:WAYS_SHOWN]


def _counted(platform: Platform, name: str) -> dict[str, Any]:
    if not platform.warehouse.has(name):
        return {"dagster/row_count": 0}
    return {"dagster/row_count": int(platform.warehouse.table(name).count().execute())}


def _live(platform: Platform, name: str) -> SourceConfig:
    """The source with the run's secrets, rather than the one the graph was drawn from."""
    sources: Iterable[SourceConfig] = platform.settings.sources
    return next(source for source in sources if source.name == name)
