"""From KPIs to figures: every period, dimension and member in one pass of the engine."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.definition import Kpi, KpiInvalid, Measure
from aar_platform.kpis.purchases import purchases
from aar_platform.tables import catalogue

MONTH = "month"
WHOLE = "all"
UNKNOWN = "unknown"
# The day by which the rows of a table fall into periods.
DAY_OF: dict[str, str] = {"sales": "sold_on"}


def compute(
    kpi: Kpi, facts: Mapping[str, Any], start: date, end: date, reporting_currency: str
) -> ir.Table:
    """The figures of a KPI for the months that begin in [start, end), as the table `kpis`.

    `facts` holds the tables the KPI needs by name (`kpi.tables`) and, where it asks for it,
    `churn_window`. There is a row for every month from the first with data to the last, and for
    every member of a dimension from its own first month on: what did not happen there is zero, and
    a rate over nothing is null. A figure depends on its month and the ones before alone, so that it
    is the same whether one month is computed or all.
    """
    periods = _periods(kpi, facts, start, end)
    measure = kpi.measure(**{need: _fact(need, facts, periods) for need in kpi.needs})
    by_dimension = [_by(dimension, kpi, measure, facts, periods) for dimension in kpi.dimensions]
    figures = ibis.union(*by_dimension) if len(by_dimension) > 1 else by_dimension[0]
    numerator = figures.numerator.cast("float64")
    denominator = figures.denominator.cast("float64")
    known = {
        "kpi": ibis.literal(kpi.name),
        "period_start": figures.period_start,
        "period": ibis.literal(MONTH),
        "dimension": figures.dimension,
        "member": figures.member,
        "value": numerator if measure.denominator is None else numerator / denominator.nullif(0),
        "unit": ibis.literal(reporting_currency if kpi.unit == "currency" else kpi.unit),
        "numerator": numerator,
        "denominator": denominator,
        "sample_size": figures.sample_size,
    }
    return figures.select(
        **{name: known[name].cast(dtype) for name, dtype in catalogue.ibis_schema("kpis").items()}
    )


def _fact(need: str, facts: Mapping[str, Any], periods: ir.Table) -> Any:
    if need == "periods":
        return periods
    if need == "purchases":
        return purchases(facts["sales"])
    return facts[need]


def _periods(kpi: Kpi, facts: Mapping[str, Any], start: date, end: date) -> ir.Table:
    """The months that begin in [start, end) and have data: period_start and period_end.

    period_end is the first day after the period, or after the last day with data where that comes
    sooner: what has not happened yet is in no figure.
    """
    days = [facts[name][DAY_OF[name]] for name in kpi.tables]
    spans = [
        day.as_table().aggregate(first=lambda t: t[0].min(), last=lambda t: t[0].max())
        for day in days
    ]
    span = ibis.union(*spans) if len(spans) > 1 else spans[0]
    known = span.aggregate(first=span["first"].min(), last=span["last"].max())
    months = known.select(
        period_start=ibis.range(
            known["first"].truncate("M").cast("timestamp"),
            (known["last"].truncate("M") + ibis.interval(months=1)).cast("timestamp"),
            ibis.interval(months=1),
        )
        .unnest()
        .cast("date"),
        last="last",
    )
    return months.filter(
        months.period_start >= ibis.literal(start), months.period_start < ibis.literal(end)
    ).select(
        "period_start",
        period_end=lambda t: ibis.least(
            (t.period_start + ibis.interval(months=1)).cast("date"),
            (t["last"] + ibis.interval(days=1)).cast("date"),
        ),
    )


def _by(
    dimension: str, kpi: Kpi, measure: Measure, facts: Mapping[str, Any], periods: ir.Table
) -> ir.Table:
    """Numerator, denominator and sample of every period and member of one dimension."""
    rows = measure.rows
    if dimension != WHOLE and dimension not in rows.columns:
        raise KpiInvalid(
            f"KPI {kpi.name}: its rows have no column {dimension}, by which it is to be split"
        )
    rows = rows.mutate(member=_member(rows, dimension))
    if "period_start" not in rows.columns:
        rows = rows.mutate(period_start=rows.day.truncate("M").cast("date"))
    rows = rows.semi_join(periods, "period_start")
    counted = rows.group_by("period_start", "member").aggregate(
        numerator=measure.numerator,
        denominator=ibis.null("int64") if measure.denominator is None else measure.denominator,
        sample_size=measure.sample_size,
    )
    grid = _grid(dimension, kpi, facts, periods)
    found = grid.left_join(counted, ["period_start", "member"])
    rate = measure.denominator is not None
    return found.select(
        "period_start",
        "member",
        dimension=ibis.literal(dimension),
        numerator=found.numerator.fill_null(0),
        denominator=found.denominator.fill_null(0) if rate else found.denominator,
        sample_size=found.sample_size.fill_null(0).cast("int64"),
    )


def _grid(dimension: str, kpi: Kpi, facts: Mapping[str, Any], periods: ir.Table) -> ir.Table:
    """Every period with every member seen by its end."""
    seen = [
        facts[name].select(member=_member(facts[name], dimension), day=facts[name][DAY_OF[name]])
        for name in kpi.tables
        if dimension == WHOLE or dimension in facts[name].columns
    ]
    every = ibis.union(*seen) if len(seen) > 1 else seen[0]
    members = every.group_by("member").aggregate(since=every.day.min())
    return periods.inner_join(members, [periods.period_end > members.since]).select(
        "period_start", "member"
    )


def _member(rows: ir.Table, dimension: str) -> ir.StringValue:
    if dimension == WHOLE:
        return ibis.literal(WHOLE)
    return rows[dimension].fill_null(UNKNOWN)
