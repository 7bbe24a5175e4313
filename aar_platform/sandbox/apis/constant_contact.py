"""Constant Contact as it answers: refreshed tokens, relative links to the next page, reports with
the newest event first."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

MOST = 500
CLIENT = "8d1c7e90-orvane"
REFRESH = "sandbox-refresh-0000"


def _id(kind: int, number: int) -> str:
    return f"{number:08x}-96f0-11ef-{0xB000 + kind:04x}-fa163eafb85e"


IDS: dict[str, Callable[[int], str]] = {
    "contacts": lambda number: _id(1, number),
    "campaigns": lambda number: _id(2, number),
}
_ACTIVITY, _PERMALINK = 3, 4
_REPORT = {
    "sent": "sends",
    "opened": "opens",
    "clicked": "clicks",
    "bounced": "bounces",
    "unsubscribed": "optouts",
}


@dataclass
class ConstantContact(Vendor):
    """Contacts, lists, campaigns, summaries and reports.

    A campaign with its activities is kept under `email/{campaign}`, a report under
    `{report}/{activity}`. valid: the access tokens that still open.
    """

    KIND: ClassVar[str] = "constant_contact"
    valid: set[str] = field(default_factory=set)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secrets."""
        entry = {
            "name": "constant_contact",
            "kind": "constant_contact",
            "url": url,
            "client_id": CLIENT,
            "client_secret": "${CONSTANT_CONTACT_SECRET}",
            "refresh_token": "${CONSTANT_CONTACT_REFRESH}",
        }
        secrets = {
            "CONSTANT_CONTACT_SECRET": self.secret,
            "CONSTANT_CONTACT_REFRESH": REFRESH,
        }
        return entry, secrets

    def refusal(self, request: Request) -> Response | None:
        """401 for a token that was not given, or has ended."""
        if request.headers.get("authorization", "").removeprefix("Bearer ") in self.valid:
            return None
        return answer({"error_key": "unauthorized", "error_message": "Unauthorized"}, 401)

    def routes(self) -> list[Route]:
        """One route per object, and the one for tokens."""
        summaries = "bulk_email_campaign_summaries"
        return [
            Route("/oauth2/default/v1/token", self._token, methods=["POST"]),
            Route("/v3/contacts", self._contacts),
            Route("/v3/contact_lists", self._listed("lists", "lists_count")),
            Route("/v3/emails", self._listed("campaigns")),
            Route("/v3/emails/{campaign}", self._campaign),
            Route("/v3/reports/summary_reports/email_campaign_summaries", self._listed(summaries)),
            Route("/v3/reports/email_reports/{activity}/tracking/{report}", self._report),
        ]

    async def _token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        code = base64.b64encode(f"{CLIENT}:{self.secret}".encode()).decode()
        is_known = request.headers.get("authorization") == f"Basic {code}"
        if not is_known or form.get("refresh_token") != [REFRESH]:
            return answer({"error": "invalid_grant", "error_description": "no such token"}, 400)
        token = f"sandbox-access-{len(self.valid):04d}-{id(self):x}"
        self.valid.add(token)
        return answer(
            {
                "token_type": "Bearer",
                "expires_in": 86400,
                "access_token": token,
                "refresh_token": REFRESH,
                "scope": "contact_data campaign_data offline_access",
            }
        )

    async def _contacts(self, request: Request) -> Response:
        query, position = _asked(request)
        after, before = query.get("updated_after", ""), query.get("updated_before", "~")
        rows = [row for row in self.kept("contacts") if after < row["updated_at"] < before]
        if query.get("status") != "all":
            rows = [row for row in rows if "deleted_at" not in row]
        return _page(request, query, position, "contacts", rows, "contacts_count")

    def _listed(self, key: str, count: str | None = None) -> Any:
        async def listed(request: Request) -> Response:
            query, position = _asked(request)
            return _page(request, query, position, key, self.kept(key), count)

        return listed

    async def _campaign(self, request: Request) -> Response:
        found = self.kept(f"email/{request.path_params['campaign']}")
        if found:
            return answer(found[0])
        said = [{"error_key": "emails.not_found", "error_message": "no such campaign"}]
        return answer(said, 404)

    async def _report(self, request: Request) -> Response:
        query, position = _asked(request)
        of = request.path_params
        rows = self.kept(f"{of['report']}/{of['activity']}")
        return _page(request, query, position, "tracking_activities", rows, None)


def _asked(request: Request) -> tuple[dict[str, str], int]:
    """The first page's question, which the cursor carries on, and how far it has come."""
    query = dict(request.query_params)
    if "cursor" in query:
        query = dict(parse_qsl(base64.b64decode(query["cursor"]).decode()))
    return query, int(query.pop("next", 0))


def _page(
    request: Request,
    query: dict[str, str],
    position: int,
    key: str,
    rows: list[Record],
    count: str | None,
) -> Response:
    limit = int(query.get("limit", 50))
    if not 1 <= limit <= MOST:
        said = {"error_key": "api.validation.error", "error_message": "limit must be 1 to 500"}
        return answer([said], 400)
    body: Record = {key: rows[position : position + limit]}
    if count and query.get("include_count") == "true":
        body[count] = len(rows)
    links = {}
    if position + limit < len(rows):
        ahead = base64.b64encode(urlencode({**query, "next": position + limit}).encode()).decode()
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        href = f"{request.scope.get('root_path', '')}{path}?{urlencode({'cursor': ahead})}"
        links = {"next": {"href": href}}
    return answer({**body, "_links": links})


def _stamp(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def _each(table: pd.DataFrame | None) -> Iterator[Any]:
    """The rows of a table, by column; none of none."""
    return iter(()) if table is None else table.itertuples()


def holdings(part: Part) -> dict[str, list[Record]]:
    """A part of the made-up company as Constant Contact keeps it."""
    companies = {one.number: one.name for one in _each(part.companies)}
    people = {one.number: one for one in _each(part.people)}
    held: dict[str, list[Record]] = {
        "contacts": [_contact(one, companies) for one in people.values()],
        "lists": [_list(part)],
        "campaigns": [],
        "bulk_email_campaign_summaries": [],
    }
    by_campaign = dict(tuple(part.messages.groupby("campaign"))) if len(part.messages) else {}
    for one in _each(part.campaigns):
        _campaign(one, by_campaign.get(one.number), people, held)
    summaries = held["bulk_email_campaign_summaries"]
    summaries.sort(key=lambda row: row["last_sent_date"], reverse=True)
    return held


def _contact(one: Any, companies: dict[int, str]) -> Record:
    made, changed = _stamp(one.created_at), _stamp(one.updated_at)
    permission = {
        "address": one.email,
        "permission_to_send": "explicit" if one.has_consent else "unsubscribed",
        "created_at": made,
        "updated_at": changed,
        "opt_in_source": "Contact",
        "opt_in_date": made,
        "confirm_status": "off",
    }
    if not one.has_consent:
        permission |= {"opt_out_source": "Contact", "opt_out_date": changed}
    optional = {
        "first_name": one.given,
        "last_name": one.family,
        "job_title": one.job_title,
        "company_name": companies.get(one.company, ""),
    }
    record = {
        "contact_id": _id(1, one.number),
        "email_address": permission,
        **{name: value for name, value in optional.items() if value},
        "create_source": "Account",
        "created_at": made,
        "updated_at": changed,
    }
    if one.is_deleted:
        record["deleted_at"] = changed
    times = {"created_at": made, "updated_at": changed}
    if one.phone:
        record["phone_numbers"] = [
            {"phone_number_id": _id(5, one.number), "phone_number": one.phone, "kind": "home"}
            | times
        ]
    if one.street or one.city:
        record["street_addresses"] = [
            {
                "street_address_id": _id(6, one.number), "kind": "home", "street": one.street,
                "city": one.city, "state": one.region, "postal_code": one.postcode,
                "country": one.country, **times,
            }
        ]  # fmt: skip
    return record


def _list(part: Part) -> Record:
    made = part.people["created_at"].min() if len(part.people) else pd.Timestamp("2024-01-01")
    return {
        "list_id": _id(7, 0), "name": "Newsletter", "description": "", "favorite": False,
        "created_at": _stamp(made), "updated_at": _stamp(made),
    }  # fmt: skip


def _campaign(
    one: Any, messages: pd.DataFrame | None, people: dict[int, Any], held: dict[str, list[Record]]
) -> None:
    activity, number = _id(_ACTIVITY, one.number), _id(2, one.number)
    is_sent = not pd.isna(one.sent_at)
    at = _stamp(one.sent_at if is_sent else pd.Timestamp("2024-01-01"))
    campaign = {
        "campaign_id": number,
        "created_at": at,
        "current_status": "Done" if is_sent else "Draft",
        "name": one.name,
        "type": "CUSTOM_CODE_EMAIL",
        "type_code": 26,
        "updated_at": at,
    }
    held["campaigns"].append(campaign)
    roles = ((activity, "primary_email"), (_id(_PERMALINK, one.number), "permalink"))
    activities = [{"campaign_activity_id": name, "role": role} for name, role in roles]
    held[f"email/{number}"] = [{"campaign_activities": activities, **campaign}]
    reports: dict[str, list[Record]] = {report: [] for report in _REPORT.values()}
    for message in _each(messages):
        report = _REPORT.get(message.event)
        # That a message was delivered, Constant Contact does not tell.
        if report:
            reports[report].append(_event(message, report, activity, people[message.person]))
    counts = {}
    for report, rows in reports.items():
        rows.sort(key=lambda row: row["created_time"], reverse=True)
        held[f"{report}/{activity}"] = rows
        counts[report] = len({row["contact_id"] for row in rows})
    if is_sent:
        held["bulk_email_campaign_summaries"].append(
            {
                "campaign_id": number,
                "campaign_type": "CUSTOM_CODE_EMAIL",
                "last_sent_date": at,
                "unique_counts": {
                    **counts, "forwards": 0, "abuse": 0,
                    "not_opened": counts["sends"] - counts["opens"],
                },
            }
        )  # fmt: skip


def _event(message: Any, report: str, activity: str, person: Any) -> Record:
    record = {
        "contact_id": _id(1, message.person),
        "campaign_activity_id": activity,
        "tracking_activity_type": f"em_{report}",
        "email_address": person.email,
        "first_name": person.given,
        "last_name": person.family,
        "created_time": f"{message.occurred_at:%Y-%m-%dT%H:%M:%S}.000Z",
    }
    if report == "clicks":
        link = message.url or "https://orvane.example/"
        return record | {"device_type": "computer", "url_id": "1100407204171", "link_url": link}
    if report == "opens":
        return record | {"device_type": "computer"}
    return record | ({"bounce_code": "B"} if report == "bounces" else {})
