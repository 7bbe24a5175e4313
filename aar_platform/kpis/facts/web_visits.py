"""Visits to the website."""

import ibis.expr.types as ir

from aar_platform.identity.customers_of import customers_of, living
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.local_time import local_day


@fact("source", "channel", "campaign", "country")
def web_visits(web_visits: ir.Table, customer_links: ir.Table, timezone: str) -> ir.Table:
    """Rows that count no sessions are one visit each."""
    rows = customers_of(living(web_visits), "web_visits", customer_links)
    return rows.mutate(
        day=local_day(rows.visited_at, timezone),
        sessions=rows.sessions.fill_null(1),
        conversions=rows.conversions.fill_null(0),
    )
