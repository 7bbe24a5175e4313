"""What a fact is: rows of the platform's tables made ready to be counted; one file each."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import ibis.expr.types as ir

from aar_platform.kpis import facts as package
from aar_platform.kpis.dimensions import traits
from aar_platform.tables import catalogue

# What facts and KPIs may ask for by the name of a parameter beside facts and tables: settings of
# the organisation, days, and what is found out from the tables named here.
GIVEN: dict[str, tuple[str, ...]] = {
    "reporting_currency": (),
    "timezone": (),
    "rates": (),
    "as_of": (),
    "periods": (),
    "churn_window": ("sales",),
    "traits": ("customers", "customer_segments"),
}


@dataclass(frozen=True)
class Fact:
    """Rows that KPIs count.

    They carry `day`, a date in the organisation's timezone by which they fall into periods (or
    `period` and `period_start` where they tell how things stood at its end), `customer_id` where
    they are about customers, and a column for each of `dimensions`. `members_of` names the facts
    whose rows say which members and months there are: itself, or what it is a part of; from the
    date `began` on, where rows have one beside their day. What `lasts` goes on after its day: a
    subscription, a deal. What is counted in one pass alone is not `is_kept`: storing its rows
    would cost more than it spares. What is stored for counting may be `stored_as` fewer rows with
    the same sums; explanations see them all.
    """

    name: str
    dimensions: tuple[str, ...]
    members_of: tuple[str, ...]
    lasts: bool
    is_kept: bool
    stored_as: Callable[[ir.Table], ir.Table] | None
    make: Callable[..., ir.Table]

    @property
    def needs(self) -> tuple[str, ...]:
        """What it is made from: names of tables (its own name is one), facts and GIVEN."""
        return tuple(inspect.signature(self.make).parameters)


def fact(
    *dimensions: str,
    members_of: tuple[str, ...] = (),
    lasts: bool = False,
    is_kept: bool = True,
    stored_as: Callable[[ir.Table], ir.Table] | None = None,
) -> Callable[[Callable[..., ir.Table]], Fact]:
    """Make a function the fact of its name; see Fact."""

    def define(make: Callable[..., ir.Table]) -> Fact:
        name = make.__name__
        return Fact(name, dimensions, members_of or (name,), lasts, is_kept, stored_as, make)

    return define


@cache
def facts() -> dict[str, Fact]:
    """All facts by name."""
    found: dict[str, Fact] = {}
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, Fact) and value.make.__module__ == info.name:
                found[value.name] = value
    return found


@cache
def tables_of(need: str, is_table: bool = False) -> tuple[str, ...]:
    """The tables of the catalogue behind a fact, a table or one of GIVEN."""
    if need in facts() and not is_table:
        made_from = [
            table
            for name in facts()[need].needs
            for table in tables_of(name, is_table=name == need)
        ]
        return tuple(dict.fromkeys(made_from))
    if need in GIVEN:
        return GIVEN[need]
    return (need,)


# They say who customers are, and are no rows to count.
_DESCRIBING = ("customers", "customer_segments", "customer_links")


def rows_from(name: str) -> tuple[str, ...]:
    """The tables of which one at least has rows where a fact has some."""
    return tuple(table for table in tables_of(name) if table not in _DESCRIBING)


def rests_on(need: str, given: str) -> bool:
    """Whether a fact, or what it is made from, asks for one of GIVEN."""
    if need == given:
        return True
    made_from = facts()[need].needs if need in facts() else ()
    return any(rests_on(name, given) for name in made_from if name != need)


def known_needs() -> list[str]:
    """Everything that a KPI may ask for."""
    names = [*facts(), *GIVEN, *catalogue.CORE, *catalogue.OUTPUTS]
    return list(dict.fromkeys(names))


class Facts:
    """The facts of one state of the tables, each made when it is first asked for, and once.

    `tables` gives a table of the catalogue by name, `given` what is not made from tables (see
    GIVEN), `keep` stores a fact that several KPIs count and gives it back. `expressions` are the
    facts as they were computed, before they were kept.
    """

    def __init__(
        self,
        tables: Callable[[str], ir.Table],
        given: dict[str, Any],
        keep: Callable[[str, ir.Table], ir.Table] | None = None,
    ) -> None:
        self._tables = tables
        self._given = dict(given)
        self._keep = keep
        self._made: dict[str, ir.Table] = {}
        self._filled: dict[str, bool] = {}
        self.expressions: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> Any:
        """A fact, one of what is given, or else a table."""
        if name in facts():
            if name not in self._made:
                rows = self._of(facts()[name])
                if self._keep is not None and facts()[name].is_kept:
                    fewer = facts()[name].stored_as
                    rows = rows if fewer is None else fewer(rows)
                    self.expressions[name] = rows
                    rows = self._keep(name, rows)
                self._made[name] = rows
            return self._made[name]
        return self.given(name) if name in GIVEN else self._tables(name)

    def given(self, name: str) -> Any:
        """One of GIVEN, found out from the tables where it was not said."""
        if name not in self._given and name == "traits":
            rows = traits(
                self._tables("customers"), self._tables("customer_segments"), self._given["as_of"]
            )
            if self._keep is not None:
                self.expressions[name] = rows
                rows = self._keep(name, rows)
            self._given[name] = rows
        return self._given[name]

    def _of(self, one: Fact) -> ir.Table:
        return one.make(
            **{need: self._tables(need) if need == one.name else self[need] for need in one.needs}
        )

    def has_rows(self, *names: str) -> bool:
        """Whether one of these facts may have rows, by the tables they are made from: to compute an
        empty fact takes a tenth of a second, and most companies have some."""
        return any(self._has_rows(table) for name in names for table in rows_from(name))

    def _has_rows(self, table: str) -> bool:
        if table not in self._filled:
            rows = self._tables(table).limit(1).count()
            self._filled[table] = bool(rows.to_pyarrow().as_py())
        return self._filled[table]

    def within(self, periods: ir.Table) -> None:
        """Say the periods that figures are asked for; facts made for others are forgotten."""
        self._given["periods"] = periods
        for name in list(self._made):
            if "periods" in facts()[name].needs:
                del self._made[name]

    def named(self, function: Callable[..., Any], **said: Any) -> dict[str, Any]:
        """What the parameters of a function name; `said` goes before what is given."""
        needs = inspect.signature(function).parameters
        return {need: said[need] if need in said else self[need] for need in needs}
