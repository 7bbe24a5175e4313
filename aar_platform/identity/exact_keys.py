"""Pairs of records that one key proves to be one customer: an e-mail address of one person, or an
id by which one system names a record of another."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.likeness import Name, may_be_one_person, similarity
from aar_platform.identity.role_addresses import is_role_address

# One person's name comes in a few spellings (typing errors, nickname, maiden name): of 424
# addresses of a published set with errors in every second record, 403 had at most three. An
# address with more names is a household's, a shop till's or an agency's.
MOST_NAMES = 3
# Systems keep a handful of copies of a person each; a value in more records than this is a
# placeholder or a shared desk even where names are missing.
MOST_RECORDS = 20

# Jaro-Winkler similarity of whole names that may be one person's.
_ALIKE_WHOLE = 0.88
_NAMES = ("given", "given_root", "family")

# Values that systems write into a reference that points nowhere.
_NOWHERE = ("", "0", "-1", "null", "none", "n/a", "na", "unknown")


def exact_edges(records: ir.Table) -> ir.Table:
    """Distinct pairs (left < right) of `record` numbers of `identity_records`, with the reason:
    same_email or declared_id.

    Within a key every record is tied to the smallest one, so edges grow as records do, not as their
    square. People and companies are never tied to each other.
    """
    edges = ibis.union(_email_edges(records), _declared_edges(records))
    return edges.group_by(["left", "right"]).aggregate(reason=edges.reason.min())


def _email_edges(records: ir.Table) -> ir.Table:
    people = records.filter((records.kind == "person") & records.email.notnull())
    people = people.select("record", "name", *_NAMES, "email", is_guest=people.object != "contacts")
    counted = people.group_by("email").aggregate(records=people.count())
    people = people.semi_join(counted.filter(counted.records > 1), "email").select(*people.columns)
    used = people.group_by("email").aggregate(
        names=people.name.nunique(),
        contacts=(~people.is_guest).sum(),
        first=people.record.min(),
        first_guest=people.record.min(where=people.is_guest),
        **{f"some_{name}": people[name].argmin(people.name) for name in (*_NAMES, "name")},
    )
    tied = people.join(used, "email")
    strangers = tied.filter(~_may_be_one(tied)).select("email").distinct()
    used = used.mutate(
        has_strangers=used.email.isin(strangers.email),
    )
    is_shared = (
        (used.names > MOST_NAMES)
        | (used.contacts > MOST_RECORDS)
        | is_role_address(used.email)
        | used.has_strangers
    )
    # A guest is known by the address alone: the guests of a shared address are one customer among
    # themselves, and none of the people who share it.
    used = used.select(
        "email", is_shared=is_shared, left=is_shared.ifelse(used.first_guest, used.first)
    )
    tied = people.join(used, "email")
    return _edges(tied.filter(tied.is_guest | ~tied.is_shared), "same_email")


def _may_be_one(tied: ir.Table) -> ir.BooleanValue:
    """Whether a person's name goes with the first of the address: another given name, and not as
    much as alike, is somebody else of the household."""
    given, some = tied.given, tied.some_given
    name = Name(given, tied.given_root, tied.family)
    first = Name(some, tied.some_given_root, tied.some_family)
    return ibis.or_(
        given.isnull(),
        some.isnull(),
        may_be_one_person(name, first),
        similarity(tied.name, tied.some_name) >= _ALIKE_WHOLE,
    ).fill_null(True)


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
    keys = ["kind", "system", "named"]
    own = records.filter(records.object.isin(["contacts", "companies"]))
    own = own.select("record", "kind", system="source", named="record_id")
    named = (part.semi_join(used, keys) for part in (declared, own))
    tied = ibis.union(*(part.select("record", *keys) for part in named), distinct=True)
    return _edges(tied.mutate(left=tied.record.min().over(group_by=keys)), "declared_id")


def _edges(tied: ir.Table, reason: str) -> ir.Table:
    return tied.filter(tied.left < tied.record).select(
        left="left", right="record", reason=ibis.literal(reason)
    )
