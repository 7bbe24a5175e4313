"""One row per customer out of all its records: which record's value stands for each field."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.consents import customer_consents
from aar_platform.identity.customers_of import customers_of, living, usable_email
from aar_platform.identity.signs import given_address, ordering_country, times_seen
from aar_platform.tables import catalogue

_NAME = ("full_name", "given_name", "family_name")
_ADDRESS = ("street", "city", "region", "postcode", "country")
# Fields that are chosen one by one. Name and address are each taken whole from one record.
_SINGLE = ("email", "phone", "birth_date", "gender", "company_id", "owner")
_FIELDS = (*_NAME, *_ADDRESS, *_SINGLE)


def customers(core: Mapping[str, ir.Table], links: ir.Table) -> ir.Table:
    """The table `customers`, followed by a column `consent_<purpose>` per purpose known.

    Of several values of a field stands, in this order: a verified one (e-mail), the one of the
    record changed last (`updated_at`, else `created_at`), the most frequent one, the first by
    source and record id. A whole name goes before a part of one, an address with street, city or
    postcode before a mere country. What contacts and companies do not say comes from events: the
    e-mail last given, the country of most orders. Runs a query where contacts carry consents.
    """
    rows = _everyone(links)
    for part in (
        _chosen(core, links),
        given_address(core, links),
        ordering_country(core, links),
        times_seen(core, links),
        customer_consents(core, links),
    ):
        if part is not None:
            rows = rows.left_join(part, "customer_id").drop("customer_id_right")
    missing = {
        **{name: catalogue.ibis_schema("contacts")[name] for name in _FIELDS},
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
    rows = rows.mutate(display_name=ibis.coalesce(_whole_name(rows), rows.email, rows.some_id))
    schema = catalogue.ibis_schema("customers")
    consents = [name for name in rows.columns if name.startswith("consent_")]
    return rows.select(*schema.names, *consents).cast(dict(schema.items()))


def _everyone(links: ir.Table) -> ir.Table:
    """What the links alone tell: kind, sources, record_count and one of the record ids."""
    return links.group_by("customer_id").aggregate(
        kind=ibis.ifelse((links.object == "companies").any(), "company", "person"),
        record_count=links.count(),
        sources=links.source.collect(distinct=True).sort().join(","),
        # Guests need none: they have an address.
        some_id=links.record_id.min(where=links.object.isin(["contacts", "companies"])),
    )


def _chosen(core: Mapping[str, ir.Table], links: ir.Table) -> ir.Table | None:
    """customer_id and the winning value of each field; None without contacts and companies."""
    parts = [
        read(living(core[name]), links)
        for name, read in (("contacts", _of_contacts), ("companies", _of_companies))
        if name in core
    ]
    if not parts:
        return None
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    counted = rows.group_by("customer_id").aggregate(records=rows.count())
    several = counted.filter(counted.records > 1)
    # Most customers have one record, and nothing to choose.
    alone = rows.anti_join(several, "customer_id").select("customer_id", *_FIELDS)
    return ibis.union(alone, _best(rows.semi_join(several, "customer_id").select(*rows.columns)))


def _best(rows: ir.Table) -> ir.Table:
    """customer_id and fields: the best value of each among a customer's several records."""
    blocks = {
        "name": list(_NAME),
        "address": list(_ADDRESS),
        **{field: [field] for field in _SINGLE},
    }
    rows = rows.mutate(
        **{
            f"{block}_votes": rows.count().over(group_by=["customer_id", *fields])
            for block, fields in blocks.items()
        }
    )
    has_full = rows.full_name.notnull() | (rows.given_name.notnull() & rows.family_name.notnull())
    has_place = rows.street.notnull() | rows.city.notnull() | rows.postcode.notnull()
    first = {"name": has_full, "address": has_place, "email": rows.is_verified}
    best = rows.group_by("customer_id").aggregate(
        **{
            block: ibis.struct({field: rows[field] for field in fields}).argmin(
                ibis.struct(
                    {
                        "place": ibis.ifelse(first.get(block, ibis.literal(True)), 0, 1),
                        "age": rows.age,
                        "votes": -rows[f"{block}_votes"],
                        "source": rows.source,
                        "record_id": rows.record_id,
                    }
                ),
                where=ibis.or_(*(rows[field].notnull() for field in fields)),
            )
            for block, fields in blocks.items()
        }
    )
    return best.select(
        "customer_id",
        **{field: best[block][field] for block, fields in blocks.items() for field in fields},
    )


def _of_contacts(contacts: ir.Table, links: ir.Table) -> ir.Table:
    """Contacts with their customer, and that of their company in `company_id`."""
    companies = links.filter(links.object == "companies").select(
        company_source="source", company_record="record_id", company_customer="customer_id"
    )
    rows = customers_of(contacts, "contacts", links).left_join(
        companies,
        [
            contacts.source == companies.company_source,
            contacts.company_id == companies.company_record,
        ],
    )
    return _dated(
        rows,
        {
            "email": usable_email(rows.email),
            "is_verified": rows.email_verified.fill_null(False),
            "company_id": rows.company_customer,
        },
    )


def _of_companies(companies: ir.Table, links: ir.Table) -> ir.Table:
    """Companies as if they were contacts whose full name is the company's."""
    rows = customers_of(companies, "companies", links)
    kinds = catalogue.ibis_schema("contacts")
    no_person = ("given_name", "family_name", "email", "birth_date", "gender", "company_id")
    nothing = {field: ibis.null(kinds[field]) for field in no_person}
    return _dated(rows, {**nothing, "full_name": rows["name"], "is_verified": ibis.literal(False)})


def _dated(rows: ir.Table, stated: Mapping[str, ir.Value]) -> ir.Table:
    """Rows of a customer with their age: the smaller, the later changed. Without time: oldest."""
    rows = rows.filter(rows.customer_id.notnull())
    age = -ibis.coalesce(rows.updated_at, rows.created_at).epoch_seconds().fill_null(-(2**62))
    fields = {name: stated[name] if name in stated else rows[name] for name in _FIELDS}
    texts = {name: field.nullif("") for name, field in fields.items() if field.type().is_string()}
    return rows.select(
        "customer_id",
        "source",
        "record_id",
        is_verified=stated["is_verified"],
        age=age,
        **{**fields, **texts},
    )


def _whole_name(rows: ir.Table) -> ir.StringValue:
    """The name as its bearer writes it; Chinese: family name first, without blank."""
    parts = ibis.array([rows.given_name, rows.family_name]).filter(lambda part: part.notnull())
    chinese = rows.family_name + rows.given_name
    return ibis.cases(
        (rows.full_name.notnull(), rows.full_name),
        (chinese.re_search(r"^\p{Han}+$"), chinese),
        else_=parts.join(" ").nullif(""),
    )
