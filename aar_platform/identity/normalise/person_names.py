"""A person's given and family name to compare, from what sources write in two fields or in one."""

from collections.abc import Callable
from functools import partial

import ibis
import ibis.expr.types as ir

from aar_platform.identity.normalise.family_names import FAMILY_FIRST_COUNTRIES, ROMANISED
from aar_platform.identity.normalise.words import cut, folded, words

Columns = dict[str, ir.Value]

_TITLES = """
    mr mrs miss ms mx dr prof professor sir madam herr herrn frau fraulein fr mme mlle monsieur
    madame mademoiselle maitre senor senora senorita sr sra srta sig signor signora signorina
    dott dottssa dottor doktor ing ingenieur dipl diplom diplomingenieur mag lic phd gospodin
    rev hon capt dipling dhr mevr mevrouw hrn
"""
# Of two of one name the elder and the younger. Sen and Jun are names: Amartya Sen, Wang Jun.
_GENERATIONS = {"sr": "sr|senior", "jr": "jr|junior", "ii": "ii", "iii": "iii", "iv": "iv"}
_SUFFIXES = rf"{'|'.join(_GENERATIONS.values())}|ph ?d|m ?d|mba|esq|dds|cpa|m ?sc|b ?sc|llm|ll m|rn"
_PARTICLES = """van von vom zu zur der den de del della di da do dos das du des la le el al bin ibn
    ben ter ten af av"""

# Words for "no name". The second kind is somebody's family name as well, and counts only where
# nothing else is told.
_NOBODY = "unknown unbekannt inconnue? desconocid[oa] sconosciut[oa] n/a/? n[.]a[.]? null none nil"
_NOBODY += " undefined xx+ asdf qwerty tbd todo no_?name anonymous anonyme? firstname lastname"
_NOBODY += " vorname nachname nobody not_?(?:provided|available|given|known) first_name last_name"
_PERHAPS = "guest gast invite test tester testing user customer kunde client cliente name admin"
_SIGNS = r"[\x00-/:-@\[-`{-~]"


def _nothing_but(words: str) -> str:
    told = "|".join(words.replace("_", r"[\x20_-]").split())
    return rf"(?i)^{_SIGNS}*(?:(?:{told})(?:{_SIGNS}+|$))*$"


def told_names(
    given: ir.StringValue, family: ir.StringValue, full: ir.StringValue
) -> dict[str, ir.StringValue]:
    """`given`, `family` and `whole` of a contact as written, null where a placeholder stands."""
    nothing = ibis.null("string")
    nobody = _nothing_but(_NOBODY)
    anybody = _nothing_but(f"{_NOBODY} {_PERHAPS}")
    return {
        "given": ibis.ifelse(given.re_search(anybody), nothing, cut(given)),
        "family": ibis.ifelse(family.re_search(nobody), nothing, cut(family)),
        "whole": ibis.ifelse(full.re_search(anybody), nothing, cut(full)),
    }


def names_used(table: ir.Table) -> Columns:
    """Of `given`, `family` and `whole` those that are used: both parts, or else the whole.

    A lone part is the whole name where it can be one: systems with one field for the name call it
    given name, and 张伟 is whole wherever it stands.
    """
    nothing = ibis.null("string")
    both = table.given.notnull() & table.family.notnull()
    alone = ibis.ifelse(table.family.re_search(_nothing_but(_PERHAPS)), nothing, table.family)
    is_han = alone.re_search(r"[\x{3400}-\x{9fff}]")
    whole = ibis.coalesce(table.whole, table.given, ibis.ifelse(is_han, alone, nothing))
    return {
        "given": ibis.ifelse(both, table.given, nothing),
        "family": ibis.cases((both, table.family), (whole.isnull(), alone), else_=nothing),
        "whole": ibis.ifelse(both, nothing, whole),
    }


def name_steps(country: str) -> tuple[Callable[[ir.Table], Columns], ...]:
    """From `given`, `family` and `whole` in lower-case ASCII to given, family and name to compare.

    In `whole` a comma follows the family name. A record without a country is read as one of
    `country`.
    """
    return (_as_words, _without_titles, partial(_family_first, country=country), _parts, _name)


def _as_words(table: ir.Table) -> Columns:
    return {
        "given": words(table.given),
        "family": words(table.family),
        "whole": words(table.whole, keep=","),
    }


def _without_titles(table: ir.Table) -> Columns:
    titles = "|".join(_TITLES.split())
    suffixes = rf"(?:[ ,]+(?:{_SUFFIXES}))+[ ,]*$"
    said = [table[name].fill_null("") for name in ("given", "family", "whole")]
    # Only a family name is a title now and then (Herr, Sir): it goes before another word.
    return {
        "generation": ibis.coalesce(*(_generation(name, suffixes) for name in said)),
        "given": table.given.re_replace(rf"^(?:(?:{titles})(?: |$))+|{suffixes}", ""),
        "family": table.family.re_replace(rf"^(?:(?:{titles}) )+|{suffixes}", ""),
        # Mr Smith and M. Dupont say the family name.
        "whole": table.whole.re_replace(rf"^(?:(?:{titles}|m)[ ,]+)+([^ ,]+)$", r"\1,").re_replace(
            rf"^(?:(?:{titles}|m)(?:[ ,]+|$))+|{suffixes}", ""
        ),
    }


def _generation(name: ir.StringValue, suffixes: str) -> ir.StringValue:
    """sr, jr, ii, … of a name in words; null where it says none."""
    end = ibis.ifelse(name.re_search(suffixes), name.re_extract(suffixes, 0), "")
    return ibis.cases(
        *((end.re_search(rf"\b(?:{forms})\b"), which) for which, forms in _GENERATIONS.items()),
        else_=ibis.null("string"),
    )


def _family_first(table: ir.Table, country: str) -> Columns:
    """The whole name as "family,given"."""
    whole = table.whole
    parts = whole.split(" ")
    names = "|".join(ROMANISED)
    particles = "|".join(_PARTICLES.split())
    is_there = table.country.fill_null(country).upper().isin(FAMILY_FIRST_COUNTRIES)
    ordered = ibis.cases(
        (whole.contains(","), whole.re_replace("^[ ,]+", "")),
        (is_there & whole.re_search(f"^(?:{names}) "), whole.re_replace("^([^ ]+) ", r"\1,")),
        # Two words in a sixth of the time that the general rule takes.
        (parts.length() == 2, parts[1] + "," + parts[0]),
        (
            whole.contains(" "),
            whole.re_replace(rf"^(.+?) ((?:(?:{particles}) )*[^ ]+)$", r"\2,\1"),
        ),
        else_="," + whole,
    )
    return {"whole": ordered}


def _parts(table: ir.Table) -> Columns:
    parts = table.whole.split(",")
    return {
        "given": folded(ibis.coalesce(table.given, parts[1]).strip()).nullif(""),
        "family": folded(ibis.coalesce(table.family, parts[0]).strip()).nullif(""),
    }


def _name(table: ir.Table) -> Columns:
    both = ibis.coalesce(table.given + " " + table.family, table.given, table.family)
    return {
        "name": both.split(" ").sort().join(" "),
        "first_given": table.given.split(" ")[0],
    }
