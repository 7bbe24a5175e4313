"""KPIs as figures per customer: the one place where experiments know of KPIs."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.catalogue.average_order_value import average_order_value
from aar_platform.kpis.catalogue.orders import orders
from aar_platform.kpis.catalogue.revenue import revenue
from aar_platform.kpis.definition import Kpi
from aar_platform.models.experiments.definition import Kind, Metric
from aar_platform.models.purchase_history import is_purchase

# name: kind, and what a sentence calls it in English and Chinese.
METRICS: dict[str, tuple[Kind, str, str]] = {
    "conversion": ("proportion", "the share of customers who bought", "购买客户占比"),
    "orders": ("mean", "the number of orders per customer", "人均订单数"),
    "revenue": ("mean", "revenue per customer", "人均收入"),
    "average_order_value": ("ratio", "the average order value", "平均订单额"),
}
# The order values hang on who orders at all: it is for those who ask for it.
DEFAULT_METRICS = ("conversion", "orders", "revenue")
_KPIS: dict[str, Kpi] = {one.name: one for one in (orders, revenue, average_order_value)}


def metrics_of(sales: ir.Table) -> dict[str, Metric]:
    """Every metric of METRICS by name, with its rows out of the table `sales`."""
    rows = {
        "conversion": _purchases(sales),
        **{name: _contributions(one, sales) for name, one in _KPIS.items()},
    }
    return {name: Metric(name, *said, rows=rows[name]) for name, said in METRICS.items()}


def _purchases(sales: ir.Table) -> ir.Table:
    bought = sales.filter(is_purchase(sales), sales.customer_id.notnull())
    return bought.select(
        "customer_id",
        day=bought.sold_on,
        numerator=ibis.literal(1),
        denominator=ibis.null("float64"),
    )


def _contributions(one: Kpi, sales: ir.Table) -> ir.Table:
    """What each customer adds to a KPI on each day. Only for KPIs whose numerator and denominator
    are sums or counts of rows, since the days of a customer are added up."""
    measure = one.measure(sales)
    known = measure.rows.filter(measure.rows.customer_id.notnull())
    divided = {} if measure.denominator is None else {"denominator": measure.denominator}
    daily = known.group_by("customer_id", "day").aggregate(numerator=measure.numerator, **divided)
    if measure.denominator is None:
        daily = daily.mutate(denominator=ibis.null("float64"))
    return daily.select("customer_id", "day", "numerator", "denominator")
