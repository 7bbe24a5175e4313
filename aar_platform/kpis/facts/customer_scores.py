"""What models say of each customer, on the day they were last asked."""

import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import with_traits
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact


@fact("country", "region", *TRAITS)
def customer_scores(customer_scores: ir.Table, traits: ir.Table) -> ir.Table:
    found = with_traits(customer_scores, traits)
    return found.mutate(day=found.as_of)
