"""The records that can be customers, with what they say in forms that can be compared."""

from collections.abc import Mapping
from functools import cache, reduce
from importlib.metadata import version
from itertools import zip_longest
from operator import or_
from pathlib import Path

import ibis
import ibis.expr.types as ir

from aar_platform.identity.code_version import code_version
from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.normalise.addresses import (
    STREET_STEPS,
    comparable_postcode,
    in_one_line,
    place,
)
from aar_platform.identity.normalise.company_names import company_names
from aar_platform.identity.normalise.emails import core_domain, email_box, own_mailbox
from aar_platform.identity.normalise.given_roots import root_table
from aar_platform.identity.normalise.identifiers import (
    comparable_birth_date,
    comparable_national_id,
    comparable_phone,
)
from aar_platform.identity.normalise.person_names import name_steps, names_used
from aar_platform.identity.normalise.spellings import Forms, ascii_forms, with_forms
from aar_platform.identity.normalise.words import cut
from aar_platform.identity.told_records import told_records
from aar_platform.quality.engine_functions import stage

SCHEMA = ibis.schema(
    {
        "record": "int64",
        "kind": "string",
        "source": "string",
        "object": "string",
        "record_id": "string",
        "known_from": "string",
        "given": "string",
        "family": "string",
        "given_root": "string",
        "name": "string",
        "generation": "string",
        "han": "string",
        "email": "string",
        "email_box": "string",
        "mailbox": "string",
        "phone": "string",
        "birth_date": "date",
        "national_id": "string",
        "street": "string",
        "house_number": "string",
        "city": "string",
        "region": "string",
        "postcode": "string",
        "country": "string",
        "company": "string",
        "legal_form": "string",
        "domain": "string",
        "external_ids": "string",
        "is_email_verified": "boolean",
        "is_birth_date_verified": "boolean",
    }
)
_MEANINGS = {
    "given": "given",
    "family": "family",
    "whole": "whole",
    "street": "street",
    "city": "place",
    "region": "place",
}
# What values of core columns can turn out to mean: a lone part of a name may be all of it.
_TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "contacts": {
        "given_name": ("given", "whole"),
        "family_name": ("family", "whole"),
        "full_name": ("whole",),
        "street": ("street",),
        "city": ("place",),
        "region": ("place",),
    },
    "companies": {
        "name": ("company",),
        "street": ("street",),
        "city": ("place",),
        "region": ("place",),
    },
}


KEY = ("kind", *RECORD)


@cache
def _way_of_reading() -> str:
    """A checksum of the code that reads records: another version may read them otherwise."""
    here = Path(__file__).parent
    names = ("records", "told_records", "customers_of", "likeness", "role_addresses")
    files = [*(here / f"{name}.py" for name in names), *sorted(here.glob("normalise/*.py"))]
    libraries = [version(name) for name in ("anyascii", "cleanco", "nicknames", "pypinyin")]
    return code_version(files, *libraries)


def told_contents(core: Mapping[str, ir.Table], country: str) -> ir.Table:
    """kind, source, object and record_id of each record with `content`, a checksum of all that is
    told of it, of the organisation's `country` and of the code that reads it."""
    told = told_records(core)
    if told is None:
        return ibis.memtable([], schema=dict.fromkeys((*KEY, "content"), "string"))
    columns = [name for name in told.columns if name not in KEY]
    if "companies" in core:
        table = core["companies"]
        named = table.group_by(in_source=table.source, id=table.company_id).aggregate(
            company_name=table.name.max()
        )
        told = told.left_join(named, [told.source == named.in_source, told.company_id == named.id])
        columns.append("company_name")
    said = [told[name].cast("string").fill_null("") for name in columns]
    said += [ibis.literal(country), ibis.literal(_way_of_reading())]
    content = ibis.literal("\x1f").join(said).hexdigest("md5")
    return told.select(*KEY, content=content)


def identity_records(
    core: Mapping[str, ir.Table], country: str, only: ir.Table | None = None
) -> ir.Table:
    """One row per record that can be a customer, from any subset of the core tables.

    `record` numbers the rows from 0 in the order of kind, source, object and record_id. `kind` is
    person or company; `object` is `contacts` or `companies`, or for a guest (a row with an e-mail
    address and no contact_id) the table of that row. `known_from` is the first table that knows
    the record. Deleted rows count nowhere; a deleted contact whose orders remain is known from
    orders. `country` (ISO 3166-1 alpha-2) is the organisation's: the name of a record without a
    country is read in the order of names there. With `only` (kind, source, object, record_id) these
    records alone.

    The other columns are what is compared, null where nothing comparable was told. Names and
    places are in lower-case ASCII with ä, ae and a as one, `han` is a name as written in Chinese,
    `name` a person's words in alphabetical order or a company's core name, `given_root` the names
    behind a nickname, `company` the core name of the company or of a person's company, `legal_form`
    what was taken from it, `email_box` the mailbox that an address is and `mailbox`
    the part of it before @, unless it is made of the name.
    """
    if only is not None:
        # Before anything is read of them: a million names take a second.
        core = {**core, **_contacts_among(core, only)}
    told = told_records(core)
    if told is None:
        return ibis.memtable([], schema=SCHEMA)
    if only is not None:
        told = told.semi_join(only, list(KEY)).select(*told.columns)
    told = stage(told)
    forms = ascii_forms(core, _TOLD)
    records = with_forms(stage(told.mutate(**names_used(told))), forms, _MEANINGS)
    # A level of all columns at a time: Ibis writes out every column of a record at every level.
    for steps in zip_longest(name_steps(country), (in_one_line, _single_values, *STREET_STEPS)):
        records = stage(records)
        records = records.mutate(**reduce(or_, (step(records) for step in steps if step)))
    companies = _companies(core["companies"], forms) if "companies" in core else None
    return _shaped(stage(records), companies)


def _contacts_among(core: Mapping[str, ir.Table], only: ir.Table) -> dict[str, ir.Table]:
    if "contacts" not in core:
        return {}
    contacts = core["contacts"]
    named = only.filter(only.object == "contacts").select("source", contact_id="record_id")
    chosen = contacts.semi_join(named, ["source", "contact_id"])
    return {"contacts": chosen.select(*contacts.columns)}


def _single_values(table: ir.Table) -> dict[str, ir.Value]:
    by_parts = ibis.coalesce(table.han__family + table.han__given, table.han__family)
    return {
        "han": ibis.coalesce(table.han__whole, by_parts),
        "email_box": email_box(table.email),
        "phone": comparable_phone(table.phone),
        "birth_date": comparable_birth_date(table.birth_date),
        "national_id": comparable_national_id(table.national_id),
        "city": place(table.city),
        "region": place(table.region),
        "postcode": comparable_postcode(table.postcode),
        "country": table.country.upper().nullif(""),
        "domain": core_domain(table.domain),
    }


def _shaped(records: ir.Table, companies: ir.Table | None) -> ir.Table:
    """The columns of SCHEMA, with the company of the same source that a company_id names."""
    roots = root_table(records.get_backend())
    joined = records.left_join(roots, records.first_given == roots.nickname)
    company = legal_form = han = ibis.null("string")
    if companies is not None:
        joined = joined.left_join(
            companies,
            [records.source == companies.in_source, records.company_id == companies.id],
        )
        company, legal_form, han = joined.company, joined.legal_form, joined.company_han
    is_company = joined.kind == "company"
    number = ibis.row_number().over(
        order_by=[joined.kind, joined.source, joined.object, joined.record_id]
    )
    made = {
        "record": number,
        "given_root": ibis.coalesce(joined.roots, joined.first_given),
        "name": ibis.ifelse(is_company, company, joined.name),
        "mailbox": own_mailbox(joined.email_box, joined.given, joined.family),
        "han": ibis.ifelse(is_company, han, joined.han),
        "company": company,
        "legal_form": ibis.ifelse(is_company, legal_form, ibis.null("string")),
    }
    return joined.select(
        **{
            name: (made[name] if name in made else joined[name]).cast(dtype)
            for name, dtype in SCHEMA.items()
        }
    )


def _companies(table: ir.Table, forms: Forms) -> ir.Table:
    """Core name, legal form and Chinese name of each company, by source and id."""
    table = table.filter(table.name.notnull() & table.company_id.notnull())
    named = stage(table.group_by(["source", "company_id"]).aggregate(company=cut(table.name.max())))
    found = company_names(stage(with_forms(named, forms, {"company": "company"})))
    return stage(
        found.select(
            "company",
            "legal_form",
            in_source="source",
            id="company_id",
            company_han="han__company",
        )
    )
