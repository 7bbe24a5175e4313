"""What known customers brought in, by where each was won."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact


@fact("channel", "campaign", *TRAITS, is_kept=False)
def customer_revenue(sales: ir.Table, acquisitions: ir.Table) -> ir.Table:
    """The sales of known customers; channel and campaign are those that won the customer. What was
    sold or refunded before counts from the day on which the customer was won: until then nobody
    is divided by."""
    won = acquisitions.select(
        won="customer_id", won_on="day", won_channel="channel", won_campaign="campaign"
    )
    found = sales.filter(sales.customer_id.notnull()).inner_join(won, sales.customer_id == won.won)
    return found.mutate(
        day=ibis.greatest(found.day, found.won_on),
        channel=found.won_channel,
        campaign=found.won_campaign,
    ).drop("won", "won_on", "won_channel", "won_campaign")
