"""Each KPI of the month: its figure, those of the months before, and what is behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.reports.context import ReportContext
from aar_platform.reports.months import month_before
from aar_platform.reports.templates.portfolio.rows import as_date, number, rows_of

MONTHS_SHOWN = 24
# What a reader asks first comes first; KPIs that an organisation adds come after.
FIRST = (
    "revenue", "orders", "average_order_value", "revenue_per_customer",
    "active_customers", "new_customers", "repeat_rate", "churn_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Headline:
    """One KPI in the month, in the month before, and over the months shown. `unit` is a currency,
    "share" or what is counted; `is_small` where too few customers stand behind it. `sources` are
    the parts of sources, each with its value and sample; `is_uncertain` marks a small sample.
    `has_figures` is false where no month has a figure, those that are not told included."""

    kpi: str
    unit: str
    value: float | None
    before: float | None
    history: tuple[float | None, ...]
    is_small: bool
    numerator: float | None = None
    denominator: float | None = None
    sample_size: int = 0
    is_uncertain: bool = False
    sources: tuple[tuple[str, float | None, int], ...] = ()
    unusual: "Unusual | None" = None
    has_figures: bool = True


@dataclass(frozen=True)
class Unusual:
    """The month left the range from `low` to `high`, which its past leads one to expect;
    `moved_by` names the members that moved it most."""

    low: float
    high: float
    moved_by: str


def monthly(kpis: ir.Table | None, context: ReportContext) -> dict[tuple[str, date], Any]:
    """(KPI, month) → row, over all members, up to the reported month."""
    if kpis is None:
        return {}
    rows = kpis.filter(
        kpis.period == "month",
        kpis.dimension == "all",
        kpis.period_start <= ibis.literal(context.period_start),
        kpis.period_start >= ibis.literal(month_before(context.period_start, MONTHS_SHOWN - 1)),
    ).select("kpi", "period_start", "value", "unit", "sample_size", "numerator", "denominator",
             "is_small_sample")  # fmt: skip
    return {(row.kpi, as_date(row.period_start)): row for row in rows_of(rows)}


def parts_of_sources(
    kpis: ir.Table | None, context: ReportContext
) -> dict[str, tuple[tuple[str, float | None, int], ...]]:
    """KPI → the parts of its sources in the month; nothing for a reader of groups of a size, who
    could tell a small group from the others."""
    if kpis is None or context.role.smallest_group > 1:
        return {}
    rows = kpis.filter(
        kpis.period == "month",
        kpis.dimension == "source",
        kpis.period_start == ibis.literal(context.period_start),
        kpis.sample_size > 0,
    ).select("kpi", "member", "value", "sample_size")
    found: dict[str, tuple[tuple[str, float | None, int], ...]] = {}
    for row in rows_of(rows.order_by("kpi", "member")):
        part = (row.member, number(row.value), int(row.sample_size))
        found[row.kpi] = (*found.get(row.kpi, ()), part)
    return found


def unusual_ones(alerts: ir.Table, context: ReportContext) -> dict[str, Unusual]:
    """KPI → the alert of the month, without the members for a reader of groups of a size."""
    rows = alerts.filter(alerts.period_start == ibis.literal(context.period_start))
    told = rows.select("kpi", "expected_low", "expected_high", "moved_by")
    return {
        row.kpi: Unusual(
            row.expected_low,
            row.expected_high,
            row.moved_by if context.role.smallest_group <= 1 else "",
        )
        for row in rows_of(told)
    }


def headlines(
    history: Mapping[tuple[str, date], Any],
    sources: Mapping[str, tuple[tuple[str, float | None, int], ...]],
    unusual: Mapping[str, Unusual],
    months: tuple[date, ...],
    context: ReportContext,
) -> tuple[Headline, ...]:
    """The KPIs that there are, those that readers ask for first at the head."""
    present = dict.fromkeys(name for name, _ in history)
    order = [name for name in (*FIRST, *context.kpis, *sorted(present)) if name in present]
    smallest = context.role.smallest_group
    found = []
    for name in dict.fromkeys(order):
        small: set[date] = set()
        values: list[float | None] = []
        for month in months:
            row = history.get((name, month))
            people = history.get(("active_customers", month))
            behind = number(people.value) if people is not None else None
            rests_on = row.sample_size if row is not None else 0
            if smallest > 1 and any(0 < number < smallest for number in (behind or 0, rests_on)):
                small.add(month)
            values.append(None if row is None or month in small else number(row.value))
        unit = next(row.unit for (kpi, _), row in history.items() if kpi == name)
        before = values[-2] if len(values) > 1 else None
        one = Headline(name, unit, values[-1], before, tuple(values), months[-1] in small)
        now = history.get((name, months[-1]))
        if now is not None and not one.is_small:
            one = replace(
                one,
                numerator=number(now.numerator),
                denominator=number(now.denominator),
                sample_size=int(now.sample_size or 0),
                is_uncertain=bool(now.is_small_sample),
                sources=sources.get(name, ()),
                unusual=unusual.get(name),
            )
        rows = [history.get((name, month)) for month in months]
        if all(row is None or number(row.value) is None for row in rows):
            one = replace(one, has_figures=False)
        found.append(one)
    return tuple(found)
