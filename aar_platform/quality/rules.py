"""The rules a record must keep, derived from the catalogue, and what breaks them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.quality.currencies import currency_codes
from aar_platform.quality.moments import (
    FIRST_PLAUSIBLE_YEAR,
    PLAUSIBLE_YEARS_AHEAD,
    is_implausible,
)
from aar_platform.quality.text import is_one_of
from aar_platform.tables import catalogue
from aar_platform.tables.model import Column

# Addresses that no mail server would take: no or two @, blanks, no dot in the domain, empty parts.
_EMAIL = r"^[^\s@,;:<>()\[\]\\\"]+@[^\s@.,;:<>()\[\]\\\"]+(\.[^\s@.,;:<>()\[\]\\\"]+)+$"


@dataclass(frozen=True)
class Rule:
    """One thing a record must keep.

    `refuses` tells whether a record that breaks it goes to quarantine; otherwise the value is left
    out of the record, kept in `attributes` and told in `repairs`.
    """

    name: str
    column: str
    statement: str
    refuses: bool
    reason: str


# What a rule looks at: the value as read, whether the source said one, when it was extracted.
Condition = Callable[[ir.Value, ir.BooleanValue, ir.TimestampValue], ir.BooleanValue]


@cache
def rules_of(table: str) -> tuple[Rule, ...]:
    """The rules of a core table in the order they are tried in; the first broken one counts."""
    return tuple(rule for rule, _ in conditions_of(table))


@cache
def conditions_of(table: str) -> tuple[tuple[Rule, Condition], ...]:
    """The rules of a core table, each with the expression that is true where it is broken."""
    found: list[tuple[Rule, Condition]] = []
    for column in catalogue.columns(table):
        if column.name not in ("source", "record_id"):
            found += _conditions(column)
        if (table, column.name) == ("order_lines", "amount"):
            found.append(_AMOUNT_MISSING)
        if (table, column.name) == ("order_lines", "ordered_at"):
            found.append((UNDATED, lambda value, is_said, at: ibis.literal(False)))
    return tuple(found)


def _conditions(column: Column) -> list[tuple[Rule, Condition]]:
    name, dtype = column.name, column.dtype
    refuses = column.unreadable == "refuse"
    left_out = "refuses the record" if refuses else "is left out of the record"
    found: list[tuple[Rule, Condition]] = []

    def add(rule: str, broken: str, condition: Condition, always: bool = False) -> None:
        does = "refuses the record" if always else left_out
        statement = f"A {name} that {broken} {does}."
        found.append(
            (Rule(rule, name, statement, refuses or always, f"{name} {broken}"), condition)
        )

    if not dtype.is_string():
        word = _word(dtype)
        add(
            f"unreadable_{word.split()[-1]}",
            f"cannot be read as {_article(word)} {word}",
            lambda value, is_said, at: is_said & value.isnull(),
        )
    if column.required:
        add(f"missing_{name}", "is missing", lambda value, is_said, at: value.isnull())
    if column.allowed is not None:
        allowed = column.allowed
        add(
            f"not_allowed_{name}",
            f"is none of {', '.join(allowed)}",
            lambda value, is_said, at: ~is_one_of(value, allowed),
        )
    if column.minimum is not None:
        minimum = column.minimum
        add(
            f"below_minimum_{name}",
            f"is below {minimum:g}",
            lambda value, is_said, at: value < minimum,
        )
    if column.maximum is not None:
        maximum = column.maximum
        add(
            f"above_maximum_{name}",
            f"is above {maximum:g}",
            lambda value, is_said, at: value > maximum,
        )
    if dtype.is_temporal():
        add(
            f"implausible_{name}",
            f"lies before {FIRST_PLAUSIBLE_YEAR} or more than {PLAUSIBLE_YEARS_AHEAD} years "
            "after the extraction",
            lambda value, is_said, at: is_implausible(value, at),
        )
    if column.normalise == "email":
        add(
            "impossible_email",
            "is no e-mail address",
            lambda value, is_said, at: ~value.re_search(_EMAIL),
        )
    if column.normalise == "currency":
        add(
            "unknown_currency",
            "is no ISO 4217 code",
            lambda value, is_said, at: ~is_one_of(value, currency_codes()),
            always=True,
        )
    return found


# Tried over whole orders, after the rules of single records; see quality.undated.
UNDATED = Rule(
    "order_undated",
    "ordered_at",
    "Where a source feeds no orders, a line of an order none of whose lines has an ordered_at "
    "refuses the record.",
    True,
    "ordered_at is missing in all lines of the order",
)
_AMOUNT_MISSING: tuple[Rule, Condition] = (
    Rule(
        "amount_missing",
        "amount",
        "A line without an amount refuses the record where quantity or unit_price is missing too.",
        True,
        "amount is missing and cannot be computed from quantity and unit_price",
    ),
    lambda value, is_said, at: value.isnull(),
)


def _word(dtype: dt.DataType) -> str:
    for is_kind, word in (
        (dtype.is_boolean(), "flag"),
        (dtype.is_timestamp(), "moment"),
        (dtype.is_date(), "day"),
        (dtype.is_integer(), "integer"),
        (dtype.is_decimal(), "decimal"),
    ):
        if is_kind:
            return word
    return "number"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def rule_index(table: str, rule: Rule) -> int:
    """The place of a rule among the table's rules."""
    return rules_of(table).index(rule)


def broken_rule(index: ir.IntegerValue, table: str, part: str) -> ir.StringValue:
    """`name`, `column` or `reason` of the rule with this index among the table's rules."""
    said = [getattr(rule, part) for rule in rules_of(table)]
    # One list instead of a case for each rule: Ibis writes a tenth of the nodes.
    return ibis.literal(said, type=dt.Array(dt.string))[index]
