"""Subscriptions, from their first to their last day."""

import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows, told_until
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact


@fact("source", "channel", "country", "region", *TRAITS, lasts=True)
def subscriptions(
    subscriptions: ir.Table, customer_links: ir.Table, traits: ir.Table, timezone: str
) -> ir.Table:
    """One row per subscription, from `started_on` to the day before `ended_on` (null while it
    runs); one that ends on the day it started never ran."""
    rows = customer_rows(subscriptions, "subscriptions", customer_links, traits, timezone)
    return rows.mutate(day=rows.started_on, told_until=told_until(rows.started_on, rows.ended_on))
