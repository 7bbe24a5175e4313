from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from aar_platform.kpis.exchange import (
    CurrencyMissing,
    RateMissing,
    RatesUnreadable,
    load_rates,
    to_reporting,
)

# 2024-03-01 is a Friday.
FRIDAY, SUNDAY, MONDAY = date(2024, 3, 1), date(2024, 3, 3), date(2024, 3, 4)


def amounts(*rows: tuple[Any, ...]) -> ir.Table:
    """Rows of (amount, currency, day[, source])."""
    schema = ibis.schema(
        {
            "source": "string",
            "nr": "int64",
            "amount": "decimal(18, 4)",
            "currency": "string",
            "day": "date",
        }
    )
    complete = [
        {
            "source": row[3] if len(row) > 3 else "shop",
            "nr": nr,
            "amount": Decimal(row[0]) if row[0] else None,
            "currency": row[1],
            "day": row[2],
        }
        for nr, row in enumerate(rows)
    ]
    return ibis.memtable(pa.Table.from_pylist(complete, schema=schema.to_pyarrow()))


@pytest.fixture
def rates(tmp_path: Path) -> Callable[[str], ir.Table]:
    def load(text: str) -> ir.Table:
        path = tmp_path / "rates.csv"
        path.write_text("date,currency,rate\n" + text, encoding="utf-8")
        return load_rates(path)

    return load


def converted(table: ir.Table, rates: ir.Table | None) -> list[Decimal]:
    worth = to_reporting(table, "amount", "currency", "day", rates, "EUR")
    return [row["amount_reporting"] for row in worth.order_by("nr").to_pyarrow().to_pylist()]


def test_money_is_converted_at_the_rate_of_its_day(rates):
    table = amounts(("100", "USD", FRIDAY), ("100", "USD", MONDAY))
    quotes = rates("2024-03-01,USD,0.92\n2024-03-04,USD,0.93\n")
    assert converted(table, quotes) == [Decimal("92.0000"), Decimal("93.0000")]


def test_a_sunday_has_the_last_rate_of_the_week_and_never_a_later_one(rates):
    quotes = rates("2024-02-29,USD,0.91\n2024-03-01,USD,0.92\n2024-03-04,USD,0.93\n")
    assert converted(amounts(("100", "USD", SUNDAY)), quotes) == [Decimal("92.0000")]


def test_a_rate_holds_for_seven_days_and_no_longer(rates):
    quotes = rates("2024-03-01,USD,0.92\n")
    assert converted(amounts(("1", "USD", date(2024, 3, 8))), quotes) == [Decimal("0.9200")]
    with pytest.raises(RateMissing, match="USD to EUR on 2024-03-09"):
        to_reporting(
            amounts(("1", "USD", date(2024, 3, 9))), "amount", "currency", "day", quotes, "EUR"
        )


def test_a_missing_rate_names_currency_and_day_and_is_never_one(rates):
    table = amounts(("5", "EUR", FRIDAY), ("5", "JPY", FRIDAY), ("5", "USD", FRIDAY))
    with pytest.raises(RateMissing) as error:
        to_reporting(table, "amount", "currency", "day", rates("2024-03-01,USD,0.92\n"), "EUR")
    assert "JPY to EUR on 2024-03-01" in str(error.value)
    assert "USD" not in str(error.value)


def test_many_missing_rates_are_told_in_a_few_lines():
    table = amounts(*(("5", "JPY", date(2024, 1, day)) for day in range(1, 29)))
    with pytest.raises(RateMissing) as error:
        to_reporting(table, "amount", "currency", "day", None, "EUR")
    assert "and 23 more" in str(error.value)
    assert "exchange_rates of aar.yaml" in str(error.value)


def test_the_reporting_currency_needs_no_file_of_rates():
    assert converted(amounts(("12.3456", "EUR", FRIDAY)), None) == [Decimal("12.3456")]


def test_the_reporting_currency_is_worth_one_whatever_the_file_says(rates):
    table = amounts(("10", "EUR", FRIDAY), ("10", "USD", FRIDAY))
    quotes = rates("2024-03-01,EUR,2\n2024-03-01,USD,0.5\n")
    assert converted(table, quotes) == [Decimal("10"), Decimal("5")]


def test_a_source_without_any_currency_sells_in_the_reporting_currency(rates):
    table = amounts(("10", None, FRIDAY, "erp"), ("10", "USD", FRIDAY, "shop"))
    worth = to_reporting(table, "amount", "currency", "day", rates("2024-03-01,USD,0.5\n"), "EUR")
    rows = worth.order_by("nr").to_pyarrow().to_pylist()
    assert [(row["currency"], row["amount_reporting"]) for row in rows] == [
        ("EUR", Decimal("10")),
        ("USD", Decimal("5")),
    ]


def test_a_source_that_states_currencies_must_state_them_all():
    table = amounts(("10", None, FRIDAY), ("10", "EUR", FRIDAY), ("1", "EUR", FRIDAY, "erp"))
    with pytest.raises(CurrencyMissing, match="source shop: 1 amounts have no currency"):
        to_reporting(table, "amount", "currency", "day", None, "EUR")


def test_nothing_is_owed_for_an_amount_that_is_not_there():
    assert converted(amounts((None, "JPY", FRIDAY), (None, None, FRIDAY)), None) == [None, None]


def test_small_rates_keep_their_digits_and_amounts_round_half_up(rates):
    table = amounts(("1000000", "VND", FRIDAY), ("0.0001", "USD", FRIDAY))
    quotes = rates("2024-03-01,VND,0.0000357\n2024-03-01,USD,0.5\n")
    assert converted(table, quotes) == [Decimal("35.7000"), Decimal("0.0001")]


def test_an_empty_table_converts_to_an_empty_table():
    assert converted(amounts(), None) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("2024-03-01,USD,nan", "row 3: rate nan is not above zero"),
        ("2024-03-01,USD,0", "row 3: rate 0 is not above zero"),
        ("2024-03-01,USD,-1", "row 3: rate -1 is not above zero"),
        ("2024-03-01,USD,", "row 3: rate '' is no number"),
        ('2024-03-01,USD,"0,92"', "row 3: rate '0,92' is no number"),
        ("01.03.2024,USD,0.92", "row 3: date '01.03.2024' is no day"),
        ("2024-02-30,USD,0.92", "row 3: date '2024-02-30' is no day"),
        ("2024-03-01,DOLLAR,0.92", "row 3: currency 'DOLLAR' is no three-letter code"),
        ("2024-03-01", "row 3: currency '' is no three-letter code"),
        ("2024-02-29,GBP,1.2", "row 3: GBP on 2024-02-29 is 1.2 here and 1.17 above"),
        ("2024-03-01,USD,0.00000000000001", "row 3: rate 0.00000000000001 is out of range"),
    ],
)
def test_a_bad_row_is_named_with_its_reason(rates, line, problem):
    with pytest.raises(RatesUnreadable) as error:
        rates("2024-02-29,GBP,1.17\n" + line + "\n")
    assert f"rates.csv, {problem}" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_all_bad_rows_are_told_at_once(rates):
    with pytest.raises(RatesUnreadable) as error:
        rates("x,USD,1\n2024-03-01,USD,1\n\ny,USD,1\n")
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == [
        "rates.csv, row 2",
        "rates.csv, row 5",
    ]


def test_columns_are_found_by_name_in_any_order_and_case(tmp_path):
    path = tmp_path / "rates.csv"
    path.write_text("\ufeffRate, Currency ,DATE,note\n1.5, usd ,2024-03-01,x\n", encoding="utf-8")
    assert load_rates(path).to_pyarrow().to_pylist() == [
        {"day": FRIDAY, "currency": "USD", "rate": Decimal("1.5")}
    ]


def test_a_file_of_rates_that_is_none_is_refused_in_a_line(tmp_path):
    path = tmp_path / "rates.csv"
    with pytest.raises(RatesUnreadable, match=r"rates\.csv: no such file"):
        load_rates(path)
    path.write_text("day;currency;rate\n", encoding="utf-8")
    with pytest.raises(RatesUnreadable, match="row 1: no column date, currency, rate"):
        load_rates(path)
    path.write_bytes("date,currency,rate\n2024-03-01,USD,1 \n".encode("utf-16"))
    with pytest.raises(RatesUnreadable, match="not UTF-8"):
        load_rates(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(RatesUnreadable, match="row 1: no column"):
        load_rates(path)
