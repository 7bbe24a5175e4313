"""How Mailchimp is asked, page by page: offsets that are checked, members by their last change,
and the reports of campaigns that still live."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.objects import Ask, Page

PAGE = 1000
# How often records may move under our feet before a list counts as unreadable.
ROUNDS = 4
# Mailchimp tells times to the second and does not say whether `since` includes its own.
_SECOND = timedelta(seconds=1)
# Mail is opened long after it was sent; older campaigns are asked for where the report says that
# they were opened or clicked again.
LIVES = timedelta(days=90)
_REPORT_LAG = timedelta(days=1)
_LAST_SIGNS = (("opens", "last_open"), ("clicks", "last_click"))
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

Record = Mapping[str, Any]


def stamp(moment: datetime) -> str:
    """A moment as Mailchimp reads it: whole seconds, with an offset."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def moment(said: str) -> datetime:
    """A moment as Mailchimp writes it; BodyUnusable for anything else."""
    try:
        read = datetime.fromisoformat(said)
    except (TypeError, ValueError):
        raise BodyUnusable("a time in it is no time") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def listed(path: str, key: str, **params: Any) -> Callable[[Ask], Page]:
    """Pages of a list that does not belong to another."""

    def page(ask: Ask) -> Page:
        return _page_at_offset(ask, path, key, "id", params)

    return page


def orders(ask: Ask) -> Page:
    """A store's orders: all of them, since they have no cursor."""
    path = f"ecommerce/stores/{ask.parent['id']}/orders"
    return _page_at_offset(ask, path, "orders", "id", {})


def recipients(ask: Ask) -> Page:
    """To whom a campaign was sent; when, is noted beside each."""
    path = f"reports/{ask.parent['id']}/sent-to"
    left_out = {"exclude_fields": "sent_to._links,sent_to.merge_fields,_links"}
    noted = {"sent_at": ask.parent.get("send_time")}
    return _page_at_offset(ask, path, "sent_to", "email_id", left_out, noted)


def activity(ask: Ask) -> Page:
    """What recipients did with a campaign. Those who did nothing are given too and left out."""
    params = {"exclude_fields": "emails._links,_links"}
    if ask.since:
        params["since"] = stamp(ask.since - _SECOND)

    def happened(record: Record) -> bool:
        if not isinstance(record.get("activity"), list):
            raise BodyUnusable("'emails.activity' is no list")
        return any(_is_within(ask, one.get("timestamp")) for one in record["activity"])

    path = f"reports/{ask.parent['id']}/email-activity"
    return _page_at_offset(ask, path, "emails", "email_id", params, keep=happened)


def unsubscribes(ask: Ask) -> Page:
    """Who left with a campaign; the list has no cursor."""
    path = f"reports/{ask.parent['id']}/unsubscribed"
    params = {"exclude_fields": "unsubscribes._links,unsubscribes.merge_fields,_links"}
    return _page_at_offset(
        ask,
        path,
        "unsubscribes",
        "email_id",
        params,
        keep=lambda record: _is_within(ask, record.get("timestamp")),
    )


def was_sent(report: Record, ask: Ask) -> bool:
    """Whether a campaign was sent within the window."""
    if not report.get("emails_sent") or not report.get("send_time"):
        return False
    return (ask.since or _BEGINNING) <= moment(report["send_time"]) < ask.until


def is_alive(report: Record, ask: Ask) -> bool:
    """Whether something can have happened to a campaign within the window."""
    if not report.get("emails_sent") or not report.get("send_time"):
        return False
    sent = moment(report["send_time"])
    if ask.since is None or sent >= ask.until:
        return ask.since is None
    last = [(report.get(of) or {}).get(at) for of, at in _LAST_SIGNS]
    seen = [moment(one) + _REPORT_LAG for one in last if one]
    return max([sent + LIVES, *seen]) >= ask.since


def lost_some(report: Record, ask: Ask) -> bool:
    """Whether somebody can have left with a campaign within the window."""
    return bool(report.get("unsubscribed")) and is_alive(report, ask)


def members(ask: Ask) -> Page:
    """In order of change, each page from the last change seen, so that a member who changes while
    pages are read is not skipped. Archived members are given only where they are asked for.

    An import gives thousands of members one moment: within it, offsets lead on.
    """
    at = ask.at or {"status": None, "since": None, "offset": 0, "last": None, "round": 0}
    since = at["since"] or (stamp(ask.since - _SECOND) if ask.since else None)
    params = {
        "count": PAGE,
        "offset": max(at["offset"] - 1, 0),
        "sort_field": "last_changed",
        "sort_dir": "ASC",
        "before_last_changed": stamp(ask.until + _SECOND),
        "exclude_fields": "members._links,_links",
    }
    if since:
        params["since_last_changed"] = since
    if at["status"]:
        params["status"] = at["status"]
    answer = ask.api.get(f"lists/{ask.parent['id']}/members", params)
    records, read = answer.records("members"), answer.value("members")
    if at["offset"] and (not read or read[0]["id"] != at["last"]):
        return Page([], _once_more(ask, at, {**at, "offset": 0, "last": None}))
    fresh = records[1:] if at["offset"] else records
    offset = at["offset"] + len(fresh)
    if offset >= answer.value("total_items"):
        archived = {"status": "archived", "since": None, "offset": 0, "last": None, "round": 0}
        return Page(fresh, archived if at["status"] is None else None)
    if not fresh:
        raise _too_few(answer.value("total_items"), offset)
    last = read[-1]
    before_last = moment(last["last_changed"]) - _SECOND
    # Only where that leaves the page behind, however Mailchimp reads `since`.
    if moment(read[0]["last_changed"]) < before_last:
        return Page(fresh, {**at, "since": stamp(before_last), "offset": 0, "last": None})
    return Page(fresh, {**at, "since": since, "offset": offset, "last": last["id"]})


def _page_at_offset(
    ask: Ask,
    path: str,
    key: str,
    name: str,
    params: Record,
    context: Record | None = None,
    keep: Callable[[Record], bool] | None = None,
) -> Page:
    """A page that begins with the last record of the one before: where it does not, records have
    moved and the list is read anew. It ends when as many have come as the system counts."""
    at = ask.at or {"offset": 0, "last": None, "round": 0}
    asked = {"count": PAGE, "offset": max(at["offset"] - 1, 0)}
    answer = ask.api.get(path, {"exclude_fields": f"{key}._links,_links", **params, **asked})
    records, read = answer.records(key), answer.value(key)
    total = answer.value("total_items")
    if at["offset"]:
        if not read or read[0][name] != at["last"]:
            return Page([], _once_more(ask, at, {"offset": 0, "last": None}))
        records, read = records[1:], read[1:]
    offset = at["offset"] + len(records)
    going_on = None
    if offset < total:
        if not records:
            raise _too_few(total, offset)
        going_on = {"offset": offset, "last": read[-1][name], "round": at["round"]}
    if keep is not None:
        records = [text for text, record in zip(records, read, strict=True) if keep(record)]
    return Page(records, going_on, context or {})


def _once_more(ask: Ask, at: Record, again: dict[str, Any]) -> dict[str, Any]:
    if at["round"] == ROUNDS:
        raise ask.api.unusable(f"records moved while its pages were read, {ROUNDS + 1} times")
    return {**again, "round": at["round"] + 1}


def _too_few(total: int, came: int) -> BodyUnusable:
    return BodyUnusable(f"{total:,} records are counted and {came:,} came")


def _is_within(ask: Ask, said: Any) -> bool:
    return (ask.since or _BEGINNING) <= moment(said) < ask.until
