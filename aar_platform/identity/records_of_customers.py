"""What contacts and companies say of their customers, in one shape."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import customers_of, living, usable_email
from aar_platform.identity.field_choice import FIELDS
from aar_platform.tables import catalogue


def records_of_customers(
    core: Mapping[str, ir.Table], links: ir.Table, some: ir.Table
) -> ir.Table | None:
    """One row per record of contacts and companies that the links in `some` hold: customer_id,
    source, object, record_id, changed_at, email_verified, birth_date_verified, and the columns of
    `FIELDS`; None without such tables. `links` are all of them: `company_id` is the customer that
    a contact's company is."""
    parts = [
        read(living(core[name]), links, some)
        for name, read in (("contacts", _of_contacts), ("companies", _of_companies))
        if name in core
    ]
    if not parts:
        return None
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _of_contacts(contacts: ir.Table, links: ir.Table, some: ir.Table) -> ir.Table:
    """Contacts with their customer, and that of their company in `company_id`."""
    companies = links.filter(links.object == "companies").select(
        company_source="source", company_record="record_id", company_customer="customer_id"
    )
    rows = customers_of(contacts, "contacts", some)
    rows = rows.filter(rows.customer_id.notnull())
    rows = rows.left_join(
        companies,
        [rows.source == companies.company_source, rows.company_id == companies.company_record],
    )
    return _shaped(
        rows,
        "contacts",
        {"email": usable_email(rows.email), "company_id": rows.company_customer},
    )


def _of_companies(companies: ir.Table, _: ir.Table, some: ir.Table) -> ir.Table:
    """Companies as if they were contacts whose full name is the company's."""
    rows = customers_of(companies, "companies", some)
    rows = rows.filter(rows.customer_id.notnull())
    kinds = catalogue.ibis_schema("contacts")
    no_person = (
        *("given_name", "family_name", "email", "email_verified", "birth_date"),
        *("birth_date_verified", "gender", "company_id"),
    )
    nothing = {field: ibis.null(kinds[field]) for field in no_person}
    return _shaped(rows, "companies", {**nothing, "full_name": rows["name"]})


def _shaped(rows: ir.Table, name: str, stated: Mapping[str, ir.Value]) -> ir.Table:
    wanted = (*FIELDS, "email_verified", "birth_date_verified")
    values = {field: stated[field] if field in stated else rows[field] for field in wanted}
    texts = {field: value.nullif("") for field, value in values.items() if value.type().is_string()}
    return rows.select(
        "customer_id",
        "source",
        "record_id",
        object=ibis.literal(name),
        changed_at=ibis.coalesce(rows.updated_at, rows.created_at),
        **{**values, **texts},
    )
