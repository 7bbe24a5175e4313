"""Figures of the warehouse's tables: computed for a span of months, and what later data changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.alerts import Alert, alerts, last_complete_month, rows_of
from aar_platform.kpis.counting import counted
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.exchange import load_rates
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.figures import compute
from aar_platform.kpis.lineage import Column, origins_of, origins_of_value
from aar_platform.kpis.periods import UNIT_OF, start_of
from aar_platform.kpis.purchases import ChurnWindow, churn_window
from aar_platform.kpis.restatements import restated
from aar_platform.kpis.sales import last_day
from aar_platform.kpis.soundness import unsound
from aar_platform.landing.encryption import quoted
from aar_platform.privacy.masking import Tables
from aar_platform.resources.warehouse import Warehouse
from aar_platform.settings.loading import Settings
from aar_platform.tables import catalogue
from aar_platform.tables.exchange import Part

FACT = "fact_"
ARRIVING = "kpis_arriving"
RESTATED = "kpi_restatements_arriving"
Lineage = dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Written:
    """What became of a computation: the churn window that was used, figures restated by KPI, what
    is wrong with a KPI's figures, the columns behind each KPI's numerator and denominator, and the
    alerts of the last complete month."""

    window: ChurnWindow
    restated: Mapping[str, int]
    unsound: Mapping[str, str]
    lineage: Mapping[str, Lineage]
    alerts: Mapping[str, Alert]


def facts_of(settings: Settings, tables: Tables, keep: Warehouse | None = None) -> Facts:
    """The facts of tables; kept by a warehouse where one is given."""
    sales = tables("sales")
    organisation = settings.organisation
    given = {
        "reporting_currency": organisation.currency,
        "timezone": organisation.timezone,
        "rates": load_rates(settings.exchange_rates) if settings.exchange_rates else None,
        "as_of": last_day(sales, tables("customers")),
        "churn_window": churn_window(sales, settings.kpis),
    }
    if keep is None:
        return Facts(tables, given)

    def kept(name: str, rows: ir.Table) -> ir.Table:
        return keep.keep(f"{FACT}{name}", rows)

    return Facts(tables, given, kept)


def write_figures(
    warehouse: Warehouse, settings: Settings, kpis: Iterable[Kpi], start: date, end: date
) -> Written:
    """Compute the figures of KPIs for the months in [start, end) and put them into `kpis`, with
    what they change in `kpi_restatements`, in one transaction; show each KPI's as `kpi_{name}`.

    Of the other periods, those that share a day with these months are computed: other months stay
    as they are, to the row.
    """
    with warehouse.roomy():
        return _write(warehouse, settings, list(kpis), start, end)


def _write(
    warehouse: Warehouse, settings: Settings, wanted: list[Kpi], start: date, end: date
) -> Written:
    known = facts_of(settings, warehouse.table, warehouse)
    try:
        arriving = warehouse.keep(ARRIVING, compute(wanted, known, start, end))
        lineage = {one.name: _lineage(one, known) for one in wanted}
    finally:
        warehouse.forget(f"{FACT}{name}" for name in known.expressions)
    window = _window([one.name for one in wanted], start, end)
    changes = {("main", "kpis"): Part(window, arriving)}
    now = datetime.now(UTC).replace(tzinfo=None)
    before = arriving.limit(0)
    if warehouse.has("kpis"):
        stored = warehouse.table("kpis")
        if stored.columns == arriving.columns:
            before = stored
        else:
            # Of a former version, with other columns: it is made anew.
            warehouse.drop("kpis", "main")
    in_window = before.filter(before.kpi.isin([one.name for one in wanted]))
    in_window = in_window.semi_join(_periods_of(arriving), ["kpi", "period", "period_start"])
    told = restated(in_window, arriving, now)
    told = warehouse.keep(RESTATED, told)
    rows = told.group_by("kpi").aggregate(rows=told.count()).to_pyarrow().to_pylist()
    counts = {row["kpi"]: row["rows"] for row in rows}
    warehouse.replace_many({("main", "kpi_restatements"): Part("false", told), **changes})
    for one in wanted:
        warehouse.show_part(one.table, "kpis", f"kpi = {quoted(one.name)}")
    raised = _raise_alerts(warehouse, wanted)
    wrong = unsound(wanted, arriving)
    warehouse.forget((ARRIVING, RESTATED))
    return Written(known["churn_window"], counts, wrong, lineage, raised)


def _raise_alerts(warehouse: Warehouse, wanted: list[Kpi]) -> dict[str, Alert]:
    """Those of the last complete month; former months keep theirs."""
    figures = warehouse.table("kpis")
    month = last_complete_month(figures)
    found = [] if month is None else alerts(wanted, figures, month)
    rows = rows_of(found, {one.name: one.direction for one in wanted})
    table = ibis.memtable(rows, schema=catalogue.ibis_schema("kpi_alerts"))
    names = ", ".join(quoted(one.name) for one in wanted)
    of_month = f"period_start = date '{month}'" if month else "false"
    part = Part(f"kpi in ({names}) and {of_month}", table)
    warehouse.replace_many({("main", "kpi_alerts"): part})
    return {one.kpi: one for one in found}


def _periods_of(figures: ir.Table) -> ir.Table:
    return figures.select("kpi", "period", "period_start").distinct()


def _window(names: list[str], start: date, end: date) -> str:
    """An SQL condition on the rows that a computation for [start, end) replaces."""
    periods = " or ".join(
        f"(period = {quoted(one)} and period_start >= date '{start_of(one, start)}' "
        f"and period_start < date '{end}')"
        for one in UNIT_OF
    )
    return f"kpi in ({', '.join(quoted(name) for name in names)}) and ({periods})"


def _lineage(kpi: Kpi, known: Facts) -> Lineage:
    """Column of the KPI's table → the columns of stored tables behind it."""
    if kpi.quotient is not None:
        found: Lineage = {}
        for part, of in (
            ("numerator", kpi.quotient.dividend),
            ("denominator", kpi.quotient.divisor),
        ):
            found[part] = [(of.table, "value")]
        return {**found, "value": [*found["numerator"], *found["denominator"]]}
    through: dict[str, dict[str, frozenset[Column]]] = {}
    for name, expression in known.expressions.items():
        through[f"{FACT}{name}"] = origins_of(expression, through)
    behind: Lineage = {}
    measure = known.call(kpi.measure)
    for one in counted(kpi, measure, kpi.dimensions):
        columns = origins_of_value(one.one, through)
        behind[one.part] = sorted({*behind.get(one.part, []), *columns})
    rows = origins_of(measure.rows, through)
    behind["value"] = sorted({*behind["numerator"], *behind.get("denominator", [])})
    behind["period_start"] = sorted(rows.get("day", rows.get("period_start", frozenset())))
    behind["member"] = sorted(
        {column for name in kpi.dimensions for column in rows.get(name, frozenset())}
    )
    return behind
