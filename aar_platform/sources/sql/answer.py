"""The rows that a database gives, as typed Arrow batches, and their way into the landing."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aar_platform.landing.store import Arrival, LandedFile, Landing
from aar_platform.sources.api.errors import SourceFailed
from aar_platform.sources.sql.question import Question

if TYPE_CHECKING:
    import pyarrow
    import sqlalchemy

BATCH = 20_000
# Wide enough for money of any currency; a column with wider or finer values is text, never rounded.
_DECIMAL = (38, 10)
# Names that rows get in the landing.
_TAKEN = ("_row", "_path")
_KINDS: Mapping[type, str] = {
    bool: "flag",
    int: "whole",
    float: "number",
    Decimal: "decimal",
    date: "day",
}
# Column → the kinds of values it holds, `text` for all that have no type of their own.
Kinds = dict[str, set[str]]


class _OtherKinds(Exception):
    """A column holds values of kinds that its first rows did not show."""

    def __init__(self, column: str, kinds: set[str]) -> None:
        super().__init__(column)
        self.column, self.kinds = column, kinds


def land_answer(
    landing: Landing,
    place: tuple[str, str, str],
    question: Question,
    statement: "sqlalchemy.Executable",
    mapped: Mapping[str, str],
    told: Mapping[str, Any],
    before: Iterable[LandedFile] = (),
) -> LandedFile:
    """Write the rows of an answer, without making them part of what has landed.

    `place` is source, object and partition; `mapped` names the columns that must be there. A
    column has one type, at least as wide as in the files `before`: where a later row turns out to
    be of another kind than the first ones, the question is put again and the column is wider, at
    last text. Raises SourceFailed.
    """
    kinds = _kinds_landed(before)
    while True:
        answer = _Answer(question, statement, mapped, kinds)
        open_it = _opener(answer, told)
        try:
            return landing.write(*place, Arrival(place[1], "", open_it))
        except _OtherKinds as other:
            kinds[other.column] = kinds.get(other.column, set()) | other.kinds
        finally:
            answer.close()


def check_columns(where: str, names: list[str], mapped: Mapping[str, str]) -> None:
    """Raises SourceFailed where columns cannot be landed, or a mapped one is missing."""
    folded = [name.casefold() for name in names]
    for name in names:
        if folded.count(name.casefold()) > 1:
            raise SourceFailed(
                where, f"the query gives two columns called '{name}'", "name them apart, with `as`"
            )
        if not name or name.casefold() in _TAKEN:
            raise SourceFailed(
                where, f"a column cannot be called '{name}'", "name it otherwise, with `as`"
            )
    for core, column in mapped.items():
        if column not in names:
            raise SourceFailed(
                where,
                f"the query gives no column '{column}', which is mapped to {core}",
                f"it gives {', '.join(names)}",
            )


def _opener(
    answer: "_Answer", told: Mapping[str, Any]
) -> "Callable[[], tuple[pyarrow.RecordBatchReader, Callable[[], dict[str, Any]]]]":
    return lambda: (answer.batches(), lambda: {**told, "rows": answer.read})


class _Answer:
    """One answer, read while its batches are asked for."""

    def __init__(
        self,
        question: Question,
        statement: "sqlalchemy.Executable",
        mapped: Mapping[str, str],
        kinds: Kinds,
    ) -> None:
        self.question, self.kinds, self.read = question, kinds, 0
        self._result = question.connection.execute(statement)
        names = list(self._result.keys())
        check_columns(question.where, names, mapped)
        self._first = self._columns()
        for at, name in enumerate(names):
            if self._first:
                kinds[name] = kinds.get(name, set()) | _kinds_of(self._first[at])
        self._names = names

    def close(self) -> None:
        """Let go of rows that were not read."""
        self._result.close()

    def batches(self) -> "pyarrow.RecordBatchReader":
        """The batches, of one schema."""
        import pyarrow

        schema = pyarrow.schema(
            [(name, _type_of(self.kinds.get(name, set()))) for name in self._names]
        )
        return pyarrow.RecordBatchReader.from_batches(schema, self._batches(schema))

    def _batches(self, schema: "pyarrow.Schema") -> "Iterator[pyarrow.RecordBatch]":
        import pyarrow

        columns = self._first
        while columns:
            self.read += len(columns[0])
            arrays = [
                self._array(field.name, field.type, values)
                for field, values in zip(schema, columns, strict=True)
            ]
            yield pyarrow.RecordBatch.from_arrays(arrays, schema=schema)
            columns = self._columns()

    def _columns(self) -> list[tuple[Any, ...]]:
        """The next rows, column by column; nothing after the last."""
        return list(zip(*self._result.fetchmany(BATCH), strict=True))

    def _array(self, name: str, kind: "pyarrow.DataType", values: tuple[Any, ...]) -> Any:
        import pyarrow

        if pyarrow.types.is_string(kind):
            if set(map(type, values)) - {str, type(None)}:
                return pyarrow.array([_text(value) for value in values], kind)
            return pyarrow.array(values, kind)
        found = _kinds_of(values)
        if not found <= self.kinds.get(name, set()):
            raise _OtherKinds(name, found)
        try:
            return pyarrow.array(values, kind)
        except (pyarrow.ArrowException, OverflowError, ValueError, TypeError):
            # A number that is too large or too fine for its type.
            raise _OtherKinds(name, {"text"}) from None


def _kinds_of(values: Iterable[Any]) -> set[str]:
    types = set(map(type, values)) - {type(None)}
    kinds = {_KINDS.get(one, "text") for one in types - {datetime}}
    if datetime in types:
        moments = [value for value in values if type(value) is datetime]
        kinds |= {"local" if value.tzinfo is None else "moment" for value in moments}
    return kinds


def _type_of(kinds: set[str]) -> "pyarrow.DataType":
    """The Arrow type of a column by the kinds of its values; text where they do not go together."""
    import pyarrow

    if not kinds:
        return pyarrow.null()
    if len(kinds) == 1:
        (kind,) = kinds
        return {
            "flag": pyarrow.bool_(),
            "whole": pyarrow.int64(),
            "number": pyarrow.float64(),
            "decimal": pyarrow.decimal128(*_DECIMAL),
            "day": pyarrow.date32(),
            "local": pyarrow.timestamp("us"),
            "moment": pyarrow.timestamp("us", "UTC"),
        }.get(kind, pyarrow.string())
    if kinds == {"whole", "number"}:
        return pyarrow.float64()
    if kinds == {"whole", "decimal"}:
        return pyarrow.decimal128(*_DECIMAL)
    return pyarrow.string()


def _kinds_landed(files: Iterable[LandedFile]) -> Kinds:
    """The kinds that columns must have been of to land with the types they have."""
    of_type = {str(_type_of({kind})): kind for kind in (*_KINDS.values(), "local", "moment")}
    kinds: Kinds = {}
    for name, type_ in {pair for file in files for pair in file.columns.items()}:
        if type_ != "null":
            kinds.setdefault(name, set()).add(of_type.get(type_, "text"))
    return kinds


def _text(value: Any) -> str | None:
    """A value of any kind as text; bytes in hexadecimal, what is structured as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, set | frozenset):
        return json.dumps(sorted(map(str, value)), ensure_ascii=False)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)
