"""Shopify's records as rows of core tables."""

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows, json_list, json_text_at, json_without, to_json

_MONEY = "decimal(18, 4)"
# What is given whole in columns of orders, or in rows of lines and refunds.
_ORDER_REST = (
    '{"id":null,"email":null,"processedAt":null,"updatedAt":null,"currencyCode":null,"test":null,'
    '"sourceName":null,"cancelledAt":null,"customer":null,"lineItems":null,"refunds":null}'
)


def contact_rows(customers: ir.Table, ids: ir.Table) -> ir.Table:
    """Contacts; those that the shop no longer lists are deleted."""
    rows = _with_listed(customers, ids)
    # The name that is shown is the address or the phone number where there is no name.
    has_name = (rows.firstName.fill_null("") + rows.lastName.fill_null("")) != ""
    street = rows.address1.fill_null("") + " " + rows.address2.fill_null("")
    return core_rows(
        rows,
        contact_id=_number(rows.id),
        given_name=rows.firstName,
        family_name=rows.lastName,
        full_name=has_name.ifelse(rows.displayName, None),
        email=rows.email,
        email_verified=rows.verifiedEmail,
        phone=ibis.coalesce(rows.phone, rows.address_phone),
        street=street.strip().nullif(""),
        city=rows.city,
        region=rows.province,
        postcode=rows.zip,
        country=rows.country,
        language=rows.locale,
        acquired_at=rows.first_order_at,
        acquisition_channel=rows.first_source,
        acquisition_campaign=rows.first_campaign,
        consents=_consents(rows),
        created_at=rows.createdAt,
        updated_at=rows.updatedAt,
        is_deleted=_is_gone(rows),
    )


def order_rows(orders: ir.Table, ids: ir.Table) -> ir.Table:
    """Orders in the shop's currency; those that the shop no longer lists are deleted."""
    rows = _with_listed(orders, ids)
    return core_rows(
        rows,
        order_id=_number(rows.id),
        contact_id=_number(rows.customer_id),
        email=rows.email,
        ordered_at=rows.processedAt,
        status=rows.displayFinancialStatus.lower(),
        channel=rows.sourceName,
        campaign=rows.campaign,
        country=_country(rows),
        region=ibis.coalesce(rows.shipping_province, rows.billing_province),
        currency=rows.currencyCode,
        gross=rows.subtotal + rows.discounts.fill_null(0),
        discount=rows.discounts,
        tax=rows.tax,
        shipping=rows.shipping,
        total=rows.total,
        is_test=rows.test,
        cancelled_at=rows.cancelledAt,
        updated_at=rows.updatedAt,
        is_deleted=_is_gone(rows),
        attributes=json_without(rows.payload, _ORDER_REST).cast(str),
    )


def line_rows(orders: ir.Table, ids: ir.Table) -> ir.Table:
    """Lines as they were ordered, before anything was sent back, less all discounts."""
    rows = _with_listed(orders, ids)
    rows = rows.mutate(country_code=_country(rows), is_gone=_is_gone(rows))
    lines = rows.mutate(payload=json_list(rows.lines).unnest())
    item = lines.payload
    discounts = json_list(json_text_at(item, "$.discountAllocations"))
    discount = discounts.map(
        lambda one: json_text_at(one, "$.allocatedAmountSet.shopMoney.amount").try_cast(_MONEY)
    ).sums()
    return core_rows(
        lines,
        order_id=_number(lines.id),
        line_id=_number(json_text_at(item, "$.id")),
        sku=json_text_at(item, "$.sku"),
        product=json_text_at(item, "$.name"),
        category=json_text_at(item, "$.product.productType").nullif(""),
        quantity=json_text_at(item, "$.quantity").try_cast("int64"),
        unit_price=json_text_at(item, "$.originalUnitPriceSet.shopMoney.amount").try_cast(_MONEY),
        discount=discount.fill_null(0).cast(_MONEY),
        currency=lines.currencyCode,
        ordered_at=lines.processedAt,
        contact_id=_number(lines.customer_id),
        country=lines.country_code,
        updated_at=lines.updatedAt,
        is_deleted=lines.is_gone,
        attributes=ibis.null(str),
    )


def refund_rows(orders: ir.Table) -> ir.Table:
    """What went back, in the shop's currency."""
    refunds = orders.mutate(payload=json_list(orders.refunds).unnest())
    item = refunds.payload
    moment = ibis.coalesce(json_text_at(item, "$.processedAt"), json_text_at(item, "$.createdAt"))
    return core_rows(
        refunds,
        refund_id=_number(json_text_at(item, "$.id")),
        order_id=_number(refunds.id),
        contact_id=_number(refunds.customer_id),
        refunded_at=_utc(moment),
        amount=json_text_at(item, "$.totalRefundedSet.shopMoney.amount").try_cast(_MONEY),
        currency=refunds.currencyCode,
        reason=json_text_at(item, "$.note"),
        updated_at=_utc(json_text_at(item, "$.updatedAt")),
        attributes=ibis.null(str),
    )


def campaign_rows(events: ir.Table) -> ir.Table:
    """Marketing events: what is advertised, from when."""
    return core_rows(
        events,
        campaign_id=_number(events.id),
        name=ibis.coalesce(events.description, events.utmCampaign),
        channel=ibis.coalesce(events.marketingChannelType, events.type).lower(),
        sent_at=events.startedAt,
    )


def _number(gid: ir.StringValue) -> ir.StringValue:
    """The number of an id such as gid://shopify/Order/12; null for null."""
    return gid.re_extract(r"/([0-9]+)(\?|$)", 1).nullif("")


def _country(orders: ir.Table) -> ir.StringValue:
    country: ir.StringValue = ibis.coalesce(orders.shipping_country, orders.billing_country)
    return country


def _utc(moment: ir.StringValue) -> ir.TimestampValue:
    """ISO 8601 with an offset as a naive moment in UTC."""
    return moment.try_cast("timestamp('UTC')").cast("timestamp")


def _with_listed(records: ir.Table, ids: ir.Table) -> ir.Table:
    """Records with `listed`, the id if the shop still lists it, and the list's last id and time."""
    listed = ids.select(listed=ids.id)
    asked = ids.aggregate(
        last_listed=_number(ids.id).cast("int64").max(), listed_at=ids.extracted_at.max()
    )
    return records.left_join(listed, records.id == listed.listed).cross_join(asked)


def _is_gone(rows: ir.Table) -> ir.BooleanValue:
    """Whether a record that the shop has given is no longer listed.

    One that was made after the list was asked for is not in it either: its id is beyond the list's
    last, and it is younger than the list. An hour covers the time that asking takes.
    """
    was_there = (_number(rows.id).cast("int64") < rows.last_listed) | (
        rows.createdAt < rows.listed_at - ibis.interval(hours=1)
    )
    gone: ir.BooleanValue = (rows.listed.isnull() & was_there).fill_null(False)
    return gone


def _consents(customers: ir.Table) -> ir.StringValue:
    """Consent to marketing by e-mail and by text message, where the customer was ever asked."""

    def word(state: ir.StringValue, since: ir.StringValue) -> ir.Value:
        answer = ibis.struct({"granted": state == "SUBSCRIBED", "since": since})
        is_told = state.isin(["SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING"])
        return ibis.cases((is_told, answer))

    words = ibis.struct(
        {
            "marketing": word(customers.email_consent, customers.email_consent_at),
            "sms_marketing": word(customers.sms_consent, customers.sms_consent_at),
        }
    )
    # A merge leaves out what is null.
    return json_without("{}", to_json(words).cast(str)).cast(str).nullif("{}")
