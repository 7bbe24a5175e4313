"""Mailchimp: members of lists, campaigns with what became of each message, orders of shops."""

import re
from datetime import timedelta
from typing import ClassVar, Literal

import httpx
import msgspec

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import basic
from aar_platform.sources.api.client import Api, Busy
from aar_platform.sources.api.errors import AccessRefused
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.mailchimp import pages, rows
from aar_platform.sources.registry import CoreRows, source_kind

_CENTRE = re.compile(r"-([a-z]+[0-9]+)$")


def _judge(api: Api, response: httpx.Response) -> None:
    """At very high volumes "slow down" is a 403 without JSON; a missing right is one with."""
    if response.status_code == 403:
        try:
            msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            raise Busy("answered 403 without saying why, as it does when it is busy") from None


@source_kind("mailchimp")
class Mailchimp(ApiSource):
    """A Mailchimp account. key: an API key, with the data centre that ends it (`…-us19`)."""

    TITLE: ClassVar[str] = "Mailchimp"
    SETUP: ClassVar[str] = (
        "The key is under Account & billing → Extras → API keys, of a user who may see the "
        "audiences and reports; it reads everything that the user may. Where the shop that feeds "
        "Mailchimp is a source itself, name `stores` and `orders` under `leave_out`, or its orders "
        "count twice."
    )
    LIMITS: ClassVar[str] = (
        "Ten connections at once, counted per user; each object that is pulled uses one. Calls are "
        "not counted. "
        'Status 429, and a bare 403 without JSON, mean "slow down" and are tried again.'
    )
    GAPS: ClassVar[str] = (
        "Members deleted for good vanish without a trace, archived ones are marked. What a "
        "campaign cost is not known. `sent` and `delivered` bear the campaign's time, since "
        "Mailchimp states none for each message; of one person and campaign at most 1,000 opens "
        "are told. Orders say that they were refunded, not how much."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("contacts", ("members",), rows=rows.contact_rows),
        CoreRows("campaigns", ("campaigns",), rows=rows.campaign_rows),
        CoreRows("messages", ("sent_to", "members"), rows=rows.sent_rows, is_row_per_record=False),
        CoreRows(
            "messages",
            ("email_activity", "members"),
            rows=rows.activity_rows,
            is_row_per_record=False,
        ),
        CoreRows("messages", ("unsubscribes", "members"), rows=rows.unsubscribe_rows),
        CoreRows("orders", ("orders", "stores", "members"), rows=rows.order_rows),
        CoreRows(
            "order_lines",
            ("orders", "stores", "members"),
            rows=rows.line_rows,
            is_row_per_record=False,
        ),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="lists",
            title="audiences",
            page=pages.listed("lists", "lists", sort_field="date_created", sort_dir="ASC"),
            grain="an audience",
            calls="one per 1,000 audiences, every time",
            columns={
                **texts("id", "name"),
                "company": text("contact.company"),
                "member_count": text("stats.member_count").of("whole"),
                **typed("moment", "date_created"),
            },
        ),
        ApiObject(
            name="members",
            title="audience members",
            page=pages.members,
            reads="changes",
            key=("list_id", "id"),
            changed_at="last_changed",
            overlap=timedelta(minutes=5),
            parent="lists",
            grain="a person on an audience",
            calls="two per audience, and one per 1,000 members changed",
            columns={
                **texts("id", "list_id", "contact_id", "email_address", "full_name", "status"),
                **texts("language", "sms_phone_number", "unsubscribe_reason"),
                "given_name": text("merge_fields.FNAME"),
                "family_name": text("merge_fields.LNAME"),
                "phone": text("merge_fields.PHONE"),
                "street": text("merge_fields.ADDRESS.addr1"),
                "city": text("merge_fields.ADDRESS.city"),
                "region": text("merge_fields.ADDRESS.state"),
                "postcode": text("merge_fields.ADDRESS.zip"),
                "country": text("merge_fields.ADDRESS.country"),
                "located_in": text("location.country_code"),
                "source_": text("source"),
                "tags": text("tags").of("json"),
                "opted_in_said": text("timestamp_opt"),
                "changed_said": text("last_changed"),
                "timestamp_signup": text("timestamp_signup").of("moment"),
                "opted_in_at": text("timestamp_opt").of("moment"),
                **typed("moment", "last_changed"),
            },
        ),
        ApiObject(
            name="campaigns",
            title="campaigns",
            page=pages.listed("campaigns", "campaigns", sort_field="create_time", sort_dir="ASC"),
            grain="a campaign, sent or not",
            calls="one per 1,000 campaigns, every time",
            columns={
                **texts("id", "type", "status"),
                "title": text("settings.title"),
                "subject_line": text("settings.subject_line"),
                "list_id": text("recipients.list_id"),
                **typed("whole", "emails_sent"),
                **typed("moment", "create_time", "send_time"),
            },
        ),
        ApiObject(
            name="reports",
            title="campaign reports",
            page=pages.listed("reports", "reports"),
            grain="a campaign that was sent, with its counts",
            calls="one per 1,000 campaigns sent, every time",
            columns={
                **texts("id", "campaign_title", "list_id", "subject_line"),
                **typed("whole", "emails_sent", "abuse_reports", "unsubscribed"),
                "hard_bounces": text("bounces.hard_bounces").of("whole"),
                "soft_bounces": text("bounces.soft_bounces").of("whole"),
                "opens_total": text("opens.opens_total").of("whole"),
                "unique_opens": text("opens.unique_opens").of("whole"),
                "clicks_total": text("clicks.clicks_total").of("whole"),
                "unique_clicks": text("clicks.unique_clicks").of("whole"),
                **typed("moment", "send_time"),
            },
        ),
        ApiObject(
            name="sent_to",
            title="recipients of a campaign",
            page=pages.recipients,
            reads="changes",
            key=("campaign_id", "list_id", "email_id"),
            changed_at="sent_at",
            # Soft bounces turn up for three days after a campaign was sent.
            overlap=timedelta(days=4),
            parent="reports",
            of_parent=pages.was_sent,
            grain="a campaign and a person it was sent to",
            calls="one per 1,000 recipients of campaigns sent since, or in the last four days",
            columns={
                **texts("campaign_id", "list_id", "email_id", "email_address", "status"),
                **typed("flag", "vip"),
                "sent_at": text("@sent_at").of("moment"),
            },
        ),
        ApiObject(
            name="email_activity",
            title="e-mail activity",
            page=pages.activity,
            reads="changes",
            # A record holds what happened since the time asked for, so that none replaces another.
            key=(),
            changed_at="first_at",
            overlap=timedelta(days=1),
            parent="reports",
            of_parent=pages.is_alive,
            grain="a campaign and a person, with what the person did since the last pull",
            calls="one per 1,000 recipients of campaigns sent in 90 days or opened since",
            columns={
                **texts("campaign_id", "list_id", "email_id", "email_address"),
                "activity": text("activity").of("json"),
                "first_at": text("activity[0].timestamp").of("moment"),
            },
        ),
        ApiObject(
            name="unsubscribes",
            title="unsubscribed members of a campaign",
            page=pages.unsubscribes,
            reads="changes",
            key=("campaign_id", "list_id", "email_id"),
            changed_at="timestamp",
            overlap=timedelta(days=1),
            parent="reports",
            of_parent=pages.lost_some,
            grain="a campaign and a person who left with it",
            calls="one per campaign sent in 90 days that somebody left",
            columns={
                **texts("campaign_id", "list_id", "email_id", "email_address", "reason"),
                **typed("moment", "timestamp"),
            },
        ),
        ApiObject(
            name="stores",
            title="e-commerce stores",
            page=pages.listed("ecommerce/stores", "stores"),
            grain="a connected shop",
            calls="one, every time",
            columns={
                **texts("id", "list_id", "name", "platform", "domain", "currency_code"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="orders",
            title="e-commerce orders",
            page=pages.orders,
            key=("store_id", "id"),
            parent="stores",
            grain="an order of a connected shop, with its lines",
            calls="one per 1,000 orders, every time: they have no cursor",
            columns={
                **texts("id", "store_id", "campaign_id", "financial_status", "fulfillment_status"),
                **texts("currency_code"),
                "customer_id": text("customer.id"),
                "email": text("customer.email_address"),
                "shipping_country": text("shipping_address.country_code"),
                "shipping_province": text("shipping_address.province"),
                "billing_country": text("billing_address.country_code"),
                "billing_province": text("billing_address.province"),
                **typed("money", "order_total", "discount_total", "tax_total", "shipping_total"),
                **typed("moment", "processed_at_foreign", "cancelled_at_foreign"),
                **typed("moment", "updated_at_foreign"),
                "lines": text("lines").of("json"),
            },
        ),
    )

    kind: Literal["mailchimp"] = "mailchimp"
    key: Secret

    def connect(self, where: str) -> Api:
        """The account's API, in the data centre that the key names."""
        key = self.key.reveal()
        base = self.url
        if base is None:
            centre = _CENTRE.search(key)
            if centre is None:
                raise AccessRefused(
                    where, "the key does not end in its data centre, as in …-us19", "copy it whole"
                )
            base = f"https://{centre[1]}.api.mailchimp.com"
        return Api(where, f"{base}/3.0", basic("key", key), judge=_judge)
