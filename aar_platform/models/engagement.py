"""How much each customer did with the company in the last 90 days."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import customers_of, living
from aar_platform.kpis.facts.engagements import HIGHEST, POINTS
from aar_platform.kpis.facts.feedback import is_answered
from aar_platform.kpis.local_time import local_day
from aar_platform.kpis.purchases import is_purchase

DAYS = 90
MONTHS = 3
# Core table, the kind of sign its rows are, and what dates them.
SIGNS = (
    ("messages", "occurred_at"),
    ("feedback", "given_at"),
    ("web_visits", "visited_at"),
    ("usage", "day"),
)
EVENTS = {"opened": "open", "clicked": "click"}
KINDS = {"feedback": "feedback", "web_visits": "visit", "usage": "usage"}


def engagement_scores(
    sales: ir.Table, core: dict[str, ir.Table], links: ir.Table, timezone: str, as_of: date
) -> ir.Table:
    """customer_id and engagement_score: points a month over the DAYS days to `as_of`, at most
    HIGHEST, by the weights of the KPI of the same name (POINTS). Who did nothing is absent.

    `core` has the core tables of SIGNS; an answer without score and text is no sign.
    """
    first = as_of - timedelta(days=DAYS - 1)
    bought = sales.filter(is_purchase(sales), sales.customer_id.notnull())
    parts = [_row(bought, bought.sold_on, ibis.literal(POINTS["purchase"]))]
    for name, at in SIGNS:
        rows = customers_of(living(core[name]), name, links)
        day = rows[at] if at == "day" else local_day(rows[at], timezone)
        if name == "messages":
            kinds = [(event, POINTS[kind]) for event, kind in EVENTS.items()]
            points = rows.event.cases(*kinds, else_=0)
        else:
            points = ibis.literal(POINTS[KINDS[name]])
        if name == "feedback":
            points = is_answered(rows).ifelse(points, 0)
        parts.append(_row(rows, day, points))
    every = ibis.union(*parts)
    recent = every.filter(
        every.customer_id.notnull(), every.points > 0, every.day.between(first, as_of)
    )
    points = recent.group_by("customer_id").aggregate(points=recent.points.sum())
    a_month = points.points.cast("float64") / MONTHS
    return points.select("customer_id", engagement_score=ibis.least(a_month, float(HIGHEST)))


def _row(rows: ir.Table, day: ir.DateValue, points: ir.IntegerValue) -> ir.Table:
    return rows.select("customer_id", day=day, points=points.cast("int64"))
