"""The records that can be customers as their sources write them: what systems keep of people and
companies, and the people and companies that only their orders, tickets and the like know."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD, REFERRING, living, named_record, usable_email
from aar_platform.identity.normalise.person_names import told_names
from aar_platform.identity.normalise.words import cut

SCHEMA = ibis.schema(
    {
        "kind": "string",
        "source": "string",
        "object": "string",
        "record_id": "string",
        "known_from": "string",
        "given": "string",
        "family": "string",
        "whole": "string",
        "company_id": "string",
        "email": "string",
        "phone": "string",
        "birth_date": "date",
        "national_id": "string",
        "street": "string",
        "city": "string",
        "region": "string",
        "postcode": "string",
        "country": "string",
        "domain": "string",
        "external_ids": "string",
        "is_email_verified": "boolean",
        "is_birth_date_verified": "boolean",
    }
)
_PLACES = ("contacts", "companies", *REFERRING)
_CUT = ("phone", "national_id", "street", "city", "region", "postcode", "country")


def told_records(core: Mapping[str, ir.Table]) -> ir.Table | None:
    """One row per record, from any subset of the core tables; None where none of them has any.

    Texts are cut at the length that is compared, external_ids aside. Guests and orphans have their
    e-mail address and nothing else; a deleted record whose orders remain is still recognised by
    what it said, or else the orders would move to a customer of their own.
    """
    named = [name for name in ("contacts", "companies") if name in core]
    kept = [_kept(living(core[name]), name) for name in named]
    mentions = [
        part for name in REFERRING if name in core for part in _mentions(living(core[name]), name)
    ]
    parts = list(kept)
    if mentions:
        orphans = _merged(ibis.union(*mentions) if len(mentions) > 1 else mentions[0])
        for table in kept:
            orphans = orphans.anti_join(table, RECORD)
        for name in named:
            deleted = _kept(core[name].filter(core[name].is_deleted), name)
            places = orphans.select(*RECORD, mentioned_in="known_from")
            deleted = deleted.join(places, RECORD)
            orphans = orphans.anti_join(deleted, RECORD)
            parts.append(deleted.mutate(known_from=deleted.mentioned_in).select(*SCHEMA.names))
        parts.append(orphans)
    if not parts:
        return None
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _kept(table: ir.Table, name: str) -> ir.Table:
    where, which = named_record(table, name)
    told = {
        "kind": ibis.literal("company" if name == "companies" else "person"),
        "source": table.source,
        "object": where,
        "record_id": which,
        "known_from": ibis.literal(name),
        "company_id": table.company_id.nullif(""),
        "external_ids": table.external_ids,
        **{column: cut(table[column]) for column in _CUT if column in table.columns},
    }
    if name == "contacts":
        told |= told_names(table.given_name, table.family_name, table.full_name)
        told |= {
            "email": usable_email(table.email),
            "birth_date": table.birth_date,
            "is_email_verified": table.email_verified,
            "is_birth_date_verified": table.birth_date_verified,
        }
    else:
        told["domain"] = cut(table.domain)
    return _in_shape(table, told)


def _in_shape(table: ir.Table, told: Mapping[str, ir.Value]) -> ir.Table:
    return table.select(
        **{
            column: told[column].cast(dtype) if column in told else ibis.null(dtype)
            for column, dtype in SCHEMA.items()
        }
    )


def _mentions(table: ir.Table, name: str) -> list[ir.Table]:
    """Records that a table's rows name, with the address given and how often."""
    where, which = named_record(table, name)
    email = usable_email(table.email) if "email" in table.columns else ibis.null("string")
    named = [table.select(source="source", object=where, record_id=which, email=email)]
    if "company_id" in table.columns:
        named.append(
            table.select(
                source="source",
                object=ibis.literal("companies"),
                record_id=table.company_id.nullif(""),
                email=ibis.null("string"),
            )
        )
    return [
        part.filter(part.record_id.notnull() & part.object.notnull())
        .mutate(
            email=ibis.cases((part.object == "companies", ibis.null("string")), else_=part.email)
        )
        .group_by(["source", "object", "record_id", "email"])
        .aggregate(times=lambda rows: rows.count())
        .mutate(place=ibis.literal(_PLACES.index(name), "int64"))
        for part in named
    ]


def _merged(mentions: ir.Table) -> ir.Table:
    """One row per record mentioned; of several addresses the most frequent, then the smallest."""
    by_email = mentions.group_by(["source", "object", "record_id", "email"]).aggregate(
        times=mentions.times.sum(), place=mentions.place.min()
    )
    merged = by_email.group_by(["source", "object", "record_id"]).aggregate(
        place=by_email.place.min(),
        email=by_email.email.argmin(
            ibis.struct({"times": -by_email.times, "email": by_email.email}),
            where=by_email.email.notnull(),
        ),
    )
    known_from = merged.place.cases(
        *((index, name) for index, name in enumerate(_PLACES)), else_=ibis.null("string")
    )
    told = {
        "kind": ibis.ifelse(merged.object == "companies", "company", "person"),
        "source": merged.source,
        "object": merged.object,
        "record_id": merged.record_id,
        "known_from": known_from,
        "email": merged.email,
    }
    return _in_shape(merged, told)
