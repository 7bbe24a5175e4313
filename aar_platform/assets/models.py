"""Then what models say of each customer."""

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.kpis.sales import last_day
from aar_platform.models.experiments.metrics import DEFAULT_METRICS, metrics_of
from aar_platform.models.experiments.results import experiment_results as results_of
from aar_platform.models.purchase_history import customer_scores as scores_of
from aar_platform.resources.platform import Platform


@dg.asset(pool=WAREHOUSE_POOL, **of_table("customer_scores"))
def customer_scores(sales: ir.Table, customers: ir.Table) -> ir.Table:
    return scores_of(sales, last_day(sales, customers))


@dg.asset(pool=WAREHOUSE_POOL, **of_table("experiment_results"))
def experiment_results(
    platform: Platform,
    experiment_assignments: ir.Table,
    customer_links: ir.Table,
    sales: ir.Table,
    customers: ir.Table,
) -> ir.Table:
    settings = platform.settings
    return results_of(
        experiment_assignments,
        customer_links,
        metrics_of(sales),
        DEFAULT_METRICS,
        settings.experiments,
        settings.organisation.timezone,
        last_day(sales, customers),
    )
