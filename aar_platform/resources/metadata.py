"""What the Dagster UI shows of a table: columns, number of rows, rows without personal data."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import dagster as dg

from aar_platform.resources.warehouse import Warehouse
from aar_platform.tables import catalogue

if TYPE_CHECKING:
    import pyarrow as pa

PREVIEW_ROWS = 5
# Columns that are not personal may hold an address all the same: a system's record ids are whatever
# it calls records by.
_EMAIL = re.compile(r"[^\s@\"'<>,;:=|/]+@[^\s@\"'<>,;|/]+")


def column_schema(name: str) -> dg.TableSchema:
    """A table's columns with type, unit, privacy class and description."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=str(column.dtype),
                description=column.description,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
                tags={"privacy": column.privacy}
                | ({"unit": _tag(column.unit)} if column.unit else {}),
            )
            for column in catalogue.columns(name)
        ]
    )


def column_lineage(
    columns: Mapping[str, Iterable[tuple[str, str]]],
) -> dg.TableColumnLineage:
    """Column → the (asset, column) pairs it is made from."""
    return dg.TableColumnLineage(
        deps_by_column={
            column: [dg.TableColumnDep(dg.AssetKey(asset), source) for asset, source in origins]
            for column, origins in columns.items()
        }
    )


def table_metadata(warehouse: Warehouse, name: str) -> dict[str, Any]:
    """Number of rows and the first few, of the columns that hold nothing personal."""
    table = warehouse.table(name)
    count = int(table.count().execute())
    if not count:
        return {"dagster/row_count": 0}
    safe = [column.name for column in catalogue.columns(name) if column.privacy == "none"]
    shown = [column for column in safe if column in table.columns]
    if "dimension" in shown:
        # Members may be people: the owner of a customer is a colleague's e-mail address.
        table = table.filter(table.dimension == "all")
    rows = table.select(*shown).limit(PREVIEW_ROWS).to_pyarrow()
    return {
        "dagster/row_count": count,
        "preview": dg.MetadataValue.md(_markdown(rows)),
    }


def _markdown(rows: "pa.Table") -> str:
    lines = ["| " + " | ".join(rows.column_names) + " |", "|---" * rows.num_columns + "|"]
    for row in rows.to_pylist():
        cells = ("" if value is None else _cell(str(value)) for value in row.values())
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return _EMAIL.sub("•••", text).replace("|", "\\|")


def _tag(text: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in text)
