"""What every source has in common: its section of aar.yaml, the objects it offers, the rows of core
tables made from them, and the registry by which a new source is one new file in this package."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, StringConstraints

from aar_platform.landing.store import Landing
from aar_platform.sources.columns import RawColumn

if TYPE_CHECKING:
    import ibis.expr.types as ir

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

Config = TypeVar("Config", bound=type["SourceConfig"])

# The tag of runs that go on from the last pull; others ask for the whole of their days.
ONLY_NEW_TAG = "aar/only_new"

_KINDS: dict[str, type["SourceConfig"]] = {}


@dataclass(frozen=True)
class SourceObject:
    """One stream of records that a source offers: an extract and a raw table.

    name: unique within the source. is_daily: whether it lands in one partition a day. after:
    objects of the source that are extracted first, because this one is asked for by theirs.
    columns: for records in JSON, the typed columns of the raw table; None where what lands has
    columns of its own. key: raw columns that name a record, empty where rows are records.
    changed_at: the raw column that says when a record last changed. day: the raw column of the day
    that a record reports on, where a day is said anew as a whole.
    """

    name: str
    is_daily: bool = False
    after: tuple[str, ...] = ()
    columns: Mapping[str, RawColumn] | None = None
    key: tuple[str, ...] = ()
    changed_at: str | None = None
    day: str | None = None


@dataclass(frozen=True)
class CoreRows:
    """How rows of one core table are made from raw tables of a source.

    into: the core table. of: the objects read; the first is the one whose records become rows.
    columns: core column → the source's own column. constants: core column → value of every row.
    decimal, date_order: conventions stated by the configuration; None means "detect".
    rows: for records in JSON, the function from the raw tables of `of`, one row per record in its
    latest version, to rows with columns of the core table (see `mapping.core_rows`).
    is_row_per_record: whether each record of the first object makes exactly one row.
    """

    into: str
    of: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    decimal: str | None = None
    date_order: str | None = None
    rows: "Callable[..., ir.Table] | None" = None
    is_row_per_record: bool = True


@dataclass(frozen=True)
class Calendar:
    """How days are cut: in which timezone, and which is the first."""

    zone: str
    start: date

    def today(self) -> date:
        """The day it is now."""
        return datetime.now(ZoneInfo(self.zone)).date()


@dataclass(frozen=True)
class Extracted:
    """What an extract landed: rows in the partitions asked for, partitions that changed, requests
    made, and for each file or pull how it was read (no values of records)."""

    rows: int
    changed: int
    readings: Sequence[Mapping[str, Any]] = ()
    requests: int = 0


class SourceConfig(BaseModel):
    """One entry under `sources` of aar.yaml; every kind of source extends it.

    timezone: the zone of timestamps that carry none; None means the organisation's.
    """

    model_config = ConfigDict(extra="forbid")

    name: Identifier
    kind: str
    timezone: str | None = None

    # Whether records are asked for, so that there may be new ones at any time; else they arrive.
    is_asked: ClassVar[bool] = False

    def objects(self) -> list[SourceObject]:
        """The objects this source offers, in the order of its configuration."""
        raise NotImplementedError(f"the source kind {self.kind} does not say what it offers")

    def left_out(self) -> list[SourceObject]:
        """Objects that the configuration leaves out, though others are joined with them."""
        return []

    def core_rows(self) -> list[CoreRows]:
        """How the source's records become rows of core tables."""
        raise NotImplementedError(f"the source kind {self.kind} does not say what it feeds")

    def extract(
        self,
        landing: Landing,
        name: str,
        days: Sequence[date] | None,
        calendar: Calendar,
        only_new: bool = False,
    ) -> Extracted:
        """Land what an object has: for the given days, or as a whole where it is not daily.

        only_new: of those days, what has not landed is enough.
        """
        raise NotImplementedError(f"the source kind {self.kind} does not say how to extract")

    def try_out(self, name: str) -> None:
        """See, cheaply, whether an object can be extracted; raises what extracting would."""
        raise NotImplementedError(f"the source kind {self.kind} cannot be tried out")

    def changed_days(self, landing: Landing, name: str, calendar: Calendar) -> list[date]:
        """The days of a daily object whose records are new or changed since they landed."""
        raise NotImplementedError(f"the source kind {self.kind} does not say what is new")


# Every object of every configured source, with its source.
Objects = Sequence[tuple[SourceConfig, SourceObject]]


def source_kind(kind: str) -> Callable[[Config], Config]:
    """Register the decorated class as the configuration of sources of this kind."""

    def register(config: Config) -> Config:
        known = _KINDS.get(kind)
        if known is not None and known.__qualname__ != config.__qualname__:
            raise ValueError(
                f"the source kind {kind} is registered by {known.__module__} "
                f"and again by {config.__module__}; rename one of them"
            )
        _KINDS[kind] = config
        return config

    return register


def source_kinds() -> dict[str, type[SourceConfig]]:
    """Every kind of source in this package, by name.

    A source is a module of this package, or a subpackage with a module `config`.
    """
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        name = f"{__package__}.{module.name}"
        if module.ispkg:
            name = f"{name}.config"
            if importlib.util.find_spec(name) is None:
                continue
        importlib.import_module(name)
    return dict(sorted(_KINDS.items()))
