"""Facts that are stated twice and differently: by two systems of one customer, or by an order, its
lines and its refunds."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import json_text_at
from aar_platform.tables import catalogue

# What two systems should say alike of one customer. Names and addresses are written in too many
# ways to tell a slip from a habit.
CUSTOMER_FACTS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("email", "phone", "birth_date", "country", "marketing_consent"),
    "companies": ("domain", "phone", "country"),
}
# A line is rounded to the cent, and so is each of discount, tax and shipping.
ROUNDING_PER_LINE = 0.01
ROUNDING = 0.03
_RECORD = ("object", "source", "record_id")
_KEY = ("fact", *(f"{name}_{side}" for side in (1, 2) for name in _RECORD))
_VALUES = ("value_1", "value_2")


def disagreements(
    core: Mapping[str, ir.Table], links: ir.Table, previous: ir.Table | None, now: datetime
) -> ir.Table:
    """The table `disagreements`, from core tables, `customer_links` and the table as it was.

    `now` (naive UTC) dates what was not there before. Deleted records say nothing.
    """
    parts = [
        *(_of_customers(core[name], name, links) for name in CUSTOMER_FACTS),
        _of_lines(_living(core["orders"]), _living(core["order_lines"])),
        _of_refunds(_living(core["orders"]), _living(core["refunds"])),
    ]
    found = ibis.union(*parts).mutate(found_at=ibis.literal(now, "timestamp(6)"))
    columns = catalogue.column_names("disagreements")
    if previous is None:
        return found.select(*columns)
    before = previous.select(*_KEY, *_VALUES, before="found_at")
    known = found.left_join(before, [*_KEY, *_VALUES])
    return known.mutate(found_at=known.before.fill_null(known.found_at)).select(*columns)


def _living(rows: ir.Table) -> ir.Table:
    return rows.filter(~rows.is_deleted.fill_null(False))


def _of_customers(rows: ir.Table, name: str, links: ir.Table) -> ir.Table:
    """Pairs of sources of which no record of a customer says what one of the other's says."""
    rows = _living(rows)
    if name == "contacts":
        rows = rows.mutate(
            marketing_consent=json_text_at(rows.consents, "$.marketing.granted").lower()
        )
    links = links.filter(links.object == name).select("source", "record_id", "customer_id")
    several = links.group_by("customer_id").having(links.source.nunique() > 1).aggregate()
    rows = rows.join(links.semi_join(several, "customer_id"), ["source", "record_id"])
    values = [
        rows.select(
            "customer_id",
            "source",
            "record_id",
            "updated_at",
            fact=ibis.literal(fact),
            value=rows[fact].cast(str).nullif(""),
        )
        for fact in CUSTOMER_FACTS[name]
    ]
    said = ibis.union(*values).filter(ibis._.value.notnull())
    # What a system says of a customer: all values of its records, told by the record changed last.
    last = ibis.struct({"at": said.updated_at.epoch_seconds().fill_null(0), "id": said.record_id})
    by_source = said.group_by("customer_id", "fact", "source").aggregate(
        values=said.value.collect(distinct=True),
        record_id=said.record_id.argmax(last),
        value=said.value.argmax(last),
    )
    one, other = by_source, by_source.view()
    both = one.join(
        other,
        [
            one.customer_id == other.customer_id,
            one.fact == other.fact,
            one.source < other.source,
        ],
        rname="{name}_2",
    )
    differing = both.filter(both["values"].intersect(both["values_2"]).length() == 0)
    return _told(
        differing,
        fact=differing.fact,
        customer_id=differing.customer_id,
        first=(name, differing.source, differing.record_id, differing.value),
        second=(name, differing.source_2, differing.record_id_2, differing.value_2),
    )


def _of_lines(orders: ir.Table, lines: ir.Table) -> ir.Table:
    """Orders whose total does not follow from their lines.

    Systems state lines before or after discount, with or without tax, and shipping as a line or
    apart: a total agrees with its lines where any of these readings leads to it. Orders with lines
    in another currency, or without an amount, cannot be compared.
    """
    summed = lines.group_by("source", "order_id").aggregate(
        lines_amount=lines.amount.sum(),
        line_count=lines.count(),
        line=lines.record_id.min(),
        is_whole=lines.amount.notnull().all(),
        other_currency=lines.currency.max(),
        has_one_currency=lines.currency.nunique() <= 1,
    )
    both = orders.join(summed, ["source", "order_id"])
    both = both.mutate(stated=ibis.coalesce(both.total, both.gross))
    both = both.filter(both.stated.notnull() & both.is_whole & _is_same_currency(both))
    expected = [_number(both.lines_amount)]
    for extra in (-_number(both.discount).abs(), _number(both.tax), _number(both.shipping)):
        expected += [one + extra for one in expected]
    distance = ibis.least(*((_number(both.stated) - one).abs() for one in expected))
    differing = both.filter(distance > ROUNDING + ROUNDING_PER_LINE * both.line_count)
    return _told(
        differing,
        fact=ibis.literal("order_total"),
        customer_id=ibis.null(str),
        first=("orders", differing.source, differing.record_id, _money(differing, "stated")),
        second=("order_lines", differing.source, differing.line, _money(differing, "lines_amount")),
    )


def _of_refunds(orders: ir.Table, refunds: ir.Table) -> ir.Table:
    """Orders of which more was refunded than was paid; told by their last refund."""
    last = ibis.struct({"at": refunds.refunded_at, "id": refunds.record_id})
    summed = refunds.group_by("source", "order_id").aggregate(
        refunded=refunds.amount.sum(),
        refund=refunds.record_id.argmax(last),
        other_currency=refunds.currency.max(),
        has_one_currency=refunds.currency.nunique() <= 1,
    )
    both = orders.join(summed, ["source", "order_id"])
    is_above = _number(both.refunded).abs() > _number(both.total).abs() + ROUNDING
    differing = both.filter(both.total.notnull() & _is_same_currency(both) & is_above)
    return _told(
        differing,
        fact=ibis.literal("refunded"),
        customer_id=ibis.null(str),
        first=("orders", differing.source, differing.record_id, _money(differing, "total")),
        second=("refunds", differing.source, differing.refund, _money(differing, "refunded")),
    )


def _is_same_currency(both: ir.Table) -> ir.BooleanValue:
    """Whether an order and what belongs to it are in one currency, as far as they say."""
    is_same = (both.currency == both.other_currency).fill_null(True)
    return is_same & both.has_one_currency


def _number(amount: ir.DecimalValue) -> ir.FloatingValue:
    # Sums of decimals widen with every reading; floats are exact to the cent up to 10^13.
    return amount.cast("float64").fill_null(0.0)


def _money(rows: ir.Table, column: str) -> ir.StringValue:
    """An amount with its currency, such as 12.50 EUR."""
    amount = rows[column].cast("decimal(38, 2)").cast(str)
    return (amount + " " + rows.currency.fill_null("")).strip()


def _told(
    rows: ir.Table,
    fact: ir.StringValue,
    customer_id: ir.StringValue,
    first: tuple[str, ir.StringValue, ir.StringValue, ir.StringValue],
    second: tuple[str, ir.StringValue, ir.StringValue, ir.StringValue],
) -> ir.Table:
    """Rows of `disagreements` but for `found_at`: of each record table, source, id and value."""
    values = {"fact": fact, "customer_id": customer_id}
    for side, (table, source, record_id, value) in ((1, first), (2, second)):
        values |= {
            f"object_{side}": ibis.literal(table),
            f"source_{side}": source,
            f"record_id_{side}": record_id,
            f"value_{side}": value,
        }
    return rows.select(**{column: value.cast(str) for column, value in values.items()})
