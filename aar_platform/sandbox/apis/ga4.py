"""Google Analytics 4 as it answers: reports by position, paged by offset; a service account whose
signed word is exchanged for tokens."""

import hashlib
import json
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

PROPERTY = "314159265"
CLIENT = "reader@sandbox.iam.gserviceaccount.com"
BY = ("date", "sessionDefaultChannelGroup", "sessionCampaignName")
DIMENSIONS = {"visits": (*BY, "countryId", "deviceCategory"), "ad_costs": BY}
METRICS = {
    "visits": {
        "sessions": "TYPE_INTEGER",
        "screenPageViews": "TYPE_INTEGER",
        "keyEvents": "TYPE_FLOAT",
    },
    "ad_costs": {
        "advertiserAdCost": "TYPE_CURRENCY",
        "advertiserAdImpressions": "TYPE_INTEGER",
        "advertiserAdClicks": "TYPE_INTEGER",
    },
}
GROUPS = {
    "organic": "Organic Search",
    "direct": "Direct",
    "paid_search": "Paid Search",
    "social": "Organic Social",
    "newsletter": "Email",
    "referral": "Referral",
    "display": "Display",
}


@cache
def _key() -> rsa.RSAPrivateKey:
    """The same key in every process, so that a secret written by one opens what another serves."""
    # How far the next prime lies behind the number made from each word.
    p, q = (
        (int.from_bytes(hashlib.shake_256(word).digest(128), "big") | 3 << 1022 | 1) + behind
        for word, behind in ((b"orvane p", 978), (b"orvane q", 338))
    )
    public = rsa.RSAPublicNumbers(65537, p * q)
    d = pow(65537, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    ).private_key()


@cache
def _pem() -> str:
    return (
        _key()
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )


def _row(dimensions: list[str], metrics: list[str]) -> Record:
    return {
        "dimensionValues": [{"value": value} for value in dimensions],
        "metricValues": [{"value": value} for value in metrics],
    }


def holdings(part: Part) -> dict[str, list[Record]]:
    """The reports' rows, each as it is answered, of the part's visits and spend."""
    visits = [
        _row(
            [
                one["day"].replace("-", ""),
                GROUPS[one["channel"]],
                one["campaign"],
                one["country"],
                one["device"],
            ],
            [str(one["sessions"]), str(one["page_views"]), str(one["conversions"])],
        )
        for one in part.visits.to_dict("records")
    ]
    costs = [
        _row(
            [one["day"].replace("-", ""), GROUPS[one["channel"]], one["campaign"]],
            [f"{one['amount'] / 100:.2f}", str(one["impressions"]), str(one["clicks"])],
        )
        for one in part.spend.to_dict("records")
    ]
    return {"visits": visits, "ad_costs": costs}


@dataclass
class GoogleAnalytics4(Vendor):
    """Two reports of one property: visits, and what ads cost.

    rows_at_most: rows that one answer gives, whatever is asked for. metadata: said with each
    report.
    """

    KIND: ClassVar[str] = "ga4"

    rows_at_most: int = 250_000
    metadata: dict[str, Any] = field(
        default_factory=lambda: {"currencyCode": "EUR", "timeZone": "Europe/Paris"}
    )
    token: str = "ya29.sandbox-0"  # noqa: S105 (opens nothing but the sandbox)
    _sorted: dict[str, tuple[list[Record], list[str], list[Record]]] = field(default_factory=dict)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "ga4", "kind": "ga4", "property": PROPERTY, "url": url}
        account = {
            "type": "service_account",
            "private_key_id": "1",
            "private_key": _pem(),
            "client_email": CLIENT,
            "token_uri": f"{url}/token",
        }
        entry["service_account"] = "${GA4_SERVICE_ACCOUNT}"
        return entry, {"GA4_SERVICE_ACCOUNT": json.dumps(account)}

    def refusal(self, request: Request) -> Response | None:
        """401 for a token that was not given out, or has ended."""
        if request.headers.get("authorization") == f"Bearer {self.token}":
            return None
        return _error(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")

    def routes(self) -> list[Route]:
        """The reports and the tokens."""
        return [
            Route("/v1beta/properties/{at}", self._report, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
        ]

    async def _token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        try:
            jwt.decode(
                form["assertion"][0],
                _key().public_key(),
                algorithms=["RS256"],
                audience=str(request.url),
                issuer=CLIENT,
                options={"require": ["exp", "iat", "scope"]},
            )
        except (jwt.PyJWTError, KeyError):
            said = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            return answer(said, 400)
        self.token = f"ya29.sandbox-{time.monotonic_ns()}"
        return answer({"access_token": self.token, "expires_in": 3599, "token_type": "Bearer"})

    async def _report(self, request: Request) -> Response:
        if request.path_params["at"] != f"{PROPERTY}:runReport":
            said = "User does not have sufficient permissions for this property."
            return _error(403, "PERMISSION_DENIED", said)
        asked = json.loads(await request.body())
        by = [one["name"] for one in asked["dimensions"]]
        figures = [one["name"] for one in asked["metrics"]]
        name = "ad_costs" if "advertiserAdCost" in figures else "visits"
        if by != list(DIMENSIONS[name]) or figures != list(METRICS[name]):
            return _error(400, "INVALID_ARGUMENT", "Field is not a valid dimension or metric.")
        days, rows = self._in_order(name)
        (span,) = asked["dateRanges"]
        first = bisect_left(days, span["startDate"].replace("-", ""))
        last = bisect_right(days, span["endDate"].replace("-", ""))
        offset = int(asked.get("offset", 0))
        size = min(int(asked.get("limit", 10_000)), self.rows_at_most)
        body: Record = {
            "dimensionHeaders": [{"name": one} for one in by],
            "metricHeaders": [{"name": one, "type": METRICS[name][one]} for one in figures],
        }
        if last > first:
            body["rows"] = rows[first + offset : min(first + offset + size, last)]
            body["rowCount"] = last - first
        body["metadata"] = self.metadata
        body["kind"] = "analyticsData#runReport"
        return answer(body)

    def _in_order(self, name: str) -> tuple[list[str], list[Record]]:
        """A report's days and rows, sorted by all dimensions."""
        kept = self.kept(name)
        known = self._sorted.get(name)
        if known is None or known[0] is not kept or len(known[2]) != len(kept):
            rows = sorted(kept, key=lambda row: [one["value"] for one in row["dimensionValues"]])
            days = [row["dimensionValues"][0]["value"] for row in rows]
            known = self._sorted[name] = (kept, days, rows)
        return known[1], known[2]


def _error(code: int, status: str, message: str) -> Response:
    return answer({"error": {"code": code, "message": message, "status": status}}, code)
