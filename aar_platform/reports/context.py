"""What a report is rendered for: whose organisation, which month, which reader, which account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

import ibis.expr.types as ir

from aar_platform.privacy.roles import Role

Tables = Callable[[str], ir.Table]


class KpiFacts(Protocol):
    """What a report says about a KPI: the question it answers, how it is computed, its unit,
    the direction that is good (`up`, `down` or `none`) and whether members add up to the whole."""

    @property
    def question(self) -> str: ...
    @property
    def formula(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def direction(self) -> str: ...
    @property
    def additive(self) -> bool: ...
    @property
    def numerator(self) -> str: ...
    @property
    def denominator(self) -> str | None: ...
    @property
    def title(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def given(self) -> tuple[str, ...]: ...
    @property
    def counted(self) -> "tuple[CountedFact, ...]": ...
    @property
    def divides_money(self) -> bool: ...
    @property
    def in_chinese(self) -> "KpiWords | None": ...


class KpiWords(Protocol):
    """A KPI's name, question and formula in another language."""

    @property
    def name(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def formula(self) -> str: ...


class CountedFact(Protocol):
    """Rows that a KPI counts."""

    @property
    def name(self) -> str: ...


class Window(Protocol):
    """After how many days without a purchase a customer counts as lost; `origin` says whether that
    is stated, found in the data, or customary where the data are too few."""

    @property
    def days(self) -> int: ...
    @property
    def origin(self) -> str: ...


class RowBehind(Protocol):
    """A record that a KPI counts, and what it adds."""

    @property
    def table(self) -> str: ...
    @property
    def source(self) -> str | None: ...
    @property
    def record_id(self) -> str | None: ...
    @property
    def day(self) -> date | None: ...
    @property
    def adds(self) -> float | None: ...


class RowsBehind(Protocol):
    """How many rows a KPI counts in the month, and those of them that add most."""

    @property
    def count(self) -> int: ...
    @property
    def largest(self) -> "Sequence[RowBehind]": ...


@dataclass(frozen=True)
class SourceState:
    """How fresh one object of a source is, and what became of its rows.

    `last_data` is the last day the data speaks of, `last_extracted` the moment (UTC) of the last
    extract; `rows` stand in the core table, `quarantined` do not, `repaired` counts rows that were
    brought into form.
    """

    source: str
    object: str
    last_data: date | None
    last_extracted: datetime | None
    rows: int
    quarantined: int
    repaired: int
    is_stale: bool


@dataclass(frozen=True)
class ReportContext:
    """One reader's view of one month, and of one account where `account` names it.

    `period_start` is the first day of the month reported on. `role` decides what is shown;
    `recipient` and `regions` fill the role's `rows` expression. `kpis` holds the definitions by
    name, in the order in which figures are shown. `figures` computes the table `kpis` from the
    tables of a part of the customers; without it a role with `rows` sees no KPI, since the stored
    ones are about all customers. `rows` finds the rows behind the month's figures in tables,
    `churn_window` the window by which their figures tell who is lost.
    """

    organisation: str
    currency: str
    timezone: str
    period_start: date
    role: Role
    role_name: str
    locale: str = "en"
    recipient: str | None = None
    regions: tuple[str, ...] = ()
    account: str | None = None
    source_states: tuple[SourceState, ...] = ()
    kpis: Mapping[str, KpiFacts] = field(default_factory=dict)
    figures: Callable[[Tables], ir.Table] | None = None
    rows: Callable[[Tables], Mapping[str, "RowsBehind"]] | None = None
    churn_window: Callable[[Tables], Window] | None = None

    def stale_sources(self) -> tuple[str, ...]:
        """Names of the sources of which some object is late, in order."""
        return tuple(sorted({state.source for state in self.source_states if state.is_stale}))
