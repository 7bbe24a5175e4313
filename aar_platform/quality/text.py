"""Text as received: blanks, words that mean no value, and which columns are identifiers."""

import re
from collections.abc import Iterable

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.sources.mapping import to_json

# Blanks of all scripts that exports contain: no-break, narrow, ideographic, and the stray BOM.
_BLANK = r"[\s\x{a0}\x{2007}\x{202f}\x{3000}\x{feff}\x{200b}]"
_ENDS = rf"^{_BLANK}+|{_BLANK}+$"
_STRAY_AT_ENDS = rf"^{_BLANK}|{_BLANK}$"
_STRAY = rf"{_STRAY_AT_ENDS}|{_BLANK}{{2}}|[\t-\r\x{{a0}}\x{{2007}}\x{{202f}}\x{{3000}}\x{{feff}}]"

# How exports write "no value" where a number, date or id stands. Not NaN, except for ids: a figure
# that is not finite is an error of the exporting system and is told, not passed over.
_NO_VALUE = r"^(NULL|null|Null|<null>|\\N|N/A|n/a|#N/A|NA|None|NaT|-)$"
_NO_ID = r"^(NULL|null|Null|<null>|\\N|N/A|n/a|#N/A|NA|None|NaN|nan|-)$"
_NO_DATE = (
    rf"{_NO_VALUE}|^(0000-00-00|0001-01-01|9999-12-31|00/00/0000|31/12/9999|12/31/9999)(\D|$)"
)

_IDENTIFIERS = ("record_id", "sku", "postcode", "phone", "national_id")
_JSON = ("attributes", "external_ids", "consents")
_WRITTEN_FREELY = ("subject", "text", "reason")


def is_identifier(name: str) -> bool:
    """Whether a text column holds ids or codes made of digits, which are not quantities."""
    return name in _IDENTIFIERS or name.endswith("_id")


def is_json_column(name: str) -> bool:
    """Whether a text column holds a JSON object."""
    return name in _JSON


def is_one_of(text: ir.StringValue, words: Iterable[str]) -> ir.BooleanValue:
    """Whether a text is one of some words; null for null.

    As a regular expression: with `isin`, which becomes a join, 1.5 million values and the 305
    currencies took 1.3 s instead of 0.1, and Ibis as long to write as all the rest of a table.
    """
    return text.re_search(f"^(?:{'|'.join(re.escape(word) for word in words)})$")


def text_of(value: ir.Value) -> ir.StringValue:
    """A value of any type as text; whole floats and decimals without a point and zeros."""
    kind = value.type()
    if kind.is_string():
        return value
    if kind.is_floating() or kind.is_decimal():
        whole = (value.cast("float64").abs() < 1e15) & (value == value.floor())
        plain = value.cast(dt.int64).cast(str)
        text = ibis.ifelse(whole, plain, value.cast(str))
        return ibis.ifelse(value.isnan(), ibis.null(str), text) if kind.is_floating() else text
    if kind.is_nested() or kind.is_json():
        return to_json(value).cast(str)
    return value.cast(str)


def without_stray_blanks(text: ir.StringValue, name: str) -> ir.StringValue:
    """Text without blanks at its ends and with single blanks inside; null where nothing is left.

    Written text keeps its paragraphs and JSON stays as it is.
    """
    if is_json_column(name):
        return text.nullif("")
    if name in _WRITTEN_FREELY:
        return ibis.ifelse(
            text.re_search(rf"{_STRAY_AT_ENDS}|^$"), text.re_replace(_ENDS, "").nullif(""), text
        )
    return ibis.ifelse(text.re_search(rf"{_STRAY}|^$"), _tidy(text).nullif(""), text)


def heard(text: ir.StringValue, name: str, wanted: dt.DataType) -> ir.StringValue:
    """What a text says: without stray blanks, null where it is empty.

    Numbers, dates, flags and ids are null, too, where they are written as a word for "no value".
    """
    if wanted.is_temporal():
        absent = _NO_DATE
    elif not wanted.is_string():
        absent = _NO_VALUE
    elif is_identifier(name):
        absent = _NO_ID
    else:
        return without_stray_blanks(text, name)
    # One look at most values: a list of words in their place became fourteen joins, and a second
    # regular expression for each column took a second per 1.5 million rows of seven columns.
    tidy = _tidy(text)
    rest = ibis.ifelse(tidy.re_search(rf"{absent}|^$"), ibis.null(str), tidy)
    if wanted.is_numeric():
        # The grammar of figures knows about blanks around them.
        return ibis.ifelse(text.re_search(rf"{absent}|^{_BLANK}|^$"), rest, text)
    return ibis.ifelse(text.re_search(rf"{_STRAY}|{absent}|^$"), rest, text)


def _tidy(text: ir.StringValue) -> ir.StringValue:
    return text.re_replace(f"{_BLANK}+", " ").strip()
