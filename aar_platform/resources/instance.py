"""The Dagster instance: where runs, events and check results are kept, for the UI to show."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import sqlalchemy

from aar_platform.settings.loading import Settings

DAGSTER_YAML = Path(__file__).parents[1] / "dagster.yaml"


def dagster_home(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path:
    """DAGSTER_HOME, else the folder `dagster` beside the landing."""
    stated = environment.get("DAGSTER_HOME")
    return Path(stated) if stated else settings.landing.parent / "dagster"


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of a folder, made with the platform's dagster.yaml where there is none yet."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(DAGSTER_YAML, home / "dagster.yaml")
    with (
        _kept_open(home.absolute()),
        dg.DagsterInstance.from_config(str(home.absolute())) as instance,
    ):
        yield instance


@contextmanager
def _kept_open(home: Path) -> Iterator[None]:
    """Keep the SQLite files of the run history open while events are written to them.

    Dagster opens and closes a file several times per event, and SQLite writes its log back at
    every last close: two events for each of 730 days took 58 s, and 31 s this way. A process that
    is killed loses nothing; a power cut may cost the history of the last seconds, no table.
    """
    kept: dict[str, sqlite3.Connection] = {}

    def connected(connection: Any, _: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        path = str(connection.execute("pragma database_list").fetchone()[2])
        if not Path(path).is_relative_to(home):
            return
        connection.execute("pragma synchronous = normal")
        if path not in kept:
            kept[path] = sqlite3.connect(path, check_same_thread=False)
            kept[path].execute("pragma schema_version").fetchone()

    # Dagster makes an engine per connection, so no statement would be compiled only once: they
    # share a dialect, by which SQLAlchemy finds compiled statements again.
    compiled: dict[Any, Any] = {}
    dialects: list[Any] = []

    def begun(connection: sqlalchemy.Connection) -> None:
        if connection.dialect.name == "sqlite" and is_ours(str(connection.engine.url.database)):
            dialects.append(connection.dialect) if not dialects else None
            connection.dialect = dialects[0]
            connection.execution_options(compiled_cache=compiled)

    def is_ours(path: str) -> bool:
        return Path(path).is_relative_to(home)

    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", connected)
    sqlalchemy.event.listen(sqlalchemy.Engine, "engine_connect", begun)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "engine_connect", begun)
        sqlalchemy.event.remove(sqlalchemy.Engine, "connect", connected)
        for connection in kept.values():
            connection.close()
