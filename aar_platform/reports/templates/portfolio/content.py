"""What the portfolio report says, as plain values: the same for every format and language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.privacy.masking import counted_part, restricted, suppressed
from aar_platform.reports.context import ReportContext, RowsBehind, SourceState, Tables, Window
from aar_platform.reports.months import data_as_of, month_before, months_until
from aar_platform.reports.templates.portfolio.headlines import (
    Headline,
    headlines,
    monthly,
    parts_of_sources,
    unusual_ones,
)
from aar_platform.reports.templates.portfolio.rows import number, rows_of

SCORES = (5, 4, 3, 2, 1)


@dataclass(frozen=True)
class Verdict:
    """What an experiment says of one metric and variant, in a sentence of the reader's language;
    `is_sound` where the variants have the sizes they should."""

    experiment: str
    metric: str
    variant: str
    sentence: str
    is_sound: bool


@dataclass(frozen=True)
class Country:
    """One country in the month; figures are None where they are not told."""

    code: str
    revenue: float | None
    orders: float | None
    customers: int
    before: float | None
    is_small: bool


@dataclass(frozen=True)
class Cell:
    """Customers of one recency and frequency score; value is their net value so far."""

    recency: int
    frequency: int
    customers: int
    value: float | None
    is_small: bool


@dataclass(frozen=True)
class Segment:
    """One label of a scheme: its customers, their net value and orders so far."""

    label: str
    customers: int
    value: float | None
    orders: int | None
    idle_days: float | None
    is_small: bool


@dataclass(frozen=True)
class RuleCount:
    """How many records broke a rule or were repaired by it."""

    source: str
    object: str
    rule: str
    column_name: str
    records: int


@dataclass(frozen=True)
class PortfolioContent:
    """All that the report says. `scope` is how many customers a restricted reader's figures are
    about (None: the whole organisation's)."""

    months: tuple[date, ...]
    as_of: date | None
    has_sales: bool
    has_customers: bool
    scope: int | None
    headlines: tuple[Headline, ...]
    countries: tuple[Country, ...]
    cells: tuple[Cell, ...]
    rfm: tuple[Segment, ...]
    behavioural: tuple[Segment, ...]
    sources: tuple[SourceState, ...]
    quarantined: tuple[RuleCount, ...]
    repaired: tuple[RuleCount, ...]
    verdicts: tuple[Verdict, ...] = ()
    rows: Mapping[str, RowsBehind] = field(default_factory=dict)
    churn_window: Window | None = None


def portfolio_content(tables: Tables, context: ReportContext) -> PortfolioContent:
    """Compute the report for the reader of the context, from aggregates of all they may see."""
    part = restricted(tables, context.role, context.recipient, context.regions)
    is_part = context.role.rows is not None
    # What the figures shown are counted of: those of a part have a churn window of their own.
    counted = counted_part(part) if is_part else part
    kpis = _kpis(part, context) if is_part else tables("kpis")
    customers = int(part("customers").count().execute())
    as_of = data_as_of(tables)
    history = monthly(kpis, context)
    months = _months(history, context.period_start)
    values = _values(part)
    return PortfolioContent(
        months=months,
        as_of=as_of,
        has_sales=bool(history),
        has_customers=customers > 0,
        scope=customers if is_part else None,
        headlines=headlines(
            history,
            parts_of_sources(kpis, context),
            {} if is_part else unusual_ones(tables("kpi_alerts"), context),
            months,
            context,
        ),
        countries=_countries(kpis, context),
        cells=_cells(part, values, context),
        rfm=_segments(part, values, "rfm", as_of, context),
        behavioural=_segments(part, values, "behavioural", as_of, context),
        sources=context.source_states,
        # Records cannot be shared out among readers who see a part of the customers.
        quarantined=() if is_part else _rules(_open(tables("quarantine"))),
        repaired=() if is_part else _rules(tables("repairs")),
        verdicts=() if is_part else _verdicts(tables("experiment_results"), context),
        rows=_rows(counted, context),
        churn_window=None if context.churn_window is None else context.churn_window(counted),
    )


def _rows(counted: Tables, context: ReportContext) -> Mapping[str, RowsBehind]:
    """The rows behind the month's figures, for readers who may see who they are of: the number of a
    record may be an e-mail address."""
    if context.rows is None or "contact" not in context.role.see:
        return {}
    return context.rows(counted)


def _kpis(part: Tables, context: ReportContext) -> ir.Table | None:
    """The KPIs of the customers in sight, computed once: eight of them are read several times."""
    return None if context.figures is None else ibis.memtable(context.figures(part).to_pyarrow())


def _months(history: Mapping[tuple[str, date], Any], last: date) -> tuple[date, ...]:
    known = [month for _, month in history]
    first = min(known, default=last)
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return months_until(last, count)


def _countries(kpis: ir.Table | None, context: ReportContext) -> tuple[Country, ...]:
    """All countries with a sale in the month, the most revenue first."""
    if kpis is None:
        return ()
    month, before = context.period_start, month_before(context.period_start)
    rows = kpis.filter(kpis.period == "month", kpis.dimension == "country")

    def value_of(kpi: str, when: date) -> Any:
        fits = (rows.kpi == kpi) & (rows.period_start == ibis.literal(when))
        return rows.value.max(where=fits)

    members = rows.group_by("member").aggregate(
        revenue=value_of("revenue", month),
        orders=value_of("orders", month),
        before=value_of("revenue", before),
        customers=value_of("active_customers", month).fill_null(0).cast("int64"),
    )
    sold = members.filter((members.revenue != 0) | (members.orders != 0))
    told = suppressed(sold, "customers", ("revenue", "orders", "before"), context.role)
    ordered = told.order_by(ibis.desc("revenue", nulls_first=False), "member")
    return tuple(
        Country(
            code=row.member,
            revenue=number(row.revenue),
            orders=number(row.orders),
            customers=int(row.customers),
            before=number(row.before),
            is_small=bool(row.is_small),
        )
        for row in rows_of(ordered)
    )


def _values(part: Tables) -> ir.Table:
    """Per customer: net value, orders and day of the last purchase so far."""
    sales = part("sales")
    known = sales.filter(sales.customer_id.notnull())
    is_order = (known.kind == "order") & (known.amount_reporting > 0)
    return known.group_by("customer_id").aggregate(
        value=known.amount_reporting.sum().cast("float64"),
        orders=is_order.sum(),
        last_on=known.sold_on.max(where=is_order),
    )


def _cells(part: Tables, values: ir.Table, context: ReportContext) -> tuple[Cell, ...]:
    segments = part("customer_segments")
    scored = segments.filter(segments.scheme == "rfm").left_join(values, "customer_id")
    scored = scored.mutate(
        recency=scored.segment.split("-")[0].try_cast("int64"),
        frequency=scored.segment.split("-")[1].try_cast("int64"),
    )
    scored = scored.filter(scored.recency.between(1, 5), scored.frequency.between(1, 5))
    cells = scored.group_by("recency", "frequency").aggregate(
        customers=scored.count(), value=scored["value"].fill_null(0).sum()
    )
    told = suppressed(cells, "customers", ("value",), context.role)
    return tuple(
        Cell(
            recency=int(row.recency),
            frequency=int(row.frequency),
            customers=int(row.customers),
            value=number(row.value),
            is_small=bool(row.is_small),
        )
        for row in rows_of(told.order_by("recency", "frequency"))
    )


def _segments(
    part: Tables, values: ir.Table, scheme: str, as_of: date | None, context: ReportContext
) -> tuple[Segment, ...]:
    segments = part("customer_segments")
    members = segments.filter(segments.scheme == scheme).left_join(values, "customer_id")
    idle = ibis.literal(as_of, "date").delta(members.last_on, unit="day")
    labels = members.group_by("label").aggregate(
        customers=members.count(),
        value=members["value"].fill_null(0).sum(),
        orders=members.orders.fill_null(0).sum(),
        idle_days=idle.median(),
    )
    told = suppressed(labels, "customers", ("value", "orders", "idle_days"), context.role)
    ordered = told.order_by(ibis.desc("value", nulls_first=False), "label")
    return tuple(
        Segment(
            label=row.label,
            customers=int(row.customers),
            value=number(row.value),
            orders=None if (orders := number(row.orders)) is None else int(orders),
            idle_days=number(row.idle_days),
            is_small=bool(row.is_small),
        )
        for row in rows_of(ordered)
    )


def _verdicts(results: ir.Table, context: ReportContext) -> tuple[Verdict, ...]:
    """Of all variants but the controls, which the others are compared with."""
    compared = results.filter(results.variant != results.control)
    said = compared.verdict_zh if context.locale.startswith("zh") else compared.verdict_en
    told = compared.select(
        "experiment", "metric", "variant", sentence=said, is_sound="is_sample_ratio_ok"
    ).order_by("experiment", "metric", "variant")
    return tuple(
        Verdict(row.experiment, row.metric, row.variant, row.sentence, row.is_sound is not False)
        for row in rows_of(told)
    )


def _open(quarantine: ir.Table) -> ir.Table:
    return quarantine.filter(quarantine.state == "open")


def _rules(records: ir.Table) -> tuple[RuleCount, ...]:
    named = records.mutate(column_name=records.column_name.fill_null(""))
    counted = named.group_by("source", "object", "rule", "column_name").aggregate(
        records=named.count()
    )
    ordered = counted.order_by(ibis.desc("records"), "source", "object", "rule", "column_name")
    return tuple(
        RuleCount(row.source, row.object, row.rule, row.column_name, int(row.records))
        for row in rows_of(ordered)
    )
