"""What was spent to win customers."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import living
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.local_time import local_day


@fact("source", "channel", "campaign")
def spend(
    spend: ir.Table,
    campaigns: ir.Table,
    rates: ir.Table | None,
    reporting_currency: str,
    timezone: str,
) -> ir.Table:
    """Spend by day, and the cost of campaigns (mailings) on the day they were sent; the latter of
    sources alone that tell no spend, since a campaign's cost is the sum of its days."""
    columns = ("source", "record_id", "day", "channel", "campaign", "amount", "currency")
    daily = living(spend).mutate(table=ibis.literal("spend")).select("table", *columns)
    sent = living(campaigns).filter(campaigns.cost.notnull(), campaigns.sent_at.notnull())
    sent = sent.anti_join(spend, "source").mutate(
        table=ibis.literal("campaigns"),
        day=local_day(sent.sent_at, timezone),
        campaign=ibis.coalesce(sent.name.nullif(""), sent.campaign_id),
        amount=sent.cost,
    )
    both = daily.union(sent.select("table", *columns))
    return to_reporting(both, "amount", "currency", "day", rates, reporting_currency)
