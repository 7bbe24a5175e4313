"""Parts of postal addresses to compare: street, house number, place, postcode."""

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.normalise.words import folded, words

Columns = dict[str, ir.Value]

# Kinds of streets and directions: what all spellings begin with, and how each goes on. German and
# Dutch kinds are endings of words, too. Two passes: a replacement can name nine parts.
_KINDS: tuple[Mapping[str, str], ...] = (
    {
        r"st": "r(?:eet|asse|aat|t)?",
        r"pl": "(?:ace|atz|aza|ein|ac|z)",
        r"\bav": "(?:e|en|enue|enida|da|g)",
        r"\br": "(?:oad|d|ue)",
        r"\bb": "(?:oulevard|oul|lvd|vd|ld|d)",
        r"\bdr": "(?:ive|v)",
        r"\bl": "(?:ane|n)",
        r"\bc": "(?:ourt|t|alle|l)",
        r"\bsq": "(?:uare|r)",
    },
    {
        r"\bh": "(?:ighway|wy)",
        r"\bt": "(?:errace|err|er|ce)",
        r"\bcr": "(?:escent|esc|es)",
        r"\bci": "(?:rcle|rcuit|rc|r)",
        r"\bp": "(?:arkway|arade|kwy|ky|de)",
        r"\bst": "(?:e|ainte?)",
        r"\bs": "(?:outh|ud|ur)",
        r"\bn": "(?:orth|ord|orte)",
        r"\b[ew]": "(?:ast|est|ste)",
    },
)
# Words for "street" that are written or not: a kind of which no part is kept.
_LEFT_OUT = r"\b(?:ul|ulica|ulitsa|vul|vulytsia)\b ?"
_UNIT = (
    r"[ ,]*(?:\b(?:apt|ste|apartment|appartement|appt|app|unit|suite|flat|room|rm|floor|fl|"
    r"wohnung|whg|etage|piso|puerta|lok|lokal|kv|kvartira|interno|int|bte|bus)\b[ .]*(?:no\b[ .]*)?"
    r"[#]? ?(?:\d+[a-z]?|[a-z])\b|\bm[.] ?\d+[a-z]?\b|#[ ]?\w+)[ ,]*"
)
_NUMBER = r"\d+[a-z]?(?:[/-]\d+[a-z]?)*"


# Postcodes as countries write them: 1010 and 1234 ab, 75001, 050602, 00-950, 123-4567, 123 45,
# 94105-1234, sw6 7sa, k1a 0b1.
_POSTCODE = (
    r"\d{4}(?: ?[a-z]{2})?|\d{5,6}(?:-\d{3,4})?|\d{2}-\d{3}|\d{3}-\d{4}|\d{3} \d{2}"
    r"|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d"
)
_COMMA = r" *[,;\n][,;\n ]*"
_CITY = r"[a-z][^,;\d\n]*?"
_COUNTRY = rf"(?:{_COMMA}[^,;\d\n]*)?"
_STATES = (
    "al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh|nj|nm|"
    "ny|nc|nd|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|dc"
)
_STATE = rf"(?:{_COMMA}[a-z]{{2,3}}| (?:{_STATES}))?"
# 5 high st, 75001 paris, france
_CODE_FIRST = rf"(?s)^(.*[^ ,;]){_COMMA}({_POSTCODE})(?:{_COMMA}| )({_CITY}){_COUNTRY}$"
# 5 high st, paris 75001; 5 main st, austin, tx 78701, usa
_CODE_LAST = rf"(?s)^(.*?[^ ,;]){_COMMA}({_CITY}){_STATE}(?:{_COMMA}| )({_POSTCODE}){_COUNTRY}$"
# What is no city, nor the letters of a Dutch postcode: a street, a box, an article, a country.
_NO_CITY = (
    r"\b(?:street|st|str|road|rd|avenue|ave?|lane|ln|drive|dr|court|ct|boulevard|blvd|way|box|ste|"
    r"suite)$|^(?:po |postfach)"
)
_NO_CODE = r"[a-z\d] ?(?:la|le|les|el|los|us|uk)$"
# Each pattern with the numbers of its groups.
_WAYS = (
    (_CODE_FIRST, {"street": 1, "postcode": 2, "city": 3}),
    (_CODE_LAST, {"street": 1, "city": 2, "postcode": 3}),
)


def in_one_line(table: ir.Table) -> Columns:
    """Street, city and postcode of an address that a system keeps in the column of the street,
    parted by commas; other addresses as they are."""
    is_alone = (
        table.city.isnull() & table.postcode.isnull() & table.street.re_search("[,;\n][^a-z]*[a-z]")
    )
    street = table.street.re_replace(_UNIT, ", ").re_replace("^[ ,;]+", "")
    found = {}
    ways = [_parted(street, pattern, groups) for pattern, groups in _WAYS]
    for column in ("street", "city", "postcode"):
        parted = ibis.cases(
            *((is_parted, parts[column]) for is_parted, parts in ways), else_=table[column]
        )
        found[column] = ibis.ifelse(is_alone, parted, table[column])
    return found


def _parted(
    street: ir.StringValue, pattern: str, groups: Mapping[str, int]
) -> tuple[ir.BooleanValue, dict[str, ir.StringValue]]:
    """Whether an address is of a pattern, and its parts."""
    parts = {name: street.re_extract(pattern, group) for name, group in groups.items()}
    is_parted = (
        street.re_search(pattern)
        & parts["street"].re_search(r"\d")
        & ~parts["city"].re_search(_NO_CITY)
        & ~parts["postcode"].re_search(_NO_CODE)
    )
    return is_parted, parts


def _without_unit(table: ir.Table) -> Columns:
    street = table.street
    return {"street": ibis.ifelse(street.re_search(_UNIT), street.re_replace(_UNIT, " "), street)}


def _as_words(table: ir.Table) -> Columns:
    # Gartenstrasse8
    street = table.street.re_replace(r"([a-z]{4})(\d+[a-z]?)$", r"\1 \2")
    return {"street": words(street, keep="/-")}


def _numbers(table: ir.Table) -> Columns:
    return {
        "leading": table.street.re_extract(rf"^{_NUMBER}(?: bis| ter)?(?: |$)", 0),
        "trailing": table.street.re_extract(rf"(?: |^){_NUMBER}(?: [a-z])?$", 0),
    }


def _split(table: ir.Table) -> Columns:
    has_leading = table.leading != ""
    size = table.street.length()
    rest = ibis.ifelse(
        has_leading,
        table.street.right(size - table.leading.length()),
        table.street.left(size - table.trailing.length()),
    )
    number = ibis.ifelse(has_leading, table.leading, table.trailing)
    return {
        "street": ibis.ifelse(rest.re_search("[/-]"), rest.re_replace("[/ -]+", " "), rest).strip(),
        "house_number": number.replace(" ", "").nullif(""),
    }


def _in_one_spelling(table: ir.Table) -> Columns:
    street = table.street
    for kinds in _KINDS:
        # Many a street has no word of the second kinds; a look costs a fifth of a replacement.
        has_any = table.street.re_search(_pattern(kinds))
        said = street.re_replace(_pattern(kinds), _parts(len(kinds)))
        street = ibis.ifelse(has_any, said, street)
    return {"street": folded(street.strip()).nullif("")}


# From the column `street` in lower-case ASCII to `street` to compare and `house_number`: a number
# is taken from the beginning or, where there is none, from the end.
STREET_STEPS = (_without_unit, _as_words, _numbers, _split, _in_one_spelling)


def _pattern(kinds: Mapping[str, str]) -> str:
    spelled = []
    for start, ends in kinds.items():
        edge = r"\b" if start.startswith(r"\b") else ""
        spelled.append(rf"{edge}({start.removeprefix(edge)}){ends}\b")
    return "|".join([*spelled, _LEFT_OUT])


def _parts(count: int) -> str:
    return "".join(rf"\{number}" for number in range(1, count + 1))


def place(name: ir.StringValue) -> ir.StringValue:
    """A city or region to compare, from a column in lower-case ASCII."""
    spelled = ibis.ifelse(name.contains("saint"), name.re_replace(r"\bsainte?\b", "st"), name)
    return folded(words(spelled)).nullif("")


def comparable_postcode(postcode: ir.StringValue) -> ir.StringValue:
    """Letters and digits in upper case; null where all are zeros."""
    signs = postcode.upper().re_replace("[^A-Z0-9]+", "")
    return ibis.ifelse(signs.re_search("[^0]"), signs, ibis.null("string"))
