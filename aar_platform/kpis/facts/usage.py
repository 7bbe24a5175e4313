"""Use of the product."""

import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact


@fact("source", "country", "region", *TRAITS)
def usage(usage: ir.Table, customer_links: ir.Table, traits: ir.Table, timezone: str) -> ir.Table:
    return customer_rows(usage, "usage", customer_links, traits, timezone)
