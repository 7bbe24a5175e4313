"""Values with letters beyond ASCII in lower-case ASCII: distinct values go through Python once."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import reduce
from operator import or_
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from aar_platform.identity.normalise.chinese_names import person_form
from aar_platform.identity.normalise.company_forms import company_form
from aar_platform.identity.normalise.transliteration import ascii_letters, ascii_words, plain
from aar_platform.identity.normalise.words import LONGEST
from aar_platform.quality.stored import stored_rows

_BEYOND_ASCII = r"[^\x00-\x7F]"
_PLACE_SUFFIXES = (
    "特别行政区", "特別行政區", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "市", "省",
)  # fmt: skip
_NUMBER = re.compile(r"(\d+(?:[-—]\d+)?)\s*[号號](?![楼院])")
_BESIDE_DIGITS = re.compile(r"(?<=[^\x00-\x7f])(?=\d)|(?<=\d)(?=[^\x00-\x7f])")
_SCHEMA = ibis.schema({"meaning": "string", "value": "string", "form": "string", "han": "string"})


def _place(text: str) -> tuple[str, str | None]:
    name = plain(text)
    for suffix in _PLACE_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            name = name.removesuffix(suffix)
            break
    return ascii_words(name), None


def _street(text: str) -> tuple[str, str | None]:
    street = plain(text)
    # 建国路88号: the number goes first and is split off there, as in 88 High Street.
    if number := _NUMBER.search(street):
        street = f"{number[1]} {street[: number.start()]} {street[number.end() :]}"
    return ascii_letters(_BESIDE_DIGITS.sub(" ", street)), None


_FORMS: dict[str, Callable[[str], tuple[str, str | None]]] = {
    "given": lambda text: person_form(text, "given"),
    "family": lambda text: person_form(text, "family"),
    "whole": lambda text: person_form(text, "whole"),
    "company": company_form,
    "place": _place,
    "street": _street,
}


class Forms(NamedTuple):
    """Forms of values that hold other letters: meaning, value, form, and han, a name as written
    in Chinese; `meanings` are those that occur."""

    table: ir.Table | None
    meanings: frozenset[str]


def ascii_forms(
    tables: Mapping[str, ir.Table], columns: Mapping[str, Mapping[str, tuple[str, ...]]]
) -> Forms:
    """Values of some tables that hold other letters, in lower-case ASCII.

    `columns` says of each table what a column's values can mean: given, family, whole, company,
    place or street.
    """
    values: dict[str, set[str]] = defaultdict(set)
    for name in columns:
        if name in tables:
            for column, others in _other_values(tables[name], [*columns[name]]).items():
                for meaning in columns[name][column]:
                    values[meaning].update(others)
    rows = []
    for meaning, said in values.items():
        form_of = _FORMS[meaning]
        for value in said:
            form, han = form_of(value)
            rows.append((meaning, value, form[:LONGEST], han))
    if not rows:
        return Forms(None, frozenset())
    told = dict(zip(_SCHEMA.names, map(list, zip(*rows, strict=True)), strict=True))
    backend = next(iter(tables.values())).get_backend()
    return Forms(stored_rows(backend, told, _SCHEMA), frozenset(told["meaning"]))


def _other_values(table: ir.Table, columns: list[str]) -> dict[str, list[str]]:
    """Distinct values of each column that hold other letters, cut as what is compared."""
    import pyarrow.compute as pc

    has_others = [table[column].re_search(_BEYOND_ASCII) for column in columns]
    found = table.filter(reduce(or_, has_others)).select(*columns).to_pyarrow()
    values = {}
    for column in columns:
        said = pc.utf8_slice_codeunits(pc.unique(found[column]), 0, LONGEST)
        said = said.filter(pc.match_substring_regex(said, _BEYOND_ASCII))
        values[column] = said.to_pylist()
    return values


def with_forms(table: ir.Table, forms: Forms, meanings: Mapping[str, str]) -> ir.Table:
    """The table with columns of text in lower-case ASCII, and `han__{column}` beside names.

    `meanings` says what a column holds.
    """
    joined = table
    shaped, hans = {}, {}
    for column, meaning in meanings.items():
        is_name = meaning not in ("place", "street")
        if forms.table is None or meaning not in forms.meanings:
            shaped[column] = table[column].lower()
            if is_name:
                hans[f"han__{column}"] = ibis.null("string")
            continue
        value, form, han = f"value__{column}", f"form__{column}", f"said__{column}"
        of_meaning = forms.table.filter(forms.table.meaning == meaning).select(
            **{value: "value", form: "form", han: "han"}
        )
        joined = joined.left_join(of_meaning, table[column] == of_meaning[value])
        shaped[column] = of_meaning[form].fill_null(table[column].lower())
        if is_name:
            hans[f"han__{column}"] = of_meaning[han]
    kept = [column for column in table.columns if column not in meanings]
    return joined.select(*kept, **shaped, **hans)
