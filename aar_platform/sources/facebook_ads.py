"""Facebook Ads (Meta): campaigns, and what each cost on each day."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal

import httpx
import ibis
import ibis.expr.types as ir
import msgspec
from pydantic import AfterValidator, StringConstraints

from aar_platform.landing.secret import Secret
from aar_platform.sources.api import client
from aar_platform.sources.api.auth import bearer
from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import Answer, Api, Busy
from aar_platform.sources.api.errors import AccessRefused, RequestRefused
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, text, texts, typed
from aar_platform.sources.mapping import core_rows
from aar_platform.sources.registry import CoreRows, source_kind

PAGE = 500
# Days asked for at once: longer ranges are refused where an account has many campaigns.
DAYS = 31
# Insights reach back 37 months; an earlier beginning is refused.
_OLDEST = timedelta(days=37 * 30)
# From so much of an allowance on, in per cent, calls are made more slowly.
_NEARLY_USED_UP, _SLOW_SECONDS = 90, 30.0

_FIELDS = (
    "account_id,account_currency,campaign_id,campaign_name,objective,date_start,date_stop,spend,"
    "impressions,clicks"
)
_CAMPAIGN_FIELDS = (
    "id,account_id,name,objective,status,effective_status,created_time,updated_time,start_time"
)
# Without this filter, deleted and archived campaigns are left out.
_EVERY_STATUS = ("ACTIVE", "PAUSED", "ARCHIVED", "DELETED", "IN_PROCESS", "WITH_ISSUES")

# Error codes: the system or an allowance is busy; the token is no good; a right is missing.
_LATER = {1, 2, 4, 17, 32, 341, 613, *range(80000, 80015)}
_TOKEN = {102, 190, 463, 467}
_RIGHT = {3, 10, *range(200, 300)}


class _Insight(msgspec.Struct):
    date_start: date
    impressions: int | str = 0


class _Insights(msgspec.Struct):
    data: list[_Insight]


_INSIGHTS = msgspec.json.Decoder(_Insights)


def _insights(ask: Ask) -> Page:
    """A month of days at a time, the newest first, and page after page of each."""
    at = ask.at or {"last": ask.last_day.isoformat(), "after": None, "seen": 0}
    last = date.fromisoformat(at["last"])
    begin = max(ask.first_day, ask.last_day - _OLDEST)
    first = max(begin, last - timedelta(days=DAYS - 1))
    params: dict[str, Any] = {
        "level": "campaign",
        "time_increment": 1,
        "time_range": json.dumps({"since": first.isoformat(), "until": last.isoformat()}),
        "fields": _FIELDS,
        "default_summary": "true",
        "limit": PAGE,
    }
    answer = ask.api.get("insights", params | ({"after": at["after"]} if at["after"] else {}))
    records = answer.records("data")
    try:
        insights = _INSIGHTS.decode(answer.content).data
    except msgspec.DecodeError:
        raise BodyUnusable("a row has no date_start") from None
    days = {one.date_start for one in insights}
    if days and not first <= min(days) <= max(days) <= last:
        raise ask.api.changed(f"rows of {min(days)} came for {first} to {last}")
    # The summary of the first page is what all pages must add up to: figures only grow.
    seen = at["seen"] + sum(int(one.impressions) for one in insights)
    told = at.get("told", answer.get("summary", "impressions") or 0)
    after = _after(answer)
    if after is not None:
        return Page(records, {**at, "after": after, "seen": seen, "told": told})
    if seen < int(told):
        raise ask.api.changed(f"rows with {seen:,} impressions of {int(told):,} came")
    following = first - timedelta(days=1)
    if following < begin:
        return Page(records)
    return Page(records, {"last": following.isoformat(), "after": None, "seen": 0})


def _campaigns(ask: Ask) -> Page:
    status = {"field": "effective_status", "operator": "IN", "value": list(_EVERY_STATUS)}
    params = {"fields": _CAMPAIGN_FIELDS, "filtering": json.dumps([status]), "limit": PAGE}
    answer = ask.api.get("campaigns", params | ({"after": ask.at} if ask.at else {}))
    return Page(answer.records("data"), _after(answer))


def _after(answer: Answer) -> str | None:
    """The cursor of the next page. The link to it is not followed, since it may bear the token."""
    if answer.get("paging", "next") is None:
        return None
    return str(answer.value("paging", "cursors", "after"))


def _judge(api: Api, response: httpx.Response) -> None:
    """Tells errors by their codes, whatever their status; slows down before they come."""
    error = _error(response)
    if error is None:
        if response.status_code < 300 and _used(response) >= _NEARLY_USED_UP:
            client.pause(_SLOW_SECONDS)
        return
    code = error.get("code")
    told = (
        f"answered {response.status_code}, error {code} {api.told(str(error.get('message', '')))}"
    )
    if code in _LATER or error.get("is_transient"):
        raise Busy(told, _regained(response))
    if code in _TOKEN:
        raise AccessRefused(
            api.where,
            f"the credentials were refused ({told})",
            "make a new token and set the source's secret anew",
        )
    if code in _RIGHT:
        raise AccessRefused(
            api.where,
            f"access was refused ({told})",
            "give the token's user the ad account and the right ads_read",
        )
    remedy = "see whether the source's settings are right; if so, its API has changed"
    raise RequestRefused(api.where, told, remedy)


def _error(response: httpx.Response) -> Mapping[str, Any] | None:
    if b'"error"' not in response.content:
        return None
    try:
        body = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        # Whoever reads the answer finds it broken.
        return None
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else None


def _usages(response: httpx.Response) -> Iterator[Mapping[str, Any]]:
    """How far each allowance is used up, as the headers tell."""
    for name in ("x-fb-ads-insights-throttle", "x-ad-account-usage", "x-business-use-case-usage"):
        try:
            said = msgspec.json.decode(response.headers.get(name, "{}"))
        except msgspec.DecodeError:
            continue
        if name == "x-business-use-case-usage":
            yield from (one for listed in said.values() for one in listed)
        else:
            yield said


def _used(response: httpx.Response) -> float:
    """Per cent of the allowance that is used up most."""
    names = ("app_id_util_pct", "acc_id_util_pct", "call_count", "total_cputime", "total_time")
    found = [one.get(name) or 0 for one in _usages(response) for name in names]
    return float(max(found, default=0))


def _regained(response: httpx.Response) -> float | None:
    """Seconds until calls are allowed again."""
    minutes = [one.get("estimated_time_to_regain_access") or 0 for one in _usages(response)]
    seconds = [one.get("reset_time_duration") or 0 for one in _usages(response)]
    longest = max([60 * one for one in minutes] + seconds, default=0)
    return float(longest) or None


def _spend_rows(insights: ir.Table) -> ir.Table:
    return core_rows(
        insights,
        spend_id=insights.campaign_id + "|" + insights.date_start.cast(str),
        day=insights.date_start,
        # As Google Analytics groups the visits that such campaigns bring.
        channel=ibis.literal("paid_social"),
        campaign=insights.campaign_name,
        amount=insights.spend,
        currency=insights.account_currency,
        impressions=insights.impressions,
        clicks=insights.clicks,
    )


def _campaign_rows(campaigns: ir.Table) -> ir.Table:
    # The beginning of 1970 stands for no start at all.
    start = campaigns.start_time
    if not start.type().is_string():
        start = ibis.ifelse(start.year() >= 2000, start, ibis.null(start.type()))
    return core_rows(
        campaigns,
        campaign_id=campaigns.id,
        name=campaigns.name,
        channel=ibis.literal("paid_social"),
        sent_at=start,
        updated_at=campaigns.updated_time,
        is_deleted=(campaigns.effective_status == "DELETED").fill_null(False),
    )


def _account(said: str) -> str:
    number = said.removeprefix("act_")
    if not number.isdigit():
        raise ValueError("must be the number of an ad account, such as act_1234567890")
    return number


@source_kind("facebook_ads")
class FacebookAds(ApiSource):
    """An ad account of Meta (Facebook, Instagram).

    account: its number. token: of a system user, which does not end. version: of the Graph API;
    Meta ends each after about two years.
    """

    TITLE: ClassVar[str] = "Facebook Ads"
    SETUP: ClassVar[str] = (
        "In Meta Business Suite: Settings → Users → System users → add one, assign the ad account "
        "to it with the right to see performance, and generate a token of your app with the scope "
        "ads_read and without an end. account is the ad account's number. The app must not ask "
        "for an app secret with every call."
    )
    LIMITS: ClassVar[str] = (
        "How much of its allowances is used up stands in the answers' headers: from 90 % on, calls "
        "wait for half a minute. Error codes 4, 17, 32, 613 and 80000 to 80014 are waited out for "
        "as long as the answer tells."
    )
    GAPS: ClassVar[str] = (
        "Costs are read by campaign and day; ad sets, ads and actions are not. Insights reach back "
        "37 months. Days are cut in the account's timezone. The last seven days are asked for "
        "again; what Meta corrects later is not seen until those days are asked for again."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("spend", ("insights",), rows=_spend_rows),
        CoreRows("campaigns", ("campaigns",), rows=_campaign_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="insights",
            title="insights of campaigns",
            page=_insights,
            reads="days",
            day="date_start",
            days_again=7,
            key=("campaign_id", "date_start"),
            grain="a campaign on a day",
            scopes="ads_read",
            calls="one per 500 rows, and at least one per 31 days",
            columns={
                **texts("account_id", "account_currency", "campaign_id", "campaign_name"),
                "objective": text("objective"),
                **typed("day", "date_start", "date_stop"),
                "spend": RawColumn("spend", "money"),
                **typed("whole", "impressions", "clicks"),
            },
        ),
        ApiObject(
            name="campaigns",
            title="campaigns",
            page=_campaigns,
            grain="a campaign",
            scopes="ads_read",
            calls="one per 500 campaigns, every time",
            columns={
                **texts("id", "account_id", "name", "objective", "status", "effective_status"),
                **typed("moment", "created_time", "updated_time", "start_time"),
            },
        ),
    )

    kind: Literal["facebook_ads"] = "facebook_ads"
    account: Annotated[str, AfterValidator(_account)]
    token: Secret
    version: Annotated[str, StringConstraints(pattern=r"^v[0-9]+\.0$")] = "v25.0"

    def connect(self, where: str) -> Api:
        """The ad account; the token goes in a header, so that no address bears it."""
        base = self.url or "https://graph.facebook.com"
        auth = bearer(self.token.reveal())
        address = f"{base}/{self.version}/act_{self.account}"
        return Api(where, address, auth, (Limit(10, 1),), _judge)
