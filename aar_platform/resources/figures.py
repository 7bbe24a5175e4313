"""Figures of the warehouse's tables: computed for a span of months, and what later data changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.alerts import (
    Alert,
    Judgement,
    alerts,
    judgements,
    last_complete_months,
    rows_of,
)
from aar_platform.kpis.data_days import last_data_day
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.exchange import load_rates
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.figures import compute
from aar_platform.kpis.lineage import Column, Lineage, lineage_of, origins_of
from aar_platform.kpis.periods import UNIT_OF, start_of
from aar_platform.kpis.purchases import ChurnWindow, churn_window
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.restatements import restated
from aar_platform.kpis.soundness import unsound
from aar_platform.landing.encryption import quoted
from aar_platform.privacy.masking import Tables
from aar_platform.resources.warehouse import Warehouse, without_values
from aar_platform.settings.loading import Settings
from aar_platform.tables import catalogue
from aar_platform.tables.exchange import Part

FACT = "fact_"
ARRIVING = "kpis_arriving"
RESTATED = "kpi_restatements_arriving"


class FiguresOutdated(RuntimeError):
    """Some figures cannot be computed beside those of a former version: one line that says why."""


@dataclass(frozen=True)
class Written:
    """What became of a computation: the churn window that was used, figures restated by KPI, what
    is wrong with a KPI's figures, the columns behind each KPI's numerator and denominator, and of
    the last complete month each figure beside what was expected, and the alerts."""

    window: ChurnWindow
    restated: Mapping[str, int]
    unsound: Mapping[str, str]
    lineage: Mapping[str, Lineage]
    judged: Mapping[str, Judgement]
    alerts: Mapping[str, Alert]


def facts_of(settings: Settings, tables: Tables, keep: Warehouse | None = None) -> Facts:
    """The facts of tables; kept by a warehouse where one is given."""
    sales = tables("sales")
    organisation = settings.organisation
    given = {
        "reporting_currency": organisation.currency,
        "timezone": organisation.timezone,
        "rates": load_rates(settings.exchange_rates) if settings.exchange_rates else None,
        "as_of": last_data_day(tables, organisation.timezone),
        "churn_window": churn_window(sales, settings.kpis),
    }
    if keep is None:
        return Facts(tables, given)

    def kept(name: str, rows: ir.Table) -> ir.Table:
        return keep.keep(f"{FACT}{name}", rows)

    return Facts(tables, given, kept)


def write_figures(
    warehouse: Warehouse, settings: Settings, wanted: Iterable[Kpi], start: date, end: date
) -> Written:
    """Compute the figures of KPIs for the months in [start, end) and put them into `kpis`, with
    what they change in `kpi_restatements`, in one transaction; show each KPI's as `kpi_{name}`.

    Of the other periods, those that share a day with these months are computed: other months stay
    as they are, to the row. Figures of a KPI that is no longer defined go; what was restated of
    them stays told.
    """
    with warehouse.roomy():
        return _write(warehouse, settings, list(wanted), start, end)


def _write(
    warehouse: Warehouse, settings: Settings, wanted: list[Kpi], start: date, end: date
) -> Written:
    known = facts_of(settings, warehouse.table, warehouse)
    try:
        # What the engine says of a value it cannot use may be personal data.
        with without_values("kpis"):
            arriving = warehouse.keep(ARRIVING, compute(wanted, known, start, end))
            lineage = _lineages(wanted, known)
        wrong = unsound(wanted, arriving)
        where = _window([one.name for one in wanted], start, end)
        before = _stored(warehouse, wanted, arriving, where)
        now = datetime.now(UTC).replace(tzinfo=None)
        told = warehouse.keep(RESTATED, restated(before, arriving, now))
        rows = told.group_by("kpi").aggregate(rows=told.count()).to_pyarrow().to_pylist()
        gone = _no_longer_defined(warehouse, settings)
        warehouse.replace_many(
            {
                ("main", "kpi_restatements"): Part("false", told),
                ("main", "kpis"): Part(f"{where} or {_of(gone)}", arriving),
            }
        )
    finally:
        names = [f"{FACT}{name}" for name in known.expressions]
        warehouse.forget((*names, ARRIVING, RESTATED))
    for one in wanted:
        warehouse.show_part(one.table, "kpis", f"kpi = {quoted(one.name)}")
    for name in gone:
        warehouse.hide_part(f"kpi_{name}")
    judged, raised = _judge(warehouse, wanted, gone)
    restatements = {row["kpi"]: row["rows"] for row in rows}
    return Written(known["churn_window"], restatements, wrong, lineage, judged, raised)


def _stored(warehouse: Warehouse, wanted: list[Kpi], now: ir.Table, where: str) -> ir.Table:
    """The figures as they are stored, of what is replaced. Those of a former version, with other
    columns, are of no use: they go when all KPIs are computed.

    Raises FiguresOutdated where only some are.
    """
    if not warehouse.has("kpis"):
        return now.limit(0)
    stored = warehouse.table("kpis")
    if stored.columns == now.columns:
        return warehouse.part("kpis", where)
    others = stored.filter(stored.kpi.notin([one.name for one in wanted])).limit(1).count()
    if others.to_pyarrow().as_py():
        raise FiguresOutdated(
            "kpis has the columns of a former version; compute all KPIs once, with 'aar run'"
        )
    warehouse.drop("kpis", "main")
    return now.limit(0)


def _no_longer_defined(warehouse: Warehouse, settings: Settings) -> list[str]:
    """The KPIs that there are figures of and no definition."""
    if not warehouse.has("kpis"):
        return []
    figures = warehouse.table("kpis")
    others = figures.filter(figures.kpi.notin(list(kpis(settings.kpis.custom))))
    return sorted(row["kpi"] for row in others.select("kpi").distinct().to_pyarrow().to_pylist())


def _of(names: list[str]) -> str:
    """An SQL condition on rows of these KPIs."""
    return f"kpi in ({', '.join(quoted(name) for name in names)})" if names else "false"


def _judge(
    warehouse: Warehouse, wanted: list[Kpi], gone: list[str]
) -> tuple[dict[str, Judgement], dict[str, Alert]]:
    """Each KPI's last complete month and its alerts, which are stored; former months keep
    theirs."""
    figures = warehouse.table("kpis")
    months = last_complete_months(figures, [one.name for one in wanted])
    judged = judgements(figures, months)
    found = alerts(wanted, figures, judged)
    rows = rows_of(found, {one.name: one.direction for one in wanted})
    table = ibis.memtable(rows, schema=catalogue.ibis_schema("kpi_alerts"))
    these = [
        f"(kpi = {quoted(name)} and period_start = date '{month}')"
        for name, month in months.items()
    ]
    part = Part(" or ".join([*these, _of(gone)]), table)
    warehouse.replace_many({("main", "kpi_alerts"): part})
    return judged, {one.kpi: one for one in found}


def _window(names: list[str], start: date, end: date) -> str:
    """An SQL condition on the rows that a computation for [start, end) replaces."""
    periods = " or ".join(
        f"(period = {quoted(one)} and period_start >= date '{start_of(one, start)}' "
        f"and period_start < date '{end}')"
        for one in UNIT_OF
    )
    return f"({_of(names)} and ({periods}))"


def _lineages(wanted: list[Kpi], known: Facts) -> dict[str, Lineage]:
    """KPI → its lineage; of KPIs with rows."""
    through: dict[str, dict[str, frozenset[Column]]] = {}
    for name, expression in known.expressions.items():
        through[f"{FACT}{name}"] = origins_of(expression, through)
    counting = [one for one in wanted if known.has_rows(*one.members_of)]
    return {one.name: lineage_of(one, known, through) for one in counting}
