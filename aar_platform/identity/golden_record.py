"""One row per customer out of all its records, and which record each of its values is from."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from aar_platform.identity.consents import customer_consents
from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.field_choice import BLOCKS, FIELDS, has_value, whole_name, winners
from aar_platform.identity.records_of_customers import records_of_customers
from aar_platform.identity.signs import given_addresses, ordering_countries, times_seen
from aar_platform.tables import catalogue

_KEPT = ("contacts", "companies")


class GoldenRecord(NamedTuple):
    """The tables `customers` (followed by a column `consent_<purpose>` per purpose known) and
    `customer_values`."""

    customers: ir.Table
    customer_values: ir.Table


def golden_record(
    core: Mapping[str, ir.Table], links: ir.Table, trusted_sources: Sequence[str] = ()
) -> GoldenRecord:
    """What stands for each field of a customer, from any subset of the core tables.

    Of several values of a field stands, in this order: a verified one (e-mail, date of birth), the
    one of the record changed last (`updated_at`, else `created_at`; without either: oldest), the
    one of the most trusted source (the first of `trusted_sources`; those not named are equal), the
    most frequent one, the first by source and record id. Name and address are each taken whole
    from one record; before all else a whole name goes before a part of one, and an address with
    street, city or postcode before a mere country. What contacts and companies do not say comes
    from events: the e-mail last given, the country of most orders.

    Runs queries: what both tables need is worked out once and kept in temporary tables.
    """
    linked = (
        links.group_by("customer_id")
        .aggregate(
            records=links.count(),
            kept=links.object.isin(_KEPT).sum(),
            first_source=links.source.min(),
            last_source=links.source.max(),
            has_company=(links.object == "companies").any(),
            some_id=links.record_id.min(where=links.object.isin(_KEPT)),
        )
        .cache()
    )
    several = linked.filter(linked.kept > 1)
    # Most customers have one record, and nothing to choose.
    alone = records_of_customers(core, links, links.anti_join(several, "customer_id"))
    together = records_of_customers(core, links, links.semi_join(several, "customer_id"))
    chosen = won = None
    if alone is not None and together is not None:
        together = _numbered(together, trusted_sources).cache()
        won = winners(together).join(together, ["customer_id", "record"]).cache()
        chosen = ibis.union(alone.select("customer_id", *FIELDS), _as_columns(won))
    told = _told_by_events(core, links, chosen)
    return GoldenRecord(
        _customers(_everyone(linked, links), chosen, told, core, links),
        _customer_values(alone, won, told),
    )


def _everyone(linked: ir.Table, links: ir.Table) -> ir.Table:
    """What the links alone tell: kind, sources, record_count and one of the record ids."""
    known_to_several = linked.filter(linked.first_source != linked.last_source)
    of_several = links.semi_join(known_to_several, "customer_id")
    sources = of_several.group_by("customer_id").aggregate(
        all_sources=of_several.source.collect(distinct=True).sort().join(",")
    )
    rows = linked.left_join(sources, "customer_id")
    return rows.select(
        "customer_id",
        kind=rows.has_company.ifelse("company", "person"),
        record_count=rows.records,
        sources=rows.all_sources.fill_null(rows.first_source),
        # Guests need none: they have an address.
        some_id=rows.some_id,
    )


def _customers(
    rows: ir.Table,
    chosen: ir.Table | None,
    told: ir.Table | None,
    core: Mapping[str, ir.Table],
    links: ir.Table,
) -> ir.Table:
    given = None
    if told is not None:
        given = told.group_by("customer_id").aggregate(
            given_email=told["value"].max(where=told.field == "email"),
            order_country=told["value"].max(where=told.field == "address"),
        )
    for part in (chosen, given, times_seen(core, links), customer_consents(core, links)):
        if part is not None:
            rows = rows.left_join(part, "customer_id").drop("customer_id_right")
    missing = {
        **{name: catalogue.ibis_schema("contacts")[name] for name in FIELDS},
        "given_email": "string",
        "order_country": "string",
        "first_seen_at": "timestamp(6)",
        "last_seen_at": "timestamp(6)",
    }
    rows = rows.mutate(
        **{name: ibis.null(kind) for name, kind in missing.items() if name not in rows.columns}
    )
    rows = rows.mutate(
        email=ibis.coalesce(rows.email, rows.given_email),
        country=ibis.coalesce(rows.country, rows.order_country),
    )
    rows = rows.mutate(display_name=ibis.coalesce(whole_name(rows), rows.email, rows.some_id))
    schema = catalogue.ibis_schema("customers")
    consents = [name for name in rows.columns if name.startswith("consent_")]
    return rows.select(*schema.names, *consents).cast(dict(schema.items()))


def _customer_values(
    alone: ir.Table | None, won: ir.Table | None, told: ir.Table | None
) -> ir.Table:
    schema = catalogue.ibis_schema("customer_values")
    parts = [part for part in (won, told) if part is not None]
    if alone is not None:
        said = [has_value(alone, block).ifelse(block, ibis.null("string")) for block in BLOCKS]
        rows = alone.select("customer_id", *RECORD, field=ibis.array(said).unnest())
        rows = rows.filter(rows.field.notnull())
        parts.append(rows.mutate(rule=ibis.literal("only"), candidates=ibis.literal(1, "int64")))
    if not parts:
        return ibis.memtable([], schema=schema)
    columns = [part.select(*schema.names).cast(dict(schema.items())) for part in parts]
    return ibis.union(*columns) if len(columns) > 1 else columns[0]


def _as_columns(won: ir.Table) -> ir.Table:
    """customer_id and the columns of `FIELDS`, each from the record that won its field."""
    return won.group_by("customer_id").aggregate(
        **{
            field: won[field].max(where=won.field == block)
            for block, fields in BLOCKS.items()
            for field in fields
        }
    )


def _told_by_events(
    core: Mapping[str, ir.Table], links: ir.Table, chosen: ir.Table | None
) -> ir.Table | None:
    """Values that only events give: those of `customer_values`, and the `value` itself."""
    parts = []
    # A country alone is an address; it does not complete another.
    for told, block in ((given_addresses, "email"), (ordering_countries, "address")):
        known = None if chosen is None else chosen.filter(has_value(chosen, block))
        values = told(core, links, known)
        if values is not None:
            parts.append(values)
    if not parts:
        return None
    return (ibis.union(*parts) if len(parts) > 1 else parts[0]).cache()


def _numbered(records: ir.Table, trusted_sources: Sequence[str]) -> ir.Table:
    """Records with their number and what ranks their values, the smallest first."""
    has_full = records.full_name.notnull() | (
        records.given_name.notnull() & records.family_name.notnull()
    )
    has_place = records.street.notnull() | records.city.notnull() | records.postcode.notnull()
    return records.mutate(
        record=ibis.row_number().over(order_by=[records[name] for name in RECORD]),
        # Without time: oldest.
        age=(-records.changed_at.epoch_seconds()).fill_null(2**62),
        distrust=_distrust(records.source, trusted_sources),
        incomplete_name=(~has_full).cast("int8"),
        incomplete_address=(~has_place).cast("int8"),
        unverified_email=(~records.email_verified.fill_null(False)).cast("int8"),
        unverified_birth_date=(~records.birth_date_verified.fill_null(False)).cast("int8"),
    )


def _distrust(source: ir.StringValue, trusted_sources: Sequence[str]) -> ir.IntegerValue:
    """A source's place among the trusted ones; all others come after them."""
    last = ibis.literal(len(trusted_sources), "int32")
    named = [(source == name, place) for place, name in enumerate(trusted_sources)]
    return ibis.cases(*named, else_=last).cast("int32") if named else last
