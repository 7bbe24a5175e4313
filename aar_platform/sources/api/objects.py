"""What a system's module says of each object it has: how it is asked for, page by page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from aar_platform.sources.api.client import Api
from aar_platform.sources.columns import RawColumn

if TYPE_CHECKING:
    from aar_platform.sources.api.source import ApiSource

Reads = Literal["changes", "days", "whole"]


@dataclass(frozen=True)
class Ask:
    """What a page function is to ask for.

    source: the configured source, with its settings. since, until: the window of last changes,
    aware, in UTC; since None means from the beginning. first_day, last_day: the window in whole
    days of the source's timezone, for objects that report by day. parent: the record, decoded, of
    the object that this one belongs to. at: what the page before said to go on with (`Page.next`);
    None for the first.
    """

    api: Api
    source: "ApiSource"
    since: datetime | None
    until: datetime
    first_day: date
    last_day: date
    parent: Mapping[str, Any] = field(default_factory=dict)
    at: Any = None


@dataclass(frozen=True)
class Page:
    """A page: its records as JSON texts, exactly as received; where to go on (anything JSON can
    hold), None after the last; and what is to be known beside the records but stands outside them:
    one note for all of them, such as a currency of the whole report, or one for each, such as the
    records that it is associated with. noted: what people should know of how the answer was made,
    such as that it is an estimate; told with every extract."""

    records: Sequence[str]
    next: Any = None
    context: Mapping[str, Any] | Sequence[Mapping[str, Any]] = field(default_factory=dict)
    noted: Sequence[str] = ()


@dataclass(frozen=True)
class ApiObject:
    """An object of a system.

    name: as in table names. title: the system's own name for it. page: asks for one page.
    columns: the typed columns of its raw table. reads: `changes` asks for what changed in a window
    (daily partitions, `changed_at` names the raw column of the last change); `days` asks for
    whole days, each replaced by what is said last (`day` is the raw column of the day);
    `whole` asks for everything, so that what is gone is seen to be gone. key: raw columns that name
    a record. overlap: how far a window reaches back before the last, where answers lag.
    days_again: how many past days are asked for again, since the system still corrects them.
    parent: the object whose records this one is asked for, one after the other; only those that
    `of_parent` accepts (given the parent's record and the window). grain: what one record is.
    scopes: the rights that the key needs. calls: how many requests a pull makes, in words.
    """

    name: str
    title: str
    page: Callable[[Ask], Page]
    columns: Mapping[str, RawColumn]
    grain: str
    reads: Reads = "whole"
    key: tuple[str, ...] = ("id",)
    changed_at: str | None = None
    day: str | None = None
    overlap: timedelta = timedelta(0)
    days_again: int = 0
    parent: str | None = None
    of_parent: Callable[[Mapping[str, Any], Ask], bool] | None = None
    scopes: str = ""
    calls: str = ""

    def __post_init__(self) -> None:
        for column in (*self.key, self.changed_at, self.day):
            if column is not None and column not in self.columns:
                raise ValueError(f"{self.name}: no column {column}")
        if (self.reads == "changes") != (self.changed_at is not None):
            raise ValueError(f"{self.name}: changed_at goes with reads='changes'")
        if (self.reads == "days") != (self.day is not None):
            raise ValueError(f"{self.name}: day goes with reads='days'")
