"""Then the customers in groups, by every registered scheme."""

import dagster as dg
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.kpis.sales import last_day
from aar_platform.resources.platform import Platform
from aar_platform.segments.definition import customer_segments as segments_of


@dg.asset(pool=WAREHOUSE_POOL, **of_table("customer_segments"))
def customer_segments(
    platform: Platform, sales: ir.Table, customers: ir.Table, customer_scores: ir.Table
) -> ir.Table:
    policy = platform.settings.segments
    return segments_of(sales, customers, customer_scores, last_day(sales, customers), policy)
