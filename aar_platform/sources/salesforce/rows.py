"""What Salesforce's records are in core tables."""

import json
from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows, json_text_at, json_without, to_json

_MONEY = "decimal(18, 4)"


def _with_owner(records: ir.Table, users: ir.Table) -> ir.Table:
    """The records with `owner_email`; null where a queue owns them."""
    owners = users.select(owner_user=users.Id, owner_email=users.Email)
    return records.left_join(owners, records.OwnerId == owners.owner_user)


def _external_ids(rows: ir.Table, name: str, fields: Mapping[str, str]) -> ir.StringValue:
    """The ids under which others know the record, and that of the record it was merged into.

    name: the source's own. fields: the field that holds another source's id, by its name.
    """
    told = {system: json_text_at(rows.payload, f'$."{field}"') for system, field in fields.items()}
    told[name] = rows.MasterRecordId
    any_told = ibis.or_(*[value.notnull() for value in told.values()])
    return any_told.ifelse(to_json(ibis.struct(told)).cast(str), ibis.null("string"))


def _consents(opted_out: ir.BooleanValue, since: ir.TimestampValue) -> ir.StringValue:
    """Who has opted out; the opposite is no consent that was ever asked for."""
    text = (
        ibis.literal('{"marketing": {"granted": false, "since": "')
        + since.strftime("%Y-%m-%dT%H:%M:%SZ")
        + '"}}'
    )
    return opted_out.ifelse(text, ibis.null("string"))


def account_rows(accounts: ir.Table, users: ir.Table, name: str) -> ir.Table:
    """Companies; name: the source's own."""
    rows = _with_owner(accounts, users)
    site = rows.Website.lower().re_replace(r"^(https?://)?(www\.)?", "")
    return core_rows(
        rows,
        company_id=rows.Id,
        external_ids=_external_ids(rows, name, {}),
        name=rows.Name,
        domain=site.re_replace(r"[/?#].*", ""),
        phone=rows.Phone,
        street=rows.BillingStreet,
        city=rows.BillingCity,
        region=rows.BillingState,
        postcode=rows.BillingPostalCode,
        country=rows.BillingCountry,
        industry=rows.Industry,
        employee_count=rows.NumberOfEmployees,
        owner=rows.owner_email,
        created_at=rows.CreatedDate,
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted,
    )


def contact_rows(
    contacts: ir.Table, users: ir.Table, name: str, fields: Mapping[str, str]
) -> ir.Table:
    """Contacts; see `_external_ids` for name and fields."""
    rows = _with_owner(contacts, users)
    return core_rows(
        rows,
        contact_id=rows.Id,
        company_id=rows.AccountId,
        external_ids=_external_ids(rows, name, fields),
        given_name=rows.FirstName,
        family_name=rows.LastName,
        full_name=rows.Name,
        email=rows.Email,
        phone=ibis.coalesce(rows.Phone, rows.MobilePhone),
        street=rows.MailingStreet,
        city=rows.MailingCity,
        region=rows.MailingState,
        postcode=rows.MailingPostalCode,
        country=rows.MailingCountry,
        birth_date=rows.Birthdate,
        job_title=rows.Title,
        owner=rows.owner_email,
        acquisition_channel=rows.LeadSource,
        consents=_consents(rows.HasOptedOutOfEmail, rows.SystemModstamp),
        created_at=rows.CreatedDate,
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted,
    )


def lead_rows(leads: ir.Table, users: ir.Table, name: str) -> ir.Table:
    """Leads; one that was converted is the contact it became, as merged records are."""
    rows = _with_owner(leads, users)
    # The contact it became names the same person, as the record it was merged into does.
    rows = rows.mutate(MasterRecordId=ibis.coalesce(rows.MasterRecordId, rows.ConvertedContactId))
    return core_rows(
        rows,
        contact_id=rows.Id,
        external_ids=_external_ids(rows, name, {}),
        given_name=rows.FirstName,
        family_name=rows.LastName,
        full_name=rows.Name,
        email=rows.Email,
        phone=ibis.coalesce(rows.Phone, rows.MobilePhone),
        street=rows.Street,
        city=rows.City,
        region=rows.State,
        postcode=rows.PostalCode,
        country=rows.Country,
        job_title=rows.Title,
        owner=rows.owner_email,
        lifecycle_stage=ibis.literal("lead"),
        acquisition_channel=rows.LeadSource,
        consents=_consents(rows.HasOptedOutOfEmail, rows.SystemModstamp),
        created_at=rows.CreatedDate,
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted | rows.IsConverted.fill_null(False),
    )


def deal_rows(deals: ir.Table, users: ir.Table, lines: ir.Table) -> ir.Table:
    """Opportunities; their product lines go with them among the attributes, as `Lines`."""
    kept = lines.filter(~lines.IsDeleted)
    listed = kept.group_by(deal=kept.OpportunityId).aggregate(
        lines=kept.payload.group_concat(",", order_by=kept.Id)
    )
    rows = _with_owner(deals, users)
    rows = rows.left_join(listed, rows.Id == listed.deal)
    columns: dict[str, Any] = {
        "deal_id": rows.Id,
        "contact_id": rows.ContactId,
        "company_id": rows.AccountId,
        "stage": rows.StageName,
        "is_won": rows.IsWon,
        "is_closed": rows.IsClosed,
        "amount": rows.Amount,
        "created_at": rows.CreatedDate,
        "channel": rows.LeadSource,
        "is_deleted": rows.IsDeleted,
        "updated_at": rows.SystemModstamp,
    }
    gone = ",".join(f"{json.dumps(value.get_name())}:null" for value in columns.values())
    return core_rows(
        rows,
        **columns,
        owner=rows.owner_email,
        currency=_currency(rows),
        # Of an open one it is the day on which it is hoped to close.
        closed_at=rows.IsClosed.ifelse(rows.CloseDate, ibis.null("date")),
        attributes=json_without(
            rows.payload, ibis.literal(f'{{{gone},"Lines":[') + rows.lines.fill_null("") + "]}"
        ),
    )


def _currency(rows: ir.Table) -> ir.StringValue:
    """Of the record, or of the whole organisation where it has a single one."""
    return ibis.coalesce(rows.CurrencyIsoCode, rows.currency_of_all)


def order_rows(orders: ir.Table) -> ir.Table:
    """Orders; a reduction order takes back what another one sold, and is a refund."""
    rows = orders.filter(~orders.IsReductionOrder.fill_null(False))
    is_cancelled = rows.Status.lower().isin(["cancelled", "canceled"])
    return core_rows(
        rows,
        order_id=rows.Id,
        contact_id=rows.BillToContactId,
        company_id=rows.AccountId,
        # A day without a zone: it begins in that of the organisation.
        ordered_at=rows.EffectiveDate,
        status=rows.Status,
        country=ibis.coalesce(rows.BillingCountry, rows.ShippingCountry),
        region=ibis.coalesce(rows.BillingState, rows.ShippingState),
        currency=_currency(rows),
        total=rows.TotalAmount,
        cancelled_at=is_cancelled.ifelse(rows.LastModifiedDate, ibis.null("timestamp(6)")),
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted,
    )


def refund_rows(orders: ir.Table) -> ir.Table:
    """Reduction orders; one that is a draft or cancelled gave nothing back."""
    rows = orders.filter(orders.IsReductionOrder.fill_null(False))
    is_none = rows.Status.lower().isin(["cancelled", "canceled", "draft"]).fill_null(False)
    return core_rows(
        rows,
        refund_id=rows.Id,
        order_id=rows.OriginalOrderId,
        contact_id=rows.BillToContactId,
        refunded_at=rows.EffectiveDate,
        amount=rows.TotalAmount.abs(),
        currency=_currency(rows),
        reason=ibis.coalesce(rows.Description, rows.Type),
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted | is_none,
    )


def order_line_rows(lines: ir.Table, orders: ir.Table) -> ir.Table:
    """Lines of orders; those of reduction orders are in the refund's amount."""
    of = orders.filter(~orders.IsReductionOrder.fill_null(False)).select(
        order=orders.Id,
        day=orders.EffectiveDate,
        buyer=orders.BillToContactId,
        country=ibis.coalesce(orders.BillingCountry, orders.ShippingCountry),
        order_gone=orders.IsDeleted,
    )
    rows = lines.inner_join(of, lines.OrderId == of.order)
    # The price on the list is the one before the discount of the line.
    is_less = (rows.ListPrice > rows.UnitPrice).fill_null(False)
    off = rows.ListPrice * rows.Quantity - rows.TotalPrice
    return core_rows(
        rows,
        order_id=rows.OrderId,
        line_id=rows.OrderId + "-" + rows.Id,
        sku=rows.sku,
        product=rows["product"],
        category=rows.category,
        quantity=rows.Quantity,
        unit_price=is_less.ifelse(rows.ListPrice, rows.UnitPrice),
        discount=is_less.ifelse(off.cast(_MONEY), ibis.literal(0).cast(_MONEY)),
        amount=rows.TotalPrice,
        currency=_currency(rows),
        ordered_at=rows.day,
        contact_id=rows.buyer,
        country=rows.country,
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted | rows.order_gone,
    )


def ticket_rows(cases: ir.Table, users: ir.Table, contacts: ir.Table) -> ir.Table:
    """Cases."""
    people = contacts.select(asker=contacts.Id, asker_email=contacts.Email)
    rows = _with_owner(cases, users)
    rows = rows.left_join(people, rows.ContactId == people.asker)
    return core_rows(
        rows,
        ticket_id=rows.Id,
        contact_id=rows.ContactId,
        company_id=rows.AccountId,
        email=ibis.coalesce(rows.SuppliedEmail, rows.asker_email),
        subject=rows.Subject,
        text=rows.Description,
        topic=ibis.coalesce(rows.Reason, rows.Type),
        priority=rows.Priority,
        channel=rows.Origin,
        status=rows.Status,
        assignee=rows.owner_email,
        opened_at=rows.CreatedDate,
        solved_at=rows.ClosedDate,
        updated_at=rows.SystemModstamp,
        is_deleted=rows.IsDeleted,
    )


def campaign_rows(campaigns: ir.Table) -> ir.Table:
    """Campaigns."""
    return core_rows(
        campaigns,
        campaign_id=campaigns.Id,
        name=campaigns.Name,
        channel=campaigns.Type,
        sent_at=campaigns.StartDate,
        cost=campaigns.ActualCost,
        currency=_currency(campaigns),
        updated_at=campaigns.SystemModstamp,
        is_deleted=campaigns.IsDeleted,
    )


def message_rows(members: ir.Table, contacts: ir.Table, leads: ir.Table) -> ir.Table:
    """Members of campaigns: each was reached when it was put there; one who answered, clicked."""
    people = ibis.union(
        contacts.select(person=contacts.Id, person_email=contacts.Email),
        leads.select(person=leads.Id, person_email=leads.Email),
    )
    rows = members.mutate(who=ibis.coalesce(members.ContactId, members.LeadId))
    rows = rows.left_join(people, rows.who == people.person)
    has_answered = rows.HasResponded.fill_null(False) & rows.FirstRespondedDate.notnull()
    reached = rows.mutate(event=ibis.literal("sent"), happened=rows.CreatedDate)
    answered = rows.filter(has_answered).mutate(
        event=ibis.literal("clicked"),
        # The answer has a day only; it cannot have come before the message.
        happened=ibis.greatest(rows.FirstRespondedDate.cast("timestamp(6)"), rows.CreatedDate),
    )
    events = ibis.union(reached, answered)
    return core_rows(
        events,
        message_id=events.Id + "-" + events.event,
        campaign_id=events.CampaignId,
        contact_id=events.who,
        email=events.person_email,
        event=events.event,
        occurred_at=events.happened,
        updated_at=events.SystemModstamp,
        is_deleted=events.IsDeleted,
    )
