"""Pairs of records that one key proves to be one customer: an e-mail address of one person, or an
id by which one system names a record of another."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.role_addresses import is_role_address

# One person's name comes in a few spellings (typing errors, nickname, maiden name): of 424
# addresses of a published set with errors in every second record, 403 had at most three. An
# address with more names is a household's, a shop till's or an agency's.
MOST_NAMES = 3
# Systems keep a handful of copies of a person each; a value in more records than this is a
# placeholder or a shared desk even where names are missing.
MOST_RECORDS = 20

# Values that systems write into a reference that points nowhere.
_NOWHERE = ("", "0", "-1", "null", "none", "n/a", "na", "unknown")


def exact_edges(records: ir.Table) -> ir.Table:
    """Distinct pairs (left < right) of `record` numbers of `identity_records`.

    Columns left, right, method and match_probability, the last two for `customer_links`. Within a
    key every record is tied to the smallest one, so edges grow as records do, not as their square.
    People and companies are never tied to each other.
    """
    return ibis.union(_email_edges(records), _declared_edges(records), distinct=True)


def _email_edges(records: ir.Table) -> ir.Table:
    people = records.filter((records.kind == "person") & records.email.notnull())
    people = people.select("record", "name", "email", is_guest=people.object != "contacts")
    counted = people.group_by("email").aggregate(records=people.count())
    people = people.semi_join(counted.filter(counted.records > 1), "email").select(*people.columns)
    used = people.group_by("email").aggregate(
        names=people.name.nunique(),
        contacts=(~people.is_guest).sum(),
        first=people.record.min(),
        first_guest=people.record.min(where=people.is_guest),
    )
    is_shared = (
        (used.names > MOST_NAMES) | (used.contacts > MOST_RECORDS) | is_role_address(used.email)
    )
    # A guest is known by the address alone: the guests of a shared address are one customer among
    # themselves, and none of the people who share it.
    used = used.select(
        "email", is_shared=is_shared, left=is_shared.ifelse(used.first_guest, used.first)
    )
    tied = people.join(used, "email")
    return _edges(tied.filter(tied.is_guest | ~tied.is_shared))


def _declared_edges(records: ir.Table) -> ir.Table:
    told = records.external_ids.try_cast("json").map
    pairs = records.select(
        "record", "kind", "name", system=told.keys().unnest(), value=told.values().unnest()
    )
    declared = pairs.select(
        "record",
        "kind",
        "name",
        "system",
        named=ibis.coalesce(pairs.value.str, pairs.value.cast("string")),
    )
    declared = declared.filter(
        declared.named.notnull() & ~declared.named.strip().lower().isin(_NOWHERE)
    )
    used = declared.group_by(["kind", "system", "named"]).aggregate(
        names=declared.name.nunique(), records=declared.record.nunique()
    )
    used = used.filter((used.names <= MOST_NAMES) & (used.records <= MOST_RECORDS))
    own = records.filter(records.object.isin(["contacts", "companies"]))
    keyed = ibis.union(
        declared.select("record", "kind", "system", "named"),
        own.select("record", "kind", system="source", named="record_id"),
        distinct=True,
    )
    keys = ["kind", "system", "named"]
    tied = keyed.semi_join(used, keys).select(*keyed.columns)
    return _edges(tied.mutate(left=tied.record.min().over(group_by=keys)))


def _edges(tied: ir.Table) -> ir.Table:
    return tied.filter(tied.left < tied.record).select(
        left="left",
        right="record",
        method=ibis.literal("rule"),
        match_probability=ibis.literal(1.0, "float64"),
    )
