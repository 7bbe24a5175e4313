"""Databases, by any SQLAlchemy URL: each query is extracted as a whole, with its types."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from aar_platform.landing.secret import SecretText
from aar_platform.landing.store import Arrival, Landing
from aar_platform.sources.api.errors import SourceFailed, told
from aar_platform.sources.registry import (
    Calendar,
    CoreRows,
    Extracted,
    Identifier,
    SourceConfig,
    SourceObject,
    source_kind,
)

if TYPE_CHECKING:
    import pyarrow
    import sqlalchemy

BATCH = 20_000
# Wide enough for money of any currency; a value with more decimals is refused, never rounded.
_DECIMAL = (38, 10)


class SqlTable(BaseModel):
    """A query, or a whole table, and the core table it feeds."""

    model_config = ConfigDict(extra="forbid")

    query: Annotated[str, Field(min_length=1)] | None = None
    table: Annotated[str, Field(min_length=1)] | None = None
    into: Identifier
    name: Identifier | None = None
    columns: dict[str, str] = Field(default_factory=dict)
    constants: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_of_both(self) -> "SqlTable":
        if (self.query is None) == (self.table is None):
            raise ValueError("give either `query` or `table`")
        return self


@source_kind("sql")
class SqlSource(SourceConfig):
    """A database that is asked with SQL."""

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
        """One object per query."""
        return [SourceObject(name) for name in self.named_tables()]

    def core_rows(self) -> list[CoreRows]:
        """A core table from each query, by the columns that are mapped."""
        return [
            CoreRows(table.into, (name,), table.columns, table.constants)
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
        """Land all rows of a query. Raises SourceFailed."""
        # A query has no fingerprint before it is answered: what it returns counts as new.
        moment = datetime.now().isoformat()
        landed = landing.land(self.name, name, None, [Arrival(name, moment, self._opener(name))])
        return Extracted(landed.rows, int(landed.is_changed), [{"file": name, "rows": landed.rows}])

    def try_out(self, name: str) -> None:
        """Ask for the first rows, and see that the mapped columns are there."""
        reader, _ = self._opener(name, limit=1)()
        for _ in reader:
            pass
        for core, column in self.named_tables()[name].columns.items():
            if column not in reader.schema.names:
                raise SourceFailed(
                    f"{self.name}.{name}",
                    f"the query gives no column '{column}', which is mapped to {core}",
                    f"it gives {', '.join(reader.schema.names)}",
                )

    def changed_days(self, landing: Landing, name: str, calendar: Calendar) -> list[date]:
        """None: a query is not daily."""
        return []

    def _opener(
        self, name: str, limit: int | None = None
    ) -> "Callable[[], tuple[pyarrow.RecordBatchReader, Callable[[], dict[str, Any]]]]":
        def open_it() -> "tuple[pyarrow.RecordBatchReader, Callable[[], dict[str, Any]]]":
            where = f"{self.name}.{name}"
            return _Answer(where, self.url.reveal()).batches(self.named_tables()[name], limit)

        return open_it


class _Answer:
    """The rows that a database gives, as Arrow batches."""

    def __init__(self, where: str, url: str) -> None:
        self.where, self.url = where, url
        self._read = 0

    def batches(
        self, table: SqlTable, limit: int | None
    ) -> "tuple[pyarrow.RecordBatchReader, Callable[[], dict[str, Any]]]":
        """The batches, read while they are asked for, and what to tell of them afterwards."""
        import pyarrow
        import sqlalchemy

        engine = self._engine()
        try:
            connection = engine.connect().execution_options(stream_results=True)
            statement = self._statement(engine, table)
            result = connection.execute(statement)
            names = list(result.keys())
            size = limit or BATCH
            first = [tuple(row) for row in result.fetchmany(size)]
        except sqlalchemy.exc.SQLAlchemyError as error:
            engine.dispose()
            raise self._failed(error) from None
        if len(set(names)) < len(names):
            engine.dispose()
            raise SourceFailed(
                self.where, "the query gives two columns of one name", "name them apart"
            )
        schema = pyarrow.schema(
            [(name, _type_of([row[at] for row in first])) for at, name in enumerate(names)]
        )

        def rows() -> Iterator[pyarrow.RecordBatch]:
            try:
                part = first
                while part:
                    self._read += len(part)
                    yield self._batch(part, schema)
                    if limit:
                        return
                    part = [tuple(row) for row in result.fetchmany(BATCH)]
            except sqlalchemy.exc.SQLAlchemyError as error:
                raise self._failed(error) from None
            finally:
                connection.close()
                engine.dispose()

        reader = pyarrow.RecordBatchReader.from_batches(schema, rows())
        return reader, lambda: {"format": "sql", "rows": self._read}

    def _engine(self) -> "sqlalchemy.Engine":
        import sqlalchemy

        try:
            url = sqlalchemy.make_url(self.url)
        except sqlalchemy.exc.ArgumentError:
            raise SourceFailed(
                self.where, "its url is no database URL", "write one such as postgresql://host/db"
            ) from None
        is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
        if is_file and not Path(str(url.database)).is_file():
            # SQLite would make an empty one.
            raise SourceFailed(
                self.where,
                f"there is no database file {Path(str(url.database)).name}",
                "see whether the path is right",
            )
        try:
            return sqlalchemy.create_engine(url)
        except ModuleNotFoundError as error:
            raise SourceFailed(
                self.where,
                f"the driver of {url.drivername} is not installed",
                f"install the Python package {error.name}",
            ) from None
        except sqlalchemy.exc.NoSuchModuleError:
            raise SourceFailed(
                self.where, f"no database is called {url.drivername}", "correct the url"
            ) from None

    def _statement(self, engine: "sqlalchemy.Engine", table: SqlTable) -> Any:
        import sqlalchemy

        if table.query is not None:
            return sqlalchemy.text(table.query)
        schema, _, name = (table.table or "").rpartition(".")
        return sqlalchemy.select(sqlalchemy.text("*")).select_from(
            sqlalchemy.table(name, schema=schema or None)
        )

    def _batch(self, rows: list[tuple[Any, ...]], schema: "pyarrow.Schema") -> Any:
        import pyarrow

        columns = []
        for at, field in enumerate(schema):
            values = [_plain(row[at], field.type) for row in rows]
            try:
                columns.append(pyarrow.array(values, field.type))
            except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError, OverflowError):
                raise SourceFailed(
                    self.where,
                    f"column '{field.name}' begins as {field.type} and has other values among "
                    f"rows {self._read - len(rows) + 1} to {self._read}",
                    "cast it to one type in the query",
                ) from None
        return pyarrow.RecordBatch.from_arrays(columns, schema=schema)

    def _failed(self, error: Exception) -> SourceFailed:
        """What the driver says, without the statement and its values, on one line."""
        import sqlalchemy

        url = sqlalchemy.make_url(self.url)
        secrets = [str(url.password)] if url.password else []
        said = told(str(getattr(error, "orig", None) or error), secrets)
        kind = type(error).__name__
        is_query = kind in ("ProgrammingError", "DataError")
        remedy = (
            "correct the query" if is_query else "see whether the database is there, and its url"
        )
        return SourceFailed(self.where, f"the database answered: {said}", remedy)


def _type_of(values: list[Any]) -> "pyarrow.DataType":
    """The Arrow type of a column by its first values; text where they are of several kinds."""
    import pyarrow

    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pyarrow.bool_()
    if kinds == {int}:
        return pyarrow.int64()
    if kinds and kinds <= {int, float}:
        return pyarrow.float64()
    if kinds and kinds <= {int, Decimal}:
        return pyarrow.decimal128(*_DECIMAL)
    if kinds == {datetime}:
        zones = {value.tzinfo is not None for value in values if value is not None}
        if zones == {True}:
            return pyarrow.timestamp("us", "UTC")
        return pyarrow.timestamp("us") if zones == {False} else pyarrow.string()
    if kinds == {date}:
        return pyarrow.date32()
    return pyarrow.string()


def _plain(value: Any, kind: "pyarrow.DataType") -> Any:
    """A value as the column takes it."""
    import pyarrow

    if value is None or not pyarrow.types.is_string(kind):
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
