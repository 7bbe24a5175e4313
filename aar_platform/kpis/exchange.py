"""Money of several currencies in the one that figures are reported in, at the day's rate."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

COLUMNS = ("date", "currency", "rate")
MONEY = "decimal(18, 4)"
# Twelve decimals keep seven digits of the smallest rates in use (one dong is 0.0000357 euro).
RATE = "decimal(20, 12)"
# Markets close for long weekends and holidays, not for more than a week.
LONGEST_PAUSE_DAYS = 7
LISTED_AT_MOST = 5


class RatesUnreadable(ValueError):
    """The file of exchange rates is wrong: one line per problem, with file and row."""


class RateMissing(ValueError):
    """An amount has no rate on its day: one line per currency and day."""


class CurrencyMissing(ValueError):
    """A source states currencies, but not of every amount."""


@dataclass(frozen=True)
class Quote:
    """One row of the file: a unit of `currency` is worth `rate` of the reporting currency."""

    day: date
    currency: str
    rate: Decimal


def load_rates(path: Path) -> ir.Table:
    """The exchange rates of a CSV file with the columns date, currency and rate.

    Gives the columns day, currency and rate: what one unit of the currency is worth in the
    reporting currency. Raises RatesUnreadable with a line for every bad row, the first row of data
    being row 2, as an editor counts.
    """
    problems: list[str] = []
    quotes: dict[tuple[date, str], Quote] = {}
    for row, values in _rows(path):
        try:
            quote = _quote(values)
        except ValueError as error:
            problems.append(f"{path.name}, row {row}: {error}")
            continue
        known = quotes.setdefault((quote.day, quote.currency), quote)
        if known.rate != quote.rate:
            problems.append(
                f"{path.name}, row {row}: {quote.currency} on {quote.day} is "
                f"{quote.rate.normalize():f} here and {known.rate.normalize():f} above; "
                "keep one of them"
            )
    if problems:
        raise RatesUnreadable("\n".join(problems))
    return _table(quotes.values())


def to_reporting(
    table: ir.Table,
    amount: str,
    currency: str,
    day: str,
    rates: ir.Table | None,
    reporting_currency: str,
) -> ir.Table:
    """The table with `amount_reporting` added: the amount at the rate of its day, decimal(18, 4).

    `table` has the columns `source` and those that `amount`, `currency` and `day` (a date) name. A
    day without a quote, as a weekend, takes the last one of the seven days before. The reporting
    currency itself is worth 1 without a quote. A source that states no currency at all in the
    table is read as one that sells in the reporting currency; the column `currency` is filled in.

    Raises RateMissing for the currencies and days without a rate, and CurrencyMissing for a source
    that states a currency for some of its amounts only: both as soon as it is called, so before
    anything is written. An amount of null stays null and needs no rate.
    """
    # Looked at before anything is written, and once, as the table may be long in the making: what
    # comes back is small (sources × currencies × days).
    found = (
        table.filter(table[amount].notnull())
        .group_by(source=table.source, currency=table[currency], day=table[day])
        .aggregate(amounts=ibis._.count())
        .order_by("source", "currency", "day")
        .to_pyarrow()
        .to_pylist()
    )
    _refuse_torn_sources(found)
    if any(row["currency"] is None for row in found):
        table = table.mutate(**{currency: table[currency].fill_null(reporting_currency)})
    foreign = {
        (row["currency"], row["day"])
        for row in found
        if row["currency"] not in (None, reporting_currency)
    }
    if not foreign:
        return table.mutate(amount_reporting=table[amount].cast(MONEY))
    quotes = _quotes(foreign, rates, reporting_currency)
    quoted = table.left_join(
        quotes, [table[currency] == quotes.quoted_currency, table[day] == quotes.quoted_on]
    )
    converted = (quoted[amount].cast(MONEY) * quoted.rate).cast(MONEY)
    is_own = quoted[currency] == reporting_currency
    return quoted.mutate(
        amount_reporting=is_own.ifelse(quoted[amount].cast(MONEY), converted)
    ).drop("quoted_currency", "quoted_on", "rate")


def _refuse_torn_sources(found: list[dict[str, Any]]) -> None:
    """Raise CurrencyMissing for sources that state the currency of some amounts only."""
    unstated: Counter[str] = Counter()
    stated: Counter[str] = Counter()
    for row in found:
        (unstated if row["currency"] is None else stated)[row["source"]] += row["amounts"]
    if torn := sorted(unstated.keys() & stated.keys()):
        raise CurrencyMissing(
            "\n".join(
                f"source {source}: {unstated[source]} amounts have no currency while "
                f"{stated[source]} have one; map a column to currency that is filled in every row, "
                "or set constants: {currency: …} for that table"
                for source in torn
            )
        )


def _quotes(
    foreign: set[tuple[str, date]], rates: ir.Table | None, reporting_currency: str
) -> ir.Table:
    """The rate of each currency and day: quoted_currency, quoted_on, rate. Raises RateMissing."""
    import pyarrow as pa

    currencies, days = zip(*sorted(foreign), strict=True)
    needed = ibis.memtable(
        pa.table(
            {
                "quoted_currency": pa.array(currencies, pa.string()),
                "quoted_on": pa.array(days, pa.date32()),
            }
        )
    )
    known = _table(()) if rates is None else rates
    candidates = needed.left_join(
        known,
        [
            needed.quoted_currency == known.currency,
            known.day <= needed.quoted_on,
            known.day >= needed.quoted_on - ibis.interval(days=LONGEST_PAUSE_DAYS),
        ],
    )
    latest = candidates.group_by("quoted_currency", "quoted_on").aggregate(
        rate=candidates.rate.argmax(candidates.day)
    )
    found = latest.to_pyarrow()
    without = found.filter(found["rate"].is_null()).to_pylist()
    if without:
        missing = sorted((row["quoted_currency"], row["quoted_on"]) for row in without)
        raise RateMissing(_missing(missing, rates is not None, reporting_currency))
    return ibis.memtable(found)


def _missing(missing: list[tuple[str, date]], has_file: bool, reporting_currency: str) -> str:
    lines = [
        f"exchange rate missing: {currency} to {reporting_currency} on {day}, nor within the "
        f"{LONGEST_PAUSE_DAYS} days before"
        for currency, day in missing[:LISTED_AT_MOST]
    ]
    if len(missing) > LISTED_AT_MOST:
        further = len(missing) - LISTED_AT_MOST
        lines.append(f"and {further} more, from {min(d for _, d in missing)} on")
    remedy = "add it to" if has_file else "name a file with columns date, currency, rate under"
    return "\n".join([*lines, f"{remedy} exchange_rates of aar.yaml"])


def _table(quotes: Iterable[Quote]) -> ir.Table:
    import pyarrow as pa

    rows = [(quote.day, quote.currency, quote.rate) for quote in quotes]
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    schema = pa.schema(
        [("day", pa.date32()), ("currency", pa.string()), ("rate", pa.decimal128(20, 12))]
    )
    arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
    return ibis.memtable(pa.Table.from_arrays(arrays, schema=schema))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RatesUnreadable(
            f"{path.name}: no such file; exchange_rates in aar.yaml names it"
        ) from None
    except UnicodeDecodeError:
        raise RatesUnreadable(f"{path.name}: not UTF-8; save it as CSV in UTF-8") from None
    lines = csv.reader(text.splitlines())
    header = [name.strip().lower() for name in next(lines, [])]
    if missing := [name for name in COLUMNS if name not in header]:
        raise RatesUnreadable(
            f"{path.name}, row 1: no column {', '.join(missing)}; the first row must name the "
            f"columns {','.join(COLUMNS)}, separated by commas"
        )
    for values in lines:
        if any(value.strip() for value in values):
            yield lines.line_num, dict(zip(header, (v.strip() for v in values), strict=False))


def _quote(values: dict[str, str]) -> Quote:
    currency = values.get("currency", "").upper()
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError(f"currency {currency!r} is no three-letter code (ISO 4217) such as USD")
    written = values.get("date", "")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise ValueError(f"date {written!r} is no day; write it as 2024-01-31") from None
    number = values.get("rate", "")
    try:
        rate = Decimal(number)
    except InvalidOperation:
        raise ValueError(f"rate {number!r} is no number; write it as 0.9134") from None
    if not rate.is_finite() or rate <= 0:
        raise ValueError(f"rate {number} is not above zero")
    kept = round(rate, 12)
    if kept == 0 or kept >= Decimal(10) ** 8:
        raise ValueError(f"rate {number} is out of range (above 0.000000000001, below 100,000,000)")
    return Quote(day, currency, kept)
