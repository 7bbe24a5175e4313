"""How Salesforce is asked: tokens and where they lead to, queries and their pages, refusals."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import httpx

from aar_platform.sources.api.auth import Token, put_bearer
from aar_platform.sources.api.client import Answer, Api, Busy, check_url
from aar_platform.sources.api.errors import GOES_ON, LimitReached, SourceFailed
from aar_platform.sources.api.objects import Ask, Page

if TYPE_CHECKING:
    from aar_platform.sources.salesforce.config import Salesforce

VERSION = "v62.0"
# Others of the company's programs share its calls of a day: the last twentieth is left to them.
SHARE_OF_CALLS = 0.95
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")


class LocatorGone(SourceFailed):
    """The place in a long answer is no longer kept: after two days, or for newer questions."""


def signed_on(sign_in: str, grant: Mapping[str, str], follow: bool) -> Token:
    """Tokens from an address that asks for sign-in.

    grant: the form fields. follow: whether requests go to the `instance_url` of the reply, which
    must be https or this machine; else they stay where they were sent.
    """
    instance: list[httpx.URL] = []

    def ask() -> httpx.Request:
        headers = {"Accept": "application/json"}
        url = f"{sign_in}/services/oauth2/token"
        return httpx.Request("POST", url, data=dict(grant), headers=headers)

    def read(reply: Mapping[str, Any]) -> tuple[str, float | None]:
        # Raises ValueError for an address that secrets must not be sent to.
        instance[:] = [httpx.URL(check_url(reply["instance_url"]))]
        # How long the session lives is not said: a refusal renews it.
        return str(reply["access_token"]), None

    def put(request: httpx.Request, token: str) -> None:
        put_bearer(request, token)
        if follow and instance:
            there = instance[0]
            request.url = request.url.copy_with(
                scheme=there.scheme, host=there.host, port=there.port
            )
            request.headers["Host"] = there.netloc.decode()

    secrets = tuple(v for k, v in grant.items() if k in ("client_secret", "refresh_token"))
    return Token(ask, read, put, secrets)


def judge(api: Api, response: httpx.Response) -> None:
    """Tell a used-up allowance and a question that took too long from other refusals."""
    usage = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
    if usage and int(usage[1]) >= SHARE_OF_CALLS * int(usage[2]):
        raise _used_up(api, f"{int(usage[1]):,} of {int(usage[2]):,} calls of a day are used")
    if response.status_code < 400:
        return
    said = response.text
    if "REQUEST_LIMIT_EXCEEDED" in said:
        # Of calls at one time or of a day: the first is over in seconds.
        if "oncurrent" in said:
            raise Busy(f"answered {response.status_code} {api.told(said)}")
        raise _used_up(api, f"answered {response.status_code} {api.told(said)}")
    if "QUERY_TIMEOUT" in said:
        raise Busy(f"answered {response.status_code} {api.told(said)}")
    if "INVALID_QUERY_LOCATOR" in said:
        raise LocatorGone(api.where, "the place in the answer is gone", "it is asked for anew")


def _used_up(api: Api, why: str) -> LimitReached:
    return LimitReached(
        api.where,
        why,
        f"calls are counted over 24 hours; run again later: {GOES_ON}",
    )


def stamp(moment: datetime) -> str:
    """A moment as SOQL writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def records_of(sobject: str, fields: tuple[str, ...], has_money: bool) -> Any:
    """Pages of an object's records, deleted ones too, in the order of their ids.

    An answer goes on at its `nextRecordsUrl`. Where that place is gone or the count falls short,
    the question is put anew for what stands above the last id, which never changes.
    """

    def page(ask: Ask) -> Page:
        source = cast("Salesforce", ask.source)
        at = ask.at or {"last": None, "next": None, "left": None}
        answer = _gone_on(ask, at)
        if answer is None:
            soql = _soql(ask, sobject, fields, has_money, at["last"])
            answer = ask.api.get("queryAll", {"q": soql})
            at = {**at, "left": int(answer.value("totalSize"))}
        records = answer.records("records")
        context = {"currency": source.currency} if has_money and source.currency else {}
        if answer.value("done"):
            if len(records) != at["left"]:
                raise ask.api.unusable(
                    f"the system counts {at['left']:,} records left and gives {len(records):,}"
                )
            return Page(records, None, context)
        if not records:
            raise ask.api.unusable("a page without records that is not the last")
        going_on = {
            "last": answer.value("records")[-1]["Id"],
            "next": answer.value("nextRecordsUrl"),
            "left": at["left"] - len(records),
        }
        return Page(records, going_on, context)

    return page


def _gone_on(ask: Ask, at: Mapping[str, Any]) -> Answer | None:
    """The next part of a long answer; None where it must be asked for by the last id."""
    if at["next"] is None:
        return None
    try:
        answer = ask.api.get(at["next"])
    except LocatorGone:
        return None
    count = len(answer.records("records"))
    is_whole = count == at["left"] if answer.value("done") else 0 < count < at["left"]
    return answer if is_whole else None


def _soql(
    ask: Ask, sobject: str, fields: tuple[str, ...], has_money: bool, above: str | None
) -> str:
    source = cast("Salesforce", ask.source)
    more = list(source.fields.get(sobject, []))
    more += source.external_ids.values() if sobject == "Contact" else []
    currency = ["CurrencyIsoCode"] if has_money and source.multi_currency else []
    wanted = list(dict.fromkeys([*fields, *currency, *more]))
    conditions = []
    if ask.since is not None:
        conditions.append(f"SystemModstamp >= {stamp(ask.since)}")
    # A window up to now stays open: a record that changes while pages are read would leave it.
    if ask.until < datetime.now(UTC) - timedelta(hours=1):
        conditions.append(f"SystemModstamp < {stamp(ask.until)}")
    if above is not None:
        conditions.append(f"Id > '{above}'")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(wanted)} FROM {sobject}{where} ORDER BY Id"
