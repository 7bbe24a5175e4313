"""Messages as wholes: what became of each one that was sent."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact


@fact("source", "channel", "campaign", "country", "region", *TRAITS, "weekday_hour",
      members_of=("messages",), is_kept=False)  # fmt: skip
def mailings(messages: ir.Table) -> ir.Table:
    """One row per campaign and recipient of a source, on the day (and in the hour) it was sent,
    else of its first event. What was opened, clicked or answered with an unsubscription was
    delivered, whatever else is told; where a source never tells that anything arrived, what was
    sent and did not bounce has. Events of no campaign are left out: which of them belong to one
    message cannot be told.
    """
    key = ["source", "campaign_id", "recipient"]
    # One moment to order by: by two the engine takes three times as long for each column.
    at = messages.occurred_at.fill_null(ibis.timestamp("5000-01-01"))
    first = (messages.event == "sent").ifelse(at, at + ibis.interval(years=1000))
    is_event = {
        name: (messages.event == event).any()
        for name, event in (
            ("is_opened", "opened"),
            ("is_clicked", "clicked"),
            ("is_bounced", "bounced"),
            ("is_unsubscribed", "unsubscribed"),
            ("is_told_delivered", "delivered"),
        )
    }
    kept = ("customer_id", "channel", "campaign", "country", "region", *TRAITS, "weekday_hour",
            "day", "record_id")  # fmt: skip
    known = messages.filter(messages.recipient.notnull(), messages.campaign_id.notnull())
    found = known.group_by(key).aggregate(
        **is_event, **{name: known[name].first(order_by=first, include_null=True) for name in kept}
    )
    tells = known.group_by("source").aggregate(tells_deliveries=(known.event == "delivered").any())
    found = found.inner_join(tells, "source")
    arrived = found.tells_deliveries.ifelse(found.is_told_delivered, ~found.is_bounced)
    return found.mutate(
        is_opened=_.is_opened | _.is_clicked,
        is_delivered=arrived | found.is_opened | found.is_clicked | found.is_unsubscribed,
    )
