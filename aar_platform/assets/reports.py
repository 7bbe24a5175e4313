"""Last the reports of a month: rendered for each reader, put into the outbox, listed."""

from collections.abc import Iterator

import dagster as dg

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.assets.partitions import monthly
from aar_platform.delivery.dispatch import deliver
from aar_platform.delivery.outbox import Outbox
from aar_platform.landing.encryption import quoted
from aar_platform.reports.registry import templates
from aar_platform.resources.io_manager import in_shape
from aar_platform.resources.metadata import table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.resources.reporting import audience, report_basis
from aar_platform.settings.loading import Settings
from aar_platform.tables import catalogue

# What reports are made from; other tables reach them through these.
READ = (
    "kpis",
    "kpi_alerts",
    "experiment_results",
    "activities",
    "customer_values",
    "customer_scores",
    "customer_segments",
    "quarantine",
    "repairs",
    "entry_quality",
    "disagreements",
    "source_reliability",
)


def report_assets(settings: Settings) -> list[dg.AssetsDefinition]:
    """One asset per template that is asked for, and `report_files`, which lists their files."""
    asked_for = sorted({request.template for request in settings.reports})
    look = {**of_table("report_files"), "deps": asked_for, "skippable": True}
    specs = [_spec(name) for name in asked_for] + [dg.AssetSpec("report_files", **look)]

    @dg.multi_asset(
        name="rendered_reports",
        specs=specs,
        partitions_def=monthly(settings),
        backfill_policy=dg.BackfillPolicy.multi_run(max_partitions_per_run=1),
        can_subset=True,
        pool=WAREHOUSE_POOL,
    )
    def rendered_reports(
        context: dg.AssetExecutionContext, platform: Platform
    ) -> Iterator[dg.MaterializeResult]:
        import pandas as pd

        live, warehouse = platform.settings, platform.warehouse
        month = context.partition_time_window.start.date()
        basis = report_basis(live, warehouse, month)
        outbox = Outbox(live.delivery.outbox)
        selected = {key.path[-1] for key in context.selected_asset_keys}
        # The list alone cannot be made without the files it lists.
        chosen = sorted(selected & set(asked_for)) or asked_for
        requests = [request for request in live.reports if request.template in chosen]
        rows = list(deliver(requests, audience(live), warehouse.table, basis, outbox))
        files = pd.DataFrame(rows, columns=catalogue.column_names("report_files"))
        of_chosen = " or ".join(f"template = {quoted(name)}" for name in chosen) or "false"
        warehouse.replace_where(
            "report_files",
            in_shape(files, "report_files"),
            f"starts_with(path, {quoted(f'{month:%Y-%m}/')}) and ({of_chosen})",
        )
        for name in sorted(selected & set(asked_for)):
            made = int((files["template"] == name).sum())
            place = dg.MetadataValue.path(str(outbox.folder / f"{month:%Y-%m}" / name))
            yield dg.MaterializeResult(asset_key=name, metadata={"files": made, "folder": place})
        if "report_files" in selected:
            yield dg.MaterializeResult(
                asset_key="report_files", metadata=table_metadata(warehouse, "report_files")
            )

    return [rendered_reports]


def _spec(template: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        template,
        deps=list(READ),
        skippable=True,
        group_name="reports",
        kinds={"html", "typst"},
        owners=["team:analytics"],
        tags={"layer": "reports"},
        description=f"{templates()[template].title}, for each of its readers, in the outbox.",
    )
