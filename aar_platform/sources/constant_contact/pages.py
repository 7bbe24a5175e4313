"""How Constant Contact is asked: links to the next page, and a campaign's reports one by one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import Answer
from aar_platform.sources.api.objects import Ask, Page

PAGE = 500
# How often contacts may leave the answer while its pages are read before it counts as unreadable.
ROUNDS = 4
# Mail is opened long after it was sent; what happens to a campaign later than this is not asked.
LIVES = timedelta(days=90)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# Report → its count in a campaign's summary; a report without any is not asked for.
REPORTS = ("sends", "opens", "clicks", "bounces", "optouts")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(said: Any) -> datetime:
    try:
        read = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        raise BodyUnusable("a time in it is no time") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _next(answer: Answer) -> str | None:
    """Where the next page is, from the root of the host; None after the last."""
    href: str | None = answer.get("_links", "next", "href")
    return href or None


def linked(path: str, key: str, count: str | None, **params: Any) -> Callable[[Ask], Page]:
    """Pages by links. Where the system counts what there is, as many must come; where the count
    falls, a record has left and others moved up, so that the list is read anew."""

    def page(ask: Ask) -> Page:
        at = ask.at or {"href": None, "came": 0, "total": None, "round": 0}
        if at["href"]:
            answer = ask.api.get(at["href"])
        else:
            answer = ask.api.get(path, {**params, **_window(ask, key), "limit": PAGE})
        records = answer.records(key)
        total = answer.get(count) if count else None
        if total is not None and at["total"] is not None and total < at["total"]:
            if at["round"] == ROUNDS:
                raise ask.api.unusable(f"records left while pages were read, {ROUNDS + 1} times")
            return Page([], {"href": None, "came": 0, "total": None, "round": at["round"] + 1})
        total = at["total"] if total is None else total
        came, href = at["came"] + len(records), _next(answer)
        if href is None and total is not None and came < total:
            raise BodyUnusable(f"{total:,} records are counted and {came:,} came")
        return Page(records, href and {**at, "href": href, "came": came, "total": total})

    return page


def _window(ask: Ask, key: str) -> dict[str, str]:
    if key != "contacts":
        return {}
    until = {"updated_before": _stamp(ask.until + timedelta(seconds=1))}
    return {**until, "updated_after": _stamp(ask.since)} if ask.since else until


def is_alive(summary: Mapping[str, Any], ask: Ask) -> bool:
    """Whether something can have happened to a campaign within the window."""
    if not summary.get("last_sent_date"):
        return False
    sent = _moment(summary["last_sent_date"])
    return ask.since is None or ask.since - LIVES <= sent < ask.until


def events(ask: Ask) -> Page:
    """First which messages a campaign had, then their reports one after the other, newest event
    first, each as far back as the window goes."""
    campaign = ask.parent["campaign_id"]
    if ask.at is None:
        return Page([], _reports(ask, ask.api.get(f"emails/{campaign}")))
    (activity, report), *left = ask.at["left"]
    path = f"reports/email_reports/{activity}/tracking/{report}"
    href = ask.at["href"]
    answer = ask.api.get(href) if href else ask.api.get(path, {"limit": PAGE})
    records, read = answer.records("tracking_activities"), answer.value("tracking_activities")
    since = ask.since or _BEGINNING
    times = [_moment(one.get("created_time")) for one in read]
    kept = [
        record
        for record, time in zip(records, times, strict=True)
        if since <= time and (ask.since is None or time < ask.until)
    ]
    following = _next(answer)
    goes_on = following is not None and (not times or times[-1] >= since)
    going_on: Any = {"left": ask.at["left"], "href": following} if goes_on else None
    if going_on is None and left:
        going_on = {"left": left, "href": None}
    return Page(kept, going_on, {"campaign_id": campaign})


def _reports(ask: Ask, campaign: Answer) -> Any:
    counts = ask.parent.get("unique_counts") or {}
    is_new = ask.since is None or _moment(ask.parent["last_sent_date"]) >= ask.since
    wanted = [
        report
        for report in REPORTS
        # A count that is not told is no count of nothing.
        if counts.get(report) != 0 and (report != "sends" or is_new)
    ]
    # The permalink is a web page, which is not sent.
    sent = [one for one in campaign.value("campaign_activities") if one["role"] != "permalink"]
    left = [[one["campaign_activity_id"], report] for one in sent for report in wanted]
    return {"left": left, "href": None} if left else None
