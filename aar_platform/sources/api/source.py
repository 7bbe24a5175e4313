"""What all sources that are asked over HTTP have in common: windows, pages, landing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, ClassVar
from zoneinfo import ZoneInfo

import msgspec
from pydantic import AfterValidator, Field, PrivateAttr, model_validator

from aar_platform.landing.pull import DaysNotAsked, Pull, landed_records, pulled_until
from aar_platform.landing.store import LandedPartition, Landing
from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import TRIES, Api, check_url
from aar_platform.sources.api.errors import AnswerUnusable, PagesDisagree, SourceFailed
from aar_platform.sources.api.limits import Pace
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.windows import Window, window_of
from aar_platform.sources.columns import day_of_record
from aar_platform.sources.registry import (
    Calendar,
    CoreRows,
    Extracted,
    Identifier,
    SourceConfig,
    SourceObject,
)

Url = Annotated[str, AfterValidator(check_url)]


class ApiSource(SourceConfig):
    """A system that is asked over HTTP. A module of the package extends it and says what there is.

    url: the API's address where it is not the system's usual one. leave_out: objects that are not
    pulled, such as those that the key has no right to. refresh_minutes: how often what changed is
    asked for between the nightly pulls; None leaves it at those. allowance: how many times the
    calls that the system usually allows one may make, on a larger plan or beside other programs.
    """

    is_asked: ClassVar[bool] = True

    OBJECTS: ClassVar[tuple[ApiObject, ...]] = ()
    CORE: ClassVar[tuple[CoreRows, ...]] = ()
    # For docs/sources: the system's name; where the key is found and which rights it needs; its
    # limits and how they are kept; what is not had.
    TITLE: ClassVar[str] = ""
    SETUP: ClassVar[str] = ""
    LIMITS: ClassVar[str] = ""
    GAPS: ClassVar[str] = ""

    url: Url | None = None
    leave_out: list[Identifier] = Field(default_factory=list)
    refresh_minutes: Annotated[int, Field(ge=1, le=59)] | None = None
    allowance: Annotated[float, Field(gt=0)] = 1.0

    _pace: Pace | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _leaves_out_what_there_is(self) -> "ApiSource":
        known = [one.name for one in self.OBJECTS]
        for name in self.leave_out:
            if name not in known:
                raise ValueError(f"leave_out: no object is called {name}; there are {known}")
        for one in self.pulled():
            if one.parent and one.parent in self.leave_out:
                raise ValueError(f"leave_out: {one.name} needs {one.parent}; leave out both")
        return self

    def connect(self, where: str) -> Api:
        """The system's API, for requests whose errors say `where`."""
        raise NotImplementedError(f"the source kind {self.kind} does not say how to connect")

    def _connected(self, where: str) -> Api:
        """The system's API; its limits are kept by all objects of the source together."""
        api = self.connect(where)
        if api.limits:
            self._pace = self._pace or api.pace
            api.pace = self._pace
        api.pace.allow(self.allowance)
        return api

    def pulled(self) -> list[ApiObject]:
        """The objects that are pulled: all that are not left out."""
        return [one for one in self.OBJECTS if one.name not in self.leave_out]

    def objects(self) -> list[SourceObject]:
        """The objects that are pulled."""
        return [_as_source_object(one) for one in self.pulled()]

    def left_out(self) -> list[SourceObject]:
        """The objects that are not pulled: to those that are joined with them, they are empty."""
        return [_as_source_object(one) for one in self.OBJECTS if one.name in self.leave_out]

    def core_rows(self) -> list[CoreRows]:
        """The rows of core tables whose first object is pulled."""
        return [rows for rows in self.CORE if rows.of[0] not in self.leave_out]

    def extract(
        self,
        landing: Landing,
        name: str,
        days: Sequence[date] | None,
        calendar: Calendar,
        only_new: bool = False,
    ) -> Extracted:
        """Pull an object: what changed, some days, or everything; see `ApiObject.reads`."""
        one = self._object(name)
        until = pulled_until(landing, self.name, name)
        window = window_of(one, until, days, calendar, only_new)
        pull = Pull(landing, self.name, name, window.question)
        # A pull that was cut off goes on with the window it began with.
        window = window.as_asked_at(pull.asked_at(), calendar.zone)
        api = self._connected(f"{self.name}.{name}")
        try:
            if not pull.progress.is_complete:
                self._pull(landing, one, pull, self._ask(api, window, calendar.zone))
            landed = _settle(one, pull, window, calendar.zone)
        except DaysNotAsked as error:
            pull.restart()
            raise api.unusable(str(error)) from None
        finally:
            api.close()
        rows = pull.progress.records
        told = {"pages": pull.progress.pages, "requests": api.requests, **window.question}
        noted = sorted({note for step in pull.steps for note in step.get("noted", ())})
        if noted:
            told["noted"] = noted
        if window.is_open:
            pull.close(window.until)
        else:
            pull.forget()
        return Extracted(
            rows=rows,
            changed=sum(one.is_changed for one in landed),
            readings=[{"file": name, **told}],
            requests=api.requests,
        )

    def try_out(self, name: str) -> None:
        """Ask for the first page, once; an object that belongs to another is tried out with that
        one."""
        one = self._object(name)
        if one.parent:
            return
        api = self._connected(f"{self.name}.{name}")
        api.tries = 1
        now = datetime.now(UTC)
        window = Window(now - timedelta(days=1), now, (now.date(),), is_open=False, question={})
        try:
            _page(one, self._ask(api, window, "UTC"))
        finally:
            api.close()

    def changed_days(self, landing: Landing, name: str, calendar: Calendar) -> list[date]:
        """The partitions that a pull of what is new fills; see `window_of`."""
        one = self._object(name)
        until = pulled_until(landing, self.name, name)
        return list(window_of(one, until, [calendar.today()], calendar, only_new=True).days)

    def _object(self, name: str) -> ApiObject:
        return next(one for one in self.OBJECTS if one.name == name)

    def _ask(self, api: Api, window: Window, zone: str) -> Ask:
        today = window.until.astimezone(ZoneInfo(zone)).date()
        return Ask(
            api=api,
            source=self,
            since=window.since,
            until=window.until,
            first_day=window.first_day if window.days else today,
            last_day=window.days[-1] if window.days else today,
        )

    def _pull(self, landing: Landing, one: ApiObject, pull: Pull, ask: Ask) -> None:
        """Ask for all pages, anew where they turn out not to be of one list."""
        for attempt in range(TRIES):
            try:
                return self._pull_pages(landing, one, pull, ask)
            except PagesDisagree:
                pull.restart()
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _pull_pages(self, landing: Landing, one: ApiObject, pull: Pull, ask: Ask) -> None:
        """Ask page after page until the last, going on where an earlier try stopped."""
        parents = self._parents(landing, one, ask)
        done = {step["parent"] for step in pull.steps if step["at"] is None}
        last = pull.steps[-1] if pull.steps else {"parent": None, "at": None}
        left = [parent for parent in parents if parent not in done]
        seen: set[str] = set()
        for parent in left:
            at = last["at"] if last["parent"] == parent else None
            before: Page | None = None
            while True:
                page = _other_page(one, replace(ask, parent=parents[parent], at=at), before)
                mark = msgspec.json.encode([parent, page.next]).decode()
                if page.next is not None and mark in seen:
                    raise _same_again(ask.api)
                seen.add(mark)
                step = {"parent": parent, "at": page.next}
                if page.noted:
                    step["noted"] = list(page.noted)
                pull.add(page.records, page.context, step)
                if page.next is None:
                    break
                at, before = page.next, page
        pull.complete()

    def _parents(self, landing: Landing, one: ApiObject, ask: Ask) -> dict[str, Mapping[str, Any]]:
        """The records that an object is asked for one after the other, by their key; a single one
        without content where the object stands for itself."""
        if one.parent is None:
            return {"": {}}
        parent = self._object(one.parent)
        if pulled_until(landing, self.name, one.parent) is None:
            raise SourceFailed(
                ask.api.where,
                f"it is asked for one by one of {parent.name}, which have not been pulled",
                f"extract {self.name}.{parent.name} first",
            )
        path = parent.columns[parent.key[0]].path.split(".")
        found: dict[str, Mapping[str, Any]] = {}
        for record in landed_records(landing, self.name, one.parent):
            value: Any = record
            for key in path:
                value = value[key]
            found[str(value)] = record
        wanted = one.of_parent or (lambda record, ask: True)
        return {key: record for key, record in found.items() if wanted(record, ask)}


def _other_page(one: ApiObject, ask: Ask, before: Page | None) -> Page:
    """A page that is not the one before: a system that gives one twice is asked again."""
    for _ in range(TRIES):
        page = _page(one, ask)
        if before is None or not page.records or page.records != before.records:
            return page
    raise _same_again(ask.api)


def _same_again(api: Api) -> AnswerUnusable:
    return AnswerUnusable(
        api.where,
        "the system gives the same page again and again",
        "run again later; if it stays so, its API has changed",
    )


def _as_source_object(one: ApiObject) -> SourceObject:
    return SourceObject(
        one.name,
        is_daily=one.reads != "whole",
        after=(one.parent,) if one.parent else (),
        columns=one.columns,
        key=one.key,
        changed_at=one.changed_at,
        day=one.day,
    )


def _page(one: ApiObject, ask: Ask) -> Page:
    try:
        return one.page(ask)
    except BodyUnusable as error:
        raise ask.api.unusable(str(error)) from None


def _settle(one: ApiObject, pull: Pull, window: Window, zone: str) -> list[LandedPartition]:
    if one.reads == "whole":
        return [pull.settle_whole()]
    column = one.changed_at or one.day or ""
    day_sql = day_of_record(one.columns[column], zone)
    if one.reads == "days":
        return pull.settle_days(window.days, day_sql, is_everything=window.begin is not None)
    since = window.since.astimezone(ZoneInfo(zone)).date() if window.since else None
    return pull.settle_changes(window.days, day_sql, since)
