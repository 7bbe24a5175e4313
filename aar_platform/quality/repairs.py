"""Repairs of text: stray blanks and the forms the catalogue asks for, told value by value."""

from collections.abc import Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from aar_platform.quality.countries import country_forms
from aar_platform.quality.currencies import currency_forms
from aar_platform.quality.phones import phone_forms
from aar_platform.quality.rules import broken_rule
from aar_platform.quality.stored import stored_rows
from aar_platform.quality.text import without_stray_blanks
from aar_platform.tables import catalogue
from aar_platform.tables.model import Column

STRAY_BLANKS = "stray_blanks"
# Rule by which a value was brought into the form that the catalogue asks for.
FORM_RULES = {
    "email": "email_form",
    "phone": "phone_e164",
    "country": "country_iso_3166",
    "currency": "currency_iso_4217",
    "code": "lower_case",
}
_E164 = r"^\+[1-9]\d{6,14}$"
_FORM = {"value": "string", "form": "string"}


# Of the forms, those that a library knows, by the values of the column.
LOOKED_UP = ("country", "currency", "phone")


def in_form(
    heard: ir.Table, looked_up: ir.Table, columns: Sequence[Column], country: str
) -> ir.Table:
    """The table with its text columns in the form the catalogue asks for.

    Values without such a form stay as said. Libraries that know countries, currencies and phone
    numbers see each distinct value once; countries come first, for phone numbers are read in them.
    `looked_up` has the columns of LOOKED_UP forms once more, without what `heard` takes to be
    computed: asking for their values through it took half of the time that Ibis needs for a table.
    """
    simple = {
        column.name: _email_form(heard[column.name])
        if column.normalise == "email"
        else heard[column.name].lower()
        for column in columns
        if column.normalise in ("code", "email")
    }
    shaped = heard.mutate(**simple) if simple else heard
    several = [column for column in columns if column.normalise in LOOKED_UP]
    for column in sorted(several, key=lambda column: column.normalise == "phone"):
        name = column.name
        forms = (
            _phone_forms(looked_up, name, country)
            if column.normalise == "phone"
            else _code_forms(looked_up, column, country)
        )
        if forms is not None:
            shaped = _joined(shaped, name, forms)
            looked_up = _joined(looked_up, name, forms)
    return shaped


def _code_forms(looked_up: ir.Table, column: Column, country: str) -> ir.Table | None:
    values = looked_up.select(column.name).distinct().to_pyarrow()[column.name].to_pylist()
    said = [text for text in values if text]
    by_value = (
        country_forms(said) if column.normalise == "country" else currency_forms(said, country)
    )
    if not by_value:
        return None
    rows = {"value": list(by_value), "form": list(by_value.values())}
    return stored_rows(looked_up.get_backend(), rows, ibis.schema(_FORM))


def _email_form(value: ir.StringValue) -> ir.StringValue:
    address = value.lower()
    bracketed = address.re_extract(r"<([^<>]+)>\s*$", 1)
    address = ibis.ifelse(address.endswith(">"), bracketed, address)
    return ibis.ifelse(address.startswith("mailto:"), address.re_replace("^mailto: *", ""), address)


def _region(table: ir.Table) -> ir.StringValue:
    region = table["country"] if "country" in table.columns else ibis.null(str)
    return region.fill_null("")


def _phone_forms(looked_up: ir.Table, name: str, country: str) -> ir.Table | None:
    numbers = looked_up.select(value=looked_up[name], region=_region(looked_up))
    numbers = numbers.filter(numbers.value.notnull() & ~numbers.value.re_search(_E164)).distinct()
    pairs = [(row["value"], row["region"]) for row in numbers.to_pyarrow().to_pylist()]
    found = [
        (*pair, form)
        for pair, form in zip(pairs, phone_forms(pairs, country), strict=True)
        if form and form != pair[0]
    ]
    if not found:
        return None
    values, regions, forms = (list(part) for part in zip(*found, strict=True))
    return stored_rows(
        looked_up.get_backend(),
        {"value": values, "form": forms, "region": regions},
        ibis.schema({**_FORM, "region": "string"}),
    )


def _joined(shaped: ir.Table, name: str, forms: ir.Table) -> ir.Table:
    forms = forms.rename({f"form__{column}": column for column in forms.columns})
    keys = [shaped[name] == forms["form__value"]]
    if "form__region" in forms.columns:
        keys.append(_region(shaped) == forms["form__region"])
    both = shaped.left_join(forms, keys)
    value = both["form__form"].fill_null(both[name])
    return both.mutate(**{name: value}).select(*shaped.columns)


def repairs_of(kept: ir.Table, table: str, columns: Sequence[Column]) -> ir.Table:
    """One row per value that was changed or left out, in the schema of `repairs`.

    `kept` has each column, `old__{column}` with what was received where it was changed, and
    `why__{column}` with the index of the rule where it was left out.
    """
    schema = catalogue.ibis_schema("repairs")
    parts = [
        _told(kept, table, column) for column in columns if f"old__{column.name}" in kept.columns
    ]
    if not parts:
        return ibis.memtable([], schema=schema)
    return reduce(lambda one, other: one.union(other), parts).cast(schema).select(*schema)


def _told(kept: ir.Table, table: str, column: Column) -> ir.Table:
    name = column.name
    changed = kept.filter(kept[f"old__{name}"].notnull())
    old, rule = changed[f"old__{name}"], ibis.literal(STRAY_BLANKS)
    if column.dtype.is_string() and column.normalise:
        is_formed = without_stray_blanks(old, name) != changed[name]
        rule = ibis.ifelse(is_formed, FORM_RULES[column.normalise], rule)
    if f"why__{name}" in kept.columns:
        rule = broken_rule(changed[f"why__{name}"], table, "name").fill_null(rule)
    return changed.select(
        source=changed.source,
        object=ibis.literal(table),
        record_id=changed.record_id,
        rule=rule,
        column_name=ibis.literal(name),
        old_value=old,
        new_value=changed[name].cast(str),
        repaired_at=changed._extracted_at,
    )
