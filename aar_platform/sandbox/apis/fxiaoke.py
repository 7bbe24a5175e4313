"""Fxiaoke as it answers: every call a POST with an id of its own, every error a success."""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.faults import Faults
from aar_platform.sandbox.apis.fxiaoke_records import IDS, records
from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

__all__ = ["IDS", "Fxiaoke", "holdings"]

PAGE = 100
LAST_OFFSET = 10_000
EA = "orvane"
CORPORATION = "FSCID_00000000000000000000000000000001"


def _said(code: int, message: str) -> Response:
    body = {"traceId": "E-O.sandbox", "errorCode": code, "errorMessage": message}
    return answer(body)


def _faults() -> Faults:
    return Faults(token_paths=("oauth2.0/token", "corpAccessToken/get"))


@dataclass
class Fxiaoke(Vendor):
    """Objects by their API name.

    is_old: whether the token goes in the body, as it formerly did, instead of the headers.
    """

    KIND: ClassVar[str] = "fxiaoke"

    faults: Faults = field(default_factory=_faults)
    is_old: bool = False
    grants: int = 0
    token: str | None = None
    seen: set[str] = field(default_factory=set)
    _sorted: dict[str, tuple[list[str], list[str], list[Record]]] = field(default_factory=dict)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secrets."""
        entry: dict[str, Any] = {"name": "fxiaoke", "kind": "fxiaoke", "url": url}
        entry |= {"app_id": "FSAID_1", "app_secret": "${FXIAOKE_SECRET}"}
        entry |= {"permanent_code": "${FXIAOKE_CODE}"}
        entry |= {"open_user_id": "FSUID_1000"} if self.is_old else {"user_id": "1000"}
        return entry, {"FXIAOKE_SECRET": self.secret, "FXIAOKE_CODE": f"{self.secret}-code"}

    def refusal(self, request: Request) -> Response | None:
        """20016 for a token in the headers that is not the last one given."""
        if self.is_old:
            # The token is in the body, which the query itself looks into.
            return None
        headers = request.headers
        is_ours = headers.get("x-fs-ea") == EA and headers.get("x-fs-userid") == "1000"
        if self.token and is_ours and headers.get("authorization") == f"Bearer {self.token}":
            return None
        return _said(20016, "corpAccessToken不存在或者已经过期")

    def expire(self) -> None:
        """Make the token that was given invalid."""
        self.token = None

    def routes(self) -> list[Route]:
        """Both grants, and the query."""
        return [
            Route("/oauth2.0/token", self._grant, methods=["POST"]),
            Route("/cgi/corpAccessToken/get/V2", self._grant, methods=["POST"]),
            Route("/cgi/crm/v2/data/query", self._query, methods=["POST"]),
        ]

    def _untraced(self, request: Request) -> Response | None:
        trace = request.query_params.get("thirdTraceId")
        if not trace or trace in self.seen:
            return _said(15002, "参数不合法: thirdTraceId")
        self.seen.add(trace)
        return None

    async def _grant(self, request: Request) -> Response:
        body = json.loads(await request.body())
        is_old = "corpAccessToken" in request.url.path
        if body.get("appSecret") != self.secret:
            return _said(20006, "appId或appSecret错误")
        if body.get("permanentCode") != f"{self.secret}-code":
            return _said(20015, "永久授权码错误")
        if not is_old and body.get("grantType") != "app_secret":
            return _said(32000, "参数错误")
        if self.token is None:
            self.grants += 1
            self.token = f"{self.grants:032X}"
        reply: Record = {"errorCode": 0, "errorMessage": "success", "expiresIn": 7200}
        if is_old:
            return answer(reply | {"corpAccessToken": self.token, "corpId": CORPORATION})
        reply |= {"accessToken": self.token, "ea": EA, "openUserId": CORPORATION}
        return answer(reply | {"appId": body["appId"]})

    async def _query(self, request: Request) -> Response:
        untraced = self._untraced(request)
        if untraced is not None:
            return untraced
        body = json.loads(await request.body())
        if self.is_old and (not self.token or body.get("corpAccessToken") != self.token):
            return _said(20016, "corpAccessToken不存在或者已经过期")
        if self.is_old and (body.get("corpId") != CORPORATION or not body.get("currentOpenUserId")):
            return _said(10014, "缺少参数corpId")
        name, query = body["data"]["dataObjectApiName"], body["data"]["search_query_info"]
        limit, offset = query["limit"], query["offset"]
        if limit > PAGE or offset % limit:
            return _said(15002, "参数不合法")
        if offset > LAST_OFFSET:
            return _said(10013, "offset out of range 10000")
        rows, ids = self._in_order(name)
        for one in query["filters"]:
            key, values, operator = one["field_name"], one["field_values"], one["operator"]
            if key == "_id" and operator == "GT":
                rows = rows[bisect_right(ids, values[0]) :]
            elif operator == "BETWEEN":
                first, last = int(values[0]), int(values[1])
                rows = [row for row in rows if first <= row[key] <= last]
            else:
                return _said(15002, "参数不合法: operator")
        order = query["orders"] or [{"fieldName": "create_time", "isAsc": False}]
        if order[0]["fieldName"] != "_id":
            rows = sorted(rows, key=lambda row: row[order[0]["fieldName"]])
        if not order[0]["isAsc"]:
            rows = rows[::-1]
        data = {"dataList": rows[offset : offset + limit], "offset": offset, "limit": limit}
        said = {"traceId": "E-O.sandbox", "errorCode": 0, "errorMessage": "OK"}
        return answer({**said, "errorDescription": "success", "data": {**data, "total": 0}})

    def _in_order(self, name: str) -> tuple[list[Record], list[str]]:
        """An object's records in the order of their ids, sorted again only where they changed."""
        rows = self.kept(name)
        said = [row["_id"] for row in rows]
        known = self._sorted.get(name)
        if known is None or known[0] != said:
            order = sorted(range(len(rows)), key=said.__getitem__)
            known = (said, [said[i] for i in order], [rows[i] for i in order])
            self._sorted[name] = known
        return known[2], known[1]


def holdings(part: Part) -> dict[str, list[Record]]:
    """Fxiaoke's records of a part of the company."""
    return records(part)
