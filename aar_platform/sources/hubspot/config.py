"""HubSpot: contacts, companies, deals with their lines, tickets, feedback, marketing e-mails."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

import ibis.expr.types as ir

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import bearer
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, Type, text, texts, typed
from aar_platform.sources.hubspot import asking, rows
from aar_platform.sources.registry import CoreRows, source_kind

# The search index lags behind changes, by minutes at most.
_OVERLAP = timedelta(minutes=15)


def _properties(*names: str, type: Type = "text") -> dict[str, RawColumn]:
    return {name: RawColumn(f"properties.{name}", type) for name in names}


_ALWAYS = {
    "id": text("id"),
    **typed("flag", "archived"),
    "created_at": text("properties.createdate").of("moment"),
    "changed_at": text("properties.hs_lastmodifieddate").of("moment"),
    **_properties("hs_merged_object_ids", "hs_object_id"),
}
_PEOPLE_AND_PLACES = _properties(
    "phone", "address", "city", "state", "zip", "country", "hubspot_owner_id"
)
_LINKS = {name: RawColumn(f"@{name}", "json") for name in ("contacts", "companies")}

_COLUMNS: dict[str, dict[str, RawColumn]] = {
    "contacts": {
        **_ALWAYS,
        # Contacts alone have the property without its prefix.
        "changed_at": text("properties.lastmodifieddate").of("moment"),
        **_PEOPLE_AND_PLACES,
        **_properties("firstname", "lastname", "email", "mobilephone", "jobtitle", "gender"),
        **_properties("associatedcompanyid", "hs_language", "lifecyclestage", "hs_legal_basis"),
        **_properties("hs_analytics_source"),
        **_properties("date_of_birth", type="day"),
        **_properties("hs_lifecyclestage_customer_date", type="moment"),
        **_properties("hs_email_optout", type="flag"),
    },
    "companies": {
        **_ALWAYS,
        **_PEOPLE_AND_PLACES,
        **_properties("name", "domain", "industry"),
        **_properties("numberofemployees", type="whole"),
    },
    "deals": {
        **_ALWAYS,
        **_properties("dealname", "dealstage", "pipeline", "hubspot_owner_id", "dealtype"),
        **_properties("deal_currency_code", "hs_analytics_source"),
        **_properties("amount", type="money"),
        **_properties("closedate", type="moment"),
        **_properties("hs_is_closed", "hs_is_closed_won", type="flag"),
    },
    "line_items": {
        **_ALWAYS,
        **_properties("name", "hs_sku", "hs_product_id", "hs_line_item_currency_code"),
        **_properties("quantity", "price", "amount", "hs_total_discount", type="money"),
    },
    "tickets": {
        **_ALWAYS,
        **_properties("subject", "content", "hs_pipeline", "hs_pipeline_stage", "source_type"),
        **_properties("hs_ticket_category", "hs_ticket_priority", "hubspot_owner_id"),
        **_properties("hs_feedback_last_ces_rating"),
        **_properties("closed_date", "first_agent_reply_date", type="moment"),
    },
    "feedback_submissions": {
        **_ALWAYS,
        "created_at": text("createdAt").of("moment"),
        **_properties("hs_survey_name", "hs_survey_type", "hs_survey_channel", "hs_content"),
        **_properties("hs_contact_id", "hs_contact_email_rollup", "hs_response_group"),
        **_properties("hs_value", type="number"),
        **_properties("hs_submission_timestamp", type="moment"),
    },
}
# Of which other kinds the associations are asked for, in one more call a page each. The company of
# a contact is among its properties.
_LINKED: dict[str, tuple[str, ...]] = {
    "deals": ("contacts", "companies"),
    "tickets": ("contacts", "companies"),
    "line_items": ("deals",),
    "feedback_submissions": ("contacts",),
}


def _asked(kind: str) -> list[str]:
    """The properties to name: only those that are named are given."""
    paths = [column.path.split(".") for column in _COLUMNS[kind].values()]
    return [path[1] for path in paths if path[0] == "properties"]


def _kind(kind: str, grain: str) -> tuple[ApiObject, ApiObject]:
    """What lives, and what was archived."""
    linked = _LINKED.get(kind, ())
    stamp = "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"
    scopes = f"crm.objects.{kind}.read" if kind != "tickets" else "tickets"
    columns = {**_COLUMNS[kind], **{to: RawColumn(f"@{to}", "json") for to in linked}}
    lives = ApiObject(
        name=kind,
        title=kind.replace("_", " "),
        page=asking.changed(kind, stamp, _asked(kind), linked),
        columns=columns,
        grain=grain,
        reads="changes",
        changed_at="changed_at",
        overlap=_OVERLAP,
        scopes=scopes,
        calls=f"{1 + len(linked)} per 200 records changed",
    )
    gone = ApiObject(
        name=f"{kind}_archived",
        title=f"archived {kind.replace('_', ' ')}",
        page=asking.archived(kind, _asked(kind)),
        columns={**columns, "archived_at": text("archivedAt").of("moment")},
        grain=f"{grain} that was archived",
        reads="changes",
        changed_at="archived_at",
        overlap=_OVERLAP,
        scopes=scopes,
        calls="one per 100 records archived in the last 90 days, every time",
    )
    return lives, gone


def _when_opened(records: ir.Table) -> dict[str, Any]:
    return {"opened_at": records.created_at}


def _core() -> tuple[CoreRows, ...]:
    made: list[CoreRows] = []
    read: Mapping[str, tuple[str, Any, tuple[str, ...], str]] = {
        "contacts": ("contacts", rows.contact_rows, ("owners",), "contact_id"),
        "companies": ("companies", rows.company_rows, ("owners",), "company_id"),
        "deals": (
            "deals",
            rows.deal_rows,
            ("owners", "deal_pipelines", "account", "line_items"),
            "deal_id",
        ),
        "tickets": ("tickets", rows.ticket_rows, ("owners", "ticket_pipelines"), "ticket_id"),
        "feedback_submissions": ("feedback", rows.feedback_rows, (), "feedback_id"),
    }
    needed = {"tickets": _when_opened}
    for kind, (into, function, lookups, own_id) in read.items():
        made.append(CoreRows(into, (kind, *lookups), rows=function))
        made.append(CoreRows(into, (f"{kind}_archived", *lookups), rows=function))
        if kind != "feedback_submissions":
            gone = rows.merged(own_id, needed.get(kind))
            made.append(CoreRows(into, (kind,), rows=gone, is_row_per_record=False))
    made.append(CoreRows("campaigns", ("marketing_emails",), rows=rows.campaign_rows))
    made.append(
        CoreRows(
            "messages",
            ("email_events", "marketing_emails"),
            rows=rows.message_rows,
            is_row_per_record=False,
        )
    )
    return tuple(made)


@source_kind("hubspot")
class HubSpot(ApiSource):
    """A HubSpot account. token: of a private app."""

    TITLE: ClassVar[str] = "HubSpot"
    SETUP: ClassVar[str] = (
        "Settings → Integrations → Private Apps (or Legacy apps) → Create; the token is under "
        "Auth. It needs the scopes named with the objects, and `crm.objects.owners.read`."
    )
    LIMITS: ClassVar[str] = (
        "A private app may make 100 calls in 10 seconds (190 on Professional and above) and 5 "
        "searches a second; 90 and 4 are made. The calls of a day are 250,000 or more."
    )
    GAPS: ClassVar[str] = (
        "A record deleted for good under the GDPR vanishes without a word. Archived records are "
        "listed for 90 days, and without what they were associated with. Of one record at most "
        "500 associations are given. Custom objects, commerce orders and conversations are not "
        "pulled."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = _core()
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        *_kind("contacts", "a person"),
        *_kind("companies", "a company"),
        *_kind("deals", "a deal"),
        *_kind("line_items", "a product of a deal"),
        *_kind("tickets", "a ticket"),
        *_kind("feedback_submissions", "an answer to a survey"),
        ApiObject(
            name="owners",
            title="owners",
            page=asking.owners,
            columns={**texts("id", "email", "firstName", "lastName"), **typed("flag", "archived")},
            grain="a colleague",
            scopes="crm.objects.owners.read",
            calls="two, every time",
        ),
        ApiObject(
            name="deal_pipelines",
            title="pipelines of deals",
            page=asking.whole("crm/v3/pipelines/deals"),
            columns={**texts("id", "label"), "stages": RawColumn("stages", "json")},
            grain="a pipeline with its stages",
            scopes="crm.objects.deals.read",
            calls="one, every time",
        ),
        ApiObject(
            name="ticket_pipelines",
            title="pipelines of tickets",
            page=asking.whole("crm/v3/pipelines/tickets"),
            columns={**texts("id", "label"), "stages": RawColumn("stages", "json")},
            grain="a pipeline with its stages",
            scopes="tickets",
            calls="one, every time",
        ),
        ApiObject(
            name="account",
            title="account information",
            page=asking.account,
            columns=texts("portalId", "companyCurrency", "timeZone"),
            key=("portalId",),
            grain="the account",
            calls="one, every time",
        ),
        ApiObject(
            name="marketing_emails",
            title="marketing e-mails",
            page=asking.listed("marketing/v3/emails"),
            columns={
                **texts("id", "name", "subject", "state", "type"),
                **typed("flag", "archived", "isPublished"),
                **typed("moment", "createdAt", "updatedAt", "publishDate", "publishedAt"),
                "allEmailCampaignIds": RawColumn("allEmailCampaignIds", "json"),
            },
            grain="a marketing e-mail",
            scopes="content",
            calls="one per 100 e-mails, every time",
        ),
        ApiObject(
            name="email_events",
            title="events of marketing e-mails",
            page=asking.email_events,
            columns={
                **texts("id", "recipient", "type", "url", "emailCampaignId"),
                **typed("epoch_ms", "created"),
                "subscriptions": RawColumn("subscriptions", "json"),
            },
            grain="something that happened to an e-mail to one person",
            reads="changes",
            changed_at="created",
            # An event may be told an hour after it happened.
            overlap=timedelta(hours=2),
            scopes="content",
            calls="one per 1,000 events",
        ),
    )

    kind: Literal["hubspot"] = "hubspot"
    token: Secret

    def connect(self, where: str) -> Api:
        """The account's API."""
        is_search = where.rpartition(".")[2] in _COLUMNS
        limits = (Limit(4, 1.0), Limit(90, 10.0)) if is_search else (Limit(90, 10.0),)
        base = self.url or "https://api.hubapi.com"
        return Api(where, base, bearer(self.token.reveal()), limits=limits, judge=asking.judge)
