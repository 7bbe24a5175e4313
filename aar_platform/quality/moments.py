"""Dates and moments out of text, numbers and native values."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from aar_platform.quality.conventions import PLAIN_DATES
from aar_platform.quality.engine_functions import (
    Stamp,
    stamp_by_formats,
    stamp_of_microseconds,
    utc_of_instant,
    utc_of_local,
)

_MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_DAY_MONTH_NAME = (
    rf"(?i)^{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th)?[-/. ,]*({_MONTH_NAME})[-/. ,]*"
    r"(\d{4}|\d{2})(.*)$"
)
_MONTH_NAME_DAY = (
    rf"(?i)^{_WEEKDAY}({_MONTH_NAME})[-/. ]*(\d{{1,2}})(?:st|nd|rd|th)?,?[-/. ]+(\d{{4}})(.*)$"
)
_COMPACT = r"^(\d{4})(\d{2})(\d{2})$"
_COMPACT_MINUTES = r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2}):?(\d{2})(Z|[-+].*)?$"
_COMPACT_SECONDS = r"^(\d{4})(\d{2})(\d{2})[T ]?(\d{2}):?(\d{2}):?(\d{2})([.,]\d+)?(Z|[-+].*)?$"
_CHINESE = r"^(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号]?(.*)$"
_YEAR_FIRST = r"^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})(.*)$"
_SHORT_YEAR_FIRST = r"^(\d{2})[-/. ](\d{1,2})[-/. ](\d{1,2})(\D.*)?$"
_YEAR_LAST = r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(\D.*)?$"
_ZONE = r"(?i)\d ?(z|utc|gmt|[-+]\d{2}(:?\d{2})?)$"
_CLOCK_12 = ["%Y-%m-%d %I:%M:%S %p", "%Y-%m-%d %I:%M %p", "%Y-%m-%d %I %p"]

# Plain numbers: calendar days as yyyymmdd, a spreadsheet's days since 1899-12-30 (1954 to 2064),
# seconds, milliseconds and microseconds since 1970 (from 1973 on).
_CALENDAR = (19_000_101, 21_001_231)
_SERIAL = (20_000, 60_000)
_SECONDS = (100_000_000, 10_000_000_000)
_MILLISECONDS = (100_000_000_000, 10_000_000_000_000)
_MICROSECONDS = (100_000_000_000_000, 10_000_000_000_000_000)
_SERIAL_OF_1970 = 25_569
_DAY_IN_MICROSECONDS = 86_400_000_000

FIRST_PLAUSIBLE_YEAR = 1900
PLAUSIBLE_YEARS_AHEAD = 2


def is_plain_number(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a date is written as a number of days or seconds."""
    return text.re_search(r"^\d+(\.\d+)?$")


def year_first(text: ir.StringValue, order: str | None) -> ir.StringValue:
    """First step: a date as written with its parts as year-month-day; null where it is no date.

    Two-digit years and names of months stay as they are for the next step.
    """
    patterns = [
        (_COMPACT, r"\1-\2-\3"),
        (_COMPACT_MINUTES, r"\1-\2-\3 \4:\5\6"),
        (_COMPACT_SECONDS, r"\1-\2-\3 \4:\5:\6\7\8"),
        (_YEAR_FIRST, r"\1-\2-\3\4"),
        (_CHINESE, r"\1-\2-\3 \4"),
        (_DAY_MONTH_NAME, r"\3-\2-\1\4"),
        (_MONTH_NAME_DAY, r"\3-\1-\2\4"),
    ]
    if order == "number":
        patterns = []
    elif order == "ymd":
        patterns.insert(0, (_SHORT_YEAR_FIRST, r"\1-\2-\3\4"))
    else:
        parts = r"\3-\1-\2\4" if order == "mdy" else r"\3-\2-\1\4"
        patterns.insert(0, (_YEAR_LAST, parts))
    is_iso = text.re_search(r"^\d{4}[-/]")
    readings = [(text.re_search(pattern), text.re_replace(pattern, to)) for pattern, to in patterns]
    first = is_iso if order != "number" else is_iso | is_plain_number(text)
    return ibis.cases((_is_plain(text), text), (first, text), *readings, else_=ibis.null(str))


def in_digits(date: ir.StringValue, extracted_at: ir.TimestampValue) -> ir.StringValue:
    """Second step: months as numbers, years with four digits.

    A two-digit year is the last one that does not lie implausibly far after the extraction.
    """
    name = date.re_extract(r"^\d+-([A-Za-z]{3})", 1).lower()
    number = (ibis.literal("janfebmaraprmayjunjulaugsepoctnovdec").find(name) / 3).cast("int64") + 1
    rest = date.re_extract(r"^\d+-[A-Za-z]+\.?(.*)$", 1)
    named = date.re_extract(r"^(\d+-)", 1) + number.cast(str) + rest
    whole = ibis.ifelse(date.re_search(r"^\d+-[A-Za-z]{3}"), named, date)
    ahead = extracted_at.year() + PLAUSIBLE_YEARS_AHEAD
    century = ibis.ifelse(
        (ibis.literal("20") + date.substr(0, 2)).try_cast("int64") <= ahead, "20", "19"
    )
    with_century = ibis.ifelse(date.re_search(r"^\d{2}-"), century + whole, whole)
    return ibis.ifelse(
        date.try_cast(Stamp).notnull() & date.re_search(r"^\d{4}"), date, with_century
    )


def in_clock_24(date: ir.StringValue) -> ir.StringValue:
    """Third step: times as the engine reads them, offsets without a blank before them."""
    tidy = (
        date.re_replace(r"(?i)^(\d+[-/]\d+[-/]\d+)(?:,? +at |,|T)? *", r"\1 ")
        .re_replace(r"(\d),(\d+)", r"\1.\2")
        .re_replace(r"(?i) *(?:utc|gmt|z)$", "+00:00")
        .re_replace(r"(?i) *([ap])\.?m\.?$", r" \1M")
        .re_replace(r" +([-+]\d{2}:?\d{2})$", r"\1")
        .re_replace(r"( \d{1,2}:\d{2})([-+]\d{2}(:?\d{2})?)$", r"\1:00\2")
        .strip()
    )
    # The engine reads neither 08:26Z nor 08:26+02:00 as an instant: offsets need seconds.
    is_short = date.re_search(r"[T ]\d{1,2}:\d{2} ?(Z|z|[-+]\d{2}(:?\d{2})?)$")
    is_read = (date.try_cast(Stamp).notnull() & ~is_short) | is_plain_number(date)
    return ibis.cases((_is_plain(date), date), (is_read, date), else_=tidy)


def _is_plain(date: ir.StringValue) -> ir.BooleanValue:
    return date.like(PLAIN_DATES)


def moment_of_text(date: ir.StringValue, order: str | None, zone: str) -> ir.Value:
    """The moment in UTC of a date that went through the three steps."""
    # The engine's own reading passes over an offset in silence, so zones are looked for first.
    has_zone = date.contains(":") & date.re_search(_ZONE)
    instant = date.try_cast(dt.Timestamp(timezone="UTC", scale=6))
    moment = ibis.cases(
        (_is_plain(date), utc_of_local(date.try_cast(Stamp), zone)),
        (has_zone, utc_of_instant(instant)),
        else_=utc_of_local(_wall_clock(date), zone),
    )
    if order == "number":
        moment = moment.fill_null(moment_of_number(date.try_cast("float64"), zone))
    return moment


def day_of_text(date: ir.StringValue, order: str | None) -> ir.Value:
    """The day as written, whatever time or zone follows it."""
    stamp = _wall_clock(date)
    if order == "number":
        stamp = stamp.fill_null(moment_of_number(date.try_cast("float64"), "UTC"))
    return stamp.date()


def _wall_clock(date: ir.StringValue) -> ir.Value:
    # DuckDB's strptime takes a slash for what it is.
    by_clock_12 = stamp_by_formats(date.replace("/", "-").upper(), ibis.array(_CLOCK_12))
    late = ibis.ifelse(date.endswith("M"), by_clock_12, ibis.null(Stamp))
    return ibis.coalesce(date.try_cast(Stamp), late)


def moment_of_number(number: ir.FloatingValue, zone: str) -> ir.Value:
    """The moment in UTC of a plain number; null where no way of counting fits."""

    def within(limits: tuple[int, int]) -> ir.BooleanValue:
        return number.between(limits[0], limits[1])

    calendar = number.try_cast("int64").cast(str)
    calendar = calendar.re_replace(_COMPACT, r"\1-\2-\3").try_cast(Stamp)
    serial = ((number - _SERIAL_OF_1970) * _DAY_IN_MICROSECONDS / 1e3).round() * 1e3
    return ibis.cases(
        (within(_CALENDAR) & (number == number.floor()), utc_of_local(calendar, zone)),
        (within(_SERIAL), utc_of_local(_stamp(serial), zone)),
        (within(_SECONDS), _stamp(number * 1e6)),
        (within(_MILLISECONDS), _stamp(number * 1e3)),
        (within(_MICROSECONDS), _stamp(number)),
        else_=ibis.null(Stamp),
    )


def _stamp(microseconds: ir.FloatingValue) -> ir.Value:
    return stamp_of_microseconds(microseconds.try_cast("int64"))


def moment_of_native(value: ir.Value, zone: str) -> ir.Value:
    """The moment in UTC of a native timestamp, date or number; naive ones are read in `zone`."""
    kind = value.type()
    if kind.is_timestamp() and kind.timezone is not None:
        return utc_of_instant(value.cast(dt.Timestamp(timezone="UTC", scale=6)))
    if kind.is_timestamp() or kind.is_date():
        return utc_of_local(value.cast(Stamp), zone)
    if kind.is_numeric():
        return moment_of_number(value.cast("float64"), zone)
    return ibis.null(Stamp)


def day_of_native(value: ir.Value) -> ir.Value:
    """The day of a native date, timestamp or number."""
    kind = value.type()
    if kind.is_timestamp() or kind.is_date():
        return moment_of_native(value, "UTC").date()
    if kind.is_numeric():
        return moment_of_number(value.cast("float64"), "UTC").date()
    return ibis.null("date")


def is_implausible(value: ir.Value, extracted_at: ir.TimestampValue) -> ir.BooleanValue:
    """Whether a date lies before 1900 or more than two years after the extraction."""
    year = value.year()
    return (year < FIRST_PLAUSIBLE_YEAR) | (year > extracted_at.year() + PLAUSIBLE_YEARS_AHEAD)
