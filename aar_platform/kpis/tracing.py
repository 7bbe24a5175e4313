"""The rows behind one figure: exactly those that were counted, and what each adds."""

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from aar_platform.kpis.cells import member_columns, members
from aar_platform.kpis.counting import Counted, counted, measured
from aar_platform.kpis.data_days import known_until
from aar_platform.kpis.definition import Kpi, KpiInvalid
from aar_platform.kpis.dimensions import WHOLE
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.periods import as_table, end_of, overlapping

# What names a row, as far as a fact has it; `adds` comes last.
NAMES = ("table", "source", "record_id", "order_id", "customer_id", "day", "category", "product")
PARTS = ("numerator", "denominator")
# The core table of facts that are called otherwise and whose rows do not say it.
FROM = {"mailings": "messages", "purchases": "orders"}


@dataclass(frozen=True)
class Asked:
    """One figure: of a KPI, in the period that begins on `period_start`, of a member."""

    period: str
    period_start: date
    dimension: str = WHOLE
    member: str = WHOLE


def source_rows(kpi: Kpi, known: Facts, asked: Asked) -> dict[str, ir.Table]:
    """Numerator and, of a ratio, denominator → the rows counted: the columns of NAMES that they
    have, and `adds`, which sums up to the part.

    Of a number of different values each value's first row adds 1 and the others 0; of a
    median the value stands there, which sums up to nothing. Raises KpiInvalid for a quotient of
    KPIs, which counts no rows, and for a dimension that the KPI is not split by.
    """
    if kpi.quotient is not None:
        raise KpiInvalid(
            f"{kpi.name} is {kpi.quotient.dividend.name} / {kpi.quotient.divisor.name}; "
            "explain these"
        )
    if asked.dimension not in kpi.dimensions:
        raise KpiInvalid(
            f"{kpi.name} is not split by {asked.dimension}; it is by {', '.join(kpi.dimensions)}"
        )
    end = end_of(asked.period, asked.period_start)
    if "periods" in kpi.given:
        last_days = {
            name: row["last"]
            for name in filter(known.has_rows, kpi.members_of)
            for row in members(known[name], (WHOLE,)).to_pyarrow().to_pylist()
        }
        until = known_until(kpi, last_days, known["as_of"])
        known.within(as_table(overlapping((asked.period,), asked.period_start, end, until)))
    measure = measured(kpi, known)
    found: dict[str, ir.Table] = {}
    for one in counted(kpi, measure, (asked.dimension,)):
        if one.part in PARTS and asked.dimension in one.dimensions:
            since = date.min if measure.is_running_total else asked.period_start
            found[one.part] = _rows(kpi, one, asked, since, end)
    return found


def _rows(kpi: Kpi, one: Counted, asked: Asked, since: date, end: date) -> ir.Table:
    rows = one.rows.mutate(**member_columns(one.rows, (asked.dimension,)))
    if "period_start" in rows.columns:
        rows = rows.filter(
            rows.period == asked.period, rows.period_start == ibis.literal(asked.period_start)
        )
    else:
        rows = rows.filter(rows.day >= ibis.literal(since), rows.day < ibis.literal(end))
    if asked.dimension != WHOLE:
        rows = rows.filter(rows[f"_{asked.dimension}"] == asked.member)
    bound = one.over(rows)
    rows = rows.mutate(adds=_adds(bound, rows), table=_table(kpi, one, rows))
    where = getattr(bound.op(), "where", None)
    if where is not None:
        rows = rows.filter(one.over(rows).op().where.to_expr())
    if isinstance(bound.op(), ops.CountDistinct):
        rows = rows.mutate(_value=one.over(rows).op().arg.to_expr())
        rows = rows.filter(rows._value.notnull())
        nth = ibis.row_number().over(group_by=rows._value, order_by=_order(rows))
        rows = rows.mutate(adds=(nth == 0).ifelse(1, 0))
    named = [name for name in NAMES if name in rows.columns]
    return rows.select(*named, "adds").order_by(ibis.desc(rows.adds), *_order(rows))


def _adds(bound: ir.Scalar, rows: ir.Table) -> ir.NumericValue:
    op = bound.op()
    if isinstance(op, ops.Sum):
        return op.arg.to_expr()
    if isinstance(op, ops.Quantile | ops.Median | ops.Mean):
        return op.arg.to_expr()
    return ibis.literal(1)


def _order(rows: ir.Table) -> list[ir.Value]:
    return [rows[name] for name in NAMES if name in rows.columns]


def _table(kpi: Kpi, one: Counted, rows: ir.Table) -> ir.StringValue:
    """The core table that a row is from."""
    if "table" in rows.columns:
        return rows.table
    if "kind" in rows.columns:
        return rows.kind.cases(("order", "orders"), ("refund", "refunds"), else_=rows.kind)
    names = [fact.name for fact in kpi.counted]
    name = names[-1] if one.part == "denominator" else names[0]
    return ibis.literal(FROM.get(name, name))
