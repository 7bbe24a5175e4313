"""What a record must satisfy, table by table, as a document."""

from collections.abc import Iterator

from aar_platform.quality.entered_by import CREATOR_KEYS
from aar_platform.quality.entry_quality import CONVENTION_SHARE
from aar_platform.quality.moments import FIRST_PLAUSIBLE_YEAR, PLAUSIBLE_YEARS_AHEAD
from aar_platform.quality.repairs import FORM_RULES, STRAY_BLANKS
from aar_platform.quality.rules import Rule, rules_of
from aar_platform.tables import catalogue
from aar_platform.tables.model import Column

_FORMS = {
    "email": "the address alone, in lower case",
    "phone": "E.164, such as +33142685300; without a country code, of the record's country",
    "country": "two letters, ISO 3166-1, such as FR",
    "currency": "three letters, ISO 4217, such as EUR",
    "code": "lower case",
}


def entry_rules_markdown() -> str:
    """docs/entry-rules.md: what holds for all records, then the rules of each core table."""
    return "\n".join([_INTRODUCTION, *_forms(), *(_table(name) for name in catalogue.CORE)])


def _forms() -> Iterator[str]:
    yield "| rule | the value becomes | columns |"
    yield "|---|---|---|"
    yield f"| `{STRAY_BLANKS}` | without blanks around it, or doubled ones in it | all texts |"
    for normalise, rule in FORM_RULES.items():
        yield f"| `{rule}` | {_FORMS[normalise]} | {', '.join(_formed(normalise))} |"
    yield ""


def _formed(normalise: str) -> Iterator[str]:
    names = {
        column.name
        for table in catalogue.CORE
        for column in catalogue.columns(table)
        if column.normalise == normalise
    }
    yield from (f"`{name}`" for name in sorted(names))


def _table(name: str) -> str:
    # A record's own id is made where its source has none.
    own_id = f"missing_{catalogue.OWN_ID[name]}"
    rules = [rule for rule in rules_of(name) if rule.name != own_id]
    rules.sort(key=lambda rule: not rule.refuses)
    columns = {column.name: column for column in catalogue.columns(name)}
    lines = [
        f"## {name}\n",
        catalogue.description(name) + "\n",
        "| column | a record must satisfy | else | rule |",
        "|---|---|---|---|",
        *(_row(rule, columns[rule.column]) for rule in rules),
    ]
    return "\n".join(lines) + "\n"


def _row(rule: Rule, column: Column) -> str:
    outcome = "**refused**" if rule.refuses else "value left out"
    return f"| `{rule.column}` | {_satisfied(rule, column)} | {outcome} | `{rule.name}` |"


def _satisfied(rule: Rule, column: Column) -> str:
    """The rule as what is asked for, where it is worded as what is wrong."""
    kind = rule.name.removesuffix(f"_{column.name}")
    if kind.startswith("unreadable"):
        word = kind.removeprefix("unreadable_")
        return f"can be read as {'an' if word == 'integer' else 'a'} {word}, where it is given"
    asked = {
        "missing": "is given",
        "not_allowed": f"is one of {', '.join(column.allowed or ())}",
        "below_minimum": f"is at least {column.minimum or 0:g}",
        "above_maximum": f"is at most {column.maximum or 0:g}",
        "implausible": f"lies from {FIRST_PLAUSIBLE_YEAR} to {PLAUSIBLE_YEARS_AHEAD} years after "
        "the extraction",
        "impossible_email": "is an e-mail address",
        "unknown_currency": "is an ISO 4217 code",
        "amount_missing": "is given, or follows from `quantity` and `unit_price`",
        "order_undated": "is given in at least one line of the order, where the source feeds no "
        "orders",
    }
    return asked.get(rule.name) or asked[kind]


_INTRODUCTION = f"""# Entry rules

What a record must satisfy. This page is generated from the rules by `make docs`.

A record is **refused** where a figure, a date or an id that others rest on is missing or cannot be
read: it stands in `quarantine` with the reason and the record as received, and nowhere else. A fact
that cannot be used is **left out** of the record: it stands in its `attributes`, and in `repairs`
with a null `new_value`. A value in another form is **repaired**: `repairs` has both. The latest
version of a record decides; its first broken rule counts.

## Who entered it

`entry_quality` counts what was refused, left out and repaired by source, table, rule, column and
the person who entered the record:

1. the record's creator, where its source says so in what becomes `attributes`, under one of the
   names below (of an object its e-mail, name or id);
2. else the colleague the record belongs to: `owner` of contacts, companies and deals, `assignee` of
   tickets;
3. else nobody: the record counts for its source alone.

Names of a creator: {", ".join(f"`{key}`" for key in CREATOR_KEYS)}.

A repair that {CONVENTION_SHARE:.0%} or more of a source's records need is a **convention**
(`is_convention`): how the system writes, and no matter of training. The report `data_entry` sets it
apart.

## All records

`record_id` is made from the record where the source gives none. A text may be empty unless a rule
asks for it. These repairs refuse nothing:
"""
