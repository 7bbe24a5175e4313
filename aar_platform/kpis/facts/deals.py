"""Sales opportunities: won, lost, or still open."""

import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.definition import fact


@fact("source", "channel", "country", "region", *TRAITS, lasts=True, begins="created_on")
def deals(
    deals: ir.Table,
    customer_links: ir.Table,
    traits: ir.Table,
    rates: ir.Table | None,
    reporting_currency: str,
    timezone: str,
) -> ir.Table:
    """A deal is closed where its source says so, or says that it is won or when it closed. `day`
    is that of the close (of a closed deal that has none, of its creation) and of an open deal that
    of its creation; the amount is converted at that day's rate. The owner is the seller. Deals
    without any date are left out;
    `opened_known` marks those of which both days are known."""
    rows = customer_rows(deals, "deals", customer_links, traits, timezone)
    is_won = rows.is_won.fill_null(False)
    is_closed = rows.is_closed.fill_null(rows.closed_at.notnull()) | is_won
    rows = rows.mutate(
        is_won=is_won,
        is_closed=is_closed,
        opened_known=rows.created_on.notnull() & rows.closed_on.notnull(),
        created_on=rows.created_on.fill_null(rows.closed_on),
        closed_on=is_closed.ifelse(rows.closed_on.fill_null(rows.created_on), None),
    )
    rows = rows.mutate(day=rows.closed_on.fill_null(rows.created_on))
    dated = rows.filter(rows.day.notnull())
    return to_reporting(dated, "amount", "currency", "day", rates, reporting_currency)
