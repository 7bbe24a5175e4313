"""Then the figures: sales in one currency, and one table per KPI cut by months."""

from typing import Any

import dagster as dg
import ibis
import ibis.expr.types as ir

from aar_platform.assets.appearance import FOLLOW_IN_THE_SAME_RUN, WAREHOUSE_POOL, of_table
from aar_platform.assets.partitions import monthly
from aar_platform.kpis.definition import Kpi, kpis
from aar_platform.kpis.exchange import load_rates
from aar_platform.kpis.figures import compute
from aar_platform.kpis.purchases import churn_window
from aar_platform.kpis.sales import located
from aar_platform.kpis.sales import sales as sales_of
from aar_platform.resources.platform import Platform
from aar_platform.settings.loading import Settings


def kpi_tables(settings: Settings) -> list[dg.AssetsDefinition]:
    """A table per KPI, and `kpis` over all of them."""
    defined = list(kpis(settings.kpis.custom).values())
    return [*(_kpi(one, settings) for one in defined), _all_kpis(defined, settings)]


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


def _kpi(one: Kpi, settings: Settings) -> dg.AssetsDefinition:
    look: dict[str, Any] = of_table(one.table)
    look["description"] = f"{one.question} {one.formula}"
    look["metadata"] |= {
        "unit": one.unit,
        "numerator": one.numerator,
        "denominator": one.denominator or "none",
        "leaves out": one.leaves_out,
    }

    @dg.asset(
        name=one.table,
        ins={table: dg.AssetIn(table) for table in one.tables},
        partitions_def=monthly(settings),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=WAREHOUSE_POOL,
        **look,
    )
    def figures(
        context: dg.AssetExecutionContext, platform: Platform, **tables: ir.Table
    ) -> ir.Table:
        facts: dict[str, Any] = dict(tables)
        if "churn_window" in one.needs:
            window = churn_window(tables["sales"], platform.settings.kpis)
            context.add_output_metadata({"churn window": f"{window.days} days: {window.reason}"})
            facts["churn_window"] = window
        months = context.partition_time_window
        currency = platform.settings.organisation.currency
        return compute(one, facts, months.start.date(), months.end.date(), currency)

    return figures


def _all_kpis(defined: list[Kpi], settings: Settings) -> dg.AssetsDefinition:
    look = of_table("kpis") | {"automation_condition": FOLLOW_IN_THE_SAME_RUN}

    @dg.asset(
        name="kpis",
        ins={one.table: dg.AssetIn(one.table) for one in defined},
        partitions_def=monthly(settings),
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=WAREHOUSE_POOL,
        **look,
    )
    def all_kpis(context: dg.AssetExecutionContext, **tables: ir.Table) -> ir.Table:
        return ibis.union(*tables.values())

    return all_kpis
