"""Freshdesk as it answers: numbered pages up to the 300th, links to the next, basic credentials."""

import base64
from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

LAST_PAGE = 300

_CONTACT, _COMPANY, _AGENT, _RATING = 67_010_000_001, 67_020_000_001, 67_030_000_001, 67_040_000_001

IDS: dict[str, Callable[[int], str]] = {
    "contacts": lambda number: str(_CONTACT + number),
    "companies": lambda number: str(_COMPANY + number),
    "tickets": lambda number: str(1 + number),
    "feedback": lambda number: str(_RATING + number),
}

_PRIORITY = {"low": 1, "normal": 2, "high": 3, "urgent": 4}
_SOURCE = {"email": 1, "web": 2, "phone": 3, "chat": 7}
_STATUS = {"open": 2, "pending": 3, "solved": 4, "closed": 5}


class Freshdesk(Vendor):
    """Tickets, contacts, companies, agents and satisfaction ratings."""

    KIND: ClassVar[str] = "freshdesk"
    last_page: int = LAST_PAGE

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry: dict[str, Any] = {"name": "freshdesk", "kind": "freshdesk", "domain": "orvane"}
        entry |= {"external_ids_of": "salesforce", "calls_a_minute": 6000, "url": url}
        return entry | {"key": "${FRESHDESK_KEY}"}, {"FRESHDESK_KEY": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong key."""
        code = base64.b64encode(f"{self.secret}:X".encode()).decode()
        if request.headers.get("authorization") == f"Basic {code}":
            return None
        said = "You have to be logged in to perform this action."
        return answer({"code": "invalid_credentials", "message": said}, 401)

    def routes(self) -> list[Route]:
        """One route per object."""
        return [
            Route("/api/v2/tickets", self._tickets),
            Route("/api/v2/contacts", self._contacts),
            Route("/api/v2/companies", self._named("companies")),
            Route("/api/v2/agents", self._named("agents")),
            Route("/api/v2/surveys/satisfaction_ratings", self._ratings),
        ]

    async def _tickets(self, request: Request) -> Response:
        query = request.query_params
        since, wanted = query.get("updated_since", ""), query.get("filter", "")
        rows = [
            row
            for row in self.kept("tickets")
            if row["updated_at"] >= since and _list_of(row) == wanted
        ]
        by = query.get("order_by", "created_at")
        rows.sort(key=lambda row: row[by], reverse=query.get("order_type", "desc") == "desc")
        included = set(query.get("include", "").split(","))
        left_out = {"stats": ["stats"], "description": ["description", "description_text"]}
        dropped = {key for name, keys in left_out.items() if name not in included for key in keys}
        return self._page(request, rows, dropped)

    async def _contacts(self, request: Request) -> Response:
        query = request.query_params
        since, is_deleted = query.get("_updated_since", ""), query.get("state") == "deleted"
        rows = [
            row
            for row in self.kept("contacts")
            if row["updated_at"] >= since and bool(row.get("deleted")) == is_deleted
        ]
        rows.sort(key=lambda row: row["name"].lower())
        return self._page(request, rows)

    def _named(self, name: str) -> Any:
        async def listed(request: Request) -> Response:
            rows = sorted(self.kept(name), key=lambda row: str(row.get("name", row["id"])).lower())
            return self._page(request, rows)

        return listed

    async def _ratings(self, request: Request) -> Response:
        since = request.query_params.get("created_since", "")
        rows = [row for row in self.kept("satisfaction_ratings") if row["created_at"] >= since]
        return self._page(request, rows)

    def _page(
        self, request: Request, rows: list[Record], dropped: set[str] | None = None
    ) -> Response:
        query = request.query_params
        page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
        if not 0 < size <= 100 or page > self.last_page:
            return answer({"description": "Validation failed", "errors": []}, 400)
        chosen = rows[(page - 1) * size : page * size]
        if dropped:
            chosen = [{k: v for k, v in row.items() if k not in dropped} for row in chosen]
        headers = {}
        if page * size < len(rows):
            following = request.url.include_query_params(page=page + 1)
            headers["Link"] = f'<{following}>; rel="next"'
        return answer(chosen, headers=headers)


def _list_of(ticket: Record) -> str:
    """Which of the lists of tickets, by its filter, a ticket is in."""
    return "deleted" if ticket.get("deleted") else "spam" if ticket.get("spam") else ""


def holdings(part: Part) -> dict[str, list[Record]]:
    """What Freshdesk keeps of a part of the company: people as contacts, their tickets and how they
    rated them, the agents who answer, and companies."""
    agents = {} if part.tickets.empty else {
        email: _AGENT + place for place, email in enumerate(sorted(set(part.tickets["assignee"])))
    }  # fmt: skip
    tickets = [_ticket(row, agents) for row in _rows(part.tickets)]
    rated = [row for row in _rows(part.tickets) if not pd.isna(row["score"])]
    return {
        "contacts": [_contact(row) for row in _rows(part.people)],
        "companies": [_company(row) for row in _rows(part.companies)],
        "agents": [_agent(email, number) for email, number in agents.items()],
        "tickets": sorted(tickets, key=lambda row: row["updated_at"]),
        "satisfaction_ratings": [_rating(row, agents) for row in rated],
    }


def _rows(table: pd.DataFrame) -> list[Record]:
    rows: list[Record] = table.to_dict("records")
    return rows


def _stamp(moment: pd.Timestamp) -> str | None:
    return None if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _contact(row: Record) -> Record:
    made = {
        "active": True,
        "address": ", ".join(row[key] for key in ("street", "postcode", "city") if row[key])
        or None,
        "description": None,
        "email": row["email"] or None,
        "id": _CONTACT + row["number"],
        "job_title": row["job_title"] or None,
        "language": row["language"] or None,
        "mobile": None,
        "name": row["full_name"],
        "phone": row["phone"] or None,
        "time_zone": "Paris",
        "twitter_id": None,
        "custom_fields": {},
        "facebook_id": None,
        "created_at": _stamp(row["created_at"]),
        "updated_at": _stamp(row["updated_at"]),
        "csat_rating": None,
        "preferred_source": "email",
        "company_id": _COMPANY + row["company"] if row["company"] >= 0 else None,
        "unique_external_id": row["other_id"] or None,
        "twitter_profile_status": False,
        "twitter_followers_count": None,
    }
    return made | ({"deleted": True} if row["is_deleted"] else {})


def _company(row: Record) -> Record:
    return {
        "id": _COMPANY + row["number"],
        "name": row["name"],
        "description": None,
        "note": None,
        "domains": [row["domain"]] if row["domain"] else [],
        "created_at": _stamp(row["created_at"]),
        "updated_at": _stamp(row["updated_at"]),
        "custom_fields": {},
        "health_score": None,
        "account_tier": None,
        "renewal_date": None,
        "industry": row["industry"] or None,
    }


def _agent(email: str, number: int) -> Record:
    born = "2020-01-02T08:00:00Z"
    name = email.split("@")[0].replace(".", " ").title()
    return {
        "available": False,
        "occasional": False,
        "id": number,
        "ticket_scope": 1,
        "created_at": born,
        "updated_at": born,
        "last_active_at": born,
        "available_since": None,
        "type": "support_agent",
        "contact": {
            "active": True,
            "email": email,
            "job_title": None,
            "language": "en",
            "last_login_at": born,
            "mobile": None,
            "name": name,
            "phone": None,
            "time_zone": "Paris",
            "created_at": born,
            "updated_at": born,
        },
        "deactivated": False,
        "signature": None,
    }


def _ticket(row: Record, agents: dict[str, int]) -> Record:
    opened, solved = _stamp(row["opened_at"]), _stamp(row["solved_at"])
    replied = _stamp(row["first_replied_at"])
    return {
        "cc_emails": [],
        "fwd_emails": [],
        "reply_cc_emails": [],
        "ticket_cc_emails": [],
        "fr_escalated": False,
        "spam": False,
        "email_config_id": None,
        "group_id": None,
        "priority": _PRIORITY[row["priority"]],
        "requester_id": _CONTACT + row["person"],
        "responder_id": agents[row["assignee"]],
        "source": _SOURCE[row["channel"]],
        "company_id": None,
        "status": _STATUS[row["status"]],
        "subject": row["subject"],
        "association_type": None,
        "support_email": None,
        "to_emails": None,
        "product_id": None,
        "id": 1 + row["number"],
        "type": row["topic"],
        "due_by": opened,
        "fr_due_by": opened,
        "is_escalated": False,
        "custom_fields": {},
        "created_at": opened,
        "updated_at": _stamp(row["updated_at"]),
        "associated_tickets_count": None,
        "tags": [],
        "description": f"<div>{row['text']}</div>",
        "description_text": row["text"],
        "stats": {
            "agent_responded_at": replied,
            "requester_responded_at": None,
            "first_responded_at": replied,
            "status_updated_at": solved or opened,
            "reopened_at": None,
            "resolved_at": solved,
            "closed_at": None,
            "pending_since": None,
        },
        "nr_due_by": None,
        "nr_escalated": False,
    }


def _rating(row: Record, agents: dict[str, int]) -> Record:
    value = 103 if row["score"] >= 4 else 100 if row["score"] == 3 else -103
    given = _stamp(row["updated_at"])
    return {
        "id": _RATING + row["number"],
        "survey_id": 67_000_084_490,
        "user_id": _CONTACT + row["person"],
        "agent_id": agents[row["assignee"]],
        "feedback": None,
        "group_id": None,
        "ticket_id": 1 + row["number"],
        "created_at": given,
        "updated_at": given,
        "ratings": {"default_question": value},
    }
