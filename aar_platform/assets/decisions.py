"""What people decided about who is who, as the pipeline sees it."""

import dagster as dg
import ibis
import ibis.expr.types as ir

from aar_platform.assets.appearance import WAREHOUSE_POOL, of_table
from aar_platform.identity.decisions import decision_rows
from aar_platform.operations.decisions import decisions
from aar_platform.resources.operations import open_operations
from aar_platform.resources.platform import Platform
from aar_platform.tables import catalogue


# Decisions come from outside of the graph. They are read whenever records have changed, so that
# what joins these records never goes by decisions of an earlier run.
@dg.asset(deps=list(catalogue.CORE), pool=WAREHOUSE_POOL, **of_table("identity_decisions"))
def identity_decisions(platform: Platform) -> ir.Table:
    return ibis.memtable(decision_rows(decisions(open_operations(platform.settings))))
