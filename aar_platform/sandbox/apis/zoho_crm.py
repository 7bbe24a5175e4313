"""Zoho CRM as it answers: lists of named fields, pages by number and then by token, a grant whose
reply says where the API is."""

import base64
import json
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.apis.zoho_crm_records import IDS, records
from aar_platform.sandbox.parts import Part

__all__ = ["IDS", "ZohoCrm", "holdings"]

PAGE = 200
LAST_PAGE = 10
MOST_FIELDS = 50
MODULES = (
    "Accounts", "Contacts", "Leads", "Deals", "Sales_Orders", "Invoices", "Ordered_Items",
    "Invoiced_Items", "Products", "Campaigns", "Cases",
)  # fmt: skip


def _error(code: str, message: str, status: int = 400, **details: Any) -> Response:
    body = {"code": code, "details": details, "message": message, "status": "error"}
    return answer(body, status)


@dataclass
class ZohoCrm(Vendor):
    """Modules by their API name, `{module}/deleted`, `fields` (of deals) and `org`.

    last_page: the last page that may be asked for by number.
    """

    KIND: ClassVar[str] = "zoho_crm"

    last_page: int = LAST_PAGE
    grants: int = 0
    token: str | None = None
    _sorted: dict[tuple[str, str], tuple[list[str], list[Any], list[Record]]] = field(
        default_factory=dict
    )

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secrets."""
        entry = {"name": "zoho", "kind": "zoho_crm", "url": url, "client_id": "1000.SANDBOX"}
        entry |= {"client_secret": "${ZOHO_CLIENT_SECRET}", "refresh_token": "${ZOHO_TOKEN}"}
        return entry, {"ZOHO_CLIENT_SECRET": f"{self.secret}-client", "ZOHO_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a token that is not the last one given."""
        given = request.headers.get("authorization")
        if self.token and given == f"Zoho-oauthtoken {self.token}":
            return None
        return _error("INVALID_TOKEN", "invalid oauth token", 401)

    def expire(self) -> None:
        """Make the token that was given invalid."""
        self.token = None

    def routes(self) -> list[Route]:
        """The grant, and one route per kind of list."""
        return [
            Route("/oauth/v2/token", self._grant, methods=["POST"]),
            Route("/crm/v8/settings/fields", self._fields),
            Route("/crm/v8/org", self._org),
            Route("/crm/v8/{module}", self._list),
            Route("/crm/v8/{module}/deleted", self._deleted),
        ]

    async def _grant(self, request: Request) -> Response:
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.secret:
            return answer({"error": "invalid_code"})
        self.grants += 1
        self.token = f"1000.{self.grants:032x}.{7:032x}"
        here = str(request.url.replace(query="")).removesuffix("/oauth/v2/token")
        body = {"access_token": self.token, "scope": "ZohoCRM.modules.READ", "api_domain": here}
        return answer(body | {"token_type": "Bearer", "expires_in": 3600})

    async def _fields(self, request: Request) -> Response:
        if not request.query_params.get("module"):
            return _error("REQUIRED_PARAM_MISSING", "one of the expected parameter is missing")
        return answer({"fields": self.kept("fields")})

    async def _org(self, request: Request) -> Response:
        return answer({"org": self.kept("org")})

    async def _list(self, request: Request) -> Response:
        query, module = request.query_params, request.path_params["module"]
        if module not in MODULES:
            return _error("INVALID_MODULE", "the module name given seems to be invalid")
        names = [name for name in query.get("fields", "").split(",") if name]
        if not names:
            missing = "one of the expected parameter is missing"
            return _error("REQUIRED_PARAM_MISSING", missing, param_name="fields")
        if len(names) > MOST_FIELDS:
            return _error("LIMIT_EXCEEDED", "fields limit exceeded", limit=MOST_FIELDS)
        by = query.get("sort_by", "id")
        rows, keys = self._in_order(module, by)
        since = request.headers.get("if-modified-since")
        if since and by == "Modified_Time":
            rows = rows[bisect_left(keys, datetime.fromisoformat(since)) :]
        elif since:
            first = datetime.fromisoformat(since)
            rows = [one for one in rows if datetime.fromisoformat(one["Modified_Time"]) >= first]
        if module == "Leads" and query.get("converted") != "both":
            rows = [one for one in rows if not one.get("Converted__s")]
        if query.get("sort_order", "desc") == "desc":
            rows = rows[::-1]
        if not rows:
            return Response(status_code=304 if since else 204)
        return self._page(request, rows, names)

    def _page(self, request: Request, rows: list[Record], names: list[str] | None) -> Response:
        query = request.query_params
        size, token = int(query.get("per_page", PAGE)), query.get("page_token")
        page = int(query.get("page", 1))
        if size > PAGE:
            return _error("INVALID_DATA", "the given value is more than the limit", limit=PAGE)
        if token and "page" in query:
            return _error("AMBIGUITY_DURING_PROCESSING", "page and page_token exclude each other")
        # A token belongs to its question; another one with it is refused.
        question = [request.url.path, query.get("fields"), query.get("sort_by")]
        question.append(request.headers.get("if-modified-since"))
        if token:
            start, asked = json.loads(base64.urlsafe_b64decode(token))
            if asked != question:
                return _error("TOKEN_BOUND_DATA_MISMATCH", "the token is bound to other params")
            page = start // size + 1
        elif page > self.last_page:
            said = "page is only allowed till 2000 records; use page_token"
            return _error("DISCRETE_PAGINATION_LIMIT_EXCEEDED", said)
        end = page * size
        chosen = rows[end - size : end]
        if not chosen:
            return Response(status_code=204)
        kept = [project(one, names) for one in chosen] if names else chosen
        more = end < len(rows)
        info: Record = {"per_page": size, "count": len(chosen), "page": page, "more_records": more}
        if names:
            following = base64.urlsafe_b64encode(json.dumps([end, question]).encode()).decode()
            info |= {"sort_by": query.get("sort_by", "id")}
            info |= {"sort_order": query.get("sort_order", "desc"), "previous_page_token": None}
            info |= {"page_token_expiry": None, "next_page_token": following if more else None}
        return answer({"data": kept, "info": info})

    async def _deleted(self, request: Request) -> Response:
        rows = self.kept(f"{request.path_params['module']}/deleted")
        since = request.headers.get("if-modified-since")
        if since:
            first = datetime.fromisoformat(since)
            rows = [one for one in rows if datetime.fromisoformat(one["deleted_time"]) >= first]
        if not rows:
            return Response(status_code=304 if since else 204)
        return self._page(request, rows, None)

    def _in_order(self, module: str, by: str) -> tuple[list[Record], list[Any]]:
        """A module's records in rising order, sorted again only where they changed."""
        rows = self.kept(module)
        said = [one[by] for one in rows]
        known = self._sorted.get((module, by))
        if known is None or known[0] != said or len(known[2]) != len(rows):
            is_time = by.endswith("_Time")
            values = [datetime.fromisoformat(one) for one in said] if is_time else said
            order = sorted(range(len(rows)), key=values.__getitem__)
            known = (said, [values[i] for i in order], [rows[i] for i in order])
            self._sorted[module, by] = known
        return known[2], known[1]


def project(record: Record, names: list[str]) -> Record:
    """The fields asked for that a record has, and its id."""
    return {"id": record["id"], **{name: record[name] for name in names if name in record}}


def holdings(part: Part) -> dict[str, list[Record]]:
    """Zoho CRM's records of a part of the company."""
    return records(part)
