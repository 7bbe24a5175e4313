"""Facebook's Graph API as it answers for an ad account: insights and campaigns, paged by cursors,
with the token in the links; errors as numbers."""

import base64
import json
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

ACCOUNT = "161803398874989"
OBJECTIVES = {"social": "OUTCOME_AWARENESS", "display": "OUTCOME_SALES"}


def campaign(number: int, name: str, channel: str, status: str = "ACTIVE") -> Record:
    """A campaign, with an id of its own made from a number."""
    return {
        "id": str(23_850_000_000_000_000 + number),
        "account_id": ACCOUNT,
        "name": name,
        "objective": OBJECTIVES.get(channel, "OUTCOME_TRAFFIC"),
        "status": status,
        "effective_status": status,
        "created_time": "2023-11-20T09:00:00+0100",
        "updated_time": "2023-11-28T12:30:00+0100",
        "start_time": "2023-12-01T00:00:00+0100",
    }


def insight(
    of: Record, day: str, spend: str, impressions: int, clicks: int, currency: str
) -> Record:
    """What a campaign cost on a day."""
    return {
        "account_id": ACCOUNT,
        "account_currency": currency,
        "campaign_id": of["id"],
        "campaign_name": of["name"],
        "objective": of["objective"],
        "date_start": day,
        "date_stop": day,
        "spend": spend,
        "impressions": str(impressions),
        "clicks": str(clicks),
    }


def holdings(part: Part) -> dict[str, list[Record]]:
    """The campaigns of the part's spend, and its rows."""
    campaigns: dict[tuple[str, str], Record] = {}
    insights = []
    for one in part.spend.to_dict("records"):
        pair = (one["channel"], one["campaign"])
        if pair not in campaigns:
            campaigns[pair] = campaign(len(campaigns), one["campaign"], one["channel"])
        spend = f"{int(one['amount']) // 100}.{int(one['amount']) % 100:02d}"
        insights.append(
            insight(
                campaigns[pair],
                one["day"],
                spend,
                one["impressions"],
                one["clicks"],
                one["currency"],
            )
        )
    return {"insights": insights, "campaigns": list(campaigns.values())}


class FacebookAdsApi(Vendor):
    """One ad account."""

    KIND: ClassVar[str] = "facebook_ads"

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "facebook_ads", "kind": "facebook_ads", "account": f"act_{ACCOUNT}"}
        return entry | {"token": "${FACEBOOK_TOKEN}", "url": url}, {"FACEBOOK_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """Error 190, with status 400, for a token that is none."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if (given or request.query_params.get("access_token")) == self.secret:
            return None
        return _error(190, "Invalid OAuth access token - Cannot parse access token", 400)

    def routes(self) -> list[Route]:
        """The two edges of the account."""
        at = f"/{{version}}/act_{ACCOUNT}"
        return [Route(f"{at}/insights", self._insights), Route(f"{at}/campaigns", self._campaigns)]

    async def _insights(self, request: Request) -> Response:
        query = request.query_params
        if query.get("level") != "campaign" or query.get("time_increment") != "1":
            return _error(100, "(#100) Invalid parameter", 400)
        span = json.loads(query["time_range"])
        rows = [
            row
            for row in self.kept("insights")
            if span["since"] <= row["date_start"] <= span["until"]
        ]
        total = str(sum(int(row["impressions"]) for row in rows))
        summary = {"impressions": total} if query.get("default_summary") == "true" else None
        return self._page(request, rows, summary)

    async def _campaigns(self, request: Request) -> Response:
        wanted = ("ACTIVE", "PAUSED")
        for one in json.loads(request.query_params.get("filtering", "[]")):
            wanted = one["value"] if one["field"] == "effective_status" else wanted
        rows = [row for row in self.kept("campaigns") if row["effective_status"] in wanted]
        return self._page(request, rows)

    def _page(self, request: Request, rows: list[Record], summary: Any = None) -> Response:
        query = request.query_params
        size = min(int(query.get("limit", 25)), 500)
        start = int(base64.b64decode(query["after"])) if "after" in query else 0
        names = query.get("fields", "id").split(",")
        end = start + size
        data = [{name: row[name] for name in names if name in row} for row in rows[start:end]]
        body: Record = {"data": data}
        if data:
            cursors = {"before": _cursor(start), "after": _cursor(min(end, len(rows)))}
            body["paging"] = {"cursors": cursors}
            if end < len(rows):
                again = {**query, "after": cursors["after"], "access_token": self.secret}
                body["paging"]["next"] = f"{request.url.replace(query='')}?{urlencode(again)}"
        if summary is not None:
            body["summary"] = summary
        return answer(body)


def _cursor(at: int) -> str:
    return base64.b64encode(str(at).encode()).decode()


def _error(code: int, message: str, status: int) -> Response:
    said = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "A0"}
    return answer({"error": said}, status)
