"""What a segment scheme is, and the registry of them: each is one file of this package."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import ibis
import ibis.expr.types as ir

from aar_platform import segments
from aar_platform.segments.policy import SegmentPolicy
from aar_platform.tables import catalogue

# (sales, customers, customer_scores, as_of, policy) → rows of customer_segments
Assign = Callable[[ir.Table, ir.Table, ir.Table, date, SegmentPolicy], ir.Table]

NO_PURCHASE = "No purchase yet"


@dataclass(frozen=True)
class SegmentScheme:
    """A way to divide customers. `assign` gives every row of `customers` exactly one segment."""

    name: str
    description: str
    assign: Assign


_registered: dict[str, SegmentScheme] = {}


def segment_scheme(name: str) -> Callable[[Assign], Assign]:
    """Register a function as the segment scheme `name`; its docstring's first line describes it.

    Raises ValueError where the name is taken by another function or the docstring is missing.
    """

    def register(assign: Assign) -> Assign:
        taken = _registered.get(name)
        if taken and taken.assign.__module__ != assign.__module__:
            raise ValueError(
                f"segment scheme {name!r} is defined in both {taken.assign.__module__} "
                f"and {assign.__module__}; rename one of them"
            )
        words = (assign.__doc__ or "").strip().splitlines()
        if not words:
            raise ValueError(
                f"segment scheme {name!r} in {assign.__module__} has no docstring; "
                "its first line is the scheme's description"
            )
        _registered[name] = SegmentScheme(name, words[0], assign)
        return assign

    return register


def schemes() -> Mapping[str, SegmentScheme]:
    """All segment schemes by name, in alphabetical order."""
    for module in pkgutil.iter_modules(segments.__path__, f"{segments.__name__}."):
        importlib.import_module(module.name)
    return MappingProxyType(dict(sorted(_registered.items())))


def customer_segments(
    sales: ir.Table, customers: ir.Table, scores: ir.Table, as_of: date, policy: SegmentPolicy
) -> ir.Table:
    """The table `customer_segments`: every customer once per registered scheme."""
    parts = [
        scheme.assign(sales, customers, scores, as_of, policy) for scheme in schemes().values()
    ]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def as_segments(labelled: ir.Table, scheme: str, as_of: date) -> ir.Table:
    """Rows of `customer_segments` from a table with customer_id, segment and label."""
    columns = {
        "customer_id": labelled.customer_id,
        "scheme": ibis.literal(scheme),
        "segment": labelled.segment,
        "label": labelled.label,
        "as_of": ibis.literal(as_of),
    }
    schema = catalogue.ibis_schema("customer_segments")
    return labelled.select(**{name: columns[name].cast(schema[name]) for name in schema.names})
