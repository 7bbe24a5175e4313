"""Shopify as it answers: GraphQL documents told by their root, costs, pages by id and cursor."""

import re
import time
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.shopify_records import IDS, holdings
from aar_platform.sandbox.apis.vendor import Record, Vendor, answer

__all__ = ["IDS", "Shopify", "holdings"]

_ROOT = re.compile(r"\{\s*(\w+)")
_TERM = re.compile(r"(\w+):(>=|<=|>|<)'?([^\s']+)'?")
_LISTS = ("orders", "customers", "abandonedCheckouts", "marketingEvents")


@dataclass
class Shopify(Vendor):
    """Orders, customers, abandoned checkouts, marketing events and the app's scopes.

    bucket, restore: points that questions may draw on, and how many come back a second. most: the
    points that one question may cost. most_first: records a page at most. scopes: the app's.
    """

    KIND: ClassVar[str] = "shopify"

    bucket: float = 40_000.0
    restore: float = 2_000.0
    most: float = 1_000.0
    most_first: int = 250
    scopes: tuple[str, ...] = ("read_orders", "read_all_orders", "read_customers", "read_products",
                               "read_marketing_events")  # fmt: skip
    _left: float | None = None
    _left_at: float = 0.0
    _sorted: dict[str, tuple[int, int, list[int], list[Record]]] = field(default_factory=dict)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "shopify", "kind": "shopify", "shop": "orvane", "url": url}
        return entry | {"token": "${SHOPIFY_TOKEN}"}, {"SHOPIFY_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong token."""
        if request.headers.get("x-shopify-access-token") == self.secret:
            return None
        said = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return answer({"errors": said}, 401)

    def routes(self) -> list[Route]:
        """The one endpoint there is."""
        return [Route("/admin/api/2026-07/graphql.json", self._graphql, methods=["POST"])]

    async def _graphql(self, request: Request) -> Response:
        asked = msgspec.json.decode(await request.body())
        variables = asked.get("variables") or {}
        found = _ROOT.search(asked["query"])
        root = found[1] if found else ""
        first = int(variables.get("first") or 1)
        if first > self.most_first:
            return _refused(f"first cannot exceed {self.most_first}", "INVALID_FIELD_ARGUMENTS")
        lines = int(variables.get("lines") or 0)
        # Like the vendor's, less than one for each object that may come.
        cost = 2.0 + first / 6 * (1 + lines / 12)
        if cost > self.most:
            return _refused(
                f"Query cost is {cost:.0f}, which exceeds the single query max cost limit",
                "MAX_COST_EXCEEDED",
                cost=round(cost),
                maxCost=self.most,
            )
        if not self._pay(cost):
            return _refused("Throttled", "THROTTLED", spent=self._cost(cost, None))
        if root == "order":
            data: Any = {"order": self._order(variables)}
        elif root == "currentAppInstallation":
            data = {root: {"accessScopes": [{"handle": one} for one in self.scopes]}}
        elif root in _LISTS:
            data = {root: self._listed(root, variables, first)}
        else:
            return _refused(f"Field '{root}' doesn't exist on type 'QueryRoot'", "undefinedField")
        if "nodes { id }" in asked["query"]:
            data[root]["nodes"] = [{"id": one["id"]} for one in data[root]["nodes"]]
        return _encoded({"data": data, "extensions": {"cost": self._cost(cost, cost)}})

    def _listed(self, root: str, variables: Record, first: int) -> Record:
        ids, records = self._in_order(root)
        terms = _TERM.findall(variables.get("query") or "")
        after = max([int(value) for name, sign, value in terms if name == "id"], default=0)
        times = [(sign, value) for name, sign, value in terms if name == "updated_at"]
        at = bisect_right(ids, after)
        chosen: list[Record] = []
        while at < len(ids) and len(chosen) <= first:
            if not times or _is_within(records[at]["updatedAt"], times):
                chosen.append(records[at])
            at += 1
        page = chosen[:first]
        cursor = page[-1]["id"] if page else None
        if root == "orders" and "lines" in variables:
            page = [_with_lines(one, 0, variables["lines"]) for one in page]
        info = {"hasNextPage": len(chosen) > first, "endCursor": cursor}
        return {"nodes": page, "pageInfo": info}

    def _order(self, variables: Record) -> Record | None:
        ids, records = self._in_order("orders")
        wanted = number(variables["id"])
        at = bisect_right(ids, wanted) - 1
        if at < 0 or ids[at] != wanted:
            return None
        return _with_lines(records[at], int(variables.get("after") or 0), variables["first"])

    def _in_order(self, name: str) -> tuple[list[int], list[Record]]:
        """The records in order of their ids; sorted anew when some came or went."""
        kept = self.kept(name)
        known = self._sorted.get(name)
        if known is None or known[:2] != (id(kept), len(kept)):
            records = sorted(kept, key=lambda one: number(one["id"]))
            known = (id(kept), len(kept), [number(one["id"]) for one in records], records)
            self._sorted[name] = known
        return known[2], known[3]

    def _pay(self, cost: float) -> bool:
        now = time.monotonic()
        left = self.bucket if self._left is None else self._left
        left = min(self.bucket, left + (now - self._left_at) * self.restore)
        self._left, self._left_at = left, now
        if cost > left:
            return False
        self._left = left - cost
        return True

    def _cost(self, requested: float, actual: float | None) -> Record:
        return {
            "requestedQueryCost": round(requested),
            "actualQueryCost": None if actual is None else round(actual),
            "throttleStatus": {
                "maximumAvailable": self.bucket,
                "currentlyAvailable": int(self._left or 0),
                "restoreRate": self.restore,
            },
        }


def number(gid: str) -> int:
    """The number at the end of a global id."""
    return int(gid.rpartition("/")[2])


def _is_within(moment: str, times: list[tuple[str, str]]) -> bool:
    return all(moment >= value if sign == ">=" else moment < value for sign, value in times)


def _with_lines(order: Record, after: int, first: int) -> Record:
    nodes = order["lineItems"]["nodes"]
    if after == 0 and len(nodes) <= first:
        return order
    end = after + first
    info = {"hasNextPage": end < len(nodes), "endCursor": str(min(end, len(nodes)))}
    return {**order, "lineItems": {"nodes": nodes[after:end], "pageInfo": info}}


def _refused(said: str, code: str, spent: Record | None = None, **more: Any) -> Response:
    body: Record = {"errors": [{"message": said, "extensions": {"code": code, **more}}]}
    if spent:
        body["extensions"] = {"cost": spent}
    return _encoded(body)


def _encoded(body: Any) -> Response:
    # A page of 250 orders is half a megabyte: 1 ms here, 10 with the standard library.
    return Response(msgspec.json.encode(body), media_type="application/json")
