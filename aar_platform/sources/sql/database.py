"""A connection to a database, and what it says when something is wrong, without secrets."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from aar_platform.landing.secret import URL_PARAMETER, SecretText
from aar_platform.sources.api.errors import SourceFailed, told

if TYPE_CHECKING:
    import sqlalchemy

# Where the package is not called as the module is.
PACKAGES = {
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
}
DIALECTS = {
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
}
_LOCKED = re.compile(r"database (table )?is locked|lock wait timeout|deadlock", re.IGNORECASE)
_WRONG_QUERY = re.compile(r"no such |syntax error|does not exist|unknown column", re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


@contextlib.contextmanager
def connected(where: str, url: SecretText) -> "Iterator[sqlalchemy.Connection]":
    """A connection that reads rows as they are fetched; nothing is ever committed.

    Raises SourceFailed, also for whatever the database answers while the connection is used.
    """
    import sqlalchemy

    revealed = url.reveal()
    engine = _engine(where, revealed)
    is_open = False
    try:
        with engine.connect() as connection:
            is_open = True
            yield connection.execution_options(stream_results=True)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _failed(where, error, _secrets(url, revealed), is_open) from None
    finally:
        engine.dispose()


def _engine(where: str, revealed: str) -> "sqlalchemy.Engine":
    import sqlalchemy

    try:
        url = sqlalchemy.make_url(revealed)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise SourceFailed(
            where, "its url is no database URL", "write one such as postgresql://host/db"
        ) from None
    backend = url.get_backend_name()
    if backend == "sqlite":
        _require_file(where, url.database)
    try:
        return sqlalchemy.create_engine(url)
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        raise SourceFailed(
            where,
            f"the driver of {url.drivername} is not installed",
            f"install the Python package {PACKAGES.get(module, module)}",
        ) from None
    except sqlalchemy.exc.NoSuchModuleError:
        remedy = "correct the url"
        if backend == "postgres":
            remedy = "write postgresql://"
        elif backend in DIALECTS:
            remedy = f"install the Python package {DIALECTS[backend]}"
        raise SourceFailed(where, f"no database is called {url.drivername}", remedy) from None
    except (sqlalchemy.exc.ArgumentError, TypeError, ValueError):
        raise SourceFailed(
            where, f"its url is none of {backend}", "correct what follows the ?"
        ) from None


def _require_file(where: str, database: str | None) -> None:
    """SQLite would make an empty database where there is none."""
    path = Path((database or "").removeprefix("file:"))
    if not path.is_file():
        raise SourceFailed(
            where, f"there is no database file '{path.name}'", "see whether the path is right"
        )


def _failed(where: str, error: Exception, secrets: list[str], is_open: bool) -> SourceFailed:
    """What the driver says, without the statement and its values, on one line."""
    import sqlalchemy

    original = getattr(error, "orig", None)
    said = _first_line(original if original is not None else error)
    is_named = isinstance(error, sqlalchemy.exc.ProgrammingError | sqlalchemy.exc.OperationalError)
    if original is not None and not is_named:
        # It quotes values of rows; the others quote names of tables and columns.
        said = _QUOTED.sub("•••", said)
    if not is_open:
        remedy = "see whether the database is there, and its url, user and password"
    elif _LOCKED.search(said):
        remedy = "something is writing to it: run again when that is over"
    elif isinstance(error, sqlalchemy.exc.DBAPIError) and not (
        isinstance(error, sqlalchemy.exc.ProgrammingError | sqlalchemy.exc.DataError)
        or _WRONG_QUERY.search(said)
    ):
        remedy = "see whether the database is well, and run again"
    else:
        remedy = "correct the query"
    return SourceFailed(where, f"the database answered: {told(said, secrets)}", remedy)


def _first_line(error: BaseException) -> str:
    """The message itself: what follows on further lines is the statement and values of rows."""
    first: Any = error.args[0] if error.args else ""
    text = str(first.get("M", "")) if isinstance(first, dict) else str(error)
    lines = [line.strip() for line in text.strip().splitlines()] or [type(error).__name__]
    # SQLite appends the value that it cannot read; SQLAlchemy its page of explanations.
    return re.split(r" with text |\s*\(Background on ", lines[0])[0]


def _secrets(url: SecretText, revealed: str) -> list[str]:
    """What must not be told: each secret as it stands in the URL and as it is sent, longest
    first."""
    import sqlalchemy

    parsed = sqlalchemy.make_url(revealed)
    found = {url.with_text(f"${{{name}}}").reveal() for name in url.names} | {revealed}
    found |= set(URL_PARAMETER.findall(revealed))
    if parsed.password:
        plain = str(parsed.password)
        found |= {plain, quote(plain, safe=""), quote_plus(plain)}
    return sorted(found - {""}, key=len, reverse=True)
