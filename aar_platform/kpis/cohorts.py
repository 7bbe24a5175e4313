"""The table `customer_cohorts`: what became of the customers of each month."""

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import UNKNOWN, WHOLE
from aar_platform.kpis.purchases import is_purchase
from aar_platform.tables import catalogue
from aar_platform.tables.outputs import COHORTS_BY


def customer_cohorts(sales: ir.Table, as_of: date) -> ir.Table:
    """Cohorts by the month of the first purchase (an order of more than nothing, in any source),
    in every month from then to that of `as_of`, the last day with data.

    A customer belongs to the source, channel and country of the first purchase, whatever comes
    later. Months without a purchase are there, with 0.
    """
    known = sales.filter(sales.customer_id.notnull())
    bought = known.filter(is_purchase(known))
    order = [bought.sold_at, bought.record_id, bought.amount_reporting, bought.source]
    split = [name for name in COHORTS_BY if name != WHOLE]
    first = bought.group_by("customer_id").aggregate(
        cohort=_month(bought.sold_on.min()),
        **{f"first_{n}": bought[n].first(order_by=order, include_null=True) for n in split},
    )
    months = known.group_by("customer_id", month=_month(known.sold_on)).aggregate(
        bought=is_purchase(known).any(), revenue=known.amount_reporting.sum()
    )
    did = months.inner_join(first, "customer_id")
    return ibis.union(*(_by(name, first, did, as_of) for name in COHORTS_BY))


def _by(dimension: str, first: ir.Table, did: ir.Table, as_of: date) -> ir.Table:
    def member(rows: ir.Table) -> ir.StringValue:
        if dimension == WHOLE:
            return ibis.literal(WHOLE)
        return rows[f"first_{dimension}"].fill_null(UNKNOWN)

    cohorts = first.group_by("cohort", member=member(first)).aggregate(customers=first.count())
    last = ibis.literal(as_of.replace(day=1))
    every = cohorts.mutate(
        month=ibis.range(
            cohorts.cohort.cast("timestamp"),
            (last + ibis.interval(months=1)).cast("timestamp"),
            ibis.interval(months=1),
        )
        .unnest()
        .cast("date")
    )
    active = did.group_by("cohort", "month", member=member(did)).aggregate(
        active=did.bought.sum(), revenue=did.revenue.sum()
    )
    found = every.left_join(active, ["cohort", "member", "month"])
    active_customers = found.active.fill_null(0)
    known = {
        "cohort": found.cohort,
        "dimension": ibis.literal(dimension),
        "member": found.member,
        "months_since": (found.month.year() - found.cohort.year()) * 12
        + found.month.month()
        - found.cohort.month(),
        "customers": found.customers,
        "active_customers": active_customers,
        "retention": active_customers.cast("float64") / found.customers,
        "revenue": found.revenue.fill_null(0),
        "is_complete": (found.month + ibis.interval(months=1)).cast("date")
        <= ibis.literal(as_of + timedelta(days=1)),
    }
    schema = catalogue.ibis_schema("customer_cohorts")
    return found.select(**{name: known[name].cast(kind) for name, kind in schema.items()})


def _month(day: ir.DateValue) -> ir.DateValue:
    return day.truncate("M").cast("date")
