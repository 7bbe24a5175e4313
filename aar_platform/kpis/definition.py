"""What a KPI is, and which there are: one file each, here or in the organisation's folder."""

import difflib
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Literal

import ibis.expr.types as ir
from ibis import _
from ibis.common.deferred import Deferred

from aar_platform.kpis import catalogue as own_kpis
from aar_platform.tables import catalogue

Direction = Literal["up", "down"]
DIMENSIONS = ("all", "country", "source")
# Facts that are no tables of the catalogue, and the tables they are made from.
DERIVED_FACTS: dict[str, tuple[str, ...]] = {
    "purchases": ("sales",),
    "churn_window": ("sales",),
    "periods": (),
}


class KpiInvalid(ValueError):
    """A file that should define a KPI does not: one line that says what is wrong with it."""


@dataclass(frozen=True)
class Measure:
    """What a KPI counts: rows, and how those of one period and one member add up.

    `rows` are the source rows of the figure. They carry a date `day`, by which they are put into
    periods (or a date `period_start` where the KPI puts them there itself), and a column for each
    dimension of the KPI except `all`. The others are aggregations over the rows, such as
    `_.amount_reporting.sum()`; without a `denominator` the numerator is the figure. `sample_size`
    counts what the figure rests on.
    """

    rows: ir.Table
    numerator: Deferred
    denominator: Deferred | None = None
    sample_size: Deferred = field(default_factory=_.count)


@dataclass(frozen=True)
class Kpi:
    """A key figure: what it means, and the function that says what to count.

    `measure` gets the facts it names as parameters: tables of the catalogue (such as `sales`) and
    the names of DERIVED_FACTS.
    """

    name: str
    question: str
    unit: str
    formula: str
    numerator: str
    denominator: str | None
    leaves_out: str
    split: str
    direction: Direction
    additive: bool
    dimensions: tuple[str, ...]
    measure: Callable[..., Measure]

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
        """The facts that `measure` asks for, in the order of its parameters."""
        return tuple(inspect.signature(self.measure).parameters)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables behind these facts."""
        named = [table for need in self.needs for table in DERIVED_FACTS.get(need, (need,))]
        return tuple(dict.fromkeys(named))


def kpi(
    *,
    question: str,
    unit: str,
    formula: str,
    numerator: str,
    denominator: str | None = None,
    leaves_out: str,
    split: str,
    direction: Direction,
    additive: bool,
    dimensions: tuple[str, ...] = DIMENSIONS,
) -> Callable[[Callable[..., Measure]], Kpi]:
    """Make a function the KPI of its name.

    All texts are words for a reader who knows no code. `unit` is what the figure counts ("orders"),
    "share" (0 to 1), or "currency" for money in the reporting currency. `split` says how rows or
    customers count that belong to several members of a dimension. `additive` means that the
    members' figures add up to the whole. Raises KpiInvalid when the function asks for a fact that
    there is not.
    """

    def define(measure: Callable[..., Measure]) -> Kpi:
        defined = Kpi(
            name=measure.__name__,
            question=question,
            unit=unit,
            formula=formula,
            numerator=numerator,
            denominator=denominator,
            leaves_out=leaves_out,
            split=split,
            direction=direction,
            additive=additive,
            dimensions=dimensions,
            measure=measure,
        )
        facts = [*DERIVED_FACTS, *catalogue.CORE, *catalogue.OUTPUTS]
        for need in defined.needs:
            if need not in facts:
                near = difflib.get_close_matches(need, facts, 1)
                hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(facts)}"
                raise KpiInvalid(f"KPI {defined.name} asks for {need!r}, which is no fact{hint}")
        return defined

    return define


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
