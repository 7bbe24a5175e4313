"""The catalogue as a page to read: docs/tables.md."""

from collections.abc import Iterator

from aar_platform.tables import catalogue
from aar_platform.tables.model import Column

INTRODUCTION = """# Tables

All tables of the warehouse. This page is generated from the catalogue by `make docs`.

Every figure per KPI also stands in a table `kpi_<name>` of the same columns as `kpis`, and every
object of a source in `raw_<source>__<object>`: the source's own columns, then `payload` (the
record as received, JSON), `extracted_at` (UTC), `partition_key`, `_file` and `_row`.

**Privacy** is `direct` (says who somebody is), `quasi` (may say so together with others),
`financial`, `free_text` (may hold anything) or empty. Timestamps are UTC; amounts of money have
four decimals. A value that cannot be read **refuses** its row, which then stands in `quarantine`,
or is **blanked**: it stands in `attributes` and is told in `repairs`.
"""


def tables_markdown() -> str:
    """The page: each table with key, owner and columns."""
    parts = [INTRODUCTION]
    for title, names in (("Core tables", catalogue.CORE), ("Outputs", catalogue.OUTPUTS)):
        parts.append(f"## {title}\n")
        parts += [_table(name) for name in names]
    return "\n".join(parts)


def _table(name: str) -> str:
    facts = catalogue.facts(name)
    head = [
        f"### {name}\n",
        catalogue.description(name) + "\n",
        f"Key: {', '.join(facts['key'])}. Owner: {facts['owner']}.\n",
        "| column | type | privacy | unit | null | unreadable | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *(_row(column) for column in catalogue.columns(name))]) + "\n"


def _row(column: Column) -> str:
    meaning = column.description + "".join(_limits(column))
    cells = [
        f"`{column.name}`",
        str(column.dtype),
        "" if column.privacy == "none" else column.privacy,
        column.unit or "",
        "no" if column.required else "yes",
        "refuses" if column.unreadable == "refuse" else "blanked",
        meaning.replace("|", "\\|"),
    ]
    return "| " + " | ".join(cells) + " |"


def _limits(column: Column) -> Iterator[str]:
    if column.allowed and not all(value in column.description for value in column.allowed):
        yield f" ({', '.join(column.allowed)})"
    if column.minimum is not None:
        yield f" (at least {column.minimum:g})"
    if column.maximum is not None:
        yield f" (at most {column.maximum:g})"
