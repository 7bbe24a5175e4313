"""What was sold and refunded, shared out to the products of each order."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import living
from aar_platform.kpis.derived_orders import line_value
from aar_platform.kpis.facts.definition import fact

# Of a share: what rounding costs 50 million of them together is less than a tenth of a cent.
SHARE_OF_MONEY = "decimal(24, 8)"


def by_day(rows: ir.Table) -> ir.Table:
    """The same sums in fewer rows: of 2,000 products and 24 months two million instead of fifty."""
    return rows.group_by("day", "is_sold", "category", "product").aggregate(
        amount_reporting=rows.amount_reporting.sum(), lines=rows.lines.sum()
    )


@fact("category", "product", stored_as=by_day)
def sold_lines(sales: ir.Table, order_lines: ir.Table) -> ir.Table:
    """The rows of `sales`, one for each line of the order: `amount_reporting` is the order's (its
    tax, shipping and discounts with it), shared out by the lines' values, to eight decimals. Where
    lines above and below zero cancel out by half or more, as goods and the vouchers that paid for
    them, it is by the values without their signs: what is left of 100 − 99.99 would else be shared
    out ten thousand times over. A refund is shared out as its order. An order without lines, or
    whose lines are all worth nothing, is one row of an unknown product. `lines` counts the rows,
    also where they are stored by day.
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
    orders = lines.group_by("line_source", "line_order").aggregate(
        net=lines["value"].sum(), gross=lines["value"].abs().sum()
    )
    orders = orders.filter(orders.gross != 0)
    cancels = orders.net.abs() * 2 < orders.gross
    orders = orders.mutate(cancels=cancels, whole=cancels.ifelse(orders.gross, orders.net))
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
    counted = shared.cancels.ifelse(shared["value"].abs(), shared["value"])
    shared = shared.mutate(
        amount_reporting=(counted.cast("float64") * shared.a_unit).cast(SHARE_OF_MONEY)
    )
    whole = found.filter(found.whole.isnull()).mutate(
        category=ibis.null("string"),
        product=ibis.null("string"),
        amount_reporting=found.amount_reporting.cast(SHARE_OF_MONEY),
    )
    columns = ("kind", "source", "record_id", "order_id", "day", "is_sold", "category", "product",
               "amount_reporting")  # fmt: skip
    every = shared.select(*columns).union(whole.select(*columns))
    return every.mutate(lines=ibis.literal(1))
