"""What was sold and refunded, shared out to the products of each order."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import living
from aar_platform.kpis.derived_orders import line_value
from aar_platform.kpis.exchange import MONEY
from aar_platform.kpis.facts.definition import fact


@fact("category", "product")
def sold_lines(sales: ir.Table, order_lines: ir.Table) -> ir.Table:
    """The rows of `sales`, one for each product of the order: `amount_reporting` is the order's
    (its tax, shipping and discounts with it), shared out by the lines' values; what rounding
    leaves over goes to the largest share, so that the parts add up to the cent. A refund is shared
    out as its order. An order without lines, or whose lines are worth nothing together, stays one
    row of an unknown product.
    """
    lines = living(order_lines)
    lines = lines.filter(lines.order_id.notnull()).mutate(value=line_value(lines))
    named = lines.mutate(
        product=ibis.coalesce(lines["product"].nullif(""), lines.sku.nullif("")),
        category=lines.category.nullif(""),
    )
    products = named.group_by("source", "order_id", "category", "product").aggregate(
        value=named["value"].sum()
    )
    of_order = ibis.window(group_by=[products.source, products.order_id])
    shares = products.mutate(whole=products["value"].sum().over(of_order))
    shares = shares.filter(shares.whole != 0).select(
        share_source="source",
        share_order="order_id",
        category="category",
        product="product",
        share=shares["value"].cast("float64") / shares.whole.cast("float64"),
    )
    found = sales.select("source", "kind", "record_id", "order_id", "day", "is_sold",
                         "amount_reporting")  # fmt: skip
    found = found.left_join(
        shares, [found.source == shares.share_source, found.order_id == shares.share_order]
    )
    part = (found.amount_reporting.cast("float64") * found.share.fill_null(1.0)).cast(MONEY)
    parted = found.mutate(part=part)
    of_sale = ibis.window(group_by=[parted.source, parted.kind, parted.record_id])
    largest = ibis.row_number().over(
        group_by=[parted.source, parted.kind, parted.record_id],
        order_by=[ibis.desc(parted.part.abs()), parted.category, parted["product"]],
    )
    left_over = parted.amount_reporting - parted.part.sum().over(of_sale)
    exact = (largest == 0).ifelse(parted.part + left_over, parted.part).cast(MONEY)
    return parted.mutate(amount_reporting=exact).select(
        "source", "kind", "record_id", "order_id", "day", "is_sold", "category", "product",
        "amount_reporting",
    )  # fmt: skip
