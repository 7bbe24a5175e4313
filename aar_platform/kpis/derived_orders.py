"""Orders put together from their lines, for sources that feed lines only."""

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.exchange import MONEY, to_reporting
from aar_platform.kpis.local_time import local_day
from aar_platform.tables import catalogue


def derived_orders(
    order_lines: ir.Table,
    sources: Collection[str],
    rates: ir.Table | None,
    reporting_currency: str,
    timezone: str,
) -> ir.Table:
    """The orders of `sources` that their lines make up, as the table `orders`.

    An order is dated by its earliest line; buyer, country and currency are those of the first line
    that states one (by time, then line id); its total is the sum of its lines (see `line_value`),
    its other amounts are null. A line that states no currency is in its order's. An order with
    lines in several currencies is converted line by line, each at the rate of its own day, and is
    an order in the reporting currency: RateMissing and CurrencyMissing are raised as by
    `to_reporting`. Deleted lines count for nothing; an order is deleted when all its lines are.

    An order none of whose lines has a date is left out, since it belongs to no month; see
    `undated_lines`.
    """
    lines = _in_one_currency(_lines_of(order_lines, sources), rates, reporting_currency, timezone)
    order = [lines.ordered_at, lines.record_id]
    kept = ~lines.is_gone
    orders = lines.group_by("source", "order_id").aggregate(
        ordered_at=ibis.coalesce(lines.ordered_at.min(where=kept), lines.ordered_at.min()),
        contact_id=lines.contact_id.first(order_by=order),
        country=lines.country.first(order_by=order),
        currency=lines.order_currency.first(order_by=order),
        total=lines.value.sum(where=kept),
        updated_at=lines.updated_at.max(),
        is_deleted=lines.is_gone.all(),
    )
    known = {
        **{name: orders[name] for name in orders.columns},
        "record_id": orders.order_id,
    }
    return orders.filter(orders.ordered_at.notnull()).select(
        **{
            name: (known[name] if name in known else ibis.null(dtype)).cast(dtype)
            for name, dtype in catalogue.ibis_schema("orders").items()
        }
    )


def undated_lines(order_lines: ir.Table, sources: Collection[str]) -> ir.Table:
    """The lines of `sources` that no derived order counts, as no line of their order has a date.

    Columns source, record_id, order_id.
    """
    lines = _lines_of(order_lines, sources)
    dated = lines.filter(lines.ordered_at.notnull())
    return lines.anti_join(dated, ["source", "order_id"]).select("source", "record_id", "order_id")


def line_value(order_lines: ir.Table) -> ir.DecimalValue:
    """What a line is worth: its amount, else quantity × unit_price − discount."""
    worked_out = order_lines.quantity * order_lines.unit_price - order_lines.discount.fill_null(0)
    return order_lines.amount.fill_null(worked_out.cast(MONEY))


def _lines_of(order_lines: ir.Table, sources: Collection[str]) -> ir.Table:
    lines = order_lines.filter(order_lines.source.isin(sorted(sources)))
    return lines.select(
        "source",
        "record_id",
        "order_id",
        "ordered_at",
        "contact_id",
        "country",
        "currency",
        "updated_at",
        is_gone=lines.is_deleted.fill_null(False),
        value=line_value(lines),
    )


def _in_one_currency(
    lines: ir.Table, rates: ir.Table | None, reporting_currency: str, timezone: str
) -> ir.Table:
    """The lines with `order_currency`: the one currency that the values of their order are in."""
    several = (
        lines.filter(lines.currency.notnull(), ~lines.is_gone)
        .group_by("source", "order_id")
        .having(lines.currency.nunique() > 1, lines.ordered_at.count() > 0)
        .aggregate(
            order_currency=lines.currency.first(order_by=lines.record_id),
            order_began_at=lines.ordered_at.min(),
        )
    )
    # Seldom, and asked first, so that the many orders in one currency are not joined for it.
    if several.count().to_pyarrow().as_py() == 0:
        return lines.mutate(order_currency=lines.currency)
    plain = lines.anti_join(several, ["source", "order_id"]).mutate(order_currency=lines.currency)
    mixed = lines.inner_join(several, ["source", "order_id"]).filter(lambda t: ~t.is_gone)
    mixed = mixed.mutate(
        currency=mixed.currency.fill_null(mixed.order_currency),
        day=local_day(mixed.ordered_at.fill_null(mixed.order_began_at), timezone),
    )
    worth = to_reporting(mixed, "value", "currency", "day", rates, reporting_currency)
    worth = worth.mutate(
        value=worth.amount_reporting, order_currency=ibis.literal(reporting_currency)
    )
    return plain.union(worth.select(*plain.columns))
