"""Where pairs are made and scored: an in-memory database beside the warehouse, gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import ibis.expr.types as ir

if TYPE_CHECKING:
    import duckdb
    import ibis.backends.duckdb

_numbers = count()


@dataclass
class Workbench:
    """Tables of one linking run. They lie in memory and, where that is too small, in the
    warehouse's own (encrypted) spill folder; nothing of them reaches the warehouse's file."""

    backend: "ibis.backends.duckdb.Backend"
    database: str
    _tables: list[str] = field(default_factory=list)

    def keep(self, rows: ir.Table) -> ir.Table:
        """The rows, worked out once."""
        name = f"{self.database}_step_{len(self._tables)}"
        self._tables.append(name)
        self.backend.create_table(name, rows, database=f"{self.database}.main")
        return self.table(name)

    def fill(self, sql: str) -> ir.Table:
        """The rows of a query whose unqualified names are those of the workbench."""
        name = f"{self.database}_step_{len(self._tables)}"
        self._tables.append(name)
        with self.cursor() as cursor:
            cursor.execute(f"create table {name} as {sql}")
        return self.table(name)

    def table(self, name: str) -> ir.Table:
        """A table of the workbench."""
        return self.backend.table(name, database=f"{self.database}.main")

    def drop(self, rows: ir.Table) -> None:
        """Let go of a kept table."""
        self.backend.drop_table(name_of(rows), database=f"{self.database}.main")

    @contextmanager
    def cursor(self) -> Iterator["duckdb.DuckDBPyConnection"]:
        """A connection whose unqualified names are those of the workbench."""
        cursor = self.backend.con.cursor()
        try:
            cursor.execute(f"use {self.database}")
            yield cursor
        finally:
            cursor.close()


def name_of(rows: ir.Table) -> str:
    """The bare name of a kept table."""
    return str(rows.op().name)


@contextmanager
def workbench(rows: ir.Table) -> Iterator[Workbench]:
    """A workbench on the engine that holds `rows`."""
    backend: Any = rows.get_backend()
    database = f"linking_{next(_numbers)}"
    backend.raw_sql(f"attach ':memory:' as {database}")
    try:
        yield Workbench(backend, database)
    finally:
        backend.raw_sql(f"detach {database}")
