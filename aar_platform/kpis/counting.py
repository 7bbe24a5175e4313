"""What a KPI counts, taken apart: the sums behind numerator, denominator and sample size."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.common.deferred import Deferred
from ibis.common.graph import Node

from aar_platform.kpis.definition import Kpi, KpiInvalid, Measure
from aar_platform.kpis.dimensions import WHOLE
from aar_platform.kpis.exchange import CurrencyMissing, RateMissing
from aar_platform.kpis.facts.definition import Facts

# Aggregations that are 0, not null, over no rows.
ADDING = (ops.Sum, ops.Count, ops.CountStar, ops.CountDistinct)
# Those whose rows do not add up to them.
MIDDLE = (ops.Mean, ops.Median, ops.Quantile)


@dataclass(frozen=True)
class Counted:
    """One of the sums of a KPI: `part` is numerator, denominator or sample_size, `one` the
    aggregation over `rows`, told in `dimensions`."""

    part: str
    rows: ir.Table
    one: ir.Scalar
    dimensions: tuple[str, ...]

    @property
    def key(self) -> tuple[Any, Any]:
        """Two sums with the same key are equal."""
        return self.rows.op(), self.one.op()

    def over(self, rows: ir.Table) -> ir.Scalar:
        """The aggregation over `rows`, which have the columns of its own and more."""
        return moved(self.one, self.rows, rows)

    @property
    def adds(self) -> bool:
        """Whether it is 0 where there is nothing."""
        return isinstance(self.one.op(), ADDING)

    @property
    def where(self) -> ir.BooleanValue | None:
        """The condition on the rows that count."""
        op = self.one.op()
        where = getattr(op, "where", None)
        return None if where is None else where.to_expr()


def measured(kpi: Kpi, known: Facts, **said: Any) -> Measure:
    """What a KPI counts of these facts; `said` goes before what is given.

    Raises KpiInvalid for a function that fails or gives something else; RateMissing and
    CurrencyMissing of its amounts.
    """
    named = known.named(kpi.measure, **said)
    with _told_of(kpi):
        measure = kpi.measure(**named)
    if not isinstance(measure, Measure):
        raise KpiInvalid(
            f"KPI {kpi.name}: its function gives a {type(measure).__name__} and not a Measure"
        )
    return measure


def counted(kpi: Kpi, measure: Measure, dimensions: Sequence[str]) -> Iterator[Counted]:
    """All sums of a KPI, the further dimensions of `parts` apart.

    Raises KpiInvalid for a dimension that its rows do not have, and for sums that these rows or
    their columns do not allow.
    """
    whole = [name for name in dimensions if _has(measure.rows, name)]
    further = [name for name in dimensions if name not in whole]
    if further and (measure.parts is None or not all(_has(measure.parts, one) for one in further)):
        raise KpiInvalid(
            f"KPI {kpi.name}: its rows have no column {further[0]}, by which it is to be split"
        )
    others = measure.denominator_rows
    if others is not None and (lacking := [one for one in whole if not _has(others, one)]):
        raise KpiInvalid(
            f"KPI {kpi.name}: the rows of its denominator have no column {lacking[0]}, by which it "
            "is to be split"
        )
    with _told_of(kpi):
        sums = list(_sums(measure, measure.rows, others, tuple(whole)))
    for one in sums:
        if not isinstance(one.one.op(), (*ADDING, *MIDDLE)):
            raise KpiInvalid(
                f"KPI {kpi.name}: its {one.part} is not one sum, count, nunique, mean, median or "
                "quantile of its rows; what is done with a value goes inside, as in (_.a / 100)"
                ".sum()"
            )
        yield one
    if further and measure.parts is not None:
        with _told_of(kpi):
            sums = list(_sums(measure, measure.parts, None, tuple(further)))
        yield from sums


@contextmanager
def _told_of(kpi: Kpi) -> Iterator[None]:
    """Whatever an organisation's own function raises, as KpiInvalid in one line."""
    try:
        yield
    except (KpiInvalid, RateMissing, CurrencyMissing):
        raise
    except Exception as error:
        # What Ibis says after its first line are the columns, one a line.
        told = str(error).strip().splitlines() or ["no word"]
        raise KpiInvalid(
            f"KPI {kpi.name} cannot be computed: {type(error).__name__}: {told[0]}"
        ) from error


def moved(value: ir.Value, before: ir.Table, now: ir.Table) -> ir.Value:
    """A value over `before` as the same one over `now`, which has its columns and more."""

    def changed(node: Node, arguments: dict[str, Any] | None) -> Node:
        if isinstance(node, ops.Field) and node.rel == before.op():
            return ops.Field(now, node.name)
        if node == before.op():
            return now.op()
        return node.copy(**arguments) if arguments else node

    return value.op().replace(changed).to_expr()


def _has(rows: ir.Table, dimension: str) -> bool:
    return dimension == WHOLE or dimension in rows.columns


def _sums(
    measure: Measure, rows: ir.Table, others: ir.Table | None, dimensions: tuple[str, ...]
) -> Iterator[Counted]:
    numerator = Counted("numerator", rows, _bound(rows, measure.numerator), dimensions)
    yield numerator
    rests_on = numerator
    if measure.denominator is not None:
        divisor = rows if others is None else others
        bound = _bound(divisor, measure.denominator)
        rests_on = Counted("denominator", divisor, bound, dimensions)
        yield rests_on
    sample = (
        _sample(rests_on)
        if measure.sample_size is None
        else _bound(rests_on.rows, measure.sample_size)
    )
    yield Counted("sample_size", rests_on.rows, sample, dimensions)


def _bound(rows: ir.Table, aggregation: Deferred) -> ir.Scalar:
    (bound,) = rows.bind(aggregation)
    return bound


def _sample(rests_on: Counted) -> ir.Scalar:
    if isinstance(rests_on.one.op(), (ops.Count, ops.CountStar, ops.CountDistinct)):
        return rests_on.one
    if "lines" in rests_on.rows.columns:
        # Rows that are sums already say of how many.
        return rests_on.rows["lines"].sum(where=rests_on.where)
    return rests_on.rows.count(where=rests_on.where)
