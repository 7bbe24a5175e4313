"""Then the figures: sales in one currency, and every KPI, cut by months."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import FOLLOW_IN_THE_SAME_RUN, WAREHOUSE_POOL, of_table
from aar_platform.assets.partitions import monthly
from aar_platform.kpis.cohorts import customer_cohorts as cohorts_of
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.exchange import load_rates
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import last_day, located
from aar_platform.kpis.sales import sales as sales_of
from aar_platform.resources.figures import write_figures
from aar_platform.resources.metadata import column_lineage, table_metadata
from aar_platform.resources.platform import Platform
from aar_platform.settings.loading import Settings

# Of all KPIs together: the figures, what later data changed in them, what is unusual.
TOGETHER = ("kpis", "kpi_restatements", "kpi_alerts")
SOUND = "is_sound"
EXPECTED = "is_as_expected"


@dg.asset(pool=WAREHOUSE_POOL, **of_table("sales"))
def sales(
    platform: Platform,
    orders: ir.Table,
    refunds: ir.Table,
    customer_links: ir.Table,
    contacts: ir.Table,
    companies: ir.Table,
) -> ir.Table:
    settings = platform.settings
    rates = load_rates(settings.exchange_rates) if settings.exchange_rates else None
    organisation = settings.organisation
    sold = sales_of(
        orders, refunds, customer_links, rates, organisation.currency, organisation.timezone
    )
    return located(sold, contacts, companies, customer_links)


@dg.asset(pool=WAREHOUSE_POOL, **of_table("customer_cohorts"))
def customer_cohorts(sales: ir.Table, customers: ir.Table) -> ir.Table:
    return cohorts_of(sales, last_day(sales, customers))


def kpi_tables(settings: Settings) -> list[dg.AssetsDefinition]:
    """A table per KPI, and those over all of them: computed together, each fact counted once."""
    defined = kpis(settings.kpis.custom)
    by_table = {one.table: one for one in defined.values()}

    @dg.multi_asset(
        name="kpi_figures",
        specs=[*(_spec(one) for one in defined.values()), *_together(by_table)],
        check_specs=[
            dg.AssetCheckSpec(
                SOUND,
                asset=table,
                description="The members of an additive KPI add up to the whole.",
                blocking=True,
            )
            for table in by_table
        ]
        + [
            dg.AssetCheckSpec(
                EXPECTED,
                asset=table,
                description="The last complete month is where its own past leads one to expect.",
            )
            for table in by_table
        ],
        partitions_def=monthly(settings),
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=WAREHOUSE_POOL,
    )
    def figures(
        context: dg.AssetExecutionContext, platform: Platform
    ) -> Iterator[dg.MaterializeResult]:
        months = context.partition_time_window
        selected = {key.path[-1] for key in context.selected_asset_keys}
        chosen = [one for table, one in by_table.items() if table in selected]
        written = write_figures(
            platform.warehouse,
            platform.settings,
            chosen or by_table.values(),
            months.start.date(),
            months.end.date(),
        )
        if not chosen and written.unsound:
            raise dg.Failure("; ".join(f"{kpi}: {what}" for kpi, what in written.unsound.items()))
        for one in chosen:
            told: dict[str, Any] = {
                "restated figures": written.restated.get(one.name, 0),
                "dagster/column_lineage": column_lineage(written.lineage.get(one.name, {})),
            }
            if "churn_window" in one.given:
                told["churn window"] = f"{written.window.days} days: {written.window.reason}"
            wrong, alert = written.unsound.get(one.name), written.alerts.get(one.name)
            judged = written.judged.get(one.name)
            said = alert or judged
            # The UI draws what is told as a number, run by run.
            told |= judged.figure if judged else {}
            yield dg.MaterializeResult(
                asset_key=one.table,
                metadata={**table_metadata(platform.warehouse, one.table), **told},
                check_results=[
                    dg.AssetCheckResult(
                        # Of a failed one Dagster asks for it a second time.
                        asset_key=one.table,
                        check_name=SOUND,
                        passed=wrong is None,
                        severity=dg.AssetCheckSeverity.ERROR,
                        description=wrong,
                    ),
                    dg.AssetCheckResult(
                        asset_key=one.table,
                        check_name=EXPECTED,
                        passed=alert is None,
                        severity=dg.AssetCheckSeverity.WARN,
                        metadata=judged.range if judged else {},
                        description=said.sentence if said else "no complete month with a figure",
                    ),
                ],
            )
        for name in TOGETHER:
            if name in selected:
                yield dg.MaterializeResult(
                    asset_key=name, metadata=table_metadata(platform.warehouse, name)
                )

    return [figures]


def _spec(one: Kpi) -> dg.AssetSpec:
    look = of_table(one.table)
    look["description"] = f"{one.question} {one.formula}"
    look["metadata"] |= {
        "unit": one.unit,
        "numerator": one.numerator,
        "denominator": one.denominator or "none",
        "leaves out": one.leaves_out,
    }
    return dg.AssetSpec(one.table, deps=list(one.tables), skippable=True, **look)


def _together(tables: dict[str, Kpi]) -> Iterator[dg.AssetSpec]:
    for name in TOGETHER:
        look = of_table(name) | {"automation_condition": FOLLOW_IN_THE_SAME_RUN}
        yield dg.AssetSpec(name, deps=list(tables), skippable=True, **look)
