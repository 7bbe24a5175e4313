"""How Zoho CRM's lists are asked for, page by page."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import Answer
from aar_platform.sources.api.objects import Ask, Page
from aar_platform.sources.columns import RawColumn

PAGE = 200
# Pages have numbers up to the 2,000th record; behind it only the token of the page before leads on.
LAST_PAGE = 10
# A list must name the fields it wants, 50 at most.
MOST_FIELDS = 50

# Objects whose deletions are asked for → module.
_DELETED_OF = {
    "accounts": "Accounts",
    "contacts": "Contacts",
    "leads": "Leads",
    "deals": "Deals",
    "sales_orders": "Sales_Orders",
    "invoices": "Invoices",
    "campaigns": "Campaigns",
    "cases": "Cases",
}


class _Changed(msgspec.Struct):
    at: datetime = msgspec.field(name="Modified_Time")


class _Info(msgspec.Struct):
    more_records: bool
    next_page_token: str | None = None


class _Listed(msgspec.Struct):
    data: list[_Changed]
    info: _Info


class _Numbered(msgspec.Struct):
    info: _Info


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _read(answer: Answer, kind: type[Any]) -> Any:
    """The parts of an answer that paging needs; BodyUnusable, in Zoho's own words, where it is an
    error that came as a success."""
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except msgspec.DecodeError as error:
        code = answer.get("code")
        said = f"{code}: {answer.get('message')}" if code else str(error)
        raise BodyUnusable(said) from None


def listed(
    module: str, columns: Mapping[str, RawColumn], bounded: bool, **more: str
) -> Callable[[Ask], Page]:
    """Pages of a module in order of change, each from the last change seen, so that a record that
    changes or goes while pages are read hides no other, and no list reaches its limits.

    Only a second with more records than a page is read on by number, and by token behind the
    2,000th. bounded: whether what changed after the window is left to the next pull.
    """
    fields = sorted({column.path.split(".")[0] for column in columns.values()})
    if len(fields) > MOST_FIELDS:
        raise ValueError(f"{module}: {len(fields)} fields, {MOST_FIELDS} at most")
    asked = {
        "fields": ",".join(fields),
        "sort_by": "Modified_Time",
        "sort_order": "asc",
        "per_page": PAGE,
        **more,
    }

    def page(ask: Ask) -> Page:
        since = _stamp(ask.since) if ask.since else None
        at = ask.at or {"since": since, "page": 1, "token": None}
        place = {"page_token": at["token"]} if at["token"] else {"page": at["page"]}
        headers = {"If-Modified-Since": at["since"]} if at["since"] else {}
        answer = ask.api.get(module, {**asked, **place}, headers=headers, may_be_empty=True)
        if answer.status in (204, 304):
            if ask.at:
                raise BodyUnusable(f"{answer.status} where more records had been announced")
            return Page([])
        found = _read(answer, _Listed)
        records, times = answer.records("data"), [one.at for one in found.data]
        if not times:
            if ask.at or found.info.more_records:
                raise BodyUnusable("no records where more had been announced")
            return Page([])
        if times != sorted(times):
            raise BodyUnusable("the records are not in order of their last change, as asked for")
        if bounded and times[-1] > ask.until:
            pairs = zip(records, times, strict=True)
            return Page([one for one, changed in pairs if changed <= ask.until])
        if not found.info.more_records:
            return Page(records)
        return Page(records, _following(at, times, found.info.next_page_token))

    return page


def _following(at: Mapping[str, Any], times: list[datetime], token: str | None) -> dict[str, Any]:
    # A second early: whether the header includes its own second is not documented.
    since = times[-1] - timedelta(seconds=1)
    if times[0] < since:
        return {"since": _stamp(since), "page": 1, "token": None}
    if at["page"] < LAST_PAGE:
        return {**at, "page": at["page"] + 1}
    if not token:
        raise BodyUnusable("more records are announced without a token for the next page")
    return {**at, "page": at["page"] + 1, "token": token}


def deleted(ask: Ask) -> Page:
    """What was deleted, module after module; merged duplicates are among it."""
    modules = [one for name, one in _DELETED_OF.items() if name not in ask.source.leave_out]
    if not modules:
        return Page([])
    at = ask.at or {"module": modules[0], "page": 1}
    headers = {"If-Modified-Since": _stamp(ask.since)} if ask.since else {}
    params = {"type": "all", "page": at["page"], "per_page": PAGE}
    answer = ask.api.get(f"{at['module']}/deleted", params, headers=headers, may_be_empty=True)
    is_empty = answer.status in (204, 304)
    if is_empty and at["page"] > 1:
        raise BodyUnusable(f"{answer.status} where more records had been announced")
    more = not is_empty and _read(answer, _Numbered).info.more_records
    records = [] if is_empty else answer.records("data")
    context = {"module": at["module"]}
    if more:
        if not records:
            raise BodyUnusable("no records where more had been announced")
        return Page(records, {**at, "page": at["page"] + 1}, context)
    following = modules[modules.index(at["module"]) + 1 :]
    return Page(records, {"module": following[0], "page": 1} if following else None, context)


def single(path: str, key: str, **params: str) -> Callable[[Ask], Page]:
    """A list that comes whole."""

    def page(ask: Ask) -> Page:
        answer = ask.api.get(path, params)
        if answer.get(key) is None:
            code = answer.get("code")
            said = f"{code}: {answer.get('message')}" if code else f"it has no '{key}'"
            raise BodyUnusable(said)
        return Page(answer.records(key))

    return page
