"""Databases, by any SQLAlchemy URL: each query is extracted as a whole or, where a column says when
a row last changed, by what has changed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aar_platform.landing.pull import EARLIER, PULLS, Pull, pulled_until
from aar_platform.landing.secret import SecretText
from aar_platform.landing.store import UNPARTITIONED, LandedFile, Landing
from aar_platform.sources.api.windows import Window, window_of
from aar_platform.sources.registry import (
    Calendar,
    CoreRows,
    Extracted,
    Identifier,
    SourceConfig,
    SourceObject,
    source_kind,
)

# Rows become visible late (a transaction that runs long dates them with its beginning), clocks go
# apart, and times without a zone may be of another than was stated: none of that exceeds a day.
OVERLAP = timedelta(days=1)


class SqlTable(BaseModel):
    """A query, or a whole table, and the core table it feeds.

    changed_at: the column that says when a row last changed; with it only what has changed is
    asked for, and rows that are deleted are not noticed.
    """

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(min_length=1)] | None = None
    table: Annotated[str, Field(min_length=1)] | None = None
    into: Identifier
    name: Identifier | None = None
    changed_at: Annotated[str, Field(min_length=1)] | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of_both(self) -> "SqlTable":
        if (self.query is None) == (self.table is None):
            raise ValueError("give either `query` or `table`")
        both = sorted(self.columns.keys() & self.constants.keys())
        if both:
            raise ValueError(f"{', '.join(both)} is both in columns and in constants; keep one")
        return self

    @model_validator(mode="after")
    def _versions_share_an_id(self) -> "SqlTable":
        if self.changed_at is not None:
            # The tables bring Ibis along.
            from aar_platform.tables.catalogue import OWN_ID

            own = OWN_ID.get(self.into)
            if own and own not in self.columns:
                raise ValueError(
                    f"changed_at needs {own} among the columns: by it a changed row replaces the "
                    "former one"
                )
        return self

    @property
    def mapped(self) -> dict[str, str]:
        """Core column → column of the query; the time of change too, where it is not mapped."""
        if self.changed_at is None or "updated_at" in (self.columns | self.constants):
            return self.columns
        return {**self.columns, "updated_at": self.changed_at}

    @property
    def fingerprint(self) -> str:
        """Tells the question from any other; what was pulled with another is pulled anew."""
        told = f"{self.query}\0{self.table}\0{self.changed_at}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class _Pulled:
    """How an object's window is cut; see `windows.window_of`."""

    reads: Literal["changes", "whole"]
    overlap: timedelta = OVERLAP
    days_again: int = 0


@source_kind("sql")
class SqlSource(SourceConfig):
    """A database that is asked with SQL."""

    is_asked: ClassVar[bool] = True

    kind: Literal["sql"] = "sql"
    url: SecretText
    tables: Annotated[list[SqlTable], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_are_unique(self) -> "SqlSource":
        self.named_tables()
        return self

    def named_tables(self) -> dict[str, SqlTable]:
        """Object name → table; a name is the stated one, else that of the core table."""
        named: dict[str, SqlTable] = {}
        for table in self.tables:
            name = table.name or table.into
            if name in named:
                raise ValueError(f"two tables are both called {name}; give one of them a `name`")
            named[name] = table
        return named

    def objects(self) -> list[SourceObject]:
        """One object per query; daily where a column says when a row changed."""
        return [
            SourceObject(name, is_daily=table.changed_at is not None)
            for name, table in self.named_tables().items()
        ]

    def core_rows(self) -> list[CoreRows]:
        """A core table from each query, by the columns that are mapped."""
        return [
            CoreRows(table.into, (name,), table.mapped, table.constants)
            for name, table in self.named_tables().items()
        ]

    def extract(
        self,
        landing: Landing,
        name: str,
        days: Sequence[date] | None,
        calendar: Calendar,
        only_new: bool = False,
    ) -> Extracted:
        """Land all rows of a query, or those that changed; see `window_of`. Raises SourceFailed."""
        from aar_platform.sources.sql import settling
        from aar_platform.sources.sql.answer import land_answer
        from aar_platform.sources.sql.database import connected
        from aar_platform.sources.sql.question import Question

        table = self.named_tables()[name]
        window = self._window(landing, name, days, calendar, only_new)
        zone = self.timezone or calendar.zone
        # A kill may have left an answer that was not taken over.
        pull = Pull(landing, self.name, name, window.question)
        pull.forget()
        where = f"{self.name}.{name}"
        with connected(where, self.url) as connection:
            question = Question(where, connection, table.query, table.table, table.changed_at)
            since, until = window.since, _end(window, calendar)
            change = question.change(ZoneInfo(zone)) if since else None
            told = {"format": "sql", "question": table.fingerprint, **_told(window)}
            answer = land_answer(
                landing,
                (self.name, name, PULLS),
                question,
                question.statement(change, since, until),
                table.mapped,
                told,
                daily_files(landing, self.name, name) if since else (),
            )
        into = settling.Settling(landing, self.name, name, answer)
        if table.changed_at is None:
            changed = [into.replace(None, name)]
        elif since is None:
            today = window.days[-1].isoformat()
            changed = [into.replace(today, EARLIER), *into.empty_others(today)]
        else:
            day = change.day_sql(calendar.zone) if change else None
            changed = into.add(window.days, table.changed_at, day)
        if window.is_open and window.days:
            pull.close(window.until)
        else:
            pull.forget()
        reading = {"file": name, "rows": answer.rows, **_told(window), "format": "sql"}
        return Extracted(answer.rows, sum(changed), [reading])

    def try_out(self, name: str) -> None:
        """Ask for the first rows, and see that the mapped columns are there."""
        from aar_platform.sources.sql.answer import check_columns
        from aar_platform.sources.sql.database import connected
        from aar_platform.sources.sql.question import Question

        table, where = self.named_tables()[name], f"{self.name}.{name}"
        with connected(where, self.url) as connection:
            question = Question(where, connection, table.query, table.table, table.changed_at)
            result = connection.execute(question.statement(None, None, None))
            check_columns(where, list(result.keys()), table.mapped)
            result.fetchmany(1)
            result.close()
            if table.changed_at is not None:
                question.change(ZoneInfo(self.timezone or "UTC"))

    def changed_days(self, landing: Landing, name: str, calendar: Calendar) -> list[date]:
        """The partitions that a pull of what is new fills; see `window_of`."""
        return list(self._window(landing, name, [calendar.today()], calendar, True).days)

    def _window(
        self,
        landing: Landing,
        name: str,
        days: Sequence[date] | None,
        calendar: Calendar,
        only_new: bool,
    ) -> Window:
        table = self.named_tables()[name]
        if table.changed_at is None:
            return window_of(_Pulled("whole"), None, None, calendar, only_new)
        until = pulled_until(landing, self.name, name)
        if any(
            file.reading.get("question") != table.fingerprint
            for file in daily_files(landing, self.name, name)
        ):
            until = None
        wanted = days or [calendar.today()]
        return window_of(_Pulled("changes"), until, wanted, calendar, only_new)


def daily_files(landing: Landing, source: str, name: str) -> list[LandedFile]:
    """The files in all partitions that are days."""
    return [
        file
        for key in landing.partitions(source, name)
        if key != UNPARTITIONED
        for file in landing.partition(source, name, key)
    ]


def _end(window: Window, calendar: Calendar) -> datetime | None:
    """The end to ask for; none where the window goes up to now, which is the database's to say."""
    if not window.days or window.days[-1] >= calendar.today():
        return None
    return window.until


def _told(window: Window) -> dict[str, Any]:
    return {key: value for key, value in window.question.items() if value is not None}
