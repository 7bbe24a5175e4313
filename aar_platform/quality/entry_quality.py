"""What was refused and repaired of what each person entered: the material to train them with."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.quality.entered_by import COLLEAGUES, entered_by
from aar_platform.tables import catalogue

# Slips are rare: of all records of the made-up company, at most one in thirty has a given one. What
# a fifth of a source's records have in common is how the system writes, and no matter of training.
CONVENTION_SHARE = 0.2
_RECORD = ("source", "object", "record_id", "is_refused")
_ENTRY = ("source", "object", "entered_by")
_RULE = ("rule", "column_name", "outcome")


def records_entered(core: Mapping[str, ir.Table], refused: Mapping[str, ir.Table]) -> ir.Table:
    """One row per record with who entered it: source, object, record_id, is_refused, entered_by.

    `refused` are the parts of the quarantine by core table, as `sift` gives them. Who is not known
    is an empty text.
    """
    accepted = ibis.union(*(_named(rows, name) for name, rows in core.items()))
    accepted = accepted.mutate(entered_by=entered_by(accepted), is_refused=ibis.literal(False))
    parts = ibis.union(*refused.values()).mutate(is_refused=ibis.literal(True))
    columns = (*_RECORD, "entered_by")
    entered = ibis.union(accepted.select(*columns), parts.select(*columns))
    return entered.mutate(entered_by=entered.entered_by.fill_null(""))


def _named(rows: ir.Table, name: str) -> ir.Table:
    """What `entered_by` looks at, of a core table."""
    colleagues = [rows[one].nullif("") for one in COLLEAGUES if one in rows.columns]
    return rows.select(
        "source",
        "record_id",
        "attributes",
        object=ibis.literal(name),
        owner=ibis.coalesce(*colleagues) if colleagues else ibis.null(str),
    )


def faults(quarantine: ir.Table, repairs: ir.Table) -> ir.Table:
    """One row per rule that a record broke or was repaired by: source, object, record_id,
    is_refused, rule, column_name, outcome. What was dismissed is no fault."""
    refused = quarantine.filter(quarantine.state != "dismissed").mutate(
        is_refused=ibis.literal(True), outcome=ibis.literal("refused")
    )
    repaired = repairs.mutate(
        is_refused=ibis.literal(False),
        outcome=ibis.ifelse(repairs.new_value.isnull(), "left_out", "repaired"),
    )
    told = (*_RECORD, *_RULE)
    return ibis.union(refused.select(*told), repaired.select(*told))


def entry_quality(entered: ir.Table, found: ir.Table) -> ir.Table:
    """The table `entry_quality`, from `records_entered` and `faults`."""
    broken = found.join(entered, _RECORD)
    counted = broken.group_by([*_ENTRY, *_RULE]).aggregate(records=broken.record_id.nunique())
    people = entered.group_by(_ENTRY).aggregate(records_entered=entered.count())
    people = people.mutate(
        records_of_source=people.records_entered.sum().over(group_by=["source", "object"])
    )
    rows = counted.join(people, _ENTRY)
    alike = rows.records.sum().over(group_by=["source", "object", *_RULE])
    is_common = alike >= rows.records_of_source * CONVENTION_SHARE
    told = rows.mutate(
        share_of_records=rows.records / rows.records_entered,
        is_convention=(rows.outcome == "repaired") & is_common,
        entered_by=rows.entered_by.nullif(""),
    )
    return told.select(*catalogue.column_names("entry_quality"))
