"""The records that can be customers: what systems keep of people and companies, and the people
and companies that only their orders, tickets and the like know."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import REFERRING, living, named_record, usable_email

SCHEMA = ibis.schema(
    {
        "record": "int64",
        "kind": "string",
        "source": "string",
        "object": "string",
        "record_id": "string",
        "known_from": "string",
        "name": "string",
        "email": "string",
        "external_ids": "string",
    }
)
_PLACES = ("contacts", "companies", *REFERRING)


def identity_records(core: Mapping[str, ir.Table]) -> ir.Table:
    """One row per record that can be a customer, from any subset of the core tables.

    `record` numbers the rows from 0 in the order of kind, source, object and record_id. `kind` is
    person or company; `object` is `contacts` or `companies`, or for a guest (a row with an e-mail
    address and no contact_id) the table of that row. `known_from` is the first table that knows
    the record. `name` is a name to compare: lower case, without punctuation, words in alphabetical
    order. Deleted rows count nowhere; a deleted contact whose orders remain is known from orders.
    """
    kept = [_kept(core[name], name) for name in ("contacts", "companies") if name in core]
    mentions = [
        part for name in REFERRING if name in core for part in _mentions(living(core[name]), name)
    ]
    parts = list(kept)
    if mentions:
        orphans = _merged(ibis.union(*mentions) if len(mentions) > 1 else mentions[0])
        for table in kept:
            orphans = orphans.anti_join(table, ["source", "object", "record_id"])
        parts.append(orphans)
    if not parts:
        return ibis.memtable([], schema=SCHEMA)
    records = ibis.union(*parts) if len(parts) > 1 else parts[0]
    number = ibis.row_number().over(
        order_by=[records.kind, records.source, records.object, records.record_id]
    )
    return records.mutate(record=number).select(*SCHEMA.names).cast({"record": "int64"})


def _kept(table: ir.Table, name: str) -> ir.Table:
    table = living(table)
    where, which = named_record(table, name)
    if name == "contacts":
        parts = ibis.array([table.given_name, table.family_name]).filter(lambda part: part != "")
        whole = ibis.coalesce(table.full_name.nullif(""), parts.join(" "))
        email = usable_email(table.email)
    else:
        whole, email = table.name, ibis.null("string")
    return table.select(
        kind=ibis.literal("company" if name == "companies" else "person"),
        source="source",
        object=where,
        record_id=which,
        known_from=ibis.literal(name),
        name=_comparable(whole),
        email=email,
        external_ids="external_ids",
    )


def _comparable(name: ir.StringValue) -> ir.StringValue:
    words = name.lower().re_replace(r"[^\p{L}\p{N}]+", " ").strip().split(" ")
    return words.sort().join(" ").nullif("")


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
    return merged.select(
        kind=ibis.ifelse(merged.object == "companies", "company", "person"),
        source="source",
        object="object",
        record_id="record_id",
        known_from=merged.place.cases(
            *((index, name) for index, name in enumerate(_PLACES)), else_=ibis.null("string")
        ),
        name=ibis.null("string"),
        email="email",
        external_ids=ibis.null("string"),
    )
