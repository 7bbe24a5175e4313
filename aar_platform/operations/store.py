"""The operations database: what people and the platform did, and must outlive the warehouse. How it
is opened, and what is said when that fails; its tables stand in the sibling modules."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import sqlalchemy as sa

# Tables of this database; those of a module are made once that module is in use.
METADATA = sa.MetaData()
# Decisions are written in milliseconds: whoever holds the file longer is stuck.
BUSY_SECONDS = 15
_BUSY = re.compile(r"database (table )?is locked|lock wait timeout|deadlock", re.IGNORECASE)


class OperationsUnavailable(RuntimeError):
    """The operations database cannot be opened or does not answer; the text is one line."""


class Operations:
    """A database that SQLAlchemy reaches, opened for each transaction.

    The URL comes without its password, which may hold any character. What `hidden` lists is told
    in no error.
    """

    def __init__(self, url: str, password: str | None = None, hidden: Iterable[str] = ()) -> None:
        try:
            parsed = sa.make_url(url)
        except (sa.exc.ArgumentError, ValueError):
            raise OperationsUnavailable(
                "operations in aar.yaml: no database URL; write one such as "
                "sqlite:///data/operations.db"
            ) from None
        self._url = parsed if password is None else parsed.set(password=password)
        self._hidden = tuple(hidden)
        self._engine: sa.Engine | None = None

    @property
    def is_new(self) -> bool:
        """Whether it is a file that is not there yet, and will be made at first use."""
        place = self._url.database or ""
        is_file = self._url.get_backend_name() == "sqlite" and not place.startswith("file:")
        return is_file and not Path(place).exists()

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection in a transaction that is committed at the end, undone by an error.

        Raises OperationsUnavailable for whatever the database answers, but IntegrityError as it is.
        """
        if self._engine is None:
            self._engine = self._made()
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.IntegrityError:
            raise
        except sa.exc.SQLAlchemyError as error:
            raise self._unavailable(error) from None

    def _made(self) -> sa.Engine:
        engine = self._configured()
        try:
            try:
                METADATA.create_all(engine)
            except (sa.exc.IntegrityError, sa.exc.OperationalError, sa.exc.ProgrammingError):
                # Another process may have made them since this one looked.
                METADATA.create_all(engine)
        except sa.exc.SQLAlchemyError as error:
            raise self._unavailable(error) from None
        return engine

    def _configured(self) -> sa.Engine:
        if self._url.get_backend_name() == "sqlite":
            return self._sqlite()
        try:
            return sa.create_engine(self._url, poolclass=sa.pool.NullPool)
        except ModuleNotFoundError as error:
            raise OperationsUnavailable(
                f"operations in aar.yaml: the driver of {self._url.drivername} is not installed; "
                f"install the Python package that has the module {error.name}"
            ) from None
        except (sa.exc.ArgumentError, TypeError, ValueError):
            raise OperationsUnavailable(
                f"operations in aar.yaml: no database can be reached as {self._url.drivername}; "
                "correct the URL"
            ) from None

    def _sqlite(self) -> sa.Engine:
        place = self._url.database
        if place in (None, "", ":memory:"):
            raise OperationsUnavailable(
                "operations in aar.yaml: in memory nothing outlives the command; name a file"
            )
        if not place.startswith("file:"):
            try:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise self._cannot(f"its folder cannot be made: {error.strerror}") from None
        engine = sa.create_engine(
            self._url, poolclass=sa.pool.NullPool, connect_args={"timeout": BUSY_SECONDS}
        )
        sa.event.listen(engine, "connect", _write_ahead)
        return engine

    def _unavailable(self, error: sa.exc.SQLAlchemyError) -> OperationsUnavailable:
        said = self._told(error)
        if _BUSY.search(said):
            return self._cannot(f"{said}; another process is writing to it, try again")
        return self._cannot(f"{said}; see whether it is there and may be written to")

    def _cannot(self, why: str) -> OperationsUnavailable:
        is_file = self._url.get_backend_name() == "sqlite" and self._url.database
        name = Path(str(self._url.database)).name if is_file else self._url.get_backend_name()
        text = f"operations in aar.yaml ({name}): {why}"
        for secret in sorted(self._secrets(), key=len, reverse=True):
            text = text.replace(secret, "•••")
        return OperationsUnavailable(text)

    def _told(self, error: sa.exc.SQLAlchemyError) -> str:
        """What the driver says on one line, without the statement and its values."""
        original: Any = getattr(error, "orig", None) or error
        first = original.args[0] if original.args else ""
        # pg8000 gives the fields of PostgreSQL's answer.
        text = str(first.get("M", "")) if isinstance(first, dict) else str(original)
        lines = text.strip().splitlines()
        return re.split(r"\s*\(Background on ", lines[0])[0] if lines else type(error).__name__

    def _secrets(self) -> set[str]:
        plain = {*self._hidden, str(self._url.password or "")}
        plain |= {self._url.render_as_string(hide_password=False)}
        coded = {encode(one) for one in plain for encode in (_quoted, quote_plus)}
        return (plain | coded) - {""}


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _write_ahead(connection: Any, _: object) -> None:
    # Readers go on while somebody writes.
    connection.execute("pragma journal_mode = wal")
