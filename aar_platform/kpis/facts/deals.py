"""Sales opportunities: won, lost, or still open."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis import deal_stages
from aar_platform.kpis.customer_rows import customer_rows
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.definition import fact


@fact("source", "channel", "country", "region", *TRAITS, lasts=True)
def deals(
    deals: ir.Table,
    customer_links: ir.Table,
    traits: ir.Table,
    rates: ir.Table | None,
    reporting_currency: str,
    timezone: str,
) -> ir.Table:
    """A deal is closed where its source says so, or says that it is won or when it closed. Where a
    source has no flag for it, the words of the stage tell: `Won`, `Closed Lost`, `gewonnen`, `赢单`
    (see `deal_stages`). `day`
    is that of the close (of a closed deal that has none, of its creation) and of an open deal that
    of its creation; the amount is converted at that day's rate. `began` is the first of these
    days. The owner is the seller. Deals without any date are left out; `opened_known` marks those
    of which both days are known."""
    rows = customer_rows(deals, "deals", customer_links, traits, timezone)
    is_won, is_closed = deal_stages.is_won(rows), deal_stages.is_closed(rows)
    rows = rows.mutate(
        is_won=is_won,
        is_closed=is_closed,
        opened_known=rows.created_on.notnull() & rows.closed_on.notnull(),
        created_on=rows.created_on.fill_null(rows.closed_on),
        closed_on=is_closed.ifelse(rows.closed_on.fill_null(rows.created_on), None),
    )
    rows = rows.mutate(
        day=rows.closed_on.fill_null(rows.created_on),
        began=ibis.least(rows.created_on, rows.closed_on.fill_null(rows.created_on)),
    )
    dated = rows.filter(rows.day.notnull())
    return to_reporting(dated, "amount", "currency", "day", rates, reporting_currency)
