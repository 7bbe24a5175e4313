"""Google Ads as it answers: a query's rows as a stream of batches, int64 as text; tokens for a
refresh token."""

import json
import re
import time
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

CUSTOMER = "2718281828"
DEVELOPER = "sandbox-developer-token"
REFRESH = "1//sandbox-refresh-token"
BATCH = 1000
KINDS = {"paid_search": "SEARCH", "display": "DISPLAY", "social": "DEMAND_GEN"}
_QUERY = re.compile(
    r"SELECT (?P<fields>[a-z0-9_., ]+) FROM campaign"
    r"(?: WHERE segments\.date BETWEEN '(?P<first>[-0-9]{10})' AND '(?P<last>[-0-9]{10})')?"
    r"(?: ORDER BY [a-z0-9_., ]+)?"
)


def _account(currency: str) -> Record:
    return {
        "resourceName": f"customers/{CUSTOMER}",
        "id": CUSTOMER,
        "currencyCode": currency,
        "timeZone": "Europe/Paris",
    }


def campaign(number: int, name: str, channel: str, status: str = "ENABLED") -> Record:
    """A campaign, with an id of its own made from a number."""
    own = str(17_000_000_000 + number)
    return {
        "resourceName": f"customers/{CUSTOMER}/campaigns/{own}",
        "id": own,
        "name": name,
        "status": status,
        "advertisingChannelType": KINDS.get(channel, channel.upper()),
    }


def cost(of: Record, day: str, micros: int, impressions: int, clicks: int, currency: str) -> Record:
    """What a campaign cost on a day."""
    return {
        "customer": _account(currency),
        "campaign": of,
        "metrics": {
            "costMicros": str(micros),
            "impressions": str(impressions),
            "clicks": str(clicks),
        },
        "segments": {"date": day},
    }


def holdings(part: Part) -> dict[str, list[Record]]:
    """The campaigns of the part's spend, and its rows."""
    campaigns: dict[tuple[str, str], Record] = {}
    costs = []
    currency = "USD"
    for one in part.spend.to_dict("records"):
        pair = (one["channel"], one["campaign"])
        if pair not in campaigns:
            campaigns[pair] = campaign(len(campaigns), one["campaign"], one["channel"])
        currency = one["currency"]
        micros = int(one["amount"]) * 10_000
        costs.append(
            cost(campaigns[pair], one["day"], micros, one["impressions"], one["clicks"], currency)
        )
    listed = [{"customer": _account(currency), "campaign": one} for one in campaigns.values()]
    return {"costs": costs, "campaigns": listed}


@dataclass
class GoogleAdsApi(Vendor):
    """One customer's campaigns and costs."""

    KIND: ClassVar[str] = "google_ads"

    token: str = "ya29.ads-0"  # noqa: S105 (opens nothing but the sandbox)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secrets."""
        entry = {
            "name": "google_ads",
            "kind": "google_ads",
            "customer": CUSTOMER,
            "client_id": "sandbox.apps.googleusercontent.com",
            "client_secret": "${GOOGLE_ADS_CLIENT_SECRET}",
            "refresh_token": "${GOOGLE_ADS_REFRESH_TOKEN}",
            "developer_token": "${GOOGLE_ADS_DEVELOPER_TOKEN}",
            "url": url,
        }
        return entry, {
            "GOOGLE_ADS_CLIENT_SECRET": self.secret,
            "GOOGLE_ADS_REFRESH_TOKEN": REFRESH,
            "GOOGLE_ADS_DEVELOPER_TOKEN": DEVELOPER,
        }

    def refusal(self, request: Request) -> Response | None:
        """401 for a token that has ended or a developer token that is none."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            said = "Request had invalid authentication credentials."
            return answer([_error(401, "UNAUTHENTICATED", said)], 401)
        if request.headers.get("developer-token") != DEVELOPER:
            said = "The developer token is not valid."
            return answer([_error(401, "UNAUTHENTICATED", said)], 401)
        return None

    def routes(self) -> list[Route]:
        """The stream and the tokens."""
        return [
            Route("/v{version:int}/customers/{at}/googleAds:searchStream", self._stream,
                  methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
        ]  # fmt: skip

    async def _token(self, request: Request) -> Response:
        form = {key: value[0] for key, value in parse_qs((await request.body()).decode()).items()}
        if (form.get("refresh_token"), form.get("client_secret")) != (REFRESH, self.secret):
            return answer({"error": "invalid_grant", "error_description": "Bad Request"}, 400)
        self.token = f"ya29.ads-{time.monotonic_ns()}"
        return answer({"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})

    async def _stream(self, request: Request) -> Response:
        if request.path_params["at"] != CUSTOMER:
            said = "The caller does not have permission"
            return answer([_error(403, "PERMISSION_DENIED", said)], 403)
        asked = _QUERY.fullmatch(json.loads(await request.body())["query"])
        if asked is None:
            said = "Request contains an invalid argument."
            return answer([_error(400, "INVALID_ARGUMENT", said)], 400)
        if asked["first"]:
            rows = [
                row
                for row in self.kept("costs")
                if asked["first"] <= row["segments"]["date"] <= asked["last"]
            ]
        else:
            rows = self.kept("campaigns")
        mask = ",".join(map(_camel, asked["fields"].split(", ")))
        batches = []
        for at in range(0, max(len(rows), 1), BATCH):
            batch: Record = {"results": rows[at : at + BATCH]} if rows else {}
            batches.append({**batch, "fieldMask": mask, "requestId": "sandbox"})
        return answer(batches)


def _camel(field: str) -> str:
    return re.sub("_([a-z])", lambda found: found[1].upper(), field)


def _error(code: int, status: str, message: str) -> Record:
    return {"error": {"code": code, "message": message, "status": status}}
