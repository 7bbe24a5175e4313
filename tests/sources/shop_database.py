"""A SQLite database of a shop, the source that asks it, and what of it has landed."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from aar_platform.landing.store import Landing
from aar_platform.sources.registry import Extracted
from aar_platform.sources.sql.config import SqlSource
from tests.sources.pulling import CALENDAR

PASSWORD = "p@ss/w:rd 7%40"


@dataclass
class Shop:
    """A SQLite database, the source that asks it, and the landing."""

    folder: Path
    landing: Landing

    @property
    def path(self) -> Path:
        return self.folder / "shop.db"

    def execute(self, sql: str, rows: list[Any] | None = None) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            if rows is None:
                connection.executescript(sql)
            else:
                connection.executemany(sql, rows)
            connection.commit()

    def source(self, **table: Any) -> SqlSource:
        columns = {"contact_id": "id", "full_name": "name"}
        return source_of(f"sqlite:///{self.path}", **{"columns": columns, **table})

    def pull(
        self, days: list[date] | None = None, only_new: bool = True, **table: Any
    ) -> Extracted:
        source = self.source(**table)
        if table.get("changed_at"):
            days = days or source.changed_days(self.landing, "contacts", CALENDAR)
        return source.extract(self.landing, "contacts", days, CALENDAR, only_new)

    def keys(self) -> list[str]:
        return self.landing.partitions("shop", "contacts")

    def files(self) -> list[tuple[str, Any]]:
        return [
            (key, file)
            for key in self.keys()
            for file in self.landing.partition("shop", "contacts", key)
        ]

    def landed(self) -> list[dict[str, Any]]:
        """All rows that have landed, with their partition."""
        import duckdb

        rows = []
        for key, file in self.files():
            path = self.landing.parquet_path("shop", "contacts", key, file)
            rows += (
                duckdb.sql(f"select *, '{key}' as day from '{path}'").to_arrow_table().to_pylist()
            )
        return rows


def source_of(url: str, **table: Any) -> SqlSource:
    entry = {"name": "shop", "kind": "sql", "url": url, "tables": [{"into": "contacts", **table}]}
    context = {"environment": {"DB_PASSWORD": PASSWORD}}
    return SqlSource.model_validate(entry, context=context)


def ago(days: float = 0, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment in the zone of the calendar."""
    moment = datetime.now(UTC) - timedelta(days=days)
    return moment.astimezone(ZoneInfo(CALENDAR.zone)).strftime(form)


def day_of(days: float) -> date:
    return date.fromisoformat(ago(days)[:10])


PEOPLE = {"table": "people"}
CHANGED = {"table": "people", "changed_at": "at"}
