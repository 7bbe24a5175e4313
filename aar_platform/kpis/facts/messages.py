"""Events of messages: sent, delivered, opened, clicked, bounced, unsubscribed."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import customer_rows
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.local_time import local_time


@fact("source", "channel", "campaign", "country", "region", *TRAITS, "weekday_hour")
def messages(
    messages: ir.Table,
    campaigns: ir.Table,
    customer_links: ir.Table,
    traits: ir.Table,
    timezone: str,
) -> ir.Table:
    """One row per event, with the name and channel of its campaign; `weekday_hour` (`Mon 09`) is
    the organisation's local hour of the event."""
    named = campaigns.select(
        campaign_source="source",
        named_id="campaign_id",
        campaign_name=campaigns.name.nullif(""),
        channel="channel",
    )
    rows = messages.left_join(
        named,
        [messages.source == named.campaign_source, messages.campaign_id == named.named_id],
    )
    # Day and hour in one step, so that the engine works out the local time once.
    local = local_time(rows.occurred_at, timezone)
    rows = rows.mutate(
        campaign=rows.campaign_name.fill_null(rows.campaign_id),
        occurred_on=local.date(),
        weekday_hour=weekday_hour(local),
        recipient=ibis.coalesce(rows.contact_id.nullif(""), rows.email),
    )
    rows = rows.drop("campaign_source", "named_id", "campaign_name")
    found = customer_rows(rows, "messages", customer_links, traits, timezone)
    # Who it went to is told by `recipient`.
    return found.mutate(day=found.occurred_on).drop("contact_id", "email", "url")


def weekday_hour(moment: ir.TimestampValue) -> ir.StringValue:
    """`Mon 09` for a local moment on a Monday between nine and ten."""
    return moment.strftime("%a %H")
