"""Mailchimp as it answers: offsets and counts, archived members apart, one report per campaign."""

import base64
from collections.abc import Callable
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.mailchimp_records import IDS, holdings
from aar_platform.sandbox.apis.vendor import Record, Vendor, answer

__all__ = ["IDS", "Mailchimp", "holdings"]

MOST = 1000


class Mailchimp(Vendor):
    """Lists with members, campaigns with reports, stores with orders.

    What belongs to another record is kept under its id: `members/{list}`, `sent_to/{campaign}`,
    `email_activity/{campaign}`, `unsubscribes/{campaign}`, `orders/{store}`.
    """

    KIND: ClassVar[str] = "mailchimp"

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "mailchimp", "kind": "mailchimp", "url": url, "key": "${MAILCHIMP_KEY}"}
        return entry, {"MAILCHIMP_KEY": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong key, whatever the user."""
        scheme, _, code = request.headers.get("authorization", "").partition(" ")
        if scheme == "Basic" and base64.b64decode(code).decode().partition(":")[2] == self.secret:
            return None
        return _problem(401, "API Key Invalid", "Your API key may be invalid.")

    def routes(self) -> list[Route]:
        """One route per object."""
        reports, stores = "/3.0/reports/{parent}", "/3.0/ecommerce/stores"
        return [
            Route("/3.0/lists", self._listed("lists")),
            Route("/3.0/lists/{parent}/members", self._members),
            Route("/3.0/campaigns", self._listed("campaigns")),
            Route("/3.0/reports", self._listed("reports")),
            Route(f"{reports}/sent-to", self._listed("sent_to", "campaign_id")),
            Route(f"{reports}/email-activity", self._activity),
            Route(f"{reports}/unsubscribed", self._listed("unsubscribes", "campaign_id")),
            Route(stores, self._listed("stores")),
            Route(f"{stores}/{{parent}}/orders", self._listed("orders", "store_id")),
        ]

    def _listed(self, name: str, parent_key: str = "") -> Any:
        async def listed(request: Request) -> Response:
            if not parent_key:
                return _page(request, name, self.kept(name))
            parent = request.path_params["parent"]
            return _page(request, name, self.kept(f"{name}/{parent}"), {parent_key: parent})

        return listed

    async def _members(self, request: Request) -> Response:
        query, parent = request.query_params, request.path_params["parent"]
        since, before = query.get("since_last_changed", ""), query.get("before_last_changed", "~")
        status = query.get("status")
        rows = [
            row
            for row in self.kept(f"members/{parent}")
            if since < row["last_changed"] < before
            and (row["status"] == status if status else row["status"] != "archived")
        ]
        if query.get("sort_field") == "last_changed":
            rows.sort(key=lambda row: row["last_changed"])
        return _page(request, "members", rows, {"list_id": parent})

    async def _activity(self, request: Request) -> Response:
        parent, since = request.path_params["parent"], request.query_params.get("since", "")
        rows = self.kept(f"email_activity/{parent}")

        def cut(row: Record) -> Record:
            seen = [one for one in row["activity"] if one["timestamp"] > since]
            return {**row, "activity": seen}

        return _page(request, "emails", rows, {"campaign_id": parent}, cut if since else None)


def _page(
    request: Request,
    key: str,
    rows: list[Record],
    more: Record | None = None,
    cut: Callable[[Record], Record] | None = None,
) -> Response:
    query = request.query_params
    count, offset = int(query.get("count", 10)), int(query.get("offset", 0))
    if not 0 <= count <= MOST or offset < 0:
        return _problem(400, "Invalid Resource", "The count may be 1000 at most.")
    chosen = rows[offset : offset + count]
    body = {key: [cut(row) for row in chosen] if cut else chosen}
    return answer({**body, **(more or {}), "total_items": len(rows)})


def _problem(status: int, title: str, detail: str) -> Response:
    kind = "https://mailchimp.com/developer/marketing/docs/errors/"
    said = {"type": kind, "title": title, "status": status, "detail": detail, "instance": "0"}
    return answer(said, status, {"content-type": "application/problem+json"})
