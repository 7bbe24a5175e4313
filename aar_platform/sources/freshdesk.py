"""Freshdesk: tickets with their ratings, contacts, companies."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import basic
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.mapping import core_rows
from aar_platform.sources.registry import CoreRows, source_kind

PAGE = 100
# Freshdesk refuses page 301: whatever lies behind is asked for by its time of change.
LAST_PAGE = 300
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

_STATUS = {"2": "open", "3": "pending", "4": "solved", "5": "closed"}
_PRIORITY = {"1": "low", "2": "normal", "3": "high", "4": "urgent"}
_CHANNEL = {"1": "email", "2": "web", "3": "phone", "7": "chat", "9": "widget", "10": "email"}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tickets(ask: Ask) -> Page:
    """In order of change, each page from the last change seen: so none is skipped when a ticket
    changes while pages are read, and no page has a number above 300."""
    at = ask.at or {"since": _stamp(ask.since or _BEGINNING), "page": 1}
    answer = ask.api.get(
        "tickets",
        {
            "updated_since": at["since"],
            "order_by": "updated_at",
            "order_type": "asc",
            "include": "stats,description",
            "per_page": PAGE,
            "page": at["page"],
        },
    )
    records = answer.records()
    if len(records) < PAGE:
        return Page(records)
    listed = answer.value()
    first, last = listed[0]["updated_at"], listed[-1]["updated_at"]
    # A whole page of one moment: only its number leads on.
    is_stuck = first == last == at["since"]
    if is_stuck and at["page"] == LAST_PAGE:
        raise ask.api.unusable(f"more than {PAGE * LAST_PAGE:,} tickets changed at one moment")
    return Page(records, {"since": last, "page": at["page"] + 1 if is_stuck else 1})


def _numbered(path: str, since: str | None = None) -> Any:
    """Pages by number, for objects that cannot be sorted by change."""

    def page(ask: Ask) -> Page:
        number = ask.at or 1
        params: dict[str, Any] = {"per_page": PAGE, "page": number}
        if since and ask.since:
            params[since] = _stamp(ask.since)
        answer = ask.api.get(path, params)
        has_next = 'rel="next"' in answer.headers.get("link", "")
        if has_next and number == LAST_PAGE:
            raise ask.api.unusable(
                f"there are more than {PAGE * LAST_PAGE:,} records in one window"
            )
        return Page(answer.records(), number + 1 if has_next else None)

    return page


def _contact_rows(contacts: ir.Table) -> ir.Table:
    return core_rows(
        contacts,
        contact_id=contacts.id,
        company_id=contacts.company_id,
        full_name=contacts.name,
        email=contacts.email,
        phone=ibis.coalesce(contacts.phone, contacts.mobile),
        street=contacts.address,
        language=contacts.language,
        job_title=contacts.job_title,
        created_at=contacts.created_at,
        updated_at=contacts.updated_at,
        is_deleted=contacts.deleted.fill_null(False),
    )


def _ticket_rows(tickets: ir.Table, agents: ir.Table, ratings: ir.Table) -> ir.Table:
    last = ratings.group_by(rated=ratings.ticket_id).aggregate(
        rating=ratings.rating.argmax(ratings.updated_at)
    )
    names = agents.select(agent=agents.id, agent_email=agents.email)
    rows = tickets.left_join(names, tickets.responder_id == names.agent)
    rows = rows.left_join(last, rows.id == last.rated)
    return core_rows(
        rows,
        ticket_id=rows.id,
        contact_id=rows.requester_id,
        company_id=rows.company_id,
        subject=rows.subject,
        text=rows.description_text,
        topic=rows.type,
        priority=rows.priority.substitute(_PRIORITY),
        channel=rows.source.substitute(_CHANNEL),
        status=rows.status.substitute(_STATUS),
        assignee=rows.agent_email,
        opened_at=rows.created_at,
        first_replied_at=rows.first_responded_at,
        solved_at=ibis.coalesce(rows.resolved_at, rows.closed_at),
        satisfaction=rows.rating,
        updated_at=rows.updated_at,
        is_deleted=rows.deleted.fill_null(False) | rows.spam.fill_null(False),
    )


def _company_rows(companies: ir.Table) -> ir.Table:
    return core_rows(
        companies,
        company_id=companies.id,
        name=companies.name,
        domain=companies.domain,
        industry=companies.industry,
        created_at=companies.created_at,
        updated_at=companies.updated_at,
    )


@source_kind("freshdesk")
class Freshdesk(ApiSource):
    """A Freshdesk account.

    domain: the part of its address before `.freshdesk.com`. key: an agent's API key.
    """

    TITLE: ClassVar[str] = "Freshdesk"
    SETUP: ClassVar[str] = (
        "The key is under Profile settings → View API key, of an agent who sees all tickets."
    )
    LIMITS: ClassVar[str] = (
        "Calls a minute depend on the plan (50 on trial, 200 on Growth, 400 on Pro); 100 are made "
        "at most. Status 429 is waited out as its Retry-After says."
    )
    GAPS: ClassVar[str] = "Conversations, time entries and custom objects are not pulled."
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("contacts", ("contacts",), rows=_contact_rows),
        CoreRows("companies", ("companies",), rows=_company_rows),
        CoreRows("tickets", ("tickets", "agents", "ratings"), rows=_ticket_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="tickets",
            title="tickets",
            page=_tickets,
            reads="changes",
            changed_at="updated_at",
            grain="a ticket",
            calls="one per 100 tickets changed",
            columns={
                **texts("id", "requester_id", "responder_id", "company_id", "subject", "type"),
                **texts("description_text", "priority", "source", "status"),
                **typed("flag", "spam", "deleted"),
                **typed("moment", "created_at", "updated_at"),
                "first_responded_at": text("stats.first_responded_at").of("moment"),
                "resolved_at": text("stats.resolved_at").of("moment"),
                "closed_at": text("stats.closed_at").of("moment"),
            },
        ),
        ApiObject(
            name="contacts",
            title="contacts",
            page=_numbered("contacts", "_updated_since"),
            reads="changes",
            changed_at="updated_at",
            overlap=timedelta(minutes=5),
            grain="a person who writes, or is written to",
            calls="one per 100 contacts changed",
            columns={
                **texts("id", "company_id", "name", "email", "phone", "mobile", "address"),
                **texts("language", "job_title", "time_zone", "unique_external_id"),
                **typed("flag", "active", "deleted"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="companies",
            title="companies",
            page=_numbered("companies"),
            grain="a company",
            calls="one per 100 companies, every time",
            columns={
                **texts("id", "name", "industry", "account_tier", "health_score"),
                "domain": text("domains[0]"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="agents",
            title="agents",
            page=_numbered("agents"),
            grain="a person who answers",
            calls="one per 100 agents, every time",
            columns={
                "id": text("id"),
                "email": text("contact.email"),
                "name": text("contact.name"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="ratings",
            title="satisfaction ratings",
            page=_numbered("surveys/satisfaction_ratings", "created_since"),
            reads="changes",
            changed_at="updated_at",
            overlap=timedelta(days=1),
            grain="a customer's rating of a ticket",
            calls="one per 100 ratings",
            columns={
                **texts("id", "ticket_id", "user_id", "agent_id", "feedback"),
                "rating": text("ratings.default_question"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
    )

    kind: Literal["freshdesk"] = "freshdesk"
    domain: str
    key: Secret

    def connect(self, where: str) -> Api:
        """The account's API."""
        base = self.url or f"https://{self.domain}.freshdesk.com"
        return Api(where, f"{base}/api/v2", basic(self.key.reveal(), "X"), limits=(Limit(100, 60),))
