"""What HubSpot's records are in core tables."""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows, json_list, json_text_at, json_without

_EVENTS = {
    "SENT": "sent",
    "DELIVERED": "delivered",
    "OPEN": "opened",
    "CLICK": "clicked",
    "BOUNCE": "bounced",
}
# The lowest and the highest answer of each kind of survey.
_SCALES: dict[str, tuple[float, float]] = {"NPS": (0, 10), "CSAT": (1, 5), "CES": (1, 7)}


def _owner(records: ir.Table, owners: ir.Table) -> ir.Table:
    """The records with `owner_email`."""
    named = owners.select(owner=owners.id, owner_email=owners.email).distinct(on="owner")
    return records.left_join(named, records.hubspot_owner_id == named.owner)


def _changed_at(rows: ir.Table) -> ir.TimestampValue:
    """When a record changed last: of an archived one, when it was archived."""
    if "archived_at" not in rows.columns:
        return rows.changed_at
    return ibis.coalesce(rows.archived_at, rows.changed_at)


def _consents(rows: ir.Table) -> ir.StringValue:
    """What is known: who opted out, or agreed freely."""
    when = _changed_at(rows).strftime("%Y-%m-%dT%H:%M:%SZ")
    agreed = rows.hs_legal_basis.lower().contains("freely given consent").fill_null(False)
    refused = rows.hs_email_optout.fill_null(False)
    said = refused.ifelse("false", "true")
    text = ibis.literal('{"marketing": {"granted": ') + said + ', "since": "' + when + '"}}'
    return (refused | agreed).ifelse(text, ibis.null("string"))


def contact_rows(contacts: ir.Table, owners: ir.Table) -> ir.Table:
    """Contacts, or archived ones."""
    rows = _owner(contacts, owners)
    return core_rows(
        rows,
        contact_id=rows.id,
        company_id=rows.associatedcompanyid,
        given_name=rows.firstname,
        family_name=rows.lastname,
        email=rows.email,
        phone=ibis.coalesce(rows.phone, rows.mobilephone),
        street=rows.address,
        city=rows.city,
        region=rows.state,
        postcode=rows.zip,
        country=rows.country,
        birth_date=rows.date_of_birth,
        gender=rows.gender,
        language=rows.hs_language,
        job_title=rows.jobtitle,
        owner=rows.owner_email,
        lifecycle_stage=rows.lifecyclestage,
        acquired_at=rows.hs_lifecyclestage_customer_date,
        acquisition_channel=rows.hs_analytics_source.lower(),
        consents=_consents(rows),
        created_at=rows.created_at,
        updated_at=_changed_at(rows),
        is_deleted=rows.archived.fill_null(False),
    )


def company_rows(companies: ir.Table, owners: ir.Table) -> ir.Table:
    """Companies, or archived ones."""
    rows = _owner(companies, owners)
    return core_rows(
        rows,
        company_id=rows.id,
        name=rows.name,
        domain=rows.domain,
        phone=rows.phone,
        street=rows.address,
        city=rows.city,
        region=rows.state,
        postcode=rows.zip,
        country=rows.country,
        industry=rows.industry,
        employee_count=rows.numberofemployees,
        owner=rows.owner_email,
        created_at=rows.created_at,
        updated_at=_changed_at(rows),
        is_deleted=rows.archived.fill_null(False),
    )


def _stages(pipelines: ir.Table) -> ir.Table:
    """pipeline, stage, stage_name, is_closed, is_won."""
    each = pipelines.select(pipeline_id=pipelines.id, one=json_list(pipelines.stages).unnest())
    closed = (json_text_at(each.one, "$.metadata.isClosed") == "true") | (
        json_text_at(each.one, "$.metadata.ticketState") == "CLOSED"
    )
    certain = json_text_at(each.one, "$.metadata.probability").try_cast("float64") == 1.0
    return each.select(
        pipeline_id="pipeline_id",
        stage_id=json_text_at(each.one, "$.id"),
        stage_name=json_text_at(each.one, "$.label"),
        stage_closed=closed.fill_null(False),
        stage_won=(closed & certain).fill_null(False),
    )


def deal_rows(
    deals: ir.Table, owners: ir.Table, pipelines: ir.Table, account: ir.Table, lines: ir.Table
) -> ir.Table:
    """Deals, or archived ones; their lines go with them among the attributes, as `line_items`."""
    each = lines.select(lines.payload, line=lines.id, deal=json_list(lines.deals).unnest())
    each = each.mutate(deal=each.deal.replace('"', ""))
    listed = each.group_by("deal").aggregate(
        lines=each.payload.group_concat(",", order_by=each.line)
    )
    rows = _owner(deals, owners)
    stages = _stages(pipelines)
    rows = rows.left_join(
        stages, [rows.pipeline == stages.pipeline_id, rows.dealstage == stages.stage_id]
    )
    home = account.aggregate(home_currency=account.companyCurrency.max())
    rows = rows.cross_join(home)
    rows = rows.left_join(listed, rows.id == listed.deal)
    is_closed = ibis.coalesce(rows.stage_closed, rows.hs_is_closed)
    return core_rows(
        rows,
        deal_id=rows.id,
        contact_id=json_text_at(rows.contacts, "$[0]"),
        company_id=json_text_at(rows.companies, "$[0]"),
        owner=rows.owner_email,
        stage=ibis.coalesce(rows.stage_name, rows.dealstage),
        is_won=ibis.coalesce(rows.stage_won, rows.hs_is_closed_won),
        is_closed=is_closed,
        amount=rows.amount,
        # The account's own where it has a single one.
        currency=ibis.coalesce(rows.deal_currency_code, rows.home_currency),
        created_at=rows.created_at,
        # Of an open one it is the day on which it is hoped to close.
        closed_at=is_closed.ifelse(rows.closedate, ibis.null("timestamp(6)")),
        channel=rows.hs_analytics_source.lower(),
        updated_at=_changed_at(rows),
        is_deleted=rows.archived.fill_null(False),
        attributes=json_without(
            rows.payload,
            ibis.literal('{"id":null,"line_items":[') + rows.lines.fill_null("") + "]}",
        ),
    )


def ticket_rows(tickets: ir.Table, owners: ir.Table, pipelines: ir.Table) -> ir.Table:
    """Tickets, or archived ones."""
    stages = _stages(pipelines)
    rows = _owner(tickets, owners)
    rows = rows.left_join(
        stages,
        [rows.hs_pipeline == stages.pipeline_id, rows.hs_pipeline_stage == stages.stage_id],
    )
    return core_rows(
        rows,
        ticket_id=rows.id,
        contact_id=json_text_at(rows.contacts, "$[0]"),
        company_id=json_text_at(rows.companies, "$[0]"),
        subject=rows.subject,
        text=rows.content,
        topic=rows.hs_ticket_category,
        priority=rows.hs_ticket_priority.lower(),
        channel=rows.source_type.lower(),
        status=ibis.coalesce(rows.stage_name, rows.hs_pipeline_stage),
        assignee=rows.owner_email,
        opened_at=rows.created_at,
        first_replied_at=rows.first_agent_reply_date,
        solved_at=rows.closed_date,
        satisfaction=rows.hs_feedback_last_ces_rating,
        updated_at=_changed_at(rows),
        is_deleted=rows.archived.fill_null(False),
    )


def merged(own_id: str, further: Callable[[ir.Table], dict[str, Any]] | None = None) -> Any:
    """Rows of records that were merged into another: they are neither listed nor archived, and
    only the one that is left tells of them.

    own_id: the core table's column of the id. further: columns that it needs in every row.
    """

    def rows_of(records: ir.Table) -> ir.Table:
        named = records.filter(records.hs_merged_object_ids.length() > 0)
        each = named.mutate(gone=named.hs_merged_object_ids.split(";").unnest())
        columns: dict[str, Any] = {
            own_id: each.gone.strip(),
            "updated_at": _changed_at(each),
            "is_deleted": ibis.literal(True),
            "attributes": ibis.literal('{"merged_into": "') + each.id + '"}',
        }
        return core_rows(each, **columns, **(further(each) if further else {}))

    return rows_of


def feedback_rows(answers: ir.Table) -> ir.Table:
    """Answers to surveys."""
    kind = answers.hs_survey_type.upper()
    return core_rows(
        answers,
        feedback_id=answers.id,
        contact_id=ibis.coalesce(json_text_at(answers.contacts, "$[0]"), answers.hs_contact_id),
        email=answers.hs_contact_email_rollup,
        channel=ibis.literal("survey"),
        question=answers.hs_survey_name,
        score=answers.hs_value,
        scale_min=ibis.cases(*[(kind == name, low) for name, (low, _) in _SCALES.items()]),
        scale_max=ibis.cases(*[(kind == name, high) for name, (_, high) in _SCALES.items()]),
        text=answers.hs_content,
        given_at=ibis.coalesce(answers.hs_submission_timestamp, answers.created_at),
        updated_at=_changed_at(answers),
        is_deleted=answers.archived.fill_null(False),
    )


def campaign_rows(emails: ir.Table) -> ir.Table:
    """Marketing e-mails."""
    return core_rows(
        emails,
        campaign_id=emails.id,
        name=emails.name,
        channel=ibis.literal("email"),
        # A draft has a date of its own, on which nothing was sent.
        sent_at=emails.isPublished.ifelse(
            ibis.coalesce(emails.publishedAt, emails.publishDate), ibis.null("timestamp(6)")
        ),
        updated_at=emails.updatedAt,
        is_deleted=emails.archived.fill_null(False),
    )


def message_rows(events: ir.Table, emails: ir.Table) -> ir.Table:
    """Events of marketing e-mails, by the e-mail to which the sending belonged."""
    sendings = emails.select(
        email_id=emails.id, sending=json_list(emails.allEmailCampaignIds).unnest()
    )
    sendings = sendings.mutate(sending=sendings.sending.replace('"', "")).distinct(on="sending")
    left = (events.type == "STATUSCHANGE") & events.subscriptions.contains("UNSUBSCRIBED")
    kept = events.mutate(event=left.ifelse("unsubscribed", events.type.substitute(_EVENTS)))
    known = [*_EVENTS.values(), "unsubscribed"]
    kept = kept.filter(kept.event.isin(known))
    rows = kept.left_join(sendings, kept.emailCampaignId == sendings.sending)
    return core_rows(
        rows,
        message_id=rows.id,
        campaign_id=ibis.coalesce(rows.email_id, rows.emailCampaignId),
        email=rows.recipient,
        event=rows.event,
        occurred_at=rows.created,
        url=rows.url,
        updated_at=rows.created,
    )
