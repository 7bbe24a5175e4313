"""What Constant Contact says as rows of core tables."""

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows, to_json

_EVENT = {
    "em_sends": "sent",
    "em_opens": "opened",
    "em_clicks": "clicked",
    "em_bounces": "bounced",
    "em_optouts": "unsubscribed",
}
_GRANTED = ("explicit", "implicit")


def contact_rows(contacts: ir.Table) -> ir.Table:
    """A contact; to whom mail may be sent is told by the permission, since when by its dates."""
    is_granted = contacts.permission.isin(_GRANTED)
    since = ibis.ifelse(
        is_granted, contacts.opted_in, ibis.coalesce(contacts.opted_out, contacts.permission_since)
    )
    said = ibis.struct({"marketing": ibis.struct({"granted": is_granted, "since": since})})
    return core_rows(
        contacts,
        contact_id=contacts.contact_id,
        given_name=contacts.first_name,
        family_name=contacts.last_name,
        email=contacts.email,
        email_verified=ibis.ifelse(contacts.confirm_status == "confirmed", True, None),
        phone=contacts.phone,
        street=contacts.street,
        city=contacts.city,
        region=contacts.region,
        postcode=contacts.postcode,
        country=contacts.country,
        job_title=contacts.job_title,
        consents=to_json(said).cast(str),
        created_at=contacts.created_at,
        updated_at=contacts.updated_at,
        is_deleted=contacts.deleted_at.notnull(),
    )


def campaign_rows(campaigns: ir.Table, summaries: ir.Table) -> ir.Table:
    """A campaign, with when it was last sent."""
    sent = summaries.select(_of=summaries.campaign_id, _sent_at=summaries.last_sent_date)
    rows = campaigns.left_join(sent, campaigns.campaign_id == sent._of)
    return core_rows(
        rows,
        campaign_id=rows.campaign_id,
        name=rows.name,
        channel=ibis.literal("email"),
        sent_at=rows._sent_at,
        updated_at=rows.updated_at,
        is_deleted=rows.current_status.upper() == "REMOVED",
    )


def message_rows(events: ir.Table) -> ir.Table:
    """An event of a report, known by message, person, kind, moment and link."""
    who = ibis.coalesce(events.contact_id, events.email_address)
    what = events.tracking_activity_type + "-" + events.created_said
    link = ("-" + events.url_id).fill_null("")
    return core_rows(
        events,
        message_id=events.campaign_activity_id + "-" + who + "-" + what + link,
        campaign_id=events.campaign_id,
        contact_id=events.contact_id,
        email=events.email_address,
        event=events.tracking_activity_type.substitute(_EVENT),
        occurred_at=events.created_time,
        url=events.link_url,
        updated_at=events.created_time,
    )
