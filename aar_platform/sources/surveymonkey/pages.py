"""How SurveyMonkey is asked, page by page: responses by their last change, numbered lists that are
checked against the count it states, and the day's calls, which are not overdrawn."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import Answer, Api, Busy
from aar_platform.sources.api.errors import GOES_ON, LimitReached
from aar_platform.sources.api.objects import Ask, Page

# Of responses with their answers; other lists go up to 1,000.
PAGE = 100
LONG_PAGE = 1000
# Contacts are listed as active alone unless each status is asked for.
STATUSES = ("active", "optout", "bounced")
# Times are told to the second, and whether a bound includes its own is not told.
_SECOND = timedelta(seconds=1)
_LEFT = "X-Ratelimit-App-Global-Day-Remaining"
_RESETS = "X-Ratelimit-App-Global-Day-Reset"
_MINUTE_RESETS = "X-Ratelimit-App-Global-Minute-Reset"


class CountedApi(Api):
    """An API that says with each answer how many calls are left of the day, and is asked no more
    when there are none: calls beyond them count as violations, of which few are let pass."""

    _left: float | None = None
    _resets: float | None = None

    def ask(self, method: str, path: str, *, may_be_empty: bool = False, **request: Any) -> Answer:
        """See `Api.ask`; raises LimitReached before the call that would be one too many."""
        if self._left is not None and self._left < 1:
            minutes = round((self._resets or 0) / 60)
            when = f"in {minutes} minutes" if minutes else "after 00:00 UTC"
            raise LimitReached(
                self.where,
                "the day's calls to SurveyMonkey are used up",
                f"run again {when}: {GOES_ON}",
            )
        answer = super().ask(method, path, may_be_empty=may_be_empty, **request)
        self._left = _number(answer.headers.get(_LEFT))
        self._resets = _number(answer.headers.get(_RESETS))
        return answer


def judge(api: Api, response: httpx.Response) -> None:
    """How long to wait, which SurveyMonkey tells in headers of its own, without Retry-After."""
    if response.status_code != 429 or "Retry-After" in response.headers:
        return
    is_day = _number(response.headers.get(_LEFT)) == 0
    wait = _number(response.headers.get(_RESETS if is_day else _MINUTE_RESETS))
    if wait is not None:
        raise Busy(f"answered 429: the {'day' if is_day else 'minute'}'s calls are used up", wait)


def listed(path: str, size: int, **params: Any) -> Callable[[Ask], Page]:
    """Numbered pages of a list that does not belong to another."""

    def page(ask: Ask) -> Page:
        return _numbered(ask, path, size, params, ask.at)

    return page


def details(ask: Ask) -> Page:
    """A survey with its pages and questions."""
    answer = ask.api.get(f"surveys/{ask.parent['id']}/details")
    answer.records("pages")
    return Page([answer.content.decode()])


def response_ids(ask: Ask) -> Page:
    """The ids of a survey's responses, each with how many there are said to be."""
    return _numbered(ask, f"surveys/{ask.parent['id']}/responses", LONG_PAGE, {}, ask.at)


def contacts(ask: Ask) -> Page:
    """Contacts of one status after the other; the status is noted beside each."""
    at = ask.at or {"status": STATUSES[0], "at": None}
    status = at["status"]
    params = {"status": status, "sort_by": "email", "sort_order": "ASC"}
    page = _numbered(ask, "contacts/bulk", PAGE, params, at["at"], {"status": status})
    if page.next is not None:
        return Page(page.records, {"status": status, "at": page.next}, page.context)
    following = STATUSES.index(status) + 1
    is_last = following == len(STATUSES)
    return Page(
        page.records, None if is_last else {"status": STATUSES[following], "at": None}, page.context
    )


def has_responses(survey: Mapping[str, Any], ask: Ask) -> bool:
    """Whether a survey has responses: a draft costs no calls."""
    return bool(survey.get("response_count", 1))


def responses(ask: Ask) -> Page:
    """In order of change, each page from the last change seen, so that a response that changes
    while pages are read is not skipped.

    What an import gives one moment is a list of its own, from `since` up to `end`: it is read by
    page numbers, and anew where a response leaves it meanwhile.
    """
    first = _stamp(ask.since - _SECOND) if ask.since else None
    at = ask.at or {"since": first, "end": None, "page": 1, "total": None}
    params = {"sort_by": "date_modified", "sort_order": "ASC", "page": at["page"]}
    params["end_modified_at"] = at["end"] or _stamp(ask.until + _SECOND)
    if at["since"]:
        params["start_modified_at"] = at["since"]
    path = f"surveys/{ask.parent['id']}/responses/bulk"
    # Of another size than the page before, whose records it may begin with.
    size = PAGE - 1 if at["end"] else PAGE
    answer, records, total, is_last = _page(ask, path, size, params)
    if at["total"] not in (None, total):
        raise ask.api.changed(f"{at['total']:,} responses of one moment became {total:,}")
    if at["end"] and not is_last:
        return Page(records, {**at, "page": at["page"] + 1, "total": total})
    if not records or (is_last and not at["end"]):
        return Page(records)
    changes = [_moment(one.get("date_modified")) for one in answer.value("data")]
    last = max(changes)
    following = {"since": _stamp(last), "end": None, "page": 1, "total": None}
    if at["end"]:
        return Page(records, following)
    if _stamp(last) == at["since"]:
        # The bound lets its own second in, of which everything has come before.
        return Page(records, {**following, "since": _stamp(last + _SECOND)})
    if min(changes) >= last - _SECOND:
        bounds = {"since": _stamp(min(changes) - _SECOND), "end": _stamp(last + _SECOND)}
        return Page(records, {**following, **bounds})
    return Page(records, {**following, "since": _stamp(last - _SECOND)})


def _numbered(
    ask: Ask,
    path: str,
    size: int,
    params: Mapping[str, Any],
    at: Any,
    context: Mapping[str, Any] | None = None,
) -> Page:
    at = at or {"page": 1, "total": None}
    _, records, total, is_last = _page(ask, path, size, {**params, "page": at["page"]})
    if at["total"] not in (None, total):
        raise ask.api.changed(f"{at['total']:,} records became {total:,}")
    following = None if is_last else {"page": at["page"] + 1, "total": total}
    survey = {"survey_id": ask.parent["id"]} if ask.parent else {}
    return Page(records, following, {"total": total, **survey, **(context or {})})


def _page(
    ask: Ask, path: str, size: int, params: Mapping[str, Any]
) -> tuple[Answer, list[str], int, bool]:
    """An answer, its records, how many the system says there are, and whether these are the last.
    Raises where fewer came than it says."""
    answer = ask.api.get(path, {**params, "per_page": size})
    records, total = answer.records("data"), _count(answer, "total")
    given = _count(answer, "per_page")
    come = (params["page"] - 1) * given + len(records)
    if come >= total and not answer.get("links", "next"):
        return answer, records, total, True
    if len(records) < given:
        raise ask.api.unusable(f"it says there are {total:,} records, but only {come:,} came")
    return answer, records, total, False


def _count(answer: Answer, key: str) -> int:
    count = answer.value(key)
    if not isinstance(count, int):
        raise BodyUnusable(f"its '{key}' is no number")
    return count


def _stamp(moment: datetime) -> str:
    """A moment as SurveyMonkey reads it: whole seconds of UTC, without an offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _moment(said: Any) -> datetime:
    try:
        read = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        raise BodyUnusable("a response has no 'date_modified'") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _number(said: str | None) -> float | None:
    try:
        return float(said) if said else None
    except ValueError:
        return None
