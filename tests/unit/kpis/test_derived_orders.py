from datetime import datetime
from decimal import Decimal

import ibis
import pytest

from aar_platform.kpis.derived_orders import derived_orders, undated_lines
from aar_platform.kpis.exchange import CurrencyMissing, RateMissing, to_reporting
from aar_platform.tables import catalogue

AT = datetime(2024, 3, 1, 12)


def line(order_id, line_id, amount="10", **further):
    return {
        "order_id": order_id,
        "line_id": line_id,
        "amount": None if amount is None else Decimal(amount),
        "ordered_at": AT,
        **further,
    }


def rates(**by_currency):
    return ibis.memtable(
        [
            {"day": AT.date(), "currency": currency, "rate": Decimal(rate)}
            for currency, rate in by_currency.items()
        ],
        schema={"day": "date", "currency": "string", "rate": "decimal(20, 12)"},
    )


def derive(lines, sources=("shop",), rates=None):
    orders = derived_orders(lines, sources, rates, "EUR", "Europe/Paris")
    assert orders.schema() == catalogue.ibis_schema("orders")
    return {row["order_id"]: row for row in orders.to_pyarrow().to_pylist()}


def test_an_order_is_the_sum_of_its_lines_dated_by_the_earliest(table_of):
    orders = derive(
        table_of(
            "order_lines",
            [
                line("A", "1", "10.5", ordered_at=datetime(2024, 3, 2), currency="EUR"),
                line("A", "2", "-0.25", ordered_at=datetime(2024, 3, 1), currency="EUR"),
                line("B", "3", "7", currency="EUR"),
            ],
        )
    )
    assert {name: row["total"] for name, row in orders.items()} == {
        "A": Decimal("10.25"),
        "B": Decimal("7"),
    }
    assert orders["A"]["ordered_at"] == datetime(2024, 3, 1)
    assert orders["A"]["record_id"] == "A"
    assert orders["A"]["is_deleted"] is False


def test_only_the_sources_named_get_derived_orders(table_of):
    lines = table_of(
        "order_lines", [line("A", "1"), line("A", "1", source="erp"), line("B", "2", source="crm")]
    )
    assert derive(lines, ()) == {}
    orders = derived_orders(lines, {"shop", "erp"}, None, "EUR", "UTC").to_pyarrow().to_pylist()
    assert sorted(row["source"] for row in orders) == ["erp", "shop"]


def test_buyer_and_country_are_those_of_the_first_line_that_states_them(table_of):
    later = datetime(2024, 3, 1, 13)
    orders = derive(
        table_of(
            "order_lines",
            [
                line("A", "1", contact_id="late", country="DE", ordered_at=later),
                line("A", "3", contact_id="third", country="FR"),
                line("A", "2"),
            ],
        )
    )
    assert (orders["A"]["contact_id"], orders["A"]["country"]) == ("third", "FR")


def test_a_line_without_amount_is_quantity_times_price_less_discount(table_of):
    orders = derive(
        table_of(
            "order_lines",
            [
                line("A", "1", None, quantity=Decimal(3), unit_price=Decimal("2.55")),
                line(
                    "A",
                    "2",
                    None,
                    quantity=Decimal(2),
                    unit_price=Decimal(5),
                    discount=Decimal("0.5"),
                ),
                line("A", "3", "1", quantity=Decimal(9), unit_price=Decimal(9)),
            ],
        )
    )
    assert orders["A"]["total"] == Decimal("18.15")


def test_an_order_in_two_currencies_is_converted_line_by_line(table_of):
    lines = table_of(
        "order_lines",
        [
            line("A", "1", "10", currency="USD"),
            line("A", "2", "100", currency="GBP"),
            line("B", "3", "10", currency="USD"),
        ],
    )
    orders = derive(lines, rates=rates(USD="0.5", GBP="1.2"))
    assert (orders["A"]["total"], orders["A"]["currency"]) == (Decimal("125"), "EUR")
    assert (orders["B"]["total"], orders["B"]["currency"]) == (Decimal("10"), "USD")
    with pytest.raises(RateMissing, match="GBP to EUR on 2024-03-01"):
        derive(lines, rates=rates(USD="0.5"))


def test_a_line_without_currency_is_in_that_of_its_order(table_of):
    lines = table_of(
        "order_lines",
        [
            line("A", "1", "10"),
            line("A", "2", "10", currency="USD"),
            line("B", "3", "10", currency="USD"),
            line("B", "4", "10"),
            line("B", "5", "100", currency="GBP"),
        ],
    )
    orders = derive(lines, rates=rates(USD="0.5", GBP="1.2"))
    assert (orders["A"]["total"], orders["A"]["currency"]) == (Decimal("20"), "USD")
    assert (orders["B"]["total"], orders["B"]["currency"]) == (Decimal("130"), "EUR")


def test_an_order_without_currency_beside_others_that_state_it_is_refused_when_converted(table_of):
    lines = table_of("order_lines", [line("A", "1"), line("B", "2", currency="USD")])
    orders = derived_orders(lines, ["shop"], None, "EUR", "UTC")
    dated = orders.mutate(day=orders.ordered_at.date())
    with pytest.raises(CurrencyMissing, match="source shop"):
        to_reporting(dated, "total", "currency", "day", None, "EUR")


def test_a_deleted_line_counts_for_nothing_and_an_order_of_deleted_lines_is_deleted(table_of):
    orders = derive(
        table_of(
            "order_lines",
            [
                line("A", "1", "10"),
                line("A", "2", "99", is_deleted=True, currency="USD"),
                line("B", "3", "10", is_deleted=True),
            ],
        )
    )
    assert (orders["A"]["total"], orders["A"]["is_deleted"]) == (Decimal("10"), False)
    assert orders["B"]["is_deleted"] is True


def test_an_order_without_any_date_is_no_order_and_its_lines_are_told(table_of):
    lines = table_of(
        "order_lines",
        [
            line("A", "1", ordered_at=None),
            line("A", "2"),
            line("B", "3", ordered_at=None),
            line("C", "4", ordered_at=None, source="erp"),
        ],
    )
    assert derive(lines)["A"]["total"] == Decimal("20")
    assert set(derive(lines)) == {"A"}
    undated = undated_lines(lines, ["shop"]).to_pyarrow().to_pylist()
    assert undated == [{"source": "shop", "record_id": "3", "order_id": "B"}]
