"""How alike two texts are, as the engine measures it, and whether two given names may be one's."""

from typing import NamedTuple

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

# Jaro-Winkler similarity of given names that may be one person's, mistyped or shortened.
_ALIKE = 0.8


@ibis.udf.scalar.builtin(
    name="jaro_winkler_similarity", signature=((dt.string, dt.string), dt.float64)
)
def similarity(one, other):  # type: ignore[no-untyped-def]
    """Jaro-Winkler similarity (Winkler 1990), 0 to 1."""


@ibis.udf.scalar.builtin(name="damerau_levenshtein", signature=((dt.string, dt.string), dt.int64))
def edits_between(one, other):  # type: ignore[no-untyped-def]
    """Letters inserted, left out, replaced or swapped (Damerau 1964)."""


class Name(NamedTuple):
    """A person's name as `identity_records` has it."""

    given: ir.StringValue
    given_root: ir.StringValue
    family: ir.StringValue


def may_be_one_person(one: Name, other: Name) -> ir.BooleanValue:
    """Whether two given names may be one person's: mistyped, shortened, a nickname, or the one in
    the place of the family name. Null where a given name is missing."""
    return ibis.or_(
        one.given_root.split(" ").intersect(other.given_root.split(" ")).length() > 0,
        one.given.startswith(other.given),
        other.given.startswith(one.given),
        similarity(one.given, other.given) >= _ALIKE,
        (one.given == other.family) | (other.given == one.family),
    )
