"""Constant Contact: contacts, lists, e-mail campaigns and what became of each message."""

import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

import httpx
import msgspec

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import Token, put_bearer
from aar_platform.sources.api.client import Api, is_loopback
from aar_platform.sources.api.errors import GOES_ON, LimitReached
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.constant_contact import pages, rows
from aar_platform.sources.registry import CoreRows, source_kind


def _judge(api: Api, response: httpx.Response) -> None:
    """Status 429 is either "slow down" or "no more today"; only its body tells."""
    if response.status_code != 429:
        return
    try:
        said = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return
    first = said[0] if isinstance(said, list) and said else said
    if isinstance(first, dict) and first.get("error_key") == "quota_exceeded":
        raise LimitReached(
            api.where,
            "the application's 10,000 calls of the day are used up (429 quota_exceeded)",
            f"run again after 00:00 UTC: {GOES_ON}",
        )


@source_kind("constant_contact")
class ConstantContact(ApiSource):
    """A Constant Contact account.

    client_id, client_secret: of the application. refresh_token: got once by authorising it.
    """

    TITLE: ClassVar[str] = "Constant Contact"
    SETUP: ClassVar[str] = (
        "Make an application under app.constantcontact.com/pages/dma/portal with the authorisation "
        "code flow and long-lived refresh tokens (rotating ones end with their first use). "
        "Authorise it once with the scopes contact_data, campaign_data and offline_access, and "
        "keep the refresh token."
    )
    LIMITS: ClassVar[str] = (
        "Four calls a second, which are kept, and 10,000 a day, counted per application. Status "
        "429 with `throttled` is tried again, with `quota_exceeded` it ends the pull, which goes "
        "on after 00:00 UTC."
    )
    GAPS: ClassVar[str] = (
        "`delivered` is not told: sent and not bounced is all there is. Nor is what a campaign "
        "cost, nor the year of a birthday. What happens to a campaign more than 90 days after it "
        "was sent is not asked for. SMS, events and surveys are not pulled."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("contacts", ("contacts",), rows=rows.contact_rows),
        CoreRows("campaigns", ("campaigns", "summaries"), rows=rows.campaign_rows),
        CoreRows("messages", ("events",), rows=rows.message_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="contacts",
            title="contacts",
            page=pages.linked(
                "contacts",
                "contacts",
                "contacts_count",
                status="all",
                include="custom_fields,list_memberships,phone_numbers,street_addresses",
                include_count="true",
            ),
            reads="changes",
            key=("contact_id",),
            changed_at="updated_at",
            overlap=timedelta(minutes=5),
            grain="a person, deleted ones too",
            scopes="contact_data",
            calls="one per 500 contacts changed",
            columns={
                **texts("contact_id", "first_name", "last_name", "job_title", "company_name"),
                "email": text("email_address.address"),
                "permission": text("email_address.permission_to_send"),
                "confirm_status": text("email_address.confirm_status"),
                "permission_since": text("email_address.updated_at"),
                "opted_in": text("email_address.opt_in_date"),
                "opted_out": text("email_address.opt_out_date"),
                "phone": text("phone_numbers[0].phone_number"),
                "street": text("street_addresses[0].street"),
                "city": text("street_addresses[0].city"),
                "region": text("street_addresses[0].state"),
                "postcode": text("street_addresses[0].postal_code"),
                "country": text("street_addresses[0].country"),
                "custom_fields": text("custom_fields").of("json"),
                "list_memberships": text("list_memberships").of("json"),
                **typed("day", "anniversary"),
                **texts("deleted_at"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="lists",
            title="contact lists",
            page=pages.linked(
                "contact_lists", "lists", "lists_count", status="all", include_count="true"
            ),
            key=("list_id",),
            grain="a list of contacts",
            scopes="contact_data",
            calls="one per 500 lists, every time",
            columns={
                **texts("list_id", "name", "description"),
                **typed("moment", "created_at", "updated_at", "deleted_at"),
            },
        ),
        ApiObject(
            name="campaigns",
            title="e-mail campaigns",
            page=pages.linked("emails", "campaigns", None),
            key=("campaign_id",),
            grain="a campaign, sent or not, removed ones too",
            scopes="campaign_data",
            calls="one per 500 campaigns, every time",
            columns={
                **texts("campaign_id", "name", "current_status", "type", "type_code"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="summaries",
            title="campaign summaries",
            page=pages.linked(
                "reports/summary_reports/email_campaign_summaries",
                "bulk_email_campaign_summaries",
                None,
            ),
            key=("campaign_id",),
            grain="a campaign that was sent, with its counts",
            scopes="campaign_data",
            calls="one per 500 campaigns sent, every time",
            columns={
                **texts("campaign_id", "campaign_type"),
                **{
                    f"unique_{name}": text(f"unique_counts.{name}").of("whole")
                    for name in (*pages.REPORTS, "forwards", "abuse", "not_opened")
                },
                **typed("moment", "last_sent_date"),
            },
        ),
        ApiObject(
            name="events",
            title="tracking reports: sends, opens, clicks, bounces, opt-outs",
            page=pages.events,
            reads="changes",
            key=(
                "campaign_activity_id",
                "contact_id",
                "email_address",
                "tracking_activity_type",
                "created_time",
                "url_id",
            ),
            changed_at="created_time",
            # Reports and the counts of summaries lag behind what happens.
            overlap=timedelta(days=1),
            parent="summaries",
            of_parent=pages.is_alive,
            grain="a message sent, opened, clicked, bounced, or left by",
            scopes="campaign_data",
            calls="of each campaign sent in 90 days: one, and one per report and 500 new events",
            columns={
                **texts("campaign_activity_id", "contact_id", "tracking_activity_type"),
                **texts("email_address", "device_type", "url_id", "link_url", "bounce_code"),
                **texts("opt_out_reason"),
                "campaign_id": text("@campaign_id"),
                "created_said": text("created_time"),
                **typed("moment", "created_time"),
            },
        ),
    )

    kind: Literal["constant_contact"] = "constant_contact"
    client_id: str
    client_secret: Secret
    refresh_token: Secret

    def connect(self, where: str) -> Api:
        """The account's API, with tokens got for the refresh token."""
        base = self.url or "https://api.cc.email"
        issuer = self.url or "https://authz.constantcontact.com"
        secret = self.client_secret.reveal()
        code = base64.b64encode(f"{self.client_id}:{secret}".encode()).decode()
        # A new one comes with a token where refresh tokens rotate.
        latest = [self.refresh_token.reveal()]

        def ask() -> httpx.Request:
            return httpx.Request(
                "POST",
                f"{issuer}/oauth2/default/v1/token",
                headers={"Authorization": f"Basic {code}", "Accept": "application/json"},
                data={"grant_type": "refresh_token", "refresh_token": latest[-1]},
            )

        def read(reply: Mapping[str, Any]) -> tuple[str, float | None]:
            latest[:] = [reply.get("refresh_token") or latest[-1]]
            return reply["access_token"], reply.get("expires_in")

        auth = Token(ask, read, put_bearer, (secret, code, latest[0]))
        # What is served on this machine has no such limit.
        is_here = is_loopback(urlsplit(base).hostname or "")
        limits = () if is_here else (Limit(4, 1),)
        return Api(where, f"{base}/v3", auth, limits=limits, judge=_judge)
