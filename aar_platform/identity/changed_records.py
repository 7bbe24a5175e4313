"""The records as they are now: those that say what they said before stay, the others are read."""

from collections.abc import Mapping
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from aar_platform.identity.model.workbench import Workbench
from aar_platform.identity.records import KEY, identity_records
from aar_platform.tables import catalogue


class RecordsNow(NamedTuple):
    """`records` is the table `identity_records`, on the workbench or beside it. Since the last run
    there `arrived` (some of its rows) what is new or says something else, and there are `gone`
    (kind, record) what has changed or was removed; None in a first run."""

    records: ir.Table
    arrived: ir.Table
    gone: ir.Table | None


def records_now(
    bench: Workbench,
    core: Mapping[str, ir.Table],
    country: str,
    contents: ir.Table,
    old: ir.Table | None,
) -> RecordsNow:
    """The records of the core tables, of which `contents` (`told_contents`) says what they say, and
    `old` is the table `identity_records` as the last run left it.

    A record keeps its number as long as it is there, changed or not; new ones are numbered on.
    Only what has arrived is normalised.
    """
    schema = catalogue.ibis_schema("identity_records")
    if old is None:
        made = identity_records(core, country)
        told = made.join(contents, list(KEY)).select(*made.columns, "content")
        records = bench.keep(told.select(*schema.names).cast(dict(schema.items())))
        return RecordsNow(records, records, None)
    moved = bench.keep(_moved(contents, old))
    here = moved.filter(moved.content.notnull())
    last = old.record.max().as_scalar().fill_null(-1)
    number = ibis.row_number().over(group_by=here.was.isnull(), order_by=[here[k] for k in KEY])
    here = here.select(*KEY, "content", record=ibis.coalesce(here.was, last + 1 + number))
    here = bench.keep(here)
    made = identity_records(core, country, here).drop("record").join(here, list(KEY))
    arrived = bench.keep(made.select(*schema.names).cast(dict(schema.items())))
    gone = moved.filter(moved.was.notnull()).select("kind", record="was")
    stayed = old.anti_join(gone, "record").select(*schema.names)
    return RecordsNow(ibis.union(stayed, arrived), arrived, gone)


def _moved(contents: ir.Table, old: ir.Table) -> ir.Table:
    """The key of each record that is new, says something else or is no longer there, its content
    now (null where it is gone) and the number it had (`was`, null where it is new)."""
    before = old.select(**{f"old_{name}": name for name in (*KEY, "content")}, was="record")
    both = contents.outer_join(before, [contents[name] == before[f"old_{name}"] for name in KEY])
    moved = both.filter(~both.content.identical_to(both.old_content))
    key = {name: ibis.coalesce(moved[name], moved[f"old_{name}"]) for name in KEY}
    return moved.select(**key, content="content", was="was")
