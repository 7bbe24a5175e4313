"""Run history in SQLite files, written at the rate of thousands of partitions."""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy


class _Kept(sqlite3.Connection):
    """A connection that is put back for the next one to use where others would close it."""

    free: list["_Kept"]

    def close(self) -> None:
        """Put it back."""
        self.free.append(self)

    def close_for_good(self) -> None:
        """Close the file."""
        super().close()


@contextmanager
def kept_open(home: Path) -> Iterator[None]:
    """Within it the SQLite files under a folder are opened once, and statements compiled once.

    Dagster makes an engine and opens and closes a file for every event, and SQLite writes its log
    back at every last close: two events for each of 730 days took 58 s, and 16 s this way. A
    process that is killed loses nothing; a power cut may cost the history of the last seconds,
    no table.
    """
    prefix = f"{home}{os.sep}"
    free: dict[str, list[_Kept]] = defaultdict(list)
    opened: list[_Kept] = []

    def is_ours(path: str) -> bool:
        return path.startswith(prefix)

    def connect(dialect: Any, _: Any, arguments: list[Any], options: dict[str, Any]) -> Any:
        path = str(arguments[0]) if arguments else ""
        if dialect.name != "sqlite" or not is_ours(path):
            return None
        if free[path]:
            return free[path].pop()
        connection = sqlite3.connect(path, factory=_Kept, **{**options, "check_same_thread": False})
        connection.free = free[path]
        connection.execute("pragma synchronous = normal")
        opened.append(connection)
        return connection

    # An engine per connection would compile every statement anew: they share a dialect, by which
    # SQLAlchemy finds compiled statements again.
    compiled: dict[Any, Any] = {}
    dialects: list[Any] = []

    def begun(connection: sqlalchemy.Connection) -> None:
        if connection.dialect.name == "sqlite" and is_ours(str(connection.engine.url.database)):
            dialects.append(connection.dialect) if not dialects else None
            connection.dialect = dialects[0]
            connection.execution_options(compiled_cache=compiled)

    sqlalchemy.event.listen(sqlalchemy.Engine, "do_connect", connect)
    sqlalchemy.event.listen(sqlalchemy.Engine, "engine_connect", begun)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "engine_connect", begun)
        sqlalchemy.event.remove(sqlalchemy.Engine, "do_connect", connect)
        for connection in opened:
            connection.close_for_good()
