"""Freshdesk: tickets with their ratings, contacts, companies."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
from pydantic import Field

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import basic
from aar_platform.sources.api.bodies import Body
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.numbered import numbered
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, text, texts, typed
from aar_platform.sources.mapping import core_rows, id_in
from aar_platform.sources.registry import CoreRows, Identifier, source_kind

PAGE = 100
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

# Lists of tickets that leave each other out: what is deleted or spam is in neither of the others.
_LISTS = (None, "deleted", "spam")

_STATUS = {"2": "open", "3": "pending", "4": "resolved", "5": "closed"}
_PRIORITY = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}
_CHANNEL = {"1": "email", "2": "web", "3": "phone", "7": "chat", "9": "widget", "10": "email"}
# A survey offers three, five or seven of these.
_RATING = {
    "103": "extremely happy",
    "102": "very happy",
    "101": "happy",
    "100": "neutral",
    "-101": "unhappy",
    "-102": "very unhappy",
    "-103": "extremely unhappy",
}


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _tickets(ask: Ask) -> Page:
    """In order of change, each page from the last change seen: so none is skipped when a ticket
    changes while pages are read, and no page has a number that is refused (above 300)."""
    at = ask.at or {"list": 0, "since": _stamp(ask.since or _BEGINNING), "of": None}
    kept = _LISTS[at["list"]]
    params = {
        **({"filter": kept} if kept else {}),
        "updated_since": at["since"],
        "order_by": "updated_at",
        "order_type": "asc",
        "include": "stats,description",
    }
    page = numbered(ask.api, "tickets", params, at["of"], PAGE, is_whole=False)
    following = _following(ask, at, page)
    if following is None and at["list"] + 1 < len(_LISTS):
        begin = _stamp(ask.since or _BEGINNING)
        following = {"list": at["list"] + 1, "since": begin, "of": None}
    return Page(page.records, following, {"list": kept} if kept else {})


def _following(ask: Ask, at: dict[str, Any], page: Page) -> dict[str, Any] | None:
    """Where a list of tickets goes on, None after its end or that of the window."""
    if page.next is None:
        return None
    changed = datetime.fromisoformat(Body(page.records[-1].encode()).value("updated_at"))
    if changed > ask.until:
        return None
    # A second back, in case that "since" leaves out the moment itself.
    since = _stamp(changed - timedelta(seconds=1))
    if since > at["since"]:
        return {**at, "since": since, "of": None}
    # A page of one moment, such as of a change made to many tickets at once.
    return {**at, "of": page.next}


def _listed(path: str, since: str | None = None, **params: str) -> Callable[[Ask], Page]:
    """Pages by number, for lists that are sorted by name, or that do not say how."""

    def page(ask: Ask) -> Page:
        window = {since: _stamp(ask.since)} if since and ask.since else {}
        return numbered(ask.api, path, {**params, **window}, ask.at, PAGE, is_whole=not since)

    return page


def _contact_rows(contacts: ir.Table, deleted: ir.Table, *, external: str | None) -> ir.Table:
    gone = deleted.select(gone=deleted.id)
    rows = contacts.left_join(gone, contacts.id == gone.gone)
    return _as_contacts(rows, rows.deleted.fill_null(False) | rows.gone.notnull(), external)


def _deleted_contact_rows(
    deleted: ir.Table, contacts: ir.Table, *, external: str | None
) -> ir.Table:
    """Contacts that were deleted before they were ever listed among the others."""
    rows = deleted.anti_join(contacts, "id")
    return _as_contacts(rows, ibis.literal(True), external)


def _as_contacts(rows: ir.Table, is_deleted: ir.BooleanValue, external: str | None) -> ir.Table:
    told = {"external_ids": id_in(external, rows.unique_external_id)} if external else {}
    return core_rows(
        rows,
        contact_id=rows.id,
        company_id=rows.company_id,
        given_name=rows.first_name,
        family_name=rows.last_name,
        full_name=rows.name,
        email=rows.email,
        phone=ibis.coalesce(rows.phone, rows.mobile),
        street=rows.address,
        language=rows.language,
        job_title=rows.job_title,
        created_at=rows.created_at,
        updated_at=rows.updated_at,
        is_deleted=is_deleted,
        **told,
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
        satisfaction=rows.rating.substitute(_RATING),
        updated_at=rows.updated_at,
        is_deleted=(
            rows.deleted.fill_null(False) | rows.spam.fill_null(False) | rows.list.notnull()
        ),
    )


def _rating_rows(ratings: ir.Table) -> ir.Table:
    """Ratings as answers on a scale from 1 (extremely unhappy) to 7 (extremely happy)."""
    scale = {said: str(7 - place) for place, said in enumerate(_RATING)}
    return core_rows(
        ratings,
        feedback_id=ratings.id,
        contact_id=ratings.user_id,
        channel=ibis.literal("survey"),
        score=ratings.rating.substitute(scale, else_=ibis.null("string")).cast("float64"),
        scale_min=ibis.literal(1.0),
        scale_max=ibis.literal(7.0),
        text=ratings.feedback,
        given_at=ratings.created_at,
        updated_at=ratings.updated_at,
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


_CONTACT: dict[str, RawColumn] = {
    **texts("id", "company_id", "name", "first_name", "last_name", "email", "phone", "mobile"),
    **texts("address", "language", "job_title", "time_zone", "unique_external_id"),
    **typed("flag", "active", "deleted"),
    **typed("moment", "created_at", "updated_at"),
}


@source_kind("freshdesk")
class Freshdesk(ApiSource):
    """A Freshdesk account.

    domain: the part of its address before `.freshdesk.com`. key: an agent's API key.
    external_ids_of: the source whose ids stand in `unique_external_id` of contacts; without it
    they identify nobody. calls_a_minute: what the plan allows for lists of tickets or contacts.
    """

    TITLE: ClassVar[str] = "Freshdesk"
    SETUP: ClassVar[str] = (
        "The key is under Profile settings → View API key, of an agent with global access to "
        "tickets and the right to see contacts and companies. Where contacts carry the id of "
        "another system as `unique_external_id`, name that source under `external_ids_of`."
    )
    LIMITS: ClassVar[str] = (
        "Lists of tickets and of contacts may each be asked for 20 times a minute on Growth, 100 "
        "on Pro, 200 on Enterprise; 20 are made unless `calls_a_minute` says more. Status 429 is "
        "waited out as its Retry-After says. Pages end at the 300th: tickets are asked for by "
        "their time of change instead of by number. Contacts, companies, agents and ratings have "
        "page numbers only, and contacts and companies are sorted by name, so that they move "
        "while pages are read: pages overlap, and one that does not join on to the page before "
        "is asked for again from further up."
    )
    GAPS: ClassVar[str] = (
        "Conversations, time entries and custom objects are not pulled. Tickets that were deleted "
        "or marked as spam are deleted here; those deleted for ever vanish from Freshdesk unsaid. "
        "Blocked contacts stay as they were before. Ratings are in words (103 extremely happy, "
        "102 very happy, 101 happy, 100 neutral, -101 unhappy, -102 very unhappy, -103 extremely "
        "unhappy), and feedback on a scale from 1 to 7. Ratings are asked for by when they were "
        "given: one that is changed later than a day after is not seen again."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows(
            "contacts", ("contacts", "deleted_contacts"), rows=partial(_contact_rows, external=None)
        ),
        CoreRows(
            "contacts",
            ("deleted_contacts", "contacts"),
            rows=partial(_deleted_contact_rows, external=None),
            is_row_per_record=False,
        ),
        CoreRows("companies", ("companies",), rows=_company_rows),
        CoreRows("tickets", ("tickets", "agents", "ratings"), rows=_ticket_rows),
        CoreRows("feedback", ("ratings",), rows=_rating_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="tickets",
            title="tickets",
            page=_tickets,
            reads="changes",
            changed_at="updated_at",
            # Its clock and ours differ.
            overlap=timedelta(minutes=5),
            grain="a ticket",
            calls="one per 100 tickets changed, and two more",
            columns={
                **texts("id", "requester_id", "responder_id", "company_id", "subject", "type"),
                **texts("description_text", "priority", "source", "status"),
                **typed("flag", "spam", "deleted"),
                **typed("moment", "created_at", "updated_at"),
                "list": text("@list"),
                "first_responded_at": text("stats.first_responded_at").of("moment"),
                "resolved_at": text("stats.resolved_at").of("moment"),
                "closed_at": text("stats.closed_at").of("moment"),
            },
        ),
        ApiObject(
            name="contacts",
            title="contacts",
            page=_listed("contacts", "_updated_since"),
            reads="changes",
            changed_at="updated_at",
            overlap=timedelta(minutes=5),
            grain="a person who writes, or is written to",
            calls="one per 90 contacts changed",
            columns=_CONTACT,
        ),
        ApiObject(
            name="deleted_contacts",
            title="deleted contacts",
            page=_listed("contacts", state="deleted"),
            grain="a person who was deleted, and not for ever",
            calls="one per 90 deleted contacts, every time",
            columns=_CONTACT,
        ),
        ApiObject(
            name="companies",
            title="companies",
            page=_listed("companies"),
            grain="a company",
            calls="one per 90 companies, every time",
            columns={
                **texts("id", "name", "industry", "account_tier", "health_score"),
                "domain": text("domains[0]"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="agents",
            title="agents",
            page=_listed("agents"),
            grain="a person who answers",
            calls="one per 90 agents, every time",
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
            page=_listed("surveys/satisfaction_ratings", "created_since"),
            reads="changes",
            changed_at="updated_at",
            overlap=timedelta(days=1),
            grain="a customer's rating of a ticket",
            calls="one per 90 ratings",
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
    external_ids_of: Identifier | None = None
    calls_a_minute: Annotated[int, Field(ge=1)] = 20

    def connect(self, where: str) -> Api:
        """The account's API."""
        base = self.url or f"https://{self.domain}.freshdesk.com"
        limits = (Limit(self.calls_a_minute, 60),)
        return Api(where, f"{base}/api/v2", basic(self.key.reveal(), "X"), limits=limits)

    def core_rows(self) -> list[CoreRows]:
        """The rows, with the ids that contacts have in another source."""
        return [
            replace(one, rows=partial(one.rows.func, external=self.external_ids_of))
            if isinstance(one.rows, partial)
            else one
            for one in super().core_rows()
        ]
