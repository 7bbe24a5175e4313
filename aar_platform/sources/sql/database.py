"""A connection to a database, and what it says when something is wrong, without secrets."""

import contextlib
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from aar_platform.landing.secret import URL_PARAMETER, URL_PASSWORD, SecretText
from aar_platform.sources.api.errors import NotConnected, SourceFailed, told

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
# On a failed query SQLAlchemy may log what the driver says, with values of rows: it is told here.
_LOGGER = "sources"
logging.getLogger(f"sqlalchemy.pool.impl.NullPool.{_LOGGER}").disabled = True
_LOCKED = re.compile(r"database (table )?is locked|lock wait timeout|deadlock", re.IGNORECASE)
_WRONG_QUERY = re.compile(
    r"no such |syntax error|does(n't| not) exist|unknown |ambiguous|invalid (object|column) name",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r".[A-Za-z_][\w.$]*.")


@contextlib.contextmanager
def connected(where: str, url: SecretText) -> "Iterator[sqlalchemy.Connection]":
    """A connection that reads rows as they are fetched; nothing is ever committed.

    Raises SourceFailed, also for whatever the database answers while the connection is used.
    """
    import sqlalchemy

    parsed = _parsed(where, url)
    engine = _engine(where, parsed)
    is_open = False
    try:
        with engine.connect() as connection:
            is_open = True
            yield connection.execution_options(stream_results=True)
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise _failed(where, error, _secrets(url, parsed), is_open) from None
    finally:
        engine.dispose()


def _parsed(where: str, url: SecretText) -> "sqlalchemy.URL":
    """The URL with its secrets; a password may hold any character, it is put in after parsing."""
    import sqlalchemy

    password = URL_PASSWORD.search(url.text)
    rest = url.text
    if password:
        rest = rest[: password.start(1) - 1] + rest[password.end(1) :]
    try:
        parsed = sqlalchemy.make_url(url.with_text(rest).reveal())
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise SourceFailed(
            where, "its url is no database URL", "write one such as postgresql://host/db"
        ) from None
    return parsed.set(password=url.with_text(password[1]).reveal()) if password else parsed


def _engine(where: str, url: "sqlalchemy.URL") -> "sqlalchemy.Engine":
    import sqlalchemy

    backend = url.get_backend_name()
    if backend == "sqlite":
        _require_file(where, url.database)
    try:
        return sqlalchemy.create_engine(
            url, poolclass=sqlalchemy.pool.NullPool, pool_logging_name=_LOGGER
        )
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
    if is_open:
        # What is quoted is a name where something is missing, and else may be a value of a row.
        names = _NAME if _WRONG_QUERY.search(said) else None
        said = _QUOTED.sub(
            lambda quoted: quoted[0] if names and names.fullmatch(quoted[0]) else "•••", said
        )
    if not is_open:
        remedy = "see whether the database is there, and its url, user and password"
        return NotConnected(where, f"the database answered: {told(said, secrets)}", remedy)
    if _LOCKED.search(said):
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


def _secrets(url: SecretText, parsed: "sqlalchemy.URL") -> list[str]:
    """What must not be told: each secret as it stands in the URL and as it is sent, longest
    first."""
    found = {url.with_text(f"${{{name}}}").reveal() for name in url.names}
    whole = parsed.render_as_string(hide_password=False)
    found |= {whole, *URL_PARAMETER.findall(whole)}
    if parsed.password:
        plain = str(parsed.password)
        found |= {plain, quote(plain, safe=""), quote_plus(plain)}
    return sorted(found - {""}, key=len, reverse=True)
