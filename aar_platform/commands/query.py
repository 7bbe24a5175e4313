"""`aar query`: read-only SQL on the warehouse."""

import io
from typing import Any

from aar_platform.resources.platform import open_warehouse
from aar_platform.settings.loading import Settings


class QueryRefused(ValueError):
    """The database turned the query down."""


def run_query(settings: Settings, sql: str, form: str) -> str:
    """The result of a query as text: an aligned table, CSV, or JSON (a list of objects).

    The warehouse is opened read-only, so nothing can be changed. Raises QueryRefused.
    """
    import duckdb

    warehouse = open_warehouse(settings, read_only=True)
    try:
        connection = warehouse.backend.con
        # A query is about the warehouse: it neither reads nor writes other files.
        connection.execute("set enable_external_access = false")
        try:
            found = connection.sql(sql)
            rows = found.fetchall() if found is not None else []
        except duckdb.Error as error:
            raise QueryRefused(f"query: {_first_line(error)}") from None
        columns = found.columns if found is not None else []
    finally:
        warehouse.close()
    return as_text(columns, rows, form)


def as_text(columns: list[str], rows: list[tuple[Any, ...]], form: str) -> str:
    """Rows as an aligned `table`, as `csv`, or as `json`, a list of objects."""
    return {"table": _table, "csv": _csv, "json": _json}[form](columns, rows)


def _first_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    hints = [line.strip() for line in lines[1:] if "Did you mean" in line or "Candidate" in line]
    return " ".join([lines[0], *hints])


def _json(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    import json

    plain = [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]
    return json.dumps(plain, ensure_ascii=False, indent=1, default=str) + "\n"


def _plain(value: Any) -> Any:
    from decimal import Decimal

    return float(value) if isinstance(value, Decimal) else value


def _csv(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _table(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    numeric = [
        bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(columns))
    ]
    for name, is_numeric in zip(columns, numeric, strict=True):
        table.add_column(name, justify="right" if is_numeric else "left", no_wrap=True)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    widths = [
        max([cell_len(name), *(cell_len(str(row[place])) for row in rows)]) + 3
        for place, name in enumerate(columns)
    ]
    out = io.StringIO()
    Console(file=out, width=max(sum(widths), 20), markup=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines() if line.strip()) + "\n"


def _is_number(value: Any) -> bool:
    from decimal import Decimal

    return value is None or (
        isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    )
