"""Functions of DuckDB that Ibis has no name for, declared with their types."""

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
from ibis import udf

Instant = dt.Timestamp(timezone="UTC", scale=6)
Stamp = dt.Timestamp(scale=6)
Money = dt.Decimal(18, 4)
_Wide = dt.Decimal(19, 4)


@udf.scalar.builtin(name="timezone", signature=((dt.string, Stamp), Instant))
def instant_at(zone, local):  # type: ignore[no-untyped-def]
    """The instant of a wall-clock time in a zone; a skipped hour is read one hour later."""


@udf.scalar.builtin(name="epoch_us", signature=((Instant,), dt.int64))
def microseconds_of_instant(instant):  # type: ignore[no-untyped-def]
    """Microseconds since 1970-01-01 UTC."""


@udf.scalar.builtin(name="make_timestamp", signature=((dt.int64,), Stamp))
def stamp_of_microseconds(microseconds):  # type: ignore[no-untyped-def]
    """The naive UTC timestamp so many microseconds after 1970-01-01."""


@udf.scalar.builtin(name="try_strptime", signature=((dt.string, dt.Array(dt.string)), Stamp))
def stamp_by_formats(text, formats):  # type: ignore[no-untyped-def]
    """The first format that reads the text; null where none does."""


@udf.scalar.builtin(name="multiply", signature=((Money, Money), dt.Decimal(18, 8)))
def narrow_product(one, other):  # type: ignore[no-untyped-def]
    """The product of two amounts; fails beyond ten digits before the point."""


@udf.scalar.builtin(name="multiply", signature=((_Wide, _Wide), dt.Decimal(38, 8)))
def wide_product(one, other):  # type: ignore[no-untyped-def]
    """The product of two amounts of any size, ten times slower."""


@udf.scalar.builtin(name="md5", signature=((dt.string,), dt.string))
def md5(text):  # type: ignore[no-untyped-def]
    """MD5 in 32 hexadecimal digits."""


@udf.scalar.builtin(name="json_valid", signature=((dt.string,), dt.boolean))
def is_json(text):  # type: ignore[no-untyped-def]
    """Whether the text is JSON."""


@udf.scalar.builtin(name="json_type", signature=((dt.string,), dt.string))
def json_type(text):  # type: ignore[no-untyped-def]
    """OBJECT, ARRAY, VARCHAR, …; fails on text that is not JSON."""


@udf.scalar.builtin(name="json_merge_patch", signature=((dt.string, dt.string), dt.string))
def json_merged(target, patch):  # type: ignore[no-untyped-def]
    """The first JSON object with the members of the second."""


@udf.scalar.builtin(name="json_quote", signature=((dt.string,), dt.string))
def json_text(text):  # type: ignore[no-untyped-def]
    """Text as a JSON string, quoted and escaped."""


def stage(table: ir.Table) -> ir.Table:
    """Close a step of the work: what follows refers to its columns instead of repeating them.

    Ibis folds successive selections into one and writes an expression out wherever it is used;
    four steps of readings grew to megabytes of SQL that way.
    """
    return table.view()


def utc_of_local(local: ir.TimestampValue, zone: str) -> ir.TimestampValue:
    """A wall-clock time in a zone as naive UTC; never fails for skipped or repeated hours."""
    if zone.upper() in ("UTC", "ETC/UTC"):
        return local
    return utc_of_instant(instant_at(ibis.literal(zone), local))


def utc_of_instant(instant: ir.TimestampValue) -> ir.TimestampValue:
    """An instant as naive UTC, whatever time zone the session has."""
    return stamp_of_microseconds(microseconds_of_instant(instant))


def product(one: ir.DecimalValue, other: ir.DecimalValue) -> ir.DecimalValue:
    """The product of two amounts to four decimals; null where it has more than 14 digits before.

    DuckDB keeps products of DECIMAL(18,4) in 18 digits and fails when that is not enough; kept in
    38, 1.5 million of them took 3 s.
    """
    size = (one.cast("float64") * other.cast("float64")).abs()
    narrow = narrow_product(one, other).try_cast(Money)
    wide = wide_product(one.cast(_Wide), other.cast(_Wide)).try_cast(Money)
    return ibis.ifelse(size < 1e9, narrow, wide)


def total(*parts: ir.DecimalValue) -> ir.DecimalValue:
    """The sum of amounts; null where it has more than 14 digits before the point."""
    wide = [part.cast(dt.Decimal(20, 4)) for part in parts]
    return sum(wide[1:], wide[0]).cast(dt.Decimal(24, 4)).try_cast(Money)
