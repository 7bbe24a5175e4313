"""Freshdesk as it answers: numbered pages up to the 300th, links to the next, basic credentials."""

import base64
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer

LAST_PAGE = 300


class Freshdesk(Vendor):
    """Tickets, contacts, companies, agents and satisfaction ratings."""

    KIND: ClassVar[str] = "freshdesk"
    last_page: int = LAST_PAGE

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "freshdesk", "kind": "freshdesk", "domain": "orvane", "url": url}
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
            Route("/api/v2/contacts", self._changed("contacts", "_updated_since", "updated_at")),
            Route("/api/v2/companies", self._changed("companies", "", "updated_at")),
            Route("/api/v2/agents", self._changed("agents", "", "updated_at")),
            Route(
                "/api/v2/surveys/satisfaction_ratings",
                self._changed("satisfaction_ratings", "created_since", "created_at"),
            ),
        ]

    async def _tickets(self, request: Request) -> Response:
        query = request.query_params
        since = query.get("updated_since", "")
        rows = [row for row in self.kept("tickets") if row["updated_at"] >= since]
        by = query.get("order_by", "created_at")
        is_down = query.get("order_type", "desc") == "desc"
        rows.sort(key=lambda row: row[by], reverse=is_down)
        return self._page(request, rows)

    def _changed(self, name: str, since: str, column: str) -> Any:
        async def listed(request: Request) -> Response:
            first = request.query_params.get(since, "") if since else ""
            rows = [row for row in self.kept(name) if row[column] >= first]
            return self._page(request, rows)

        return listed

    def _page(self, request: Request, rows: list[Record]) -> Response:
        query = request.query_params
        page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
        if size > 100 or page > self.last_page:
            return answer({"description": "Validation failed", "errors": []}, 400)
        chosen = rows[(page - 1) * size : page * size]
        headers = {}
        if page * size < len(rows):
            following = request.url.include_query_params(page=page + 1)
            headers["Link"] = f'<{following}>; rel="next"'
        return answer(chosen, headers=headers)
