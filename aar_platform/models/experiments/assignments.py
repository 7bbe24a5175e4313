"""Who was given which variant, from which day on."""

from collections.abc import Mapping
from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD, customers_of, living
from aar_platform.kpis.local_time import local_day

# Of assignments without a time: everything the customer ever did counts, nothing came before.
ALWAYS = date(1900, 1, 1)


def stated(assignments: ir.Table) -> ir.Table:
    """Assignments that the source has not deleted, names of experiment and variant without blanks
    around them; those without a name are none."""
    table = living(assignments)
    named = table.mutate(
        experiment=table.experiment.strip().nullif(""), variant=table.variant.strip().nullif("")
    )
    return named.filter(named.experiment.notnull(), named.variant.notnull())


def assigned(
    assignments: ir.Table, links: ir.Table, timezone: str, ends: Mapping[str, date], as_of: date
) -> ir.Table:
    """One row per experiment and customer.

    Columns: experiment, customer_id, variant, is_contaminated (the customer was in several
    variants: `variant` is then any of them), assigned_on (first day in the variant, in `timezone`),
    until (last day that counts: `ends` of the experiment, `as_of` at the latest) and before_from
    (first day of an equally long span before the assignment). `links` is `customer_links`.
    Assignments of nobody known are left out, and those after the last day that counts.
    """
    known = customers_of(stated(assignments), "experiment_assignments", links)
    known = known.filter(known.customer_id.notnull())
    each = known.group_by("experiment", "customer_id").aggregate(
        variant=known.variant.min(),
        is_contaminated=known.variant.nunique() > 1,
        assigned_at=known.assigned_at.min(),
    )
    last = ibis.literal(as_of)
    stops = [(each.experiment == name, ibis.literal(day)) for name, day in ends.items()]
    until = ibis.least(ibis.cases(*stops, else_=last), last) if stops else last
    placed = each.mutate(
        assigned_on=local_day(each.assigned_at, timezone).fill_null(ibis.literal(ALWAYS)),
        until=until,
    )
    placed = placed.filter(placed.assigned_on <= placed.until)
    days = placed.until.delta(placed.assigned_on, unit="day") + 1
    before_from = (placed.assigned_on - days.as_interval("D")).cast("date")
    return placed.mutate(before_from=before_from).drop("assigned_at")


def strangers(assignments: ir.Table, links: ir.Table, records: ir.Table) -> dict[str, list[str]]:
    """Experiment → the sources of its assignments, of those experiments none of whose people is
    known from anything but assignments.

    An id that no contact has makes a customer of its own, who never does anything. `records` is
    `identity_records`.
    """
    others = records.filter(records.known_from != "experiment_assignments").select(*RECORD)
    known = links.semi_join(others, list(RECORD)).select(known_id="customer_id").distinct()
    given = customers_of(stated(assignments), "experiment_assignments", links)
    given = given.left_join(known, given.customer_id == known.known_id)
    each = given.group_by("experiment", "source").aggregate(people=given.known_id.count())
    found: dict[str, list[str]] = {}
    met: set[str] = set()
    for row in each.order_by("experiment", "source").to_pyarrow().to_pylist():
        found.setdefault(row["experiment"], []).append(row["source"])
        met |= {row["experiment"]} if row["people"] else set()
    return {name: sources for name, sources in found.items() if name not in met}
