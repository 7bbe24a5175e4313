"""Zendesk as it answers: exports by cursor and by time, ratings by cursor, basic credentials."""

import base64
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

PAGE = 1000
ADMINISTRATOR = "admin@example.com"

_USER, _ORGANIZATION, _AGENT = 26_360_000_000_001, 26_370_000_000_001, 26_380_000_000_001
_RATING, _METRIC = 26_390_000_000_001, 26_400_000_000_001

IDS: dict[str, Callable[[int], str]] = {
    "contacts": lambda number: str(_USER + number),
    "companies": lambda number: str(_ORGANIZATION + number),
    "tickets": lambda number: str(1 + number),
    "feedback": lambda number: str(_RATING + number),
}


class Zendesk(Vendor):
    """Tickets with metric sets, users, organizations and satisfaction ratings.

    recent: records of the last so many seconds are not exported yet.
    """

    KIND: ClassVar[str] = "zendesk"
    recent: float = 60.0

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry: dict[str, Any] = {"name": "zendesk", "kind": "zendesk", "subdomain": "orvane"}
        entry |= {"email": ADMINISTRATOR, "external_ids_of": "hubspot", "url": url}
        entry |= {"exports_a_minute": 6000, "token": "${ZENDESK_TOKEN}"}
        return entry, {"ZENDESK_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong token."""
        code = base64.b64encode(f"{ADMINISTRATOR}/token:{self.secret}".encode()).decode()
        said = request.headers.get("authorization")
        if said in (f"Basic {code}", f"Bearer {self.secret}"):
            return None
        return answer({"error": "Couldn't authenticate you"}, 401)

    def routes(self) -> list[Route]:
        """One route per object."""
        return [
            Route("/api/v2/incremental/tickets/cursor", self._by_cursor("tickets")),
            Route("/api/v2/incremental/users/cursor", self._by_cursor("users")),
            Route("/api/v2/incremental/organizations", self._organizations),
            Route("/api/v2/satisfaction_ratings", self._ratings),
        ]

    def _exported(self, name: str) -> list[tuple[float, int, Record]]:
        """Time of change, id and record, of all but the latest, in this order."""
        end = datetime.now(UTC).timestamp() - self.recent
        timed = [(_changed(row), row["id"], row) for row in self.kept(name)]
        return sorted((one for one in timed if one[0] <= end), key=lambda one: one[:2])

    def _by_cursor(self, name: str) -> Any:
        async def exported(request: Request) -> Response:
            query = request.query_params
            if "cursor" in query:
                at, last = base64.b64decode(query["cursor"]).decode().split("||")
                after = (float(at), int(last) + 1)
            else:
                refused = _refused(query.get("start_time", ""))
                if refused is not None:
                    return refused
                after = (float(query["start_time"]), 0)
            rows = self._exported(name)
            first = bisect_left(rows, after, key=lambda one: one[:2])
            chosen = rows[first : first + min(int(query.get("per_page", PAGE)), PAGE)]
            end = chosen[-1][:2] if chosen else (after[0], after[1] - 1)
            cursor = base64.b64encode(f"{end[0]}||{end[1]}".encode()).decode()
            following = request.url.replace(query="").include_query_params(cursor=cursor)
            records = [row for _, _, row in chosen]
            body = {
                name: records,
                "after_url": str(following),
                "before_url": None,
                "after_cursor": cursor,
                "before_cursor": None,
                "end_of_stream": first + len(chosen) == len(rows),
            }
            if name == "tickets" and "metric_sets" in query.get("include", ""):
                asked = {row["id"] for row in records}
                body["metric_sets"] = [
                    one for one in self.kept("ticket_metrics") if one["ticket_id"] in asked
                ]
            return answer(body)

        return exported

    async def _organizations(self, request: Request) -> Response:
        said = request.query_params.get("start_time", "")
        refused = _refused(said)
        if refused is not None:
            return refused
        rows = self._exported("organizations")
        first = bisect_left(rows, float(said), key=lambda one: one[0])
        chosen = rows[first : first + PAGE]
        end = int(chosen[-1][0]) if chosen else int(said)
        body = {
            "organizations": [row for _, _, row in chosen],
            "next_page": str(request.url.include_query_params(start_time=end)),
            "count": len(chosen),
            "end_of_stream": first + len(chosen) == len(rows),
            "end_time": end,
        }
        return answer(body)

    async def _ratings(self, request: Request) -> Response:
        query = request.query_params
        moment = datetime.fromtimestamp(float(query.get("start_time", 0)), UTC)
        since = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        wanted = {"received": ("good", "bad"), "": None}[query.get("score", "")]
        after = int(query.get("page[after]", 0))
        rows = [
            row
            for row in self.kept("satisfaction_ratings")
            if row["id"] > after
            and row["created_at"] >= since
            and (wanted is None or row["score"] in wanted)
        ]
        rows.sort(key=lambda row: row["id"])
        size = min(int(query.get("page[size]", 100)), 100)
        chosen, has_more = rows[:size], len(rows) > size
        cursor = str(chosen[-1]["id"]) if chosen else None
        following = str(request.url.include_query_params(**{"page[after]": cursor}))
        body = {
            "satisfaction_ratings": chosen,
            "meta": {"has_more": has_more, "after_cursor": cursor, "before_cursor": None},
            "links": {"prev": None, "next": following if has_more else None},
        }
        return answer(body)


def _changed(row: Record) -> float:
    if "generated_timestamp" in row:
        return float(row["generated_timestamp"])
    return datetime.fromisoformat(row["updated_at"]).timestamp()


def _refused(start: str) -> Response | None:
    if not start:
        return answer({"error": "StartTimeMissing", "description": "Missing start_time"}, 400)
    if float(start) > datetime.now(UTC).timestamp() - 60:
        said = "Too recent start_time. Use a start_time older than 60 seconds"
        return answer({"error": "StartTimeTooRecent", "description": said}, 400)
    return None


def holdings(part: Part) -> dict[str, list[Record]]:
    """What Zendesk keeps of a part of the company: people as users beside the agents, companies as
    organizations, tickets with their metrics, and a rating for each ticket that was solved."""
    emails = [] if part.tickets.empty else sorted(set(part.tickets["assignee"]))
    agents = {email: _AGENT + place for place, email in enumerate(emails)}
    tickets = _rows(part.tickets)
    return {
        "users": [
            *(_agent(email, number) for email, number in agents.items()),
            *(_user(row) for row in _rows(part.people)),
        ],
        "organizations": [_organization(row) for row in _rows(part.companies)],
        "tickets": [_ticket(row, agents) for row in tickets],
        "ticket_metrics": [_metric(row) for row in tickets],
        "satisfaction_ratings": [
            _rating(row, agents) for row in tickets if not pd.isna(row["solved_at"])
        ],
    }


def _rows(table: pd.DataFrame) -> list[Record]:
    rows: list[Record] = table.to_dict("records")
    return rows


def _stamp(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _url(kind: str, number: int) -> str:
    return f"https://orvane.zendesk.com/api/v2/{kind}/{number}.json"


def _user(row: Record) -> Record:
    number = _USER + row["number"]
    return {
        "id": number,
        "url": _url("users", number),
        "name": row["full_name"],
        "email": row["email"] or None,
        "created_at": _stamp(row["created_at"]),
        "updated_at": _stamp(row["updated_at"]),
        "time_zone": "Europe/Paris",
        "iana_time_zone": "Europe/Paris",
        "phone": row["phone"] or None,
        "shared_phone_number": False if row["phone"] else None,
        "photo": None,
        "locale_id": 1,
        "locale": row["language"] or None,
        "organization_id": _ORGANIZATION + row["company"] if row["company"] >= 0 else None,
        "role": "end-user",
        "verified": bool(row["email"]),
        "external_id": row["other_id"] or None,
        "tags": [],
        "alias": None,
        "active": not row["is_deleted"],
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None,
        "signature": None,
        "details": None,
        "notes": None,
        "role_type": None,
        "custom_role_id": None,
        "moderator": False,
        "ticket_restriction": "requested",
        "only_private_comments": False,
        "restricted_agent": True,
        "suspended": False,
        "default_group_id": None,
        "report_csv": False,
        "user_fields": {},
    }


def _agent(email: str, number: int) -> Record:
    born = pd.Timestamp("2020-01-02T08:00:00")
    blank = {"street": "", "phone": "", "language": "en", "company": -1, "other_id": ""}
    name = email.split("@")[0].replace(".", " ").title()
    made = _user(
        {**blank, "number": number - _USER, "full_name": name, "email": email,
         "created_at": born, "updated_at": born, "is_deleted": False}
    )  # fmt: skip
    return made | {"role": "agent", "role_type": 4, "ticket_restriction": None}


def _organization(row: Record) -> Record:
    number = _ORGANIZATION + row["number"]
    return {
        "url": _url("organizations", number),
        "id": number,
        "name": row["name"],
        "shared_tickets": False,
        "shared_comments": False,
        "external_id": None,
        "created_at": _stamp(row["created_at"]),
        "updated_at": _stamp(row["updated_at"]),
        "domain_names": [row["domain"]] if row["domain"] else [],
        "details": None,
        "notes": None,
        "group_id": None,
        "tags": [],
        "organization_fields": {},
        "deleted_at": None,
    }


def _said(score: float) -> str:
    return "offered" if pd.isna(score) else "good" if score >= 3 else "bad"


def _ticket(row: Record, agents: dict[str, int]) -> Record:
    requester = _USER + row["person"]
    score: str = _said(row["score"]) if not pd.isna(row["solved_at"]) else "unoffered"
    return {
        "url": _url("tickets", 1 + row["number"]),
        "id": 1 + row["number"],
        "external_id": None,
        "via": {"channel": row["channel"], "source": {"from": {}, "to": {}, "rel": None}},
        "created_at": _stamp(row["opened_at"]),
        "updated_at": _stamp(row["updated_at"]),
        "type": "question",
        "subject": row["subject"],
        "raw_subject": row["subject"],
        "description": row["text"],
        "priority": row["priority"],
        "status": row["status"],
        "recipient": None,
        "requester_id": requester,
        "submitter_id": requester,
        "assignee_id": agents[row["assignee"]],
        "organization_id": None,
        "group_id": None,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": [row["topic"]],
        "custom_fields": [],
        "satisfaction_rating": {"score": score},
        "sharing_agreement_ids": [],
        "fields": [],
        "followup_ids": [],
        "ticket_form_id": 360_000_084_116,
        "brand_id": 360_000_358_316,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
        "generated_timestamp": int(row["updated_at"].tz_localize("UTC").timestamp()) + 1,
    }


def _minutes(start: pd.Timestamp, end: pd.Timestamp) -> dict[str, int | None]:
    passed = None if pd.isna(end) else int((end - start).total_seconds() // 60)
    return {"calendar": passed, "business": passed}


def _metric(row: Record) -> Record:
    opened, replied, solved = row["opened_at"], row["first_replied_at"], row["solved_at"]
    number = _METRIC + row["number"]
    return {
        "url": _url("ticket_metrics", number),
        "id": number,
        "ticket_id": 1 + row["number"],
        "created_at": _stamp(opened),
        "updated_at": _stamp(row["updated_at"]),
        "group_stations": 0,
        "assignee_stations": 1,
        "reopens": 0,
        "replies": 0 if pd.isna(replied) else 1,
        "assignee_updated_at": _stamp(replied),
        "requester_updated_at": _stamp(opened),
        "status_updated_at": _stamp(row["updated_at"]),
        "initially_assigned_at": _stamp(opened),
        "assigned_at": _stamp(opened),
        "solved_at": _stamp(solved),
        "latest_comment_added_at": _stamp(row["updated_at"]),
        "reply_time_in_minutes": _minutes(opened, replied),
        "first_resolution_time_in_minutes": _minutes(opened, solved),
        "full_resolution_time_in_minutes": _minutes(opened, solved),
        "agent_wait_time_in_minutes": _minutes(opened, solved),
        "requester_wait_time_in_minutes": _minutes(opened, solved),
        "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
    }


def _rating(row: Record, agents: dict[str, int]) -> Record:
    number = _RATING + row["number"]
    solved = _stamp(row["solved_at"])
    return {
        "url": _url("satisfaction_ratings", number),
        "id": number,
        "assignee_id": agents[row["assignee"]],
        "group_id": None,
        "requester_id": _USER + row["person"],
        "ticket_id": 1 + row["number"],
        "score": _said(row["score"]),
        "created_at": solved,
        "updated_at": solved,
        "comment": None,
    }
