"""The warehouse: one DuckDB database behind Ibis, written table by table in transactions."""

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir

from aar_platform.landing.encryption import openssl_extension, quoted
from aar_platform.quality.stored import table_in_engine
from aar_platform.tables.exchange import Exchange, Part

if TYPE_CHECKING:
    import ibis.backends.duckdb

CATALOG = "warehouse"
# Tables that serve one asset and are not for users: parts of quarantine and repairs.
STAGING = "staging"
# Steps of a computation: a database in memory; what does not fit is spilled. Two million messages
# take 1.7 s there, and 3.9 s in the small row groups of the warehouse.
STEPS = "steps"
# DuckDB's own share; what does not fit is spilled (encrypted) beside the database.
MEMORY_LIMIT = "1500MB"
ROW_GROUP = 8_192
# For figures of many years and millions of orders, where the machine has twice as much: with less,
# rows are spilled that are asked for again and again.
ROOMY_LIMIT = 6_500_000_000
# While records go from the landing into raw tables: there is nothing to sort or join.
STREAMING_LIMIT = "96MB"


class WarehouseUnavailable(RuntimeError):
    """The warehouse cannot be opened: in use, wrong key, damaged."""


class TableNotWritten(RuntimeError):
    """The engine could not compute the rows of a table; the table is as it was."""


class TableMissing(LookupError):
    """A table is asked for that has not been materialised yet."""


class Warehouse:
    """A DuckDB database, opened at first use and closed with `close`."""

    def __init__(self, path: Path, passphrase: str | None = None, *, read_only: bool = False):
        self.path = path
        self.passphrase = passphrase
        self.read_only = read_only
        self._backend: ibis.backends.duckdb.Backend | None = None

    @property
    def backend(self) -> "ibis.backends.duckdb.Backend":
        """The Ibis connection, with the warehouse as its current catalog."""
        if self._backend is None:
            self._backend = self._open()
        return self._backend

    def _open(self) -> "ibis.backends.duckdb.Backend":
        import duckdb

        if self.read_only and not self.path.exists():
            raise WarehouseUnavailable(
                f"{self.path.name}: there is no warehouse yet; make one with 'aar run'"
            )
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # DuckDB folds nested selections itself; Ibis takes a quarter of its compiling for it.
        ibis.options.sql.fuse_selects = False
        backend = ibis.duckdb.connect()
        # The newest format compresses text better: 1.5 million rows were written in 2.2 s, not 3.
        # A row group is in memory until it is written: records of 2 KB in 30 columns take 80 MB of
        # it in groups of 20,480 rows, and more in the usual ones of 122,880.
        fresh = f"storage_version 'latest', row_group_size {ROW_GROUP}"
        options = ["read_only" if self.read_only else fresh]
        if self.passphrase:
            options.append(f"encryption_key {quoted(self.passphrase)}")
            backend.raw_sql(f"load {quoted(str(openssl_extension()))}")
            backend.raw_sql("set temp_file_encryption = true")
        backend.raw_sql(f"set memory_limit = {quoted(MEMORY_LIMIT)}")
        backend.raw_sql(f"set temp_directory = {quoted(str(self.path.parent / 'spill'))}")
        backend.raw_sql("set enable_progress_bar = false")
        # Nothing reads rows by their place; unions are written by all threads and in less memory.
        backend.raw_sql("set preserve_insertion_order = false")
        # Timestamps are UTC in the warehouse; what local time they were is said in SQL.
        backend.raw_sql("set timezone = 'UTC'")
        try:
            backend.raw_sql(f"attach {quoted(str(self.path))} as {CATALOG} ({', '.join(options)})")
        except duckdb.Error as error:
            raise WarehouseUnavailable(self._why(error)) from None
        backend.raw_sql(f"use {CATALOG}")
        if not self.read_only:
            backend.raw_sql(f"create schema if not exists {STAGING}")
        return backend

    def _why(self, error: Exception) -> str:
        name, text = self.path.name, str(error)
        if "Wrong encryption key" in text:
            return f"{name}: the encryption key is wrong; set the key the warehouse was made with"
        if "without a key" in text:
            return f"{name}: the warehouse is encrypted; set warehouse.encryption_key"
        if "is not encrypted" in text:
            return (
                f"{name}: the warehouse was made without a key; remove warehouse.encryption_key, "
                "or delete the file and run again"
            )
        if "lock on file" in text:
            holder = text.partition("PID ")[2].partition(")")[0]
            by = f" (process {holder})" if holder.isdigit() else ""
            return f"{name}: open in another process{by}; wait until it has ended"
        return f"{name}: cannot be opened: {text.splitlines()[0]}"

    def close(self) -> None:
        """Let go of the database file."""
        if self._backend is not None:
            # The in-memory connection stays for expressions that Ibis still has to clean up.
            self._backend.raw_sql("use memory")
            self._backend.raw_sql(f"detach {CATALOG}")
            self._backend = None

    def tables(self) -> list[str]:
        """Names of the tables that users see, in order."""
        rows = self.backend.raw_sql(
            "select table_name from information_schema.tables "
            f"where table_catalog = '{CATALOG}' and table_schema = 'main' order by 1"
        ).fetchall()
        return [row[0] for row in rows]

    def has(self, name: str, schema: str = "main") -> bool:
        """Whether a table exists."""
        return bool(
            self.backend.raw_sql(
                "select 1 from information_schema.tables where table_catalog = $1 "
                "and table_schema = $2 and table_name = $3",
                parameters=[CATALOG, schema, name],
            ).fetchone()
        )

    def table(self, name: str, schema: str = "main") -> ir.Table:
        """A table as an Ibis expression. Raises TableMissing."""
        import duckdb

        try:
            return table_in_engine(self.backend, name, CATALOG, schema)
        except duckdb.CatalogException:
            raise TableMissing(
                f"table '{name}' is not there yet; materialise its asset first"
            ) from None

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside become visible at once, or none."""
        self.backend.raw_sql("begin transaction")
        try:
            yield
        except BaseException:
            self.backend.raw_sql("rollback")
            raise
        self.backend.raw_sql("commit")

    def replace(self, name: str, rows: ir.Table, schema: str = "main") -> int:
        """Make a table hold exactly these rows, in one transaction; returns their number."""
        with without_values(name):
            self.backend.raw_sql(
                f'create or replace table {CATALOG}.{schema}."{name}" as {self._sql(rows)}'
            )
        return self._count(name, schema)

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """The rows computed once, for as long as they are not forgotten."""
        self.backend.raw_sql(f"attach if not exists ':memory:' as {STEPS}")
        with without_values(name):
            self.backend.raw_sql(f'create or replace table {STEPS}."{name}" as {self._sql(rows)}')
        return table_in_engine(self.backend, name, STEPS, "main")

    def part(self, name: str, where: str) -> ir.Table:
        """The rows of a table that meet an SQL condition."""
        return self.backend.sql(
            f'select * from {CATALOG}.main."{name}" where {where}', dialect="duckdb"
        )

    def forget(self, names: Iterable[str]) -> None:
        """Let go of what was kept."""
        self.backend.raw_sql(f"attach if not exists ':memory:' as {STEPS}")
        for name in names:
            self.backend.raw_sql(f'drop table if exists {STEPS}."{name}"')

    def replace_many(self, tables: Mapping[tuple[str, str], ir.Table | Exchange | Part]) -> None:
        """Replace several tables, keyed by (schema, name), or exchange some of their rows, in one
        transaction."""
        with self.transaction():
            for (schema, name), rows in tables.items():
                if isinstance(rows, Part):
                    self._replace_part(f'{CATALOG}.{schema}."{name}"', name, rows)
                elif isinstance(rows, Exchange):
                    self._exchange(f'{CATALOG}.{schema}."{name}"', name, rows)
                else:
                    self.replace(name, rows, schema)

    def _exchange(self, target: str, name: str, exchange: Exchange) -> None:
        key, columns = exchange.key, ", ".join(f'"{one}"' for one in exchange.rows.columns)
        with without_values(name):
            gone = self._sql(exchange.gone.select(key))
            self.backend.raw_sql(f'delete from {target} where "{key}" in ({gone})')
            self.backend.raw_sql(f"insert into {target} ({columns}) {self._sql(exchange.rows)}")

    def _replace_part(self, target: str, name: str, part: Part) -> None:
        columns = ", ".join(f'"{one}"' for one in part.rows.columns)
        with without_values(name):
            query = self._sql(part.rows)
            self.backend.raw_sql(f"create table if not exists {target} as {query} limit 0")
            self.backend.raw_sql(f"delete from {target} where {part.where}")
            self.backend.raw_sql(f"insert into {target} ({columns}) {query}")

    def show_part(self, name: str, of: str, where: str) -> None:
        """Make a view that shows the rows of table `of` that meet an SQL condition; a table of its
        name, as former versions wrote, goes."""
        if self._kind(name) not in (None, "VIEW"):
            self.backend.raw_sql(f'drop table {CATALOG}.main."{name}"')
        self.backend.raw_sql(
            f'create or replace view {CATALOG}.main."{name}" as '
            f'select * from {CATALOG}.main."{of}" where {where}'
        )

    def hide_part(self, name: str) -> None:
        """Remove a view that `show_part` made, where there is one."""
        if self._kind(name) == "VIEW":
            self.backend.raw_sql(f'drop view {CATALOG}.main."{name}"')

    def _kind(self, name: str) -> str | None:
        found = self.backend.raw_sql(
            "select table_type from information_schema.tables where table_catalog = $1 "
            "and table_schema = 'main' and table_name = $2",
            parameters=[CATALOG, name],
        ).fetchone()
        return None if found is None else str(found[0])

    def drop(self, name: str, schema: str) -> None:
        """Remove a table, where there is one."""
        self.backend.raw_sql(f'drop table if exists {CATALOG}.{schema}."{name}"')

    def replace_where(self, name: str, rows: ir.Table, condition: str) -> int:
        """Replace the rows of a table that meet an SQL condition, in one transaction.

        Columns are matched by name; a column new to the table is added, one that the new rows do
        not have becomes null in them, and types are widened where they differ. Returns the number
        of rows put in.
        """
        if not self.has(name):
            return self.replace(name, rows)
        target = f'{CATALOG}.main."{name}"'
        before = self._columns(target)
        with without_values(name), self.transaction():
            self.backend.raw_sql(f"create or replace temp table arriving as {self._sql(rows)}")
            if before == self._columns("temp.main.arriving"):
                self.backend.raw_sql(f"delete from {target} where {condition}")
                self.backend.raw_sql(f"insert into {target} select * from temp.main.arriving")
            else:
                self.backend.raw_sql(
                    f"create or replace table {target} as "
                    f"select * from {target} where not ({condition}) "
                    "union all by name select * from temp.main.arriving"
                )
            count = self.backend.raw_sql("select count(*) from temp.main.arriving").fetchone()[0]
            self.backend.raw_sql("drop table temp.main.arriving")
        return int(count)

    def replace_streamed(self, name: str, rows: str, condition: str) -> int:
        """As `replace_where`, for rows that a query gives that does not read the table itself: they
        go straight into it, so that memory does not grow with their number.

        The query is SQL: Ibis would take 0.1 s to parse 40 columns of it. Returns the number of
        rows put in.
        """
        try:
            with self._frugal():
                return self._stream(name, rows, condition)
        except TableNotWritten as error:
            if "Out of Memory" not in str(error):
                raise
            # Records of a size that even one row group does not fit.
            return self._stream(name, rows, condition)

    def _stream(self, name: str, rows: str, condition: str) -> int:
        target = f'{CATALOG}.main."{name}"'
        with without_values(name):
            if not self.has(name):
                self.backend.raw_sql(f"create table {target} as {rows}")
                return self._count(name, "main")
            described = self.backend.raw_sql(f"describe {rows}").fetchall()
            if [row[:2] for row in described] == self._columns(target):
                with self.transaction():
                    self.backend.raw_sql(f"delete from {target} where {condition}")
                    inserted = self.backend.raw_sql(f"insert into {target} {rows}").fetchone()
                    return int(inserted[0])
        return self.replace_where(name, self.backend.sql(rows), condition)

    @contextlib.contextmanager
    def _frugal(self) -> Iterator[None]:
        """For statements that stream: what they could keep in memory they need not."""
        self.backend.raw_sql(f"set memory_limit = {quoted(STREAMING_LIMIT)}")
        self.backend.raw_sql("set threads = 1")
        self.backend.raw_sql("set enable_external_file_cache = false")
        try:
            yield
        finally:
            self.backend.raw_sql(f"set memory_limit = {quoted(MEMORY_LIMIT)}")
            self.backend.raw_sql("reset threads")
            self.backend.raw_sql("reset enable_external_file_cache")

    @contextlib.contextmanager
    def roomy(self) -> Iterator[None]:
        """For statements over all rows of all tables: up to ROOMY_LIMIT of memory, at most half of
        the machine's, at least MEMORY_LIMIT."""
        import duckdb

        self.backend.raw_sql("reset memory_limit")
        said = self.backend.raw_sql("select current_setting('memory_limit')").fetchone()[0]
        # The engine's own choice, four fifths of what the machine or container has.
        number, unit = said.split()
        half = float(number) * {"MiB": 2**20, "GiB": 2**30, "TiB": 2**40}.get(unit, 0) / 0.8 / 2
        limit = f"{min(ROOMY_LIMIT, half):.0f}B" if half > 1.5e9 else MEMORY_LIMIT
        self.backend.raw_sql(f"set memory_limit = {quoted(limit)}")
        try:
            yield
        finally:
            # Refused while more than that cannot be let go of; the next statement does with it.
            with contextlib.suppress(duckdb.OutOfMemoryException):
                self.backend.raw_sql(f"set memory_limit = {quoted(MEMORY_LIMIT)}")

    def replace_window(self, name: str, rows: ir.Table, column: str, start: date, end: date) -> int:
        """Replace the rows whose `column` lies in [start, end), in one transaction."""
        return self.replace_where(
            name,
            rows,
            f"\"{column}\" >= date '{start}' and \"{column}\" < date '{end}'",
        )

    def _sql(self, rows: ir.Table) -> str:
        # Ibis registers in-memory tables and functions only in what it runs itself, and its own
        # create_table is two statements; the version of Ibis is pinned.
        self.backend._run_pre_execute_hooks(rows)
        return str(self.backend.compile(rows))

    def _columns(self, target: str) -> list[tuple[Any, ...]]:
        described = self.backend.raw_sql(f"describe {target}").fetchall()
        return [(row[0], row[1]) for row in described]

    def _count(self, name: str, schema: str) -> int:
        found = self.backend.raw_sql(f'select count(*) from {CATALOG}.{schema}."{name}"').fetchone()
        return int(found[0])


@contextlib.contextmanager
def without_values(name: str) -> Iterator[None]:
    """Errors of the engine, told without the values it quotes: they may be personal data."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        line = str(error).splitlines()[0]
        told = re.sub(r"'[^']*'|\"[^\"]*\"", "…", line)
        raise TableNotWritten(f"table '{name}' is as it was, its new rows failed: {told}") from None
