"""Then what models say of each customer, and of experiments with them."""

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import last_day
from aar_platform.models.engagement import engagement_scores
from aar_platform.models.experiments.metrics import (
    DEFAULT_METRICS,
    kpi_of,
    metrics_of,
    refuse_unknown,
)
from aar_platform.models.experiments.results import experiment_results as results_of
from aar_platform.models.purchase_history import customer_scores as scores_of
from aar_platform.resources.figures import facts_of
from aar_platform.resources.platform import Platform
from aar_platform.settings.loading import Settings

LINKED = ("customer_links", "customers", "identity_records")


@dg.asset(pool=WAREHOUSE_POOL, **of_table("customer_scores"))
def customer_scores(
    platform: Platform,
    sales: ir.Table,
    customers: ir.Table,
    customer_links: ir.Table,
    messages: ir.Table,
    feedback: ir.Table,
    web_visits: ir.Table,
    usage: ir.Table,
) -> ir.Table:
    as_of = last_day(sales, customers)
    signs = {"messages": messages, "feedback": feedback, "web_visits": web_visits, "usage": usage}
    timezone = platform.settings.organisation.timezone
    engagement = engagement_scores(sales, signs, customer_links, timezone, as_of)
    return scores_of(sales, as_of, engagement)


def experiment_results(settings: Settings) -> dg.AssetsDefinition:
    """The table of experiments, made from what the metrics asked for are made from."""
    defined = kpis(settings.kpis.custom)
    asked = [name for one in settings.experiments for name in one.metrics or ()]
    names = list(dict.fromkeys([*DEFAULT_METRICS, *asked]))
    refuse_unknown(names, defined)
    behind = [table for name in names for table in defined[kpi_of(name)].tables]
    deps = dict.fromkeys(["experiment_assignments", *LINKED, *behind])

    @dg.asset(
        name="experiment_results",
        deps=list(deps),
        pool=WAREHOUSE_POOL,
        **of_table("experiment_results"),
    )
    def evaluated(platform: Platform) -> ir.Table:
        tables = platform.warehouse.table
        known = facts_of(platform.settings, tables)
        return results_of(
            tables("experiment_assignments"),
            tables("customer_links"),
            metrics_of(known, defined, names),
            DEFAULT_METRICS,
            platform.settings.experiments,
            platform.settings.organisation.timezone,
            known["as_of"],
            tables("identity_records"),
        )

    return evaluated
