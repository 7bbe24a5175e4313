"""How the columns of one raw table are written: decimal mark, order of dates, ids as floats."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.quality.engine_functions import stage
from aar_platform.quality.text import heard, is_identifier
from aar_platform.tables import catalogue

Decimal = Literal[".", ","]
DateOrder = Literal["ymd", "dmy", "mdy", "number"]
DecidedBy = Literal["values", "stated", "other columns", "default"]

DEFAULT_DECIMAL: Decimal = "."

# By far the most dates: shapes that need no regular expression to be known.
PLAIN_DATES = ["____-__-__", "____-__-__ __:__:__"]

_DAY = r"(0?[1-9]|[12]\d|3[01])"
_MONTH = r"(0?[1-9]|1[0-2])"
_REST = r"([ T,].*)?$"
_DAY_FIRST = rf"^{_DAY}[-/. ]{_MONTH}[-/. ](\d{{4}}|\d{{2}}){_REST}"
_MONTH_FIRST = rf"^{_MONTH}[-/. ]{_DAY}[-/. ](\d{{4}}|\d{{2}}){_REST}"
_YEAR_FIRST = r"^(\d{4}[-/. 年]\d{1,2}[-/. 月]\d|(19|20)\d{6}(\D|$|\d{4}|\d{6}))"
_SHORT_YEAR_FIRST = rf"^\d{{2}}[-/.]{_MONTH}[-/.]{_DAY}{_REST}"
_PLAIN_NUMBER = r"^\d+(\.\d+)?$"

# What may stand before or behind a figure: signs of currency, alone or with a country's letters,
# and words and codes of it. Not any word: "B12" is no amount.
_CURRENCY = (
    r"(?:[A-Z]{0,3}\p{Sc}|\p{Sc}[A-Z]{2}|[Kk]r|Rs|S?Fr|zł|Kč|Ft|lei|лв|руб|元|円|원"
    r"|USD|EUR|GBP|JPY|CNY|RMB|CHF|CAD|AUD|NZD|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|RUB|UAH|TRY"
    r"|INR|KRW|SGD|HKD|TWD|THB|IDR|MYR|PHP|VND|BRL|MXN|ARS|CLP|COP|PEN|ZAR|NGN|KES|EGP|MAD|AED"
    r"|SAR|QAR|KWD|BHD|OMR|ILS)\.?"
)
_GAP = r"[\s\x{a0}\x{202f}]*"
_BLANK_GROUP = r"[ '’\x{a0}\x{202f}\x{2009}]"


def number_pattern(decimal: str) -> str:
    """The grammar of a figure under a decimal mark.

    Groups: 1 opening parenthesis, 2 sign before, 3 sign after the currency, 4 the digits,
    5 percent sign, 6 sign behind.
    """
    mark, other = (r"\.", ",") if decimal == "." else (",", r"\.")
    grouped = rf"\d{{1,3}}(?:(?:{other}|{_BLANK_GROUP})\d{{2,3}})*(?:{other}|{_BLANK_GROUP})\d{{3}}"
    core = rf"(?:(?:{grouped}|\d+)(?:{mark}\d*)?|{mark}\d+)(?:[eE][-+]?\d{{1,3}})?"
    return (
        rf"^(\()?{_GAP}([-+−])?{_GAP}(?:{_CURRENCY}{_GAP}([-+−])?{_GAP})?({core}){_GAP}"
        rf"(%)?(?:{_CURRENCY})?(-|−)?\)?{_GAP}$"
    )


@dataclass(frozen=True)
class Convention:
    """How one column is written.

    `decimal` is "." or "," (None for columns that hold no numbers as text), `date_order` "ymd",
    "dmy", "mdy" or "number" (epoch seconds or a spreadsheet's serial days; None for columns that
    hold no dates as text). `seen` values were looked at, `ambiguous` of them read differently
    under another convention; `decided_by` says what settled it.
    """

    decimal: Decimal | None = None
    date_order: DateOrder | None = None
    is_float_written_id: bool = False
    seen: int = 0
    ambiguous: int = 0
    decided_by: DecidedBy = "values"


def detect_conventions(
    mapped: ir.Table,
    table: str,
    decimal: str | None,
    date_order: str | None,
    country: str = "",
) -> dict[str, Convention]:
    """How each text column of a raw table is written, by column of the core table.

    One aggregate query counts, for each reading, the values it explains; the reading that explains
    most is taken. Where readings explain equally many, what aar.yaml states decides (`decimal`,
    `date_order`), then what the other columns of the table are written in, then the default: a
    decimal point, and day before month except for a `country` of US. Columns of native types need
    no convention and are not in the answer.
    """
    kinds = {
        column.name: kind
        for column in catalogue.columns(table)
        if column.name in mapped.columns
        and (kind := _kind(column.name, column.dtype, mapped[column.name].type()))
    }
    if not kinds:
        return {}
    types = catalogue.ibis_schema(table)
    said = stage(mapped.select(**{name: heard(mapped[name], name, types[name]) for name in kinds}))
    counts: dict[str, ir.Value] = {}
    for name, kind in kinds.items():
        for what, count in _VOTES[kind](said[name]).items():
            counts[f"{name}:{what}"] = count
    votes = said.aggregate(**counts).to_pyarrow().to_pylist()[0]
    found = {
        name: _decide(
            kind,
            {what: int(votes[f"{name}:{what}"] or 0) for what in _WHAT[kind]},
            decimal,
            date_order,
        )
        for name, kind in kinds.items()
    }
    return _settle(found, kinds, "mdy" if country.upper() == "US" else "dmy")


def _kind(name: str, wanted: dt.DataType, given: dt.DataType) -> str | None:
    if not given.is_string():
        return None
    if wanted.is_numeric():
        return "number"
    if wanted.is_temporal():
        return "date"
    return "identifier" if is_identifier(name) else None


def _number_votes(value: ir.StringValue) -> dict[str, ir.Value]:
    has_point, has_comma = value.contains("."), value.contains(",")
    point = _explained(value, ".", plain=value, is_candidate=has_point & ~has_comma)
    comma = _explained(
        value, ",", plain=value.replace(",", "."), is_candidate=has_comma & ~has_point
    )
    return {
        "seen": value.count(),
        ".": point.sum(),
        ",": comma.sum(),
        "both": (point & comma).sum(),
    }


def _explained(
    value: ir.StringValue, decimal: str, plain: ir.StringValue, is_candidate: ir.BooleanValue
) -> ir.BooleanValue:
    """Whether a value with a mark reads as a number; whole numbers say nothing and are passed over.

    The engine's cast settles plain figures, the grammar the few that are dressed up or grouped.
    """
    is_plain = ibis.ifelse(is_candidate, plain.try_cast("float64").notnull(), False)
    # A figure with one kind of mark is a grouped one under the other only with three digits last.
    is_grouped_at_most = value.re_search(r"\d[.,]\d{3}\D*$") | value.re_search(r"[.,].*[.,]")
    worth = is_candidate | is_grouped_at_most
    has_mark = value.contains(".") | value.contains(",")
    return ibis.cases(
        (is_plain, True),
        (has_mark & worth, value.re_search(number_pattern(decimal))),
        else_=False,
    )


def _date_votes(value: ir.StringValue) -> dict[str, ir.Value]:
    is_iso = ibis.ifelse(value.like(PLAIN_DATES), True, value.re_search(r"^\d{4}[-/]"))
    other = ibis.ifelse(is_iso, ibis.null("string"), value)
    day_first = other.re_search(_DAY_FIRST)
    month_first = other.re_search(_MONTH_FIRST)
    year_first = other.re_search(_YEAR_FIRST)
    return {
        "seen": value.count(),
        "iso": is_iso.sum(),
        "ymd": year_first.sum(),
        "yy": other.re_search(_SHORT_YEAR_FIRST).sum(),
        "dmy": day_first.sum(),
        "mdy": month_first.sum(),
        "number": (other.re_search(_PLAIN_NUMBER) & ~year_first).sum(),
        "both": (day_first & month_first).sum(),
    }


def _identifier_votes(value: ir.StringValue) -> dict[str, ir.Value]:
    return {
        "seen": value.count(),
        "float": ibis.ifelse(value.endswith(".0"), value.re_search(r"^-?\d+\.0$"), False).sum(),
    }


_VOTES = {"number": _number_votes, "date": _date_votes, "identifier": _identifier_votes}
_WHAT = {
    "number": ("seen", ".", ",", "both"),
    "date": ("seen", "iso", "ymd", "yy", "dmy", "mdy", "number", "both"),
    "identifier": ("seen", "float"),
}


def _decide(
    kind: str, votes: Mapping[str, int], decimal: str | None, date_order: str | None
) -> Convention:
    seen = votes["seen"]
    if kind == "identifier":
        return Convention(is_float_written_id=0 < seen == votes["float"], seen=seen)
    if kind == "number":
        by_reading = {mark: votes[mark] for mark in (".", ",")}
        chosen, by = _most(by_reading, decimal)
        return Convention(
            decimal=cast(Any, chosen), seen=seen, ambiguous=votes["both"], decided_by=by
        )
    # A year of four digits in front reads under every order of the rest.
    year_first = votes["iso"] + votes["ymd"]
    by_reading = {
        "ymd": year_first + votes["yy"],
        "dmy": year_first + votes["dmy"],
        "mdy": year_first + votes["mdy"],
        "number": votes["iso"] + votes["number"],
    }
    if by_reading["ymd"] == max(by_reading.values()):
        if not votes["yy"]:
            return Convention(date_order="ymd", seen=seen, ambiguous=votes["both"])
        # Two-digit years first are rare, and 01/02/03 reads any way: only where nothing else does.
        if by_reading["ymd"] == max(by_reading["dmy"], by_reading["mdy"]) and date_order != "ymd":
            del by_reading["ymd"]
    chosen, by = _most(by_reading, date_order)
    return Convention(
        date_order=cast(Any, chosen), seen=seen, ambiguous=votes["both"], decided_by=by
    )


def _most(votes: Mapping[str, int], stated: str | None) -> tuple[str | None, DecidedBy]:
    most = max(votes.values())
    best = [reading for reading, count in votes.items() if count == most]
    if len(best) == 1:
        return best[0], "values"
    if stated in best:
        return stated, "stated"
    return None, "default"


def _settle(
    found: Mapping[str, Convention], kinds: Mapping[str, str], default_order: DateOrder
) -> dict[str, Convention]:
    """Give undecided columns what the others of the table are written in, or the default."""
    clear = [convention for convention in found.values() if convention.decided_by == "values"]
    marks = {convention.decimal for convention in clear if convention.decimal}
    orders = {convention.date_order for convention in clear} & {"dmy", "mdy"}
    settled = {}
    for name, convention in found.items():
        if convention.decided_by == "default" and kinds[name] == "number":
            convention = replace(
                convention,
                decimal=marks.copy().pop() if len(marks) == 1 else DEFAULT_DECIMAL,
                decided_by="other columns" if len(marks) == 1 else "default",
            )
        elif convention.decided_by == "default" and kinds[name] == "date":
            convention = replace(
                convention,
                date_order=orders.copy().pop() if len(orders) == 1 else default_order,
                decided_by="other columns" if len(orders) == 1 else "default",
            )
        settled[name] = convention
    return settled
