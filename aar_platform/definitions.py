"""What Dagster loads: the assets, checks, jobs, schedules and sensors of one aar.yaml."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from aar_platform.assets import (
    core,
    customers,
    decisions,
    extracts,
    models,
    quality,
    reports,
    segments,
)
from aar_platform.assets import kpis as kpi_assets
from aar_platform.assets.partitions import monthly
from aar_platform.checks.experiments import sample_ratio_check
from aar_platform.checks.identity import identity_checks
from aar_platform.checks.loads import balance_check, truncation_check
from aar_platform.checks.tables import model_checks
from aar_platform.resources.io_manager import warehouse_io_manager
from aar_platform.resources.platform import Platform
from aar_platform.sensors.arrivals import arrival_sensors
from aar_platform.sensors.follow_ups import follow_ups
from aar_platform.sensors.schedules import schedules
from aar_platform.settings.loading import Settings, config_path, empty_settings, load_settings
from aar_platform.sources.registry import Objects
from aar_platform.tables import catalogue

# Single-run backfills and partitioned checks are used on purpose; their state of maturity is said
# once here rather than once per asset in every log.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

EXTRACT_DAYS = "extract_days"
REFRESH = "refresh"
FIGURES = "figures"
REPORTS = "reports"


def build_defs(
    settings: Settings,
    path: Path,
    resource_overrides: Mapping[str, Any] | None = None,
    loggers: Mapping[str, dg.LoggerDefinition] | None = None,
) -> dg.Definitions:
    """The definitions of one aar.yaml; tests assemble the same with other resources."""
    objects: Objects = [(source, item) for source in settings.sources for item in source.objects()]
    months = monthly(settings)
    extracted = extracts.extract_assets(objects, settings)
    figures = kpi_assets.kpi_tables(settings)
    tables = [
        *core.core_assets(settings.sources),
        decisions.identity_decisions,
        customers.identity,
        customers.linking_quality,
        customers.golden,
        customers.activities,
        quality.entry_quality,
        quality.disagreements,
        quality.source_reliability,
        kpi_assets.sales,
        kpi_assets.customer_cohorts,
        models.customer_scores,
        models.experiment_results(settings),
        segments.customer_segments,
    ]
    reported = reports.report_assets(settings)
    checks = [
        *model_checks(_names(tables), kpi_assets.TOGETHER, months),
        *(
            balance_check(table, fed_by)
            for table in catalogue.CORE
            if (fed_by := core.feeders(settings.sources, table))
        ),
        identity_checks,
        sample_ratio_check,
        *(truncation_check(source.name, item) for source, item in objects if not item.is_daily),
    ]
    jobs = _jobs(extracted, tables, figures, reported)
    return dg.Definitions(
        assets=[*extracted, *tables, *figures, *reported],
        asset_checks=checks,
        jobs=list(jobs.values()),
        schedules=schedules(jobs, settings),
        sensors=[*arrival_sensors(settings), follow_ups()],
        resources={
            "platform": Platform(config_path=str(path.absolute())),
            "io_manager": warehouse_io_manager,
            **(resource_overrides or {}),
        },
        loggers=loggers,
        # DuckDB allows one writing process, and 20 empty steps take 3 s in one process, 57 s in
        # a process each.
        executor=dg.in_process_executor,
    )


def _names(assets: list[dg.AssetsDefinition]) -> list[str]:
    return [key.path[-1] for asset in assets for key in asset.keys]


def _with_what_they_follow(
    chosen: list[dg.AssetsDefinition], extracted: list[dg.AssetsDefinition]
) -> list[dg.AssetsDefinition]:
    """The extracts, with those by whose records they are asked for: both in one run, in order."""
    by_key = {asset.key: asset for asset in extracted}
    found = dict.fromkeys(chosen)
    for asset in chosen:
        followed = [by_key[key] for key in asset.dependency_keys if key in by_key]
        found |= dict.fromkeys(_with_what_they_follow(followed, extracted))
    return [asset for asset in extracted if asset in found]


def _jobs(
    extracted: list[dg.AssetsDefinition],
    tables: list[dg.AssetsDefinition],
    figures: list[dg.AssetsDefinition],
    reported: list[dg.AssetsDefinition],
) -> dict[str, Any]:
    """One job for each way in which assets are cut in time, in the order in which they run."""
    by_day = _with_what_they_follow(
        [asset for asset in extracted if asset.partitions_def is not None], extracted
    )
    whole = [asset for asset in extracted if asset not in by_day]
    cut = {
        EXTRACT_DAYS: (by_day, "Daily exports into the landing."),
        REFRESH: ([*whole, *tables], "Extracts that are not daily, then every table but figures."),
        FIGURES: (figures, "KPIs by month."),
        REPORTS: (reported, "Reports of a month."),
    }
    return {
        name: dg.define_asset_job(
            name,
            dg.AssetSelection.assets(*(key for asset in assets for key in asset.keys)),
            description=description,
        )
        for name, (assets, description) in cut.items()
        if assets
    }


def _load() -> dg.Definitions:
    path = config_path(None)
    settings = load_settings(path) if path.is_file() else empty_settings()
    return build_defs(settings, path)


defs = _load()
