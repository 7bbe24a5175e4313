"""What Mailchimp says as rows of core tables."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows, json_list, json_text_at, json_without, to_json

_Instant = dt.Timestamp(timezone="UTC", scale=6)
_Money = dt.Decimal(18, 4)
_EVENT = {"open": "opened", "click": "clicked", "bounce": "bounced"}


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, _Instant), dt.Timestamp(scale=6)))
def _in_zone(zone, instant):  # type: ignore[no-untyped-def]
    """The wall-clock time of an instant in a zone."""


def _consents(members: ir.Table) -> ir.StringValue:
    is_granted = members.status == "subscribed"
    opted_in, changed = members.opted_in_said.nullif(""), members.changed_said
    since = ibis.ifelse(is_granted, ibis.coalesce(opted_in, changed), changed)
    said = ibis.struct({"granted": is_granted, "since": since})
    consents: ir.StringValue = to_json(ibis.struct({"marketing": said})).cast(str)
    return consents


def contact_rows(members: ir.Table) -> ir.Table:
    """A member of a list is a contact; an archived one counts as deleted."""
    return core_rows(
        members,
        contact_id=_contact_id(members),
        given_name=members.given_name.nullif(""),
        family_name=members.family_name.nullif(""),
        full_name=members.full_name.nullif(""),
        email=members.email_address,
        # A cleaned address has bounced for good.
        email_verified=ibis.ifelse(members.status == "cleaned", False, None),
        phone=ibis.coalesce(members.phone.nullif(""), members.sms_phone_number.nullif("")),
        street=members.street.nullif(""),
        city=members.city.nullif(""),
        region=members.region.nullif(""),
        postcode=members.postcode.nullif(""),
        country=ibis.coalesce(members.country.nullif(""), members.located_in.nullif("")),
        language=members.language.nullif(""),
        acquisition_channel=members.source_.nullif(""),
        consents=_consents(members),
        created_at=ibis.coalesce(members.timestamp_signup, members.opted_in_at),
        updated_at=members.last_changed,
        is_deleted=members.status == "archived",
    )


def _contact_id(members: ir.Table) -> ir.StringValue:
    """Mailchimp's own id of the contact, which outlives a change of address."""
    own: ir.StringValue = ibis.coalesce(
        members.contact_id.nullif(""), members.list_id + "-" + members.id
    )
    return own


def _with_contact(rows: ir.Table, members: ir.Table, address: ir.StringValue) -> ir.Table:
    """Rows of a list's addresses (as MD5 of the lower-case address) with the contact's id."""
    known = members.select(
        _list=members.list_id, _address=members.id, _contact=_contact_id(members)
    )
    return rows.left_join(known, [rows.list_id == known._list, address == known._address])


def campaign_rows(campaigns: ir.Table) -> ir.Table:
    """A campaign; Mailchimp does not know what it cost."""
    return core_rows(
        campaigns,
        campaign_id=campaigns.id,
        name=ibis.coalesce(campaigns.title.nullif(""), campaigns.subject_line.nullif("")),
        channel=ibis.literal("email"),
        sent_at=campaigns.send_time,
    )


def sent_rows(sent_to: ir.Table, members: ir.Table) -> ir.Table:
    """`sent`, and `delivered` where the message did not bounce, both at the campaign's time."""
    # Beside `sent`, a status tells how the message bounced: hard or soft.
    events = ibis.ifelse(
        sent_to.status == "sent", ibis.array(["sent", "delivered"]), ibis.array(["sent"])
    )
    rows = _with_contact(sent_to, members, sent_to.email_id)
    rows = rows.mutate(event=events.unnest())
    return core_rows(
        rows,
        message_id=_message_id(rows, rows.event),
        campaign_id=rows.campaign_id,
        contact_id=rows._contact,
        email=rows.email_address,
        event=rows.event,
        occurred_at=rows.sent_at,
        updated_at=rows.sent_at,
    )


def activity_rows(emails: ir.Table, members: ir.Table) -> ir.Table:
    """Opens, clicks and bounces, each with its moment. One is known by all that is said of it, so
    that windows which overlap do not double it."""
    rows = _with_contact(emails, members, emails.email_id)
    rows = rows.mutate(_one=json_list(rows.activity).unnest())
    action = json_text_at(rows._one, "$.action")
    said = json_text_at(rows._one, "$.timestamp").try_cast(_Instant)
    return core_rows(
        rows,
        message_id=_message_id(rows, action + "-" + rows._one.hexdigest("md5")),
        campaign_id=rows.campaign_id,
        contact_id=rows._contact,
        email=rows.email_address,
        event=action.substitute(_EVENT),
        occurred_at=_in_zone("UTC", said),
        url=json_text_at(rows._one, "$.url"),
        updated_at=_in_zone("UTC", said),
        attributes=json_without(rows._one, "{}"),
    )


def unsubscribe_rows(unsubscribes: ir.Table, members: ir.Table) -> ir.Table:
    """Who left, with the moment."""
    rows = _with_contact(unsubscribes, members, unsubscribes.email_id)
    return core_rows(
        rows,
        message_id=_message_id(rows, ibis.literal("unsubscribed")),
        campaign_id=rows.campaign_id,
        contact_id=rows._contact,
        email=rows.email_address,
        event=ibis.literal("unsubscribed"),
        occurred_at=rows.timestamp,
        updated_at=rows.timestamp,
    )


def _message_id(rows: ir.Table, what: ir.StringValue) -> ir.StringValue:
    address = rows.campaign_id + "-" + rows.list_id + "-" + rows.email_id
    message_id: ir.StringValue = address + "-" + what
    return message_id


def _with_buyer(orders: ir.Table, stores: ir.Table, members: ir.Table) -> ir.Table:
    """Orders with the member who has the buyer's address on the list of the store."""
    names = stores.select(_store=stores.id, list_id=stores.list_id)
    rows = orders.left_join(names, orders.store_id == names._store)
    return _with_contact(rows, members, rows.email.strip().lower().hexdigest("md5"))


def order_rows(orders: ir.Table, stores: ir.Table, members: ir.Table) -> ir.Table:
    """An order of a connected shop."""
    rows = _with_buyer(orders, stores, members)
    return core_rows(
        rows,
        order_id=_order_id(rows),
        contact_id=rows._contact,
        email=rows.email,
        ordered_at=rows.processed_at_foreign,
        status=rows.financial_status.nullif(""),
        campaign=rows.campaign_id.nullif(""),
        country=_country(rows),
        region=ibis.coalesce(rows.shipping_province.nullif(""), rows.billing_province.nullif("")),
        currency=rows.currency_code,
        discount=rows.discount_total,
        tax=rows.tax_total,
        shipping=rows.shipping_total,
        total=rows.order_total,
        cancelled_at=rows.cancelled_at_foreign,
        updated_at=rows.updated_at_foreign,
    )


def line_rows(orders: ir.Table, stores: ir.Table, members: ir.Table) -> ir.Table:
    """The lines of orders."""
    rows = _with_buyer(orders, stores, members)
    rows = rows.mutate(_one=json_list(rows.lines).unnest())
    order_id = _order_id(rows)
    return core_rows(
        rows,
        order_id=order_id,
        line_id=json_text_at(rows._one, "$.id"),
        sku=ibis.coalesce(
            json_text_at(rows._one, "$.product_variant_id").nullif(""),
            json_text_at(rows._one, "$.product_id"),
        ),
        product=json_text_at(rows._one, "$.product_title"),
        quantity=json_text_at(rows._one, "$.quantity").try_cast(_Money),
        unit_price=json_text_at(rows._one, "$.price").try_cast(_Money),
        discount=json_text_at(rows._one, "$.discount").try_cast(_Money),
        currency=rows.currency_code,
        ordered_at=rows.processed_at_foreign,
        contact_id=rows._contact,
        country=_country(rows),
        updated_at=rows.updated_at_foreign,
        attributes=json_without(rows._one, "{}"),
    )


def _order_id(rows: ir.Table) -> ir.StringValue:
    """An order's id is unique within its store alone."""
    order_id: ir.StringValue = rows.store_id + "-" + rows.id
    return order_id


def _country(rows: ir.Table) -> ir.StringValue:
    country: ir.StringValue = ibis.coalesce(
        rows.shipping_country.nullif(""), rows.billing_country.nullif("")
    )
    return country
