"""What every source has in common: its section of aar.yaml, the objects it offers, and the registry
by which a new source is one new file in this package."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from aar_platform.landing.store import Landing

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

Config = TypeVar("Config", bound=type["SourceConfig"])

_KINDS: dict[str, type["SourceConfig"]] = {}


@dataclass(frozen=True)
class SourceObject:
    """One stream of rows a source offers, and how it becomes rows of a core table.

    name: the object's name, unique within the source. into: the core table it feeds.
    columns: core column → the source's own column. constants: core column → value of every row.
    decimal, date_order: conventions stated by the configuration; None means "detect".
    is_daily: whether the object arrives in one piece a day and is partitioned by day.
    """

    name: str
    into: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    decimal: str | None = None
    date_order: str | None = None
    is_daily: bool = False


@dataclass(frozen=True)
class Extracted:
    """What an extract landed: rows in the partitions asked for, partitions that changed, and for
    each file or request how it was read (no values of records)."""

    rows: int
    changed: int
    readings: Sequence[Mapping[str, Any]] = ()


class SourceConfig(BaseModel):
    """One entry under `sources` of aar.yaml; every kind of source extends it.

    timezone: the zone of timestamps that carry none; None means the organisation's.
    """

    model_config = ConfigDict(extra="forbid")

    name: Identifier
    kind: str
    timezone: str | None = None

    def objects(self) -> list[SourceObject]:
        """The objects this source offers, in the order of its configuration."""
        raise NotImplementedError(f"the source kind {self.kind} does not say what it offers")

    def extract(self, landing: Landing, name: str, days: Sequence[date] | None) -> Extracted:
        """Land what an object has: for the given days, or as a whole where it is not daily."""
        raise NotImplementedError(f"the source kind {self.kind} does not say how to extract")

    def try_out(self, name: str) -> None:
        """See, cheaply, whether an object can be extracted; raises what extracting would."""
        raise NotImplementedError(f"the source kind {self.kind} cannot be tried out")

    def changed_days(self, landing: Landing, name: str) -> list[date]:
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
        if module.name == "registry":
            continue
        suffix = ".config" if module.ispkg else ""
        importlib.import_module(f"{__package__}.{module.name}{suffix}")
    return dict(sorted(_KINDS.items()))
