"""Salesforce as it answers: OAuth, queries in SOQL as far as they are asked, answers in parts with
a place to go on, deleted records, an allowance of calls."""

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox import salesforce_records
from aar_platform.sandbox.apis.vendor import Record, Vendor, answer

VERSION = "v62.0"
IDS = salesforce_records.IDS
holdings = salesforce_records.holdings
_SOQL = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))? ORDER BY Id$"
)
_CONDITION = re.compile(r"(?P<field>\w+) (?P<sign>>=|>|<) '?(?P<value>[^' ]+)'?")


@dataclass
class Salesforce(Vendor):
    """All objects by their API names. batch: records a part. used: calls made of the allowance.
    session: the token that is good. multi_currency: whether CurrencyIsoCode is a field. locators:
    places in long answers, by name: the records, the fields and the object asked for."""

    KIND: ClassVar[str] = "salesforce"
    batch: int = 2000
    used: int = 18
    allowance: int = 100_000
    session: str = "00D000000000001!sandbox-session-0001"
    multi_currency: bool = True
    locators: dict[str, tuple[list[Record], list[str], str]] = field(default_factory=dict)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secrets."""
        entry = {"name": "salesforce", "kind": "salesforce", "domain": "orvane", "url": url}
        entry |= {"client_id": "${SALESFORCE_ID}", "client_secret": "${SALESFORCE_SECRET}"}
        secrets = {"SALESFORCE_ID": "sandbox-app-0001", "SALESFORCE_SECRET": self.secret}
        return {**entry, "multi_currency": self.multi_currency}, secrets

    def refusal(self, request: Request) -> Response | None:
        """401 for a token that is none, 403 where the allowance is used up."""
        if request.headers.get("authorization") != f"Bearer {self.session}":
            return _error("INVALID_SESSION_ID", "Session expired or invalid", 401)
        if self.used >= self.allowance:
            return _error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403)
        self.used += 1
        return None

    def routes(self) -> list[Route]:
        """Tokens, queries, and parts of their answers."""
        root = f"/services/data/{VERSION}"
        return [
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route(f"{root}/queryAll", self._query),
            Route(f"{root}/query/{{locator}}", self._part),
        ]

    async def _token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        if form.get("client_secret") != [self.secret]:
            said = "invalid client credentials"
            return answer({"error": "invalid_client", "error_description": said}, 400)
        root = str(request.base_url).rstrip("/")
        return answer(
            {
                "access_token": self.session,
                "signature": "0CmxinZir53Yex7nE0TD",
                "instance_url": root,
                "id": f"{root}/id/00D000000000001/005000000000001",
                "token_type": "Bearer",
                "issued_at": "1767225600000",
            }
        )

    async def _query(self, request: Request) -> Response:
        asked = _SOQL.match(request.query_params.get("q", ""))
        if asked is None:
            return _error("MALFORMED_QUERY", "unexpected token", 400)
        fields = asked["fields"].split(", ")
        if "CurrencyIsoCode" in fields and not self.multi_currency:
            said = f"No such column 'CurrencyIsoCode' on entity '{asked['object']}'."
            return _error("INVALID_FIELD", said, 400)
        found = self.kept(asked["object"])
        for condition in _CONDITION.finditer(asked["where"] or ""):
            found = [row for row in found if _holds(row, condition)]
        found = sorted(found, key=lambda row: str(row["Id"]))
        locator = f"01g{len(self.locators):012d}"
        self.locators[locator] = (found, fields, asked["object"])
        return self._answer(request, locator, 0)

    async def _part(self, request: Request) -> Response:
        locator, _, begin = request.path_params["locator"].rpartition("-")
        if locator not in self.locators:
            return _error("INVALID_QUERY_LOCATOR", "invalid query locator", 400)
        return self._answer(request, locator, int(begin))

    def _answer(self, request: Request, locator: str, begin: int) -> Response:
        found, fields, sobject = self.locators[locator]
        end = begin + self.batch
        body: dict[str, Any] = {"totalSize": len(found), "done": end >= len(found)}
        if end < len(found):
            root = f"{request.scope.get('root_path', '')}/services/data/{VERSION}"
            body["nextRecordsUrl"] = f"{root}/query/{locator}-{end}"
        body["records"] = [_chosen(row, fields, sobject) for row in found[begin:end]]
        usage = f"api-usage={self.used}/{self.allowance}"
        return answer(body, headers={"Sforce-Limit-Info": usage})


def _holds(row: Record, condition: re.Match[str]) -> bool:
    value, than = str(row[condition["field"]]), condition["value"]
    if condition["field"] != "Id":
        # Moments, to the second: they are kept with thousandths and an offset of +0000.
        value, than = value[:19], than[:19]
    sign = condition["sign"]
    return value < than if sign == "<" else value > than or (sign == ">=" and value == than)


def _chosen(row: Record, fields: list[str], sobject: str) -> Record:
    url = f"/services/data/{VERSION}/sobjects/{sobject}/{row['Id']}"
    chosen: Record = {"attributes": {"type": sobject, "url": url}}
    for name in fields:
        parent, dot, inner = name.partition(".")
        if not dot:
            chosen[name] = row.get(name)
        elif row.get(parent) is None:
            chosen[parent] = None
        else:
            chosen.setdefault(parent, {"attributes": {"type": parent}})
            chosen[parent][inner] = row[parent].get(inner)
    return chosen


def _error(code: str, message: str, status: int) -> Response:
    return answer([{"message": message, "errorCode": code}], status)
