"""How HubSpot is asked: searches by id, what was archived, associations, owners, events."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from aar_platform.sources.api.client import TRIES, Api, Busy
from aar_platform.sources.api.errors import LimitReached
from aar_platform.sources.api.objects import Ask, Page

# The most that a search gives in a page; lists give 100, and associations take 1,000 ids.
SEARCH_PAGE = 200
LIST_PAGE = 100
EVENTS_PAGE = 1000
Pages = Callable[[Ask], Page]


def judge(api: Api, response: httpx.Response) -> None:
    """Tell the calls of a day, which are gone until tomorrow, from those of ten seconds."""
    if response.status_code != 429 or "Retry-After" in response.headers:
        return
    if "DAILY" in response.text:
        why = f"answered 429 {api.told(response.text)}"
        remedy = "run again after midnight in the account's time zone: the pull goes on"
        raise LimitReached(api.where, why, remedy)
    if "TEN_SECONDLY" in response.text:
        raise Busy(f"answered 429 {api.told(response.text)}", 10.0)


def _ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def _is_past(ask: Ask) -> bool:
    """Whether the window ends before now. One up to now stays open: a record that changes while
    pages are read would leave it."""
    return ask.until < datetime.now(UTC) - timedelta(hours=1)


def changed(kind: str, stamp: str, properties: Sequence[str], linked: Sequence[str] = ()) -> Pages:
    """What changed in the window, in the order of ids, each page above the last id: so there is
    no end at 10,000, and a record that changes while pages are read stays where it is.

    stamp: the property of the last change. linked: kinds of records whose associations are asked
    for, one call a page each, and noted beside the records.
    """

    def page(ask: Ask) -> Page:
        last = int(ask.at["last"]) if ask.at else 0
        filters = [{"propertyName": "hs_object_id", "operator": "GT", "value": str(last)}]
        if ask.since is not None:
            filters.append({"propertyName": stamp, "operator": "GTE", "value": _ms(ask.since)})
        if _is_past(ask):
            filters.append({"propertyName": stamp, "operator": "LT", "value": _ms(ask.until)})
        question = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": SEARCH_PAGE,
            "after": 0,
        }
        records, ids, total = _searched(ask, kind, question, last)
        notes: Any = {}
        if linked and ids:
            found = {to: _associated(ask, kind, to, ids) for to in linked}
            notes = [{to: found[to].get(str(one), []) for to in linked} for one in ids]
        return Page(records, {"last": ids[-1]} if total > len(ids) else None, notes)

    return page


def _searched(
    ask: Ask, kind: str, question: Mapping[str, Any], last: int
) -> tuple[list[str], list[int], int]:
    """Records, their ids, and how many there are above `last`. An answer that is out of order, or
    empty where more were counted before, is asked for again: the index lags at times."""
    for attempt in range(TRIES):
        answer = ask.api.post(f"crm/v3/objects/{kind}/search", question)
        records, total = answer.records("results"), int(answer.value("total"))
        ids = [int(record["id"]) for record in answer.value("results")]
        is_ordered = all(one < other for one, other in zip([last, *ids], ids, strict=False))
        if not is_ordered or total < len(ids) or (total > 0 and not ids):
            continue
        # More were counted with the page before; twice in a row, and they are gone indeed.
        if ask.at and not ids and attempt == 0:
            continue
        return records, ids, total
    raise ask.api.unusable("the results are not those above the last id, in order")


def _associated(ask: Ask, kind: str, to: str, ids: Sequence[int]) -> dict[str, list[str]]:
    """By id, the ids of the records of the kind `to` it is associated with, the primary first."""
    answer = ask.api.post(
        f"crm/v4/associations/{kind}/{to}/batch/read",
        {"inputs": [{"id": str(one)} for one in ids]},
    )
    for error in answer.get("errors") or []:
        # Told of every record that has none.
        if error.get("subCategory") != "crm.associations.NO_ASSOCIATIONS_FOUND":
            raise ask.api.unusable(f"associations: {error.get('category')}")
    asked = {str(one) for one in ids}
    found: dict[str, list[str]] = {}
    for result in answer.value("results"):
        if str(result["from"]["id"]) not in asked:
            raise ask.api.unusable("associations of records that were not asked for")
        ends = sorted(result["to"], key=_rank)
        found[str(result["from"]["id"])] = [str(end["toObjectId"]) for end in ends]
    return found


def _rank(end: Mapping[str, Any]) -> tuple[bool, int]:
    labels = {str(one.get("label")).lower() for one in end["associationTypes"]}
    return "primary" not in labels, int(end["toObjectId"])


def archived(kind: str, properties: Sequence[str]) -> Pages:
    """What was archived in the window. The list has no filter: all of it is read, 90 days' worth,
    and what was archived before the window has landed before."""

    def page(ask: Ask) -> Page:
        params = {
            "limit": LIST_PAGE,
            "archived": "true",
            "properties": ",".join(properties),
            **({"after": ask.at} if ask.at else {}),
        }
        answer = ask.api.get(f"crm/v3/objects/{kind}", params)
        texts, listed = answer.records("results"), answer.value("results")
        kept = [
            text
            for text, record in zip(texts, listed, strict=True)
            if _is_within(ask, record.get("archivedAt"))
        ]
        return Page(kept, _after(answer.get("paging", "next", "after"), ask))

    return page


def _is_within(ask: Ask, said: str | None) -> bool:
    if said is None:
        return True
    moment = datetime.fromisoformat(said)
    return (ask.since is None or moment >= ask.since) and not (
        _is_past(ask) and moment >= ask.until
    )


def _after(after: Any, ask: Ask) -> Any:
    if after is not None and after == ask.at:
        raise ask.api.unusable("a page points to itself as the next")
    return after


def listed(path: str, params: Mapping[str, str] | None = None) -> Pages:
    """All records of a list, page after page."""

    def page(ask: Ask) -> Page:
        more = {"after": ask.at} if ask.at else {}
        answer = ask.api.get(path, {"limit": LIST_PAGE, **(params or {}), **more})
        return Page(answer.records("results"), _after(answer.get("paging", "next", "after"), ask))

    return page


def owners(ask: Ask) -> Page:
    """Owners, and then those who have left: their records still name them."""
    at = ask.at or {"archived": "false", "after": None}
    more = {"after": at["after"]} if at["after"] else {}
    params = {"limit": LIST_PAGE, "archived": at["archived"], **more}
    answer = ask.api.get("crm/v3/owners", params)
    after = answer.get("paging", "next", "after")
    going_on = {"archived": at["archived"], "after": after} if after is not None else None
    if going_on is None and at["archived"] == "false":
        going_on = {"archived": "true", "after": None}
    return Page(answer.records("results"), going_on)


def whole(path: str) -> Pages:
    """All records of a list without pages."""

    def page(ask: Ask) -> Page:
        return Page(ask.api.get(path).records("results"))

    return page


def account(ask: Ask) -> Page:
    """The account itself: its currency and time zone."""
    answer = ask.api.get("account-info/v3/details")
    answer.value("portalId")
    return Page([answer.content.decode()])


def email_events(ask: Ask) -> Page:
    """What happened to each e-mail in the window; where to go on is a mark of the system's."""
    params: dict[str, Any] = {"limit": EVENTS_PAGE}
    if ask.since is not None:
        params["startTimestamp"] = _ms(ask.since)
    if _is_past(ask):
        params["endTimestamp"] = _ms(ask.until)
    if ask.at:
        params["offset"] = ask.at
    answer = ask.api.get("email/public/v1/events", params)
    going_on = answer.value("offset") if answer.value("hasMore") else None
    return Page(answer.records("events"), going_on)
