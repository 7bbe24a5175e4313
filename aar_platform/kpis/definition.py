"""What a KPI is: its words, and the function that says what to count."""

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import ibis.expr.types as ir
from ibis.common.deferred import Deferred

from aar_platform.kpis.dimensions import DIMENSIONS, WHOLE
from aar_platform.kpis.facts.definition import (
    GIVEN,
    Fact,
    facts,
    known_needs,
    rests_on,
    tables_of,
)
from aar_platform.kpis.periods import ALL_PERIODS, FROM_MONTHS

Direction = Literal["up", "down", "none"]

# The parts of a report in which figures stand, in this order.
AREAS = (
    "sales",
    "customers",
    "acquisition",
    "pipeline",
    "messages",
    "service",
    "website",
    "further",
)


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
class Words:
    """A KPI's name, question and formula in another language."""

    name: str
    question: str
    formula: str


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
    area: str
    in_chinese: Words | None
    is_ratio_of_money: bool
    measure: Callable[..., Any]

    @property
    def quotient(self) -> Quotient | None:
        """The two KPIs it is made of, where it is one divided by another."""
        return None if self.needs else self.measure()

    @property
    def divides_money(self) -> bool:
        """Whether numerator and denominator are amounts in the reporting currency, though the
        figure is none."""
        parts = self.quotient and (self.quotient.dividend, self.quotient.divisor)
        if parts:
            return all(part.unit == "currency" for part in parts)
        return self.is_ratio_of_money

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
    area: str = "further",
    in_chinese: Words | None = None,
    is_ratio_of_money: bool = False,
) -> Callable[[Callable[..., Measure | Quotient]], Kpi]:
    """Make a function the KPI of its name.

    All texts are words for a reader who knows no code. `unit` is what the figure counts ("orders"),
    "share" (0 to 1), or "currency" for money in the reporting currency. `split` says how rows or
    customers count that belong to several members of a dimension. `definition_from` names the
    source of the definition. `additive` means that the members' figures add up to the whole.
    `dimensions` are those of the facts that are counted where not named. `area` is the part of a
    report it stands in, one of AREAS; `is_ratio_of_money` says that both numerator and denominator
    are money, as of the share of revenue that came back. Raises KpiInvalid when the function asks
    for a fact that there is not.
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
            area=area,
            in_chinese=in_chinese,
            is_ratio_of_money=is_ratio_of_money,
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
        _refuse(defined)
        return defined if dimensions else replace(defined, dimensions=_shared_dimensions(defined))

    return define


def _refuse(defined: Kpi) -> None:
    """Raise KpiInvalid for words that mean nothing, and for a KPI that counts no rows of a fact."""
    if not defined.counted:
        raise KpiInvalid(
            f"KPI {defined.name} counts no fact; ask for one of {', '.join(sorted(facts()))}"
        )
    if defined.area not in AREAS:
        raise KpiInvalid(f"KPI {defined.name}: area {defined.area!r} is none of {', '.join(AREAS)}")
    if defined.unit == "share" and defined.denominator is None and defined.quotient is None:
        raise KpiInvalid(f"KPI {defined.name}: a share needs a denominator")
    if not defined.periods:
        raise KpiInvalid(f"KPI {defined.name}: periods names none of {', '.join(ALL_PERIODS)}")
    for period in defined.periods:
        if period not in ALL_PERIODS:
            known = ", ".join(ALL_PERIODS)
            raise KpiInvalid(f"KPI {defined.name}: period {period!r} is none of {known}")
    parts = defined.quotient and (defined.quotient.dividend, defined.quotient.divisor)
    if parts and any(part.quotient for part in parts):
        raise KpiInvalid(f"KPI {defined.name}: a quotient of quotients; name the KPIs that count")


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
