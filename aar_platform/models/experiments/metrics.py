"""KPIs as figures per customer: the one place where experiments know of KPIs."""

import difflib
from collections.abc import Iterable, Mapping

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir

from aar_platform.kpis.counting import Counted, counted, measured
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.dimensions import WHOLE
from aar_platform.kpis.facts.definition import Facts
from aar_platform.models.experiments.definition import Kind, Metric

# The share of customers who did what makes a customer active: they bought.
CONVERSION = "conversion"
CONVERTED = "active_customers"
# The order values hang on who orders at all: it is for those who ask for it.
DEFAULT_METRICS = (CONVERSION, "orders", "revenue")
_TITLES = {
    CONVERSION: ("the share of customers who bought", "购买客户占比"),
    "orders": ("the number of orders per customer", "人均订单数"),
    "revenue": ("revenue per customer", "人均收入"),
    "average_order_value": ("the average order value", "平均订单额"),
}


class MetricRefused(ValueError):
    """A KPI that cannot be told customer by customer: one line that says why."""


def kpi_of(metric: str) -> str:
    """The KPI that a metric is; `conversion` is that of active customers."""
    return CONVERTED if metric == CONVERSION else metric


def refuse_unknown(names: Iterable[str], kpis: Iterable[str]) -> None:
    """Raise MetricRefused for a metric that is neither a KPI nor `conversion`."""
    known = [CONVERSION, *kpis]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "docs/kpis.md lists the KPIs"
            raise MetricRefused(f"experiments: metric {name!r} is no KPI; {hint}")


def metrics_of(known: Facts, kpis: Mapping[str, Kpi], names: Iterable[str]) -> dict[str, Metric]:
    """The metrics of these names: KPIs, or `conversion`.

    A sum or count of rows is a mean per customer, one divided by another a ratio, and a number of
    different customers the share of those who are counted at all. Raises MetricRefused for a KPI
    that is none of these: medians, how things stood at the end of a period, quotients of KPIs, and
    rows that no customer is named in.
    """
    return {name: _metric(name, kpis[kpi_of(name)], known) for name in dict.fromkeys(names)}


def _metric(name: str, one: Kpi, known: Facts) -> Metric:
    if one.quotient is not None or "periods" in one.given:
        raise MetricRefused(_refusal(name, "is not a sum over rows of single days"))
    measure = measured(one, known)
    if measure.denominator_rows is not None or "customer_id" not in measure.rows.columns:
        raise MetricRefused(_refusal(name, "counts rows that name no customer"))
    sums = {each.part: each for each in counted(one, measure, (WHOLE,))}
    numerator, denominator = sums["numerator"], sums.get("denominator")
    kind: Kind = "mean" if denominator is None else "ratio"
    if isinstance(numerator.one.op(), ops.CountDistinct) and denominator is None:
        kind = "proportion"
        values = {"numerator": _counts(numerator).cast("float64")}
    else:
        values = {part: _value(name, sums[part]) for part in ("numerator", "denominator")
                  if part in sums}  # fmt: skip
    values.setdefault("denominator", ibis.null("float64"))
    rows = measure.rows.filter(measure.rows.customer_id.notnull())
    default = (f"{one.title[:1].lower()}{one.title[1:]} per customer", None)
    english, chinese = _TITLES.get(name, default)
    if chinese is None:
        chinese = f"人均{one.in_chinese.name}" if one.in_chinese else english
    # A share of customers who paid something is none of money, whatever the KPI's unit.
    is_money = one.unit == "currency" and kind != "proportion"
    currency = str(known["reporting_currency"]) if is_money else None
    figures = rows.select("customer_id", "day", **values)
    return Metric(name, kind, english, chinese, figures, currency)


def _value(name: str, one: Counted) -> ir.NumericValue:
    """What a row adds to a sum."""
    op = one.one.op()
    if isinstance(op, ops.Count | ops.CountStar):
        return _counts(one).cast("float64")
    if not isinstance(op, ops.Sum):
        raise MetricRefused(_refusal(name, "is not a sum or a count of rows"))
    return _counts(one).ifelse(op.arg.to_expr(), 0).cast("float64")


def _counts(one: Counted) -> ir.BooleanValue:
    return ibis.literal(True) if one.where is None else one.where.fill_null(False)


def _refusal(name: str, why: str) -> str:
    return f"experiments: metric {name} cannot be told customer by customer: it {why}"
