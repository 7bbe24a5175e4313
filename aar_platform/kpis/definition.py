"""What a KPI is, and which there are: one file each, here or in the organisation's folder."""

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import ibis.expr.types as ir
from ibis.common.deferred import Deferred

from aar_platform.kpis import catalogue as own_kpis
from aar_platform.kpis.dimensions import DIMENSIONS, WHOLE
from aar_platform.kpis.facts.definition import (
    GIVEN,
    Fact,
    facts,
    known_needs,
    rests_on,
    tables_of,
)
from aar_platform.kpis.periods import FROM_MONTHS

Direction = Literal["up", "down", "none"]


class KpiInvalid(ValueError):
    """A file that should define a KPI does not: one line that says what is wrong with it."""


@dataclass(frozen=True)
class Measure:
    """What a KPI counts: rows, and how those of one period and one member add up.

    `rows` are the source rows of the figure: a fact, or what is left of one. They carry a date
    `day`, by which they fall into periods (or `period` and `period_start` where the KPI puts them
    there itself), and a column for each dimension of the KPI except `all`. The others are
    aggregations over the rows, such as `_.amount_reporting.sum(where=_.kind == "order")`; without
    a `denominator` the numerator is the figure. The denominator counts `denominator_rows` where
    they are others. `sample_size` counts what the figure rests on: as a rule the rows of the
    denominator, and of rows that are sums themselves their `lines`. Dimensions that `rows` do not
    have are taken from `parts`: the same rows in parts, whose values add up to theirs (an order by
    its products). A running total adds up everything from the first period on.
    """

    rows: ir.Table
    numerator: Deferred
    denominator: Deferred | None = None
    sample_size: Deferred | None = None
    denominator_rows: ir.Table | None = None
    parts: ir.Table | None = None
    is_running_total: bool = False


@dataclass(frozen=True)
class Quotient:
    """A KPI that is one KPI divided by another, of the same period and member; the divisor as so
    much a month where `a_month`."""

    dividend: "Kpi"
    divisor: "Kpi"
    a_month: bool = False


@dataclass(frozen=True)
class Kpi:
    """A key figure: what it means, and the function that says what to count.

    `measure` gets what it names as parameters: facts, tables of the catalogue, or what is given
    (see `facts.definition`). One without parameters gives a Quotient.
    """

    name: str
    question: str
    unit: str
    formula: str
    numerator: str
    denominator: str | None
    leaves_out: str
    split: str
    definition_from: str
    direction: Direction
    additive: bool
    dimensions: tuple[str, ...]
    periods: tuple[str, ...]
    measure: Callable[..., Any]

    @property
    def quotient(self) -> Quotient | None:
        """The two KPIs it is made of, where it is one divided by another."""
        return None if self.needs else self.measure()

    @property
    def table(self) -> str:
        """The table its figures stand in."""
        return f"kpi_{self.name}"

    @property
    def title(self) -> str:
        """Its name in words."""
        return self.name.replace("_", " ").capitalize()

    @property
    def needs(self) -> tuple[str, ...]:
        """What `measure` asks for, in the order of its parameters."""
        return needs_of(self.measure)

    @property
    def counted(self) -> tuple[Fact, ...]:
        """The facts whose rows it counts."""
        if self.quotient is not None:
            parts = (*self.quotient.dividend.counted, *self.quotient.divisor.counted)
            return tuple(dict.fromkeys(parts))
        return tuple(facts()[need] for need in self.needs if need in facts())

    @property
    def given(self) -> tuple[str, ...]:
        """What is said or found out beside tables that it rests on, such as the churn window."""
        if self.quotient is not None:
            return tuple({*self.quotient.dividend.given, *self.quotient.divisor.given})
        return tuple(name for name in GIVEN if any(rests_on(need, name) for need in self.needs))

    @property
    def members_of(self) -> tuple[str, ...]:
        """The facts whose rows say which members and months there are."""
        return tuple(dict.fromkeys(base for one in self.counted for base in one.members_of))

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables behind them."""
        if self.quotient is not None:
            named = [*self.quotient.dividend.tables, *self.quotient.divisor.tables]
        else:
            named = [table for need in self.needs for table in tables_of(need)]
        return tuple(dict.fromkeys(named))


def needs_of(measure: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters."""
    return tuple(inspect.signature(measure).parameters)


def kpi(
    *,
    question: str,
    unit: str,
    formula: str,
    numerator: str,
    denominator: str | None = None,
    leaves_out: str,
    split: str,
    definition_from: str = "this organisation",
    direction: Direction,
    additive: bool,
    dimensions: tuple[str, ...] | None = None,
    periods: tuple[str, ...] = FROM_MONTHS,
) -> Callable[[Callable[..., Measure | Quotient]], Kpi]:
    """Make a function the KPI of its name.

    All texts are words for a reader who knows no code. `unit` is what the figure counts ("orders"),
    "share" (0 to 1), or "currency" for money in the reporting currency. `split` says how rows or
    customers count that belong to several members of a dimension. `definition_from` names the
    source of the definition. `additive` means that the members' figures add up to the whole.
    `dimensions` are those of the facts that are counted where not named. Raises KpiInvalid when the
    function asks for a fact that there is not.
    """

    def define(measure: Callable[..., Measure | Quotient]) -> Kpi:
        defined = Kpi(
            name=measure.__name__,
            question=question,
            unit=unit,
            formula=formula,
            numerator=numerator,
            denominator=denominator,
            leaves_out=leaves_out,
            split=split,
            definition_from=definition_from,
            direction=direction,
            additive=additive,
            dimensions=dimensions or (),
            periods=periods,
            measure=measure,
        )
        for need in defined.needs:
            if need not in known_needs():
                near = difflib.get_close_matches(need, known_needs(), 1)
                hint = near[0] if near else None
                raise KpiInvalid(
                    f"KPI {defined.name} asks for {need!r}, which is no fact"
                    + (f"; did you mean {hint}?" if hint else f"; there are {', '.join(facts())}")
                )
        return defined if dimensions else replace(defined, dimensions=_shared_dimensions(defined))

    return define


def _shared_dimensions(defined: Kpi) -> tuple[str, ...]:
    """Those that all counted facts have; the parts of sales add theirs to sales."""
    if defined.quotient is not None:
        both = (defined.quotient.dividend.dimensions, defined.quotient.divisor.dimensions)
        return tuple(name for name in both[0] if name in both[1])
    parts = {"category", "product"}
    whole = [set(one.dimensions) for one in defined.counted if not set(one.dimensions) <= parts]
    shared = set.intersection(*whole) if whole else set()
    if any(set(one.dimensions) <= parts for one in defined.counted):
        shared |= parts
    return tuple(name for name in DIMENSIONS if name == WHOLE or name in shared)


def kpis(custom: Path | None = None) -> dict[str, Kpi]:
    """All KPIs by name: the platform's, then those of the Python files in the folder `custom`.

    A file whose name begins with an underscore is none. Raises KpiInvalid for a file that cannot be
    imported, that does not define exactly one KPI of its own name, or whose KPI exists already.
    """
    found: dict[str, Kpi] = {}
    for module in [*_own_modules(), *_custom_modules(custom)]:
        defined = _kpi_of(module)
        if defined.name in found:
            raise KpiInvalid(
                f"{_file(module)}: a KPI {defined.name} exists already; choose another name"
            )
        found[defined.name] = defined
    return found


def _own_modules() -> Iterable[ModuleType]:
    for info in pkgutil.iter_modules(own_kpis.__path__, f"{own_kpis.__name__}."):
        yield importlib.import_module(info.name)


def _custom_modules(folder: Path | None) -> Iterable[ModuleType]:
    if folder is None:
        return
    if not folder.is_dir():
        raise KpiInvalid(f"{folder}: no such folder; kpis.custom in aar.yaml names it")
    for path in sorted(folder.glob("*.py")):
        if path.stem.startswith("_"):
            continue
        spec = importlib.util.spec_from_file_location(f"custom_kpis.{path.stem}", path)
        assert spec is not None and spec.loader is not None, "a .py file always has a loader"
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        # Whatever the organisation's own file raises is told as that file's error.
        except Exception as error:
            raise KpiInvalid(f"{path.name}: cannot be imported: {error}") from error
        yield module


def _kpi_of(module: ModuleType) -> Kpi:
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, Kpi) and value.measure.__module__ == module.__name__
    ]
    expected = module.__name__.rpartition(".")[2]
    if [one.name for one in own] != [expected]:
        names = ", ".join(one.name for one in own) or "none"
        raise KpiInvalid(
            f"{_file(module)}: must define one KPI called {expected}, with @kpi above a function "
            f"of that name; it defines {names}"
        )
    return own[0]


def _file(module: ModuleType) -> str:
    return Path(str(module.__file__)).name
