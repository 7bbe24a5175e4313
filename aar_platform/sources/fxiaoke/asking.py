"""How Fxiaoke is asked: pages in the order of ids, and what its errors inside a success mean."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import msgspec

from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import Busy
from aar_platform.sources.api.errors import (
    GOES_ON,
    AccessRefused,
    LimitReached,
    RequestRefused,
    told,
)
from aar_platform.sources.api.objects import Ask, Page

PAGE = 100
QUERY = "cgi/crm/v2/data/query"

# Everything is answered with status 200; only errorCode tells what it is worth.
EXPIRED = (20005, 20016)
_SLOWER = (14001, 30004)
_TROUBLED = (-1, -2, 50009)
_USED_UP = (30002, 30003)
_NO_RIGHT = (15003, 20014, 20020, 20021, 20022, 20023)
# One interface takes 100 calls in 20 seconds.
_WINDOW_SECONDS = 20.0


class Reply(msgspec.Struct):
    """What every answer says of itself."""

    errorCode: int | None = None
    errorMessage: str | None = None


def reply_of(response: httpx.Response) -> Reply:
    """What an answer says of itself; nothing where it is not of this kind."""
    try:
        return msgspec.json.decode(response.content, type=Reply)
    except msgspec.DecodeError:
        # No JSON, or none of this kind: the client and the page function say so.
        return Reply()


def judge(where: str, reply: Reply, secrets: tuple[str, ...]) -> None:
    """Raises what an errorCode means; nothing for a success or an answer without one."""
    code = reply.errorCode
    if not code:
        return
    said = told(f"{code} {reply.errorMessage or ''}".strip(), secrets)
    if code in _SLOWER:
        raise Busy(f"answered {said}", _WINDOW_SECONDS)
    if code in _TROUBLED:
        raise Busy(f"answered {said}")
    if code in _USED_UP:
        raise LimitReached(
            where,
            f"the day's calls are used up ({said})",
            f"run again after midnight, or buy calls: {GOES_ON}",
        )
    if code in EXPIRED:
        raise AccessRefused(
            where, f"the token was refused ({said})", "check the credentials of the source"
        )
    if code in _NO_RIGHT:
        raise AccessRefused(
            where,
            f"access was refused ({said})",
            "give the app the right to read this object, or name the object under `leave_out`",
        )
    raise RequestRefused(
        where,
        f"answered {said}",
        "see whether the source's settings are right and the object is in use; if not, name it "
        "under `leave_out`",
    )


def _between(since: datetime, until: datetime) -> dict[str, Any]:
    ends = [str(int(moment.timestamp() * 1000)) for moment in (since, until)]
    return {"field_name": "last_modified_time", "field_values": ends, "operator": "BETWEEN"}


def queried(name: str) -> Callable[[Ask], Page]:
    """Pages in the order of the ids, each from the last id: an offset ends at 10,000, and shifts
    when a record goes."""

    def page(ask: Ask) -> Page:
        at = ask.at or {"after": None, "is_end": False}
        filters = [_between(ask.since, ask.until)] if ask.since else []
        if at["after"]:
            filters.append({"field_name": "_id", "field_values": [at["after"]], "operator": "GT"})
        query = {
            "limit": PAGE,
            "offset": 0,
            "filters": filters,
            "orders": [{"fieldName": "_id", "isAsc": True}],
        }
        asked = {"dataObjectApiName": name, "search_query_info": query}
        answer = ask.api.post(QUERY, {"data": {**asked, "find_explicit_total_num": False}})
        if answer.get("errorCode") != 0:
            raise BodyUnusable("it does not say whether it is a success ('errorCode')")
        context = {"currency": vars(ask.source)["currency"]}
        records = answer.records("data", "dataList")
        ids = [one["_id"] for one in answer.value("data", "dataList")]
        if ids != sorted(ids):
            raise BodyUnusable("the records are not in the order of '_id', as asked for")
        if len(records) == PAGE:
            return Page(records, {"after": ids[-1], "is_end": False}, context)
        # Fewer than a page is the end. In a long pull it is asked for again, so that a page which
        # came short by mistake hides nothing.
        if (ask.at or not ask.since) and (records or not at["is_end"]):
            last = ids[-1] if ids else at["after"]
            return Page(records, {"after": last, "is_end": True}, context)
        return Page(records, None, context)

    return page
