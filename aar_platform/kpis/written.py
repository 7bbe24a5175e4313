"""KPIs that an organisation writes down in YAML: sums and ratios over columns of facts."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import ibis.expr.types as ir
import yaml
from ibis import _
from ibis.common.annotations import ValidationError as ValidationOfIbis
from ibis.common.deferred import Deferred
from ibis.common.exceptions import IbisError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from aar_platform.kpis.definition import Kpi, KpiInvalid, Measure, kpi
from aar_platform.kpis.dimensions import DIMENSIONS, WHOLE
from aar_platform.kpis.facts.definition import facts
from aar_platform.kpis.periods import ALL_PERIODS, FROM_MONTHS

# How a condition compares a column with a value.
COMPARISONS = {
    "is": lambda column, value: column == value,
    "is_not": lambda column, value: (column != value) | column.isnull(),
    "above": lambda column, value: column > value,
    "below": lambda column, value: column < value,
    "in": lambda column, value: column.isin(value),
}
Value = bool | int | float | date | str
Text = Annotated[str, Field(min_length=1)]


class _EachKeyOnce(yaml.SafeLoader):
    """YAML in which a key that is written twice is an error: else the last one would count."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[Any] = set()
        for key, _value in node.value:
            if key.value in keys:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is there twice", key.start_mark
                )
            keys.add(key.value)
        return super().construct_mapping(node, deep)


class Written(BaseModel):
    """Base of what stands in such a file: every key is known, every value checked."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Condition(Written):
    """How a column compares with a value; all that are named hold."""

    is_: Value | None = Field(default=None, alias="is")
    is_not: Value | None = None
    above: Value | None = None
    below: Value | None = None
    in_: Annotated[list[Value], Field(min_length=1)] | None = Field(default=None, alias="in")

    @model_validator(mode="after")
    def _is_some(self) -> Self:
        if not self.comparisons():
            raise ValueError(f"names none of {', '.join(COMPARISONS)}")
        return self

    def comparisons(self) -> dict[str, Any]:
        """Comparison → value."""
        return self.model_dump(by_alias=True, exclude_none=True)


class Sum(Written):
    """What is added up: the sum of a column, the number of rows (`count: rows`), or the number of
    different values of a column (`count: customer_id`); of the rows for which all of `where` holds.
    """

    sum: Text | None = None
    count: Text | None = None
    where: Mapping[Text, Value | Condition] = {}

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.sum is None) == (self.count is None):
            raise ValueError("needs either sum: COLUMN or count: rows (or a column)")
        return self

    def columns(self) -> list[str]:
        """The columns it names."""
        named = [self.sum] if self.sum else [] if self.count == "rows" else [self.count]
        return [name for name in (*named, *self.where) if name]

    def aggregation(self) -> Deferred:
        """The same over a table."""
        where = self._condition()
        if self.sum is not None:
            return _[self.sum].sum(where=where)
        if self.count == "rows":
            return _.count(where=where)
        return _[self.count].nunique(where=where)

    def _condition(self) -> Deferred | None:
        held: Deferred | None = None
        for name, wanted in self.where.items():
            for comparison, value in _comparisons(wanted):
                one = COMPARISONS[comparison](_[name], value)
                held = one if held is None else held & one
        return held


class WrittenKpi(Written):
    """One KPI: whose rows it counts, by which day, and the words for its readers."""

    question: Text
    unit: Text
    formula: Text
    of: Text
    numerator: Sum
    denominator: Sum | None = None
    day: Text = "day"
    leaves_out: Text = "Nothing"
    split: Text = "A row counts where it happened"
    definition_from: Text = "this organisation"
    direction: Literal["up", "down", "none"] = "up"
    dimensions: tuple[Literal[DIMENSIONS], ...] | None = None  # type: ignore[valid-type]
    periods: tuple[Literal[ALL_PERIODS], ...] = FROM_MONTHS  # type: ignore[valid-type]


def written_kpi(path: Path) -> Kpi:
    """The KPI of a YAML file, called as the file is.

    Raises KpiInvalid, a line with file and key, for anything that is not as WrittenKpi says, for a
    fact that there is not, and when computed for a column that its rows do not have.
    """
    try:
        said = yaml.load(path.read_text(encoding="utf-8"), _EachKeyOnce)
        one = WrittenKpi.model_validate(said)
    except yaml.YAMLError as error:
        raise KpiInvalid(f"{path.name}{_place(error)}: is no YAML: {_problem(error)}") from None
    except UnicodeDecodeError:
        raise KpiInvalid(f"{path.name}: not UTF-8; save it as UTF-8") from None
    except ValidationError as error:
        raise KpiInvalid(f"{path.name}: {_told(error)}") from None
    if one.of not in facts():
        raise KpiInvalid(
            f"{path.name}: of: there is no fact {one.of!r}; there are {', '.join(sorted(facts()))}"
        )
    return _defined(path, one)


def _defined(path: Path, one: WrittenKpi) -> Kpi:
    def measure(**given: ir.Table) -> Measure:
        (rows,) = given.values()
        named = [*one.numerator.columns(), one.day]
        named += one.denominator.columns() if one.denominator else []
        for name in named:
            if name not in rows.columns:
                raise KpiInvalid(
                    f"{path.name}: {one.of} has no column {name!r}; it has "
                    f"{', '.join(sorted(rows.columns))}"
                )
        divisor = one.denominator.aggregation() if one.denominator else None
        if not (rows[one.day].type().is_date() or rows[one.day].type().is_timestamp()):
            raise KpiInvalid(f"{path.name}: day: {one.day} is {_kind(rows, one.day)} and no date")
        dated = rows if one.day == "day" else rows.mutate(day=rows[one.day].cast("date"))
        kept = dated.filter(dated.day.notnull())
        made = Measure(kept, numerator=one.numerator.aggregation(), denominator=divisor)
        for part in (made.numerator, made.denominator):
            if part is None:
                continue
            try:
                kept.bind(part)
            except (IbisError, ValidationOfIbis, AttributeError):
                raise KpiInvalid(f"{path.name}: {_unfit(one, rows)}") from None
        return made

    # The engine asks for what a function's parameters name.
    measure.__name__ = path.stem
    measure.__signature__ = _signature(one.of)  # type: ignore[attr-defined]
    dimensions = one.dimensions and tuple(dict.fromkeys((WHOLE, *one.dimensions)))
    adds_up = one.denominator is None and one.numerator.count in (None, "rows")
    return kpi(
        question=one.question,
        unit=one.unit,
        formula=one.formula,
        numerator=_in_words(one.numerator, one.of),
        denominator=_in_words(one.denominator, one.of) if one.denominator else None,
        leaves_out=one.leaves_out,
        split=one.split,
        definition_from=one.definition_from,
        direction=one.direction,
        additive=adds_up,
        dimensions=dimensions,
        periods=one.periods,
        is_ratio_of_money=one.denominator is not None
        and all(_is_money(part.sum) for part in (one.numerator, one.denominator)),
    )(measure)


def _told(error: ValidationError) -> str:
    """The first fault, with the key it stands at."""
    errors = error.errors(include_input=False)
    keys = [str(part) for part in errors[0]["loc"]]
    if not keys:
        return "says nothing; it needs the keys question, unit, formula, of and numerator"
    if "where" in keys and len(keys) > keys.index("where") + 1:
        unknown = [str(one["loc"][-1]) for one in errors if one["type"] == "extra_forbidden"]
        place = ".".join([*keys[: keys.index("where") + 2], *unknown[:1]])
        known = ", ".join(COMPARISONS)
        return f"{place}: needs a value (text, number, date, true or false) or one of {known}"
    return f"{'.'.join(keys)}: {errors[0]['msg']}"


def _unfit(one: WrittenKpi, rows: ir.Table) -> str:
    """Which value or sum does not fit its column."""
    for part, said in (("numerator", one.numerator), ("denominator", one.denominator)):
        if said is None:
            continue
        if said.sum is not None and not rows[said.sum].type().is_numeric():
            kind = _kind(rows, said.sum)
            if kind != "true or false":
                return f"{part}: {said.sum} is {kind} and cannot be added up; count it"
        for name, wanted in said.where.items():
            for comparison, value in _comparisons(wanted):
                try:
                    rows.bind(COMPARISONS[comparison](_[name], value))
                except (IbisError, ValidationOfIbis, AttributeError):
                    kind = _kind(rows, name)
                    return f"{part}.where.{name}: it is {kind}, which {value!r} is not"
    return "a value or sum does not fit its column"


def _kind(rows: ir.Table, column: str) -> str:
    """The type of a column in plain words."""
    dtype = rows[column].type()
    words = (
        (dtype.is_string(), "text"),
        (dtype.is_boolean(), "true or false"),
        (dtype.is_numeric(), "a number"),
        (dtype.is_date(), "a date"),
        (dtype.is_timestamp(), "a moment"),
    )
    return next((said for holds, said in words if holds), str(dtype))


def _is_money(column: str | None) -> bool:
    """Whether a column is in the reporting currency, by its name."""
    return column is not None and column.endswith("_reporting")


def _comparisons(wanted: Value | Condition) -> list[tuple[str, Any]]:
    return list(wanted.comparisons().items()) if isinstance(wanted, Condition) else [("is", wanted)]


def _signature(fact: str) -> Any:
    import inspect

    parameter = inspect.Parameter(fact, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return inspect.Signature([parameter])


def _in_words(one: Sum, fact: str) -> str:
    what = (
        f"Sum of {one.sum}"
        if one.sum
        else "Number of rows"
        if one.count == "rows"
        else f"Number of different {one.count}"
    )
    conditions = [
        f"{name} {comparison.replace('_', ' ')} {value}"
        for name, wanted in one.where.items()
        for comparison, value in _comparisons(wanted)
    ]
    where = f" where {' and '.join(conditions)}" if conditions else ""
    return f"{what} of {fact}{where}"


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f", line {mark.line + 1}"


def _problem(error: yaml.YAMLError) -> str:
    return getattr(error, "problem", None) or str(error).splitlines()[0]
