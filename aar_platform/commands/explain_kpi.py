"""`aar explain KPI`: the definition, the figure, and the rows that were counted."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import ibis.expr.types as ir

from aar_platform.commands.query import as_text
from aar_platform.commands.report import OPERATOR
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.dimensions import WHOLE
from aar_platform.kpis.periods import MONTH
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.tracing import Asked, source_rows
from aar_platform.privacy.masking import may_see_accounts
from aar_platform.reports.months import report_month
from aar_platform.resources.figures import facts_of
from aar_platform.resources.platform import open_warehouse
from aar_platform.resources.warehouse import Warehouse
from aar_platform.settings.loading import Settings
from aar_platform.tables import catalogue

# A terminal shows the rows that add most; JSON and CSV hold all.
SHOWN = 20


class FigureUnknown(ValueError):
    """There is no such figure: the period or member has no data."""


@dataclass(frozen=True)
class Explained:
    """A figure as it stands in the warehouse, the rows counted, and what it was before."""

    kpi: Kpi
    asked: Asked
    figure: Mapping[str, Any]
    rows: Mapping[str, Any]
    restatements: list[dict[str, Any]]
    churn_window: ChurnWindow | None


def explain_kpi(
    settings: Settings, kpi: Kpi, month: date | None, by: tuple[str, str] | None, form: str
) -> str:
    """The explanation as text: `table` for people, `json`, or `csv`, the rows alone.

    The month is the last complete one where none is named, `by` a dimension and one of its members.
    Raises FigureUnknown and KpiInvalid.
    """
    warehouse = open_warehouse(settings, read_only=True)
    try:
        known = facts_of(settings, warehouse.table)
        start = month or report_month(known["as_of"])
        asked = Asked(MONTH, start.replace(day=1), *(by or (WHOLE, WHOLE)))
        figure = _figure(warehouse, kpi, asked)
        found: dict[str, ir.Table] = {}
        # Rows are about individuals. A quotient of KPIs has none: where nothing else is asked for,
        # it says so.
        has_rows = kpi.quotient is None or form == "csv"
        if has_rows and may_see_accounts(settings.roles[OPERATOR]):
            found = source_rows(kpi, known, asked)
        told = Explained(
            kpi,
            asked,
            figure,
            {part: rows.to_pyarrow() for part, rows in found.items()},
            _restatements(warehouse, kpi, asked),
            known["churn_window"] if "churn_window" in kpi.given else None,
        )
    finally:
        warehouse.close()
    return {"table": _text, "json": _json, "csv": _csv}[form](told)


def _figure(warehouse: Warehouse, kpi: Kpi, asked: Asked) -> dict[str, Any]:
    kpis = warehouse.table("kpis")
    of_kpi = kpis.filter(
        kpis.kpi == kpi.name, kpis.period == asked.period, kpis.dimension == asked.dimension
    )
    then = of_kpi.filter(of_kpi.period_start == asked.period_start)
    rows = then.filter(then.member == asked.member).to_pyarrow().to_pylist()
    if rows:
        return dict(rows[0])
    members = then.order_by(then["value"].desc()).select("member").limit(SHOWN).to_pyarrow()
    if asked.dimension == "owner":
        # Owners are colleagues, by their e-mail addresses.
        raise FigureUnknown(f"{kpi.name}: no such owner in {asked.period_start:%Y-%m}")
    if names := members["member"].to_pylist():
        raise FigureUnknown(
            f"{kpi.name}: {asked.dimension} has no member {asked.member!r} in "
            f"{asked.period_start:%Y-%m}; there are {', '.join(names)}"
        )
    span = of_kpi.aggregate(first=of_kpi.period_start.min(), last=of_kpi.period_start.max())
    first, last = span.to_pyarrow().to_pylist()[0].values()
    if first is None:
        if asked.dimension not in kpi.dimensions:
            split = ", ".join(kpi.dimensions)
            raise FigureUnknown(f"{kpi.name} is not split by {asked.dimension}; it is by {split}")
        core = " and ".join(table for table in kpi.tables if table in catalogue.CORE)
        raise FigureUnknown(
            f"{kpi.name}: there are no figures; a source that feeds {core or 'orders'} fills it, "
            "then 'aar run'"
        )
    raise FigureUnknown(
        f"{kpi.name}: no figure for {asked.period_start:%Y-%m}; there are those from "
        f"{first:%Y-%m} to {last:%Y-%m}"
    )


def _restatements(warehouse: Warehouse, kpi: Kpi, asked: Asked) -> list[dict[str, Any]]:
    if not warehouse.has("kpi_restatements"):
        return []
    rows = warehouse.table("kpi_restatements")
    of_figure = rows.filter(
        rows.kpi == kpi.name,
        rows.period == asked.period,
        rows.period_start == asked.period_start,
        rows.dimension == asked.dimension,
        rows.member == asked.member,
    )
    wanted = of_figure.select("restated_at", "old_value", "new_value").order_by("restated_at")
    return [dict(row) for row in wanted.to_pyarrow().to_pylist()]


def _text(told: Explained) -> str:
    kpi, figure = told.kpi, told.figure
    where = "" if told.asked.dimension == WHOLE else f", {told.asked.dimension} {told.asked.member}"
    lines = [
        f"{kpi.title}, {told.asked.period_start:%Y-%m}{where}: "
        f"{_number(figure['value'])} {figure['unit']}",
        "",
        kpi.question,
        f"  formula      {kpi.formula}",
        f"  numerator    {kpi.numerator}",
        *([f"  denominator  {kpi.denominator}"] if kpi.denominator else []),
        f"  left out     {kpi.leaves_out}",
        f"  definition   {kpi.definition_from}",
        *([f"  churn window {_window(told.churn_window)}"] if told.churn_window else []),
        "",
    ]
    if figure["denominator"] is not None:
        lines.append(
            f"{_number(figure['numerator'])} / {_number(figure['denominator'])} = "
            f"{_number(figure['value'])}"
        )
    lines.append(f"Rests on {figure['sample_size']} rows or customers.")
    if figure["is_small_sample"]:
        lines.append("A small sample: it says little.")
    if not figure["is_complete"]:
        lines.append("The period is not over yet.")
    for one in told.restatements:
        lines.append(
            f"Restated {one['restated_at']:%Y-%m-%d %H:%M} UTC: {_number(one['old_value'])} → "
            f"{_number(one['new_value'])}"
        )
    if kpi.quotient is not None:
        parts = (kpi.quotient.dividend.name, kpi.quotient.divisor.name)
        lines.append(f"It counts no rows of its own: explain {parts[0]} and {parts[1]}.")
    for part, rows in told.rows.items():
        lines += ["", _rows_text(part, rows, figure, kpi.unit)]
    return "\n".join(lines).rstrip() + "\n"


def _rows_text(part: str, rows: Any, figure: Mapping[str, Any], unit: str) -> str:
    import pyarrow.compute as pc

    count = rows.num_rows
    total = pc.sum(rows["adds"]).as_py() or 0
    stored = figure[part]
    sums_up = abs(float(total) - (stored or 0)) <= 1e-6 * max(abs(float(total)), 1)
    if sums_up:
        told = f"together {_number(total)}"
    elif unit == "hours":
        told = "of which the figure is the median or 90th percentile"
    else:
        told = f"together {_number(total)}, stored is {_number(stored)}: run 'aar run'"
    head = f"{part.capitalize()}: {count} row{'s' * (count != 1)}, {told}"
    if count > SHOWN:
        head += f"; the {SHOWN} that add most (all with --format json or csv)"
    shown = rows.slice(0, SHOWN).to_pylist()
    if not shown:
        return head
    columns = [name for name in rows.column_names if any(row[name] is not None for row in shown)]
    values = [tuple(_cell(row[name]) for name in columns) for row in shown]
    return head + "\n" + as_text(columns, values, "table")


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | date | int) else _number(value)


def _number(value: Any) -> str:
    if value is None:
        return "–"
    number = round(float(value), 4)
    return f"{number:,.4f}".rstrip("0").rstrip(".")


def _json(told: Explained) -> str:
    kpi = told.kpi
    plain = {
        "kpi": kpi.name,
        "definition": {
            "question": kpi.question,
            "unit": kpi.unit,
            "formula": kpi.formula,
            "numerator": kpi.numerator,
            "denominator": kpi.denominator,
            "leaves_out": kpi.leaves_out,
            "split": kpi.split,
            "definition_from": kpi.definition_from,
            "direction": kpi.direction,
        },
        "churn_window": asdict(told.churn_window) if told.churn_window else None,
        "figure": told.figure,
        "restatements": told.restatements,
        "rows": {part: rows.to_pylist() for part, rows in told.rows.items()},
    }
    return json.dumps(plain, ensure_ascii=False, indent=1, default=_plain) + "\n"


def _window(window: ChurnWindow) -> str:
    return f"{window.days} days: {window.reason}"


def _csv(told: Explained) -> str:
    """The rows of numerator and denominator below each other."""
    columns = list(dict.fromkeys(name for rows in told.rows.values() for name in rows.column_names))
    values = [
        (part, *(row.get(name) for name in columns))
        for part, rows in told.rows.items()
        for row in rows.to_pylist()
    ]
    return as_text(["part", *columns], values, "csv")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else float(value)
