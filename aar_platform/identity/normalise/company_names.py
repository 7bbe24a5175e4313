"""A company's core name and its legal form, from its name in lower-case ASCII."""

import ibis
import ibis.expr.types as ir

from aar_platform.identity.normalise.company_forms import (
    forms_alike,
    forms_before,
    legal_forms,
)
from aar_platform.identity.normalise.words import folded
from aar_platform.quality.engine_functions import stage


def company_names(table: ir.Table) -> ir.Table:
    """The table with `company`, the core of its column `company`, and with `legal_form`.

    What stands in brackets is a place or a former name and no part of the core. A name of nothing
    but legal forms keeps its words.
    """
    name = table.company
    spoken = ibis.ifelse(name.re_search("[&+]"), name.re_replace("[&+]", " and "), name)
    bracketed = ibis.ifelse(
        spoken.contains("(") | spoken.contains("["),
        spoken.re_replace(r"\([^()]*\)|\[[^\[\]]*\]", " "),
        spoken,
    )
    table = stage(table.mutate(company=bracketed, _whole=spoken))
    # S.A. and A/S are one word each; what is wholly in brackets stays.
    core = _words(table.company)
    table = stage(table.mutate(company=ibis.coalesce(core.nullif(""), _words(table._whole))))
    legal = "|".join(legal_forms())
    before = "|".join(forms_before())
    table = stage(
        table.mutate(
            _end=(" " + table.company).re_extract(rf"(?: (?:{legal}))+$", 0).strip(),
            _start=table.company.re_extract(rf"^(?:(?:{before}) )+", 0).strip(),
        )
    )
    left = table.company.length() - table._end.length()
    middle = table.company.substr(0, left).substr(table._start.length()).strip()
    table = stage(table.mutate(_core=middle.re_replace("^and | and$", "").nullif("")))
    forms = ibis.literal("")
    alike = forms_alike()
    forms = (table._start.re_replace(r"\bthe\b", "") + " " + table._end).strip()
    # "S. A." is no other form than "S.A.".
    forms = forms.re_replace(r"\b([a-z]) ([a-z])\b", r"\1\2")
    for one, other in alike.items():
        forms = forms.re_replace(rf"\b{one}\b", other)
    return table.mutate(
        company=folded(ibis.coalesce(table._core, table.company)).nullif(""),
        legal_form=ibis.ifelse(table._core.notnull(), forms.nullif(""), ibis.null("string")),
    ).drop("_whole", "_end", "_start", "_core")


def _words(name: ir.StringValue) -> ir.StringValue:
    joined = name.re_replace(r"[.'`]", "").re_replace(r"\b([a-z])/([a-z])\b", r"\1\2")
    return joined.re_replace("[^a-z0-9]+", " ").strip()
