"""What was sold and refunded: rows of the table `sales`."""

import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import with_traits
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact


@fact("source", "channel", "campaign", "country", "region", *TRAITS)
def sales(sales: ir.Table, traits: ir.Table) -> ir.Table:
    """`is_sold` marks orders of more than nothing: neither refunds nor credit notes."""
    found = with_traits(sales, traits)
    return found.mutate(
        day=found.sold_on, is_sold=(found.kind == "order") & (found.amount_reporting > 0)
    )
