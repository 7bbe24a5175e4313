"""The typed columns of a raw table whose records are JSON, and the SQL that reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Type = Literal["text", "number", "money", "whole", "flag", "moment", "epoch", "epoch_ms", "day",
               "json"]  # fmt: skip

# How the text of a value becomes its type; {t} is the text. A moment without an offset is in UTC.
_CASTS: Mapping[Type, str] = {
    "text": "{t}",
    "json": "{t}",
    "number": "try_cast({t} as double)",
    "money": "try_cast({t} as decimal(18, 4))",
    "whole": "try_cast({t} as bigint)",
    "flag": "try_cast({t} as boolean)",
    "moment": "timezone('UTC', try_cast(case when regexp_matches({t}, "
    "'(Z|[-+][0-9]{{2}}:?[0-9]{{2}})$') then {t} else {t} || '+00' end as timestamptz))",
    "epoch": "make_timestamp((try_cast({t} as double) * 1000000)::bigint)",
    "epoch_ms": "make_timestamp((try_cast({t} as double) * 1000)::bigint)",
    "day": "coalesce(try_cast({t} as date), try_strptime({t}, '%Y%m%d')::date)",
}


@dataclass(frozen=True)
class RawColumn:
    """Where a column's value stands in the record and which type it has.

    path: keys joined by dots, from the record's top, with positions in lists as in `rows[0].value`
    (those are read one by one, slower); one that begins with `@` is looked for in what
    the pull noted beside the record (`Page.context`). type: text; number (floating), money
    (decimal), whole; flag; moment (ISO 8601), epoch (seconds), epoch_ms; day (ISO 8601); json (the
    JSON text of an object or list).
    """

    path: str
    type: Type = "text"

    def of(self, type: Type) -> "RawColumn":
        """The same place, read as another type."""
        return replace(self, type=type)


def text(path: str) -> RawColumn:
    """A column of text, or of anything that is kept as it is written."""
    return RawColumn(path)


def texts(*names: str) -> dict[str, RawColumn]:
    """Columns of text called as the record's own top-level keys."""
    return {name: RawColumn(name) for name in names}


def typed(type: Type, *names: str) -> dict[str, RawColumn]:
    """Columns of one type called as the record's own top-level keys."""
    return {name: RawColumn(name, type) for name in names}


def select_sql(columns: Mapping[str, RawColumn], rows: str, kept: str) -> str:
    """A select of typed columns over `rows`, a table expression with JSON texts `record` and
    `context`; `kept` are the further columns to hand on.

    A record is parsed once, whatever the number of columns. A value that is not of its column's
    type is null there; `_misread` (JSON: column → the value as text) keeps it.
    """
    shapes: dict[str, dict[str, Any]] = {"record": {}, "context": {}}
    parts: list[str] = []
    misread: list[tuple[str, str, str]] = []
    for name, column in columns.items():
        place = "context" if column.path.startswith("@") else "record"
        keys = column.path.removeprefix("@").split(".")
        if "[" in column.path:
            value = _extracted(column)
        else:
            _put(shapes[place], keys, "JSON" if column.type == "json" else "VARCHAR", column.path)
            value = f"_{place}" + "".join(f'."{_escaped(key)}"' for key in keys)
        if column.type == "json":
            value = f"nullif({value}::varchar, 'null')"
        elif column.type != "text":
            # Some systems write "" where they have no time or number.
            value = f"nullif({value}, '')"
        cast = _CASTS[column.type].format(t=value)
        parts.append(f'{cast} as "{_escaped(name)}"')
        if column.type not in ("text", "json"):
            misread.append((name, value, cast))
    parsed = [
        f"json_transform({place}, {_quoted(json.dumps(shape))}) as _{place}"
        for place, shape in shapes.items()
        if shape
    ]
    parts.append(f"{_misread(misread)} as _misread")
    return (
        f"select {', '.join([*parts, kept])} from (select {', '.join(['*', *parsed])} from {rows})"
    )


def _misread(columns: list[tuple[str, str, str]]) -> str:
    if not columns:
        return "null::varchar"
    wrong = [f"({value} is not null and {cast} is null)" for _, value, cast in columns]
    members = ", ".join(
        f"{_quoted(name)}, case when {condition} then {value} end"
        for (name, value, _), condition in zip(columns, wrong, strict=True)
    )
    patch = f"json_merge_patch('{{}}', json_object({members}))::varchar"
    return f"case when {' or '.join(wrong)} then {patch} end"


def _put(shape: dict[str, Any], keys: list[str], leaf: str, path: str) -> None:
    for key in keys[:-1]:
        shape = shape.setdefault(key, {})
        if not isinstance(shape, dict):
            raise ValueError(f"a column stands at a part of the path {path}")
    known = shape.get(keys[-1], leaf)
    if known != leaf:
        raise ValueError(f"two columns read {path} differently")
    shape[keys[-1]] = leaf


def _escaped(name: str) -> str:
    return name.replace('"', '""')


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def day_of_record(column: RawColumn, zone: str) -> str:
    """An SQL expression over the JSON texts `record` and `context` that gives the day, in `zone`,
    of a column of moments or days."""
    cast = _CASTS[column.type].format(t=_extracted(column))
    if column.type == "day":
        return cast
    return f"timezone({_quoted(zone)}, timezone('UTC', {cast}))::date"


def _extracted(column: RawColumn) -> str:
    """The text at a path by itself; a key may carry the position in a list, such as values[0]."""
    place = "context" if column.path.startswith("@") else "record"
    path = "$"
    for key in column.path.removeprefix("@").split("."):
        name, bracket, position = key.partition("[")
        path += f'."{_escaped(name)}"{bracket}{position}'
    return f"json_extract_string({place}, {_quoted(path)})"
