"""Customers that may be several: what their records and pairs say against them."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.exact_keys import MOST_RECORDS
from aar_platform.identity.hard_facts import other_numbers
from aar_platform.identity.likeness import Name, may_be_one_person

REASONS = (
    "too_many_records",
    "different_given_names",
    "different_birth_dates",
    "different_national_ids",
    "held_by_a_weak_pair",
)
PAIR = tuple(f"{side}_{name}" for side in ("left", "right") for name in RECORD)
# One weak pair in thirty is wrong; where it alone ties two parts, all their records are mixed up.
WEAK = 0.97


def identity_suspicions(tables: Mapping[str, ir.Table]) -> ir.Table:
    """The table `identity_suspicions`, from identity_records, identity_pairs and customer_links.

    `held_by_a_weak_pair` is said of customers of three records and more with as many linked pairs
    as it takes to hold them together, one of them weaker than WEAK: no other pair confirms it.
    Two verified dates of birth are never in one customer; the dates here are of any record.
    """
    links = tables["customer_links"].select(*RECORD, "customer_id")
    several = (
        links.group_by("customer_id").having(links.count() > 1).aggregate(records=links.count())
    )
    links = links.semi_join(several, "customer_id").select(*links.columns)
    held = tables["identity_records"].join(links, list(RECORD))
    sizes = held.group_by(["customer_id", "kind"]).aggregate(records=held.count())
    large = sizes.filter(sizes.records > MOST_RECORDS)
    found = (
        large.select("customer_id", reason=ibis.literal("too_many_records")),
        _different_names(held),
        _different_facts(held),
        _weakly_held(tables["identity_pairs"], links, sizes),
    )
    return (
        ibis.union(*found)
        .join(sizes, "customer_id")
        .select("customer_id", "kind", "reason", "records")
    )


def _different_names(held: ir.Table) -> ir.Table:
    people = held.filter((held.kind == "person") & held.given.notnull())
    said = people.select("customer_id", "given", "given_root", "family")
    several = said.group_by("customer_id").having(said.given.min() != said.given.max())
    several = several.aggregate(names=said.count())
    names = said.semi_join(several, "customer_id").distinct()
    other = names.rename(other_given="given", other_root="given_root", other_family="family")
    both = names.join(other, "customer_id")
    is_one = may_be_one_person(
        Name(both.given, both.given_root, both.family),
        Name(both.other_given, both.other_root, both.other_family),
    )
    different = both.filter((both.given < both.other_given) & ~is_one.fill_null(False))
    return different.select("customer_id", reason=ibis.literal("different_given_names")).distinct()


def _different_facts(held: ir.Table) -> ir.Table:
    born = held.filter(held.birth_date.notnull())
    numbered = held.filter(held.national_id.notnull())
    said = ibis.union(
        born.select(
            "customer_id",
            reason=ibis.literal("different_birth_dates"),
            value=born.birth_date.cast("string"),
        ),
        numbered.select(
            "customer_id", reason=ibis.literal("different_national_ids"), value="national_id"
        ),
    )
    several = said.group_by(["customer_id", "reason"]).having(said.value.min() != said.value.max())
    keys = ["customer_id", "reason"]
    said = said.semi_join(several.aggregate(values=said.count()), keys).distinct()
    both = said.join(said.rename(other="value"), keys)
    one, other = both.value, both.other
    # 1990-03-12 and 1990-12-03, which systems read in different orders.
    is_day_as_month = (both.reason == "different_birth_dates") & (
        one == other.left(5) + other.substr(8, 2) + "-" + other.substr(5, 2)
    )
    different = both.filter((one < other) & other_numbers(one, other) & ~is_day_as_month)
    return different.select(*keys).distinct()


def _weakly_held(pairs: ir.Table, links: ir.Table, sizes: ir.Table) -> ir.Table:
    linked = pairs.filter(pairs.state == "linked")
    # A pair can be found in several ways: the surest counts.
    each = linked.group_by(list(PAIR)).aggregate(probability=linked.match_probability.max())
    ends = links.rename(**{f"left_{name}": name for name in RECORD})
    held = each.join(ends, list(PAIR[: len(RECORD)]))
    counted = held.group_by("customer_id").aggregate(
        pairs=held.count(), weakest=held.probability.min()
    )
    sized = counted.filter(counted.weakest < WEAK).join(sizes, "customer_id")
    weak = sized.filter((sized.records > 2) & (sized.pairs == sized.records - 1))
    return weak.select("customer_id", reason=ibis.literal("held_by_a_weak_pair"))
