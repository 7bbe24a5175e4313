"""What was sold and refunded, shared out to the products of each order."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import living
from aar_platform.kpis.derived_orders import line_value
from aar_platform.kpis.facts.definition import fact

# Of a share: what rounding costs 50 million of them together is less than a tenth of a cent.
SHARE_OF_MONEY = "decimal(24, 8)"


@fact("category", "product")
def sold_lines(sales: ir.Table, order_lines: ir.Table) -> ir.Table:
    """What was sold, and what came back, of each product on each day: `amount_reporting` and the
    number of order `lines` behind it. The amount of an order (its tax, shipping and discounts with
    it) is shared out by its lines' values, to eight decimals, a refund as its order. An order
    without lines, or whose lines are worth nothing together, is a line of an unknown product.
    """
    lines = living(order_lines)
    lines = lines.filter(lines.order_id.notnull())
    lines = lines.select(
        line_source="source",
        line_order="order_id",
        category=lines.category.nullif(""),
        product=ibis.coalesce(lines["product"].nullif(""), lines.sku.nullif("")),
        value=line_value(lines),
    )
    # Added up by order, not by windows over all lines: 20 million took 40 s so.
    orders = lines.group_by("line_source", "line_order").aggregate(whole=lines["value"].sum())
    orders = orders.filter(orders.whole != 0)
    found = sales.select("source", "kind", "record_id", "order_id", "day", "is_sold",
                         "amount_reporting")  # fmt: skip
    found = found.left_join(
        orders, [found.source == orders.line_source, found.order_id == orders.line_order]
    )
    found = found.mutate(
        a_unit=found.amount_reporting.cast("float64") / found.whole.cast("float64"),
    ).drop("line_source", "line_order")
    shared = found.filter(found.whole.notnull()).inner_join(
        lines, [found.source == lines.line_source, found.order_id == lines.line_order]
    )
    shared = shared.mutate(
        amount_reporting=(shared["value"].cast("float64") * shared.a_unit).cast(SHARE_OF_MONEY)
    )
    whole = found.filter(found.whole.isnull()).mutate(
        category=ibis.null("string"),
        product=ibis.null("string"),
        amount_reporting=found.amount_reporting.cast(SHARE_OF_MONEY),
    )
    columns = ("day", "is_sold", "category", "product", "amount_reporting")
    every = shared.select(*columns).union(whole.select(*columns))
    # Two million rows instead of fifty: all periods are added up from days.
    return every.group_by("day", "is_sold", "category", "product").aggregate(
        amount_reporting=every.amount_reporting.sum(), lines=every.count()
    )
