"""Values as received, read as the types of the catalogue; null where they cannot be."""

from collections.abc import Callable

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.quality.conventions import Convention, number_pattern
from aar_platform.quality.moments import (
    day_of_native,
    day_of_text,
    in_clock_24,
    in_digits,
    moment_of_native,
    moment_of_text,
    year_first,
)
from aar_platform.quality.text import heard, is_one_of, text_of
from aar_platform.tables.model import Column

_TRUE = (
    *("true", "t", "yes", "y", "1", "1.0", "on", "oui", "o", "vrai", "ja", "j", "wahr", "si"),
    *("sí", "sì", "verdadero", "vero", "sim", "s", "verdadeiro", "tak", "да", "истина", "так"),
    *("是", "真", "はい", "예"),
)
_FALSE = (
    *("false", "f", "no", "n", "0", "0.0", "off", "non", "faux", "nein", "falsch", "nee", "não"),
    *("nao", "falso", "nie", "нет", "ложь", "ні", "否", "假", "不是", "いいえ", "아니요"),
)


def said(raw: ir.Value, column: Column) -> ir.Value:
    """What the source says: text without stray blanks, null where it says nothing."""
    kind = raw.type()
    if kind.is_null():
        return ibis.null(str)
    is_opaque = kind.is_nested() or kind.is_json() or kind.is_uuid() or kind.is_binary()
    if column.dtype.is_string() or kind.is_string() or is_opaque:
        return heard(text_of(raw), column.name, column.dtype)
    return raw


# A step that rewrites text towards what the engine reads.
Rewriting = Callable[[ir.StringValue, ir.TimestampValue], ir.StringValue]


def rewritings(value: ir.Value, column: Column, convention: Convention) -> list[Rewriting]:
    """The steps that a number or date in text goes through before `reading`, in order."""
    if not value.type().is_string():
        return []
    if column.dtype.is_temporal():
        order = convention.date_order
        return [
            lambda text, at: year_first(text, order),
            lambda date, at: in_digits(date, at),
            lambda date, at: in_clock_24(date),
        ]
    if column.dtype.is_numeric():
        decimal = convention.decimal or "."
        return [lambda text, at: _plain_figure(text, decimal)]
    return []


def _plain_figure(text: ir.StringValue, decimal: str) -> ir.StringValue:
    """A figure with a decimal point, a minus before it and a percent sign behind; null if none."""
    pattern = number_pattern(decimal)
    figure = text.re_replace(pattern, r"\1\2\3\6~\4\5").re_replace(
        r"[ '’\x{a0}\x{202f}\x{2009}]", ""
    )
    if decimal == ".":
        figure = figure.replace(",", "")
    else:
        figure = figure.replace(".", "").replace(",", ".")
    figure = figure.re_replace(r"^\+?~", "").re_replace(r"^[-+−(]+~", "-")
    dressed = ibis.ifelse(text.re_search(pattern), figure, ibis.null(str))
    # Most figures are plain: the engine's own cast reads them a hundred times faster.
    plain = text if decimal == "." else text.replace(",", ".")
    is_plain = plain.try_cast("float64").notnull()
    if decimal == ",":
        is_plain &= ~text.contains(".")
    return ibis.ifelse(is_plain, plain, dressed)


def reading(value: ir.Value, column: Column, convention: Convention, zone: str) -> ir.Value:
    """What was said, after its rewritings, as the column's type; null where it cannot be read."""
    wanted = column.dtype
    if wanted.is_string():
        if convention.is_float_written_id:
            return value.substr(0, value.length() - 2)
        return value
    if wanted.is_boolean():
        return _flag(value)
    if wanted.is_timestamp():
        if value.type().is_string():
            return moment_of_text(value, convention.date_order, zone)
        return moment_of_native(value, zone)
    if wanted.is_date():
        if value.type().is_string():
            return day_of_text(value, convention.date_order)
        return day_of_native(value)
    if value.type().is_string():
        return _number_of_text(value, wanted)
    return _number_of_native(value, wanted)


def _flag(value: ir.Value) -> ir.Value:
    kind = value.type()
    if kind.is_boolean():
        return value
    if kind.is_numeric():
        return ibis.cases((value == 1, True), (value == 0, False), else_=ibis.null(bool))
    if not kind.is_string():
        return ibis.null(bool)
    word = value.lower()
    is_true, is_false = is_one_of(word, _TRUE), is_one_of(word, _FALSE)
    return ibis.cases((is_true, True), (is_false, False), else_=ibis.null(bool))


def _number_of_text(figure: ir.StringValue, wanted: dt.DataType) -> ir.Value:
    if wanted.is_floating():
        share = figure.replace("%", "").try_cast("float64") / 100
        return _finite(ibis.ifelse(figure.endswith("%"), share, figure.try_cast("float64")))
    # A share is no amount and no count: "10 %" in a money column is refused, not read as 0.10.
    number = figure.try_cast(dt.Decimal(18, 4))
    return number if wanted.is_decimal() else _whole(number)


def _number_of_native(value: ir.Value, wanted: dt.DataType) -> ir.Value:
    kind = value.type()
    if not (kind.is_numeric() or kind.is_boolean()):
        return ibis.null(wanted)
    if wanted.is_floating():
        number = value.cast("float64")
        return _finite(number) if kind.is_floating() else number
    if kind.is_integer() and wanted.is_integer():
        return value.try_cast("int64")
    number = value.try_cast(dt.Decimal(18, 4))
    return number if wanted.is_decimal() else _whole(number)


def _whole(number: ir.Value) -> ir.Value:
    whole = number.try_cast("int64")
    return ibis.ifelse(whole.cast(dt.Decimal(18, 4)) == number, whole, ibis.null("int64"))


def _finite(number: ir.FloatingValue) -> ir.Value:
    return ibis.ifelse(number.isnan() | number.isinf(), ibis.null("float64"), number)
