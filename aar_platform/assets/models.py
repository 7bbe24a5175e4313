"""Then what models say of each customer."""

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.kpis.sales import last_day
from aar_platform.models.purchase_history import customer_scores as scores_of


@dg.asset(pool=WAREHOUSE_POOL, **of_table("customer_scores"))
def customer_scores(sales: ir.Table, customers: ir.Table) -> ir.Table:
    return scores_of(sales, last_day(sales, customers))
