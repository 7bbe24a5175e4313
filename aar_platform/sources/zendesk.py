"""Zendesk Support: tickets with their metrics, users, organizations, satisfaction ratings."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
import msgspec
from pydantic import Field, PrivateAttr

from aar_platform.landing.secret import Secret
from aar_platform.sources.api import client
from aar_platform.sources.api.auth import basic, bearer
from aar_platform.sources.api.bodies import Body
from aar_platform.sources.api.client import Answer, Api
from aar_platform.sources.api.limits import Limit, Pace
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.mapping import core_rows, id_in
from aar_platform.sources.registry import CoreRows, Identifier, source_kind

PAGE = 1000
# An export is refused that begins in the last minute, and gives nothing of it.
HELD_BACK = timedelta(minutes=1)
# What was changed in that minute, and clocks that differ: asked for again by the next pull.
OVERLAP = timedelta(minutes=5)
# A rating can be given until its ticket closes, at the latest 28 days after it was solved; it keeps
# the time at which it was asked for, by which ratings are listed.
RATED_LATE = timedelta(days=29)

_SCORE = {"good": 1.0, "bad": 0.0}


def _start(ask: Ask) -> int:
    """The start of an export, in seconds since 1970."""
    if ask.since is None:
        return 0
    return int(min(ask.since, datetime.now(UTC) - HELD_BACK - timedelta(seconds=5)).timestamp())


def _is_past(ask: Ask, answer: Answer, name: str, changed: str) -> bool:
    """Whether a page, in order of change, reaches beyond the window."""
    records = answer.records(name)
    if not records:
        return False
    said = Body(records[-1].encode()).get(changed)
    if said is None:
        return False
    last = datetime.fromtimestamp(said, UTC) if isinstance(said, int | float) else None
    return (last or datetime.fromisoformat(said)) > ask.until


def _export(path: str, name: str, changed: str, **params: str) -> Callable[[Ask], Page]:
    """A cursor export: there is always a next cursor; the end is said with the last records."""

    def page(ask: Ask) -> Page:
        asked = {"cursor": ask.at} if ask.at else {"start_time": _start(ask)}
        answer = ask.api.get(path, {**asked, **params})
        is_last = answer.value("end_of_stream") is True or _is_past(ask, answer, name, changed)
        cursor = None if is_last else answer.value("after_cursor")
        if not is_last and not cursor:
            raise ask.api.unusable("it is not the last page, but says no cursor to go on with")
        return Page(answer.records(name), cursor, _metrics(answer) if "include" in params else {})

    return page


def _metrics(answer: Answer) -> list[Mapping[str, Any]]:
    """For each ticket what is said of its times, which comes in a list beside the tickets."""
    sets = {one["ticket_id"]: one for one in answer.get("metric_sets") or []}
    of_tickets = [msgspec.json.decode(record)["id"] for record in answer.records("tickets")]
    return [{"metric_set": sets[id]} if id in sets else {} for id in of_tickets]


def _organizations(ask: Ask) -> Page:
    """An export by time: each page begins with the second in which the one before ended."""
    start = ask.at or _start(ask)
    answer = ask.api.get("incremental/organizations", {"start_time": start})
    records = answer.records("organizations")
    name = "organizations"
    if answer.value("end_of_stream") is True or _is_past(ask, answer, name, "updated_at"):
        return Page(records)
    end = answer.value("end_time")
    if end <= start:
        raise ask.api.unusable("more organizations changed in one second than a page holds")
    return Page(records, end)


def _ratings(ask: Ask) -> Page:
    params: dict[str, Any] = {"score": "received", "page[size]": 100}
    if ask.at:
        params["page[after]"] = ask.at
    if ask.since is not None:
        params["start_time"] = int(ask.since.timestamp())
    answer = ask.api.get("satisfaction_ratings", params)
    has_more = answer.value("meta", "has_more")
    return Page(
        answer.records("satisfaction_ratings"),
        answer.value("meta", "after_cursor") if has_more else None,
    )


def _ticket_rows(tickets: ir.Table, users: ir.Table) -> ir.Table:
    names = users.select(agent=users.id, agent_email=users.email)
    rows = tickets.left_join(names, tickets.assignee_id == names.agent)
    seconds = ibis.coalesce(
        rows.reply_seconds, rows.reply_minutes * 60, rows.beside_seconds, rows.beside_minutes * 60
    )
    score = rows.score
    return core_rows(
        rows,
        ticket_id=rows.id,
        contact_id=rows.requester_id,
        company_id=rows.organization_id,
        subject=rows.subject,
        text=rows.description,
        topic=rows.type,
        priority=rows.priority,
        channel=rows.channel,
        status=rows.status,
        assignee=rows.agent_email,
        opened_at=rows.created_at,
        first_replied_at=rows.created_at + seconds.as_interval("s"),
        solved_at=ibis.coalesce(rows.solved_at, rows.beside_solved_at),
        satisfaction=ibis.cases((score.isin(list(_SCORE)), score)),
        updated_at=rows.updated_at,
        is_deleted=(rows.status == "deleted").fill_null(False),
    )


def _contact_rows(users: ir.Table, *, external: str | None) -> ir.Table:
    """Customers among the users; agents and administrators are colleagues."""
    rows = users.filter((users.role == "end-user") | users.role.isnull())
    told = {"external_ids": id_in(external, rows.external_id)} if external else {}
    return core_rows(
        rows,
        contact_id=rows.id,
        company_id=rows.organization_id,
        full_name=rows.name,
        email=rows.email,
        email_verified=rows.verified,
        phone=rows.phone,
        language=rows.locale,
        created_at=rows.created_at,
        updated_at=rows.updated_at,
        is_deleted=~rows.active.fill_null(True),
        **told,
    )


def _company_rows(organizations: ir.Table, *, external: str | None) -> ir.Table:
    rows = organizations
    told = {"external_ids": id_in(external, rows.external_id)} if external else {}
    return core_rows(
        rows,
        company_id=rows.id,
        name=rows.name,
        domain=rows.domain,
        created_at=rows.created_at,
        updated_at=rows.updated_at,
        is_deleted=rows.deleted_at.notnull(),
        **told,
    )


def _rating_rows(ratings: ir.Table) -> ir.Table:
    """Ratings as answers: good 1, bad 0. One that is only offered is no answer."""
    rows = ratings.filter(ratings.score.isin(list(_SCORE)))
    return core_rows(
        rows,
        feedback_id=rows.id,
        contact_id=rows.requester_id,
        channel=ibis.literal("survey"),
        score=(rows.score == "good").ifelse(1.0, 0.0),
        scale_min=ibis.literal(0.0),
        scale_max=ibis.literal(1.0),
        text=rows.comment,
        given_at=rows.updated_at,
        updated_at=rows.updated_at,
    )


@source_kind("zendesk")
class Zendesk(ApiSource):
    """A Zendesk account.

    subdomain: the part of its address before `.zendesk.com`. token: an API token, with the `email`
    of the administrator it works for; without `email`, an OAuth access token. external_ids_of: the
    source whose ids stand in `external_id` of users and organizations; without it they identify
    nobody. exports_a_minute: how often exports may be asked for.
    """

    TITLE: ClassVar[str] = "Zendesk"
    SETUP: ClassVar[str] = (
        "An API token is made in Admin Center → Apps and integrations → APIs → Zendesk API; it "
        "works for the administrator named as `email`. Or, without `email`, the access token of "
        "an OAuth client with the scope `read`. Exports are for administrators only. Where users "
        "carry the id of another system as `external_id`, name that source under "
        "`external_ids_of`."
    )
    LIMITS: ClassVar[str] = (
        "Exports of tickets, users and organizations: 10 a minute together (30 with the High "
        "Volume API add-on: set `exports_a_minute`), of 1,000 records each. Ratings: 200 calls a "
        "minute, as the smallest plan allows. Status 429 is waited out as its Retry-After says. "
        "What changed in the last minute is exported a minute later."
    )
    GAPS: ClassVar[str] = (
        "Comments, audits, custom objects and metric events are not pulled. The first reply is "
        "told to the minute. A ticket's rating is good or bad, nothing where it was only offered; "
        "as feedback they are 1 and 0. Users who are agents or administrators make no contacts. "
        "A rating given more than 29 days after it was asked for stands on its ticket, but is no "
        "feedback. Records deleted for ever keep their id and lose the rest."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows(
            "contacts",
            ("contacts",),
            rows=partial(_contact_rows, external=None),
            is_row_per_record=False,
        ),
        CoreRows("companies", ("companies",), rows=partial(_company_rows, external=None)),
        CoreRows("tickets", ("tickets", "contacts"), rows=_ticket_rows),
        CoreRows("feedback", ("ratings",), rows=_rating_rows, is_row_per_record=False),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="tickets",
            title="tickets with their metrics",
            page=_export(
                "incremental/tickets/cursor",
                "tickets",
                "generated_timestamp",
                include="metric_sets",
            ),
            reads="changes",
            # Exports go by it: changes by the system itself leave `updated_at` as it was.
            changed_at="generated_timestamp",
            overlap=OVERLAP,
            grain="a ticket",
            scopes="read, as an administrator",
            calls="one per 1,000 tickets changed",
            columns={
                **texts("id", "requester_id", "assignee_id", "organization_id", "subject"),
                **texts("description", "type", "priority", "status"),
                **typed("moment", "created_at", "updated_at"),
                **typed("epoch", "generated_timestamp"),
                "channel": text("via.channel"),
                "score": text("satisfaction_rating.score"),
                # Metrics are said in the ticket, or in a list beside the tickets.
                "solved_at": text("metric_set.solved_at").of("moment"),
                "reply_minutes": text("metric_set.reply_time_in_minutes.calendar").of("whole"),
                "reply_seconds": text("metric_set.reply_time_in_seconds.calendar").of("whole"),
                "beside_solved_at": text("@metric_set.solved_at").of("moment"),
                "beside_minutes": text("@metric_set.reply_time_in_minutes.calendar").of("whole"),
                "beside_seconds": text("@metric_set.reply_time_in_seconds.calendar").of("whole"),
            },
        ),
        ApiObject(
            name="contacts",
            title="users",
            page=_export("incremental/users/cursor", "users", "updated_at", per_page=str(PAGE)),
            reads="changes",
            changed_at="updated_at",
            overlap=OVERLAP,
            grain="a user: a customer, an agent or an administrator",
            scopes="read, as an administrator",
            calls="one per 1,000 users changed",
            columns={
                **texts("id", "name", "email", "phone", "role", "locale", "organization_id"),
                **texts("external_id"),
                **typed("flag", "active", "verified"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
        ApiObject(
            name="companies",
            title="organizations",
            page=_organizations,
            reads="changes",
            changed_at="updated_at",
            overlap=OVERLAP,
            grain="an organization",
            scopes="read, as an administrator",
            calls="one per 1,000 organizations changed",
            columns={
                **texts("id", "name", "external_id"),
                "domain": text("domain_names[0]"),
                **typed("moment", "created_at", "updated_at", "deleted_at"),
            },
        ),
        ApiObject(
            name="ratings",
            title="satisfaction ratings",
            page=_ratings,
            reads="changes",
            changed_at="updated_at",
            overlap=RATED_LATE,
            grain="a customer's rating of a ticket",
            scopes="read, as an administrator",
            calls="one per 100 ratings of the last 29 days",
            columns={
                **texts("id", "ticket_id", "requester_id", "assignee_id", "score", "comment"),
                **typed("moment", "created_at", "updated_at"),
            },
        ),
    )

    kind: Literal["zendesk"] = "zendesk"
    subdomain: str
    token: Secret
    email: str | None = None
    external_ids_of: Identifier | None = None
    exports_a_minute: Annotated[int, Field(ge=1)] = 10
    _exports: Pace | None = PrivateAttr(default=None)

    def connect(self, where: str) -> Api:
        """The account's API; the exports of all objects share one limit."""
        base = self.url or f"https://{self.subdomain}.zendesk.com"
        token = self.token.reveal()
        auth = basic(f"{self.email}/token", token) if self.email else bearer(token)
        if where.endswith(".ratings"):
            return Api(where, f"{base}/api/v2", auth, limits=(Limit(200, 60),))
        if self._exports is None:
            limit = Limit(self.exports_a_minute, 60)
            self._exports = Pace((limit,), sleep=lambda seconds: client.pause(seconds))
        return Api(where, f"{base}/api/v2", auth, pace=self._exports)

    def core_rows(self) -> list[CoreRows]:
        """The rows, with the ids that records have in another source."""
        return [
            replace(one, rows=partial(one.rows.func, external=self.external_ids_of))
            if isinstance(one.rows, partial)
            else one
            for one in super().core_rows()
        ]
