"""Signs of interest of known customers, each with the points it is worth."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.customer_rows import with_traits
from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact

# A purchase is worth ten opened mails: the order of effort. At most 100 points a month count.
POINTS = {"purchase": 30, "feedback": 10, "click": 6, "visit": 5, "usage": 5, "open": 3}
HIGHEST = 100


@fact("source", "country", "region", *TRAITS, is_kept=False)
def engagements(
    purchases: ir.Table,
    messages: ir.Table,
    feedback: ir.Table,
    web_visits: ir.Table,
    usage: ir.Table,
    traits: ir.Table,
) -> ir.Table:
    """One row per purchase, opened or clicked message, answer, visit and use: `kind`, `points`."""
    event = messages.event
    visits = with_traits(web_visits.filter(web_visits.customer_id.notnull()), traits)
    parts = [
        _row(purchases, "orders", ibis.literal("purchase")),
        _row(messages.filter(event == "opened"), "messages", ibis.literal("open")),
        _row(messages.filter(event == "clicked"), "messages", ibis.literal("click")),
        _row(feedback.filter(feedback.is_answered), "feedback", ibis.literal("feedback")),
        _row(visits, "web_visits", ibis.literal("visit")),
        _row(usage, "usage", ibis.literal("usage")),
    ]
    return ibis.union(*parts)


def _row(rows: ir.Table, table: str, kind: ir.StringValue) -> ir.Table:
    known = rows.filter(rows.customer_id.notnull()).mutate(table=ibis.literal(table), kind=kind)
    points = known.kind.cases(*POINTS.items(), else_=0)
    columns = ("table", "source", "record_id", "customer_id", "day", "kind")
    return known.mutate(points=points.cast("int64")).select(
        *columns, "points", "country", "region", *TRAITS
    )
