from datetime import date, datetime
from decimal import Decimal

import ibis
import pytest

from aar_platform.kpis.exchange import CurrencyMissing, RateMissing
from aar_platform.kpis.sales import CANCELLED_STATUSES, located, sales
from aar_platform.tables import catalogue

AT = datetime(2024, 3, 1, 12)


def order(order_id, total="10", **further):
    total = None if total is None else Decimal(total)
    return {"order_id": order_id, "ordered_at": AT, "total": total, **further}


def refund(refund_id, amount="4", **further):
    return {"refund_id": refund_id, "refunded_at": AT, "amount": Decimal(amount), **further}


@pytest.fixture
def sell(table_of, links_of):
    """The rows of sales by record_id, of orders and refunds of shop."""

    def make(orders, refunds=(), rates=None, timezone="Europe/Paris", customers=("1", "2")):
        made = sales(
            table_of("orders", orders),
            table_of("refunds", refunds),
            links_of(*customers),
            rates,
            "EUR",
            timezone,
        )
        assert made.schema() == catalogue.ibis_schema("sales")
        return {row["record_id"]: row for row in made.to_pyarrow().to_pylist()}

    return make


@pytest.mark.parametrize(
    "status", ["cancelled", "Canceled", " VOIDED ", "annulé", "storniert", "已取消"]
)
def test_an_order_with_a_cancelled_status_is_no_sale(sell, status):
    assert set(sell([order("A", status=status), order("B", status="paid")])) == {"B"}


def test_statuses_are_compared_in_lower_case():
    assert all(word == word.lower() for word in CANCELLED_STATUSES)


@pytest.mark.parametrize("why", [{"cancelled_at": AT}, {"is_test": True}, {"is_deleted": True}])
def test_cancelled_test_and_deleted_orders_are_no_sales(sell, why):
    told = dict.fromkeys(("is_test", "is_deleted"), False)
    assert set(sell([order("A", **why), order("B", **told), order("C")])) == {"B", "C"}


def test_a_credit_note_stays_and_is_negative(sell):
    assert sell([order("A", "-5.5")])["A"]["amount_reporting"] == Decimal("-5.5")


def test_a_refund_is_negative_in_its_own_month_and_leaves_the_order_as_it_was(sell):
    found = sell(
        [order("A", country="FR", region="Brittany", channel="web", contact_id="1")],
        [refund("R", order_id="A", refunded_at=datetime(2024, 5, 2))],
    )
    assert found["A"]["amount_reporting"] == Decimal("10")
    kept = ("kind", "order_id", "customer_id", "sold_on", "country", "region", "channel")
    assert {name: found["R"][name] for name in kept} == {
        "kind": "refund",
        "order_id": "A",
        "customer_id": "C1",
        "sold_on": date(2024, 5, 2),
        "country": "FR",
        "region": "Brittany",
        "channel": "web",
    }
    assert found["R"]["amount_reporting"] == Decimal("-4")


def test_a_refund_lowers_revenue_whichever_sign_its_source_gives_it(sell):
    assert sell([], [refund("R", "-4")])["R"]["amount_reporting"] == Decimal("-4")


@pytest.mark.parametrize("why", [{"status": "cancelled"}, {"is_test": True}, {"is_deleted": True}])
def test_the_refund_of_an_order_that_was_no_sale_is_left_out(sell, why):
    assert sell([order("A", **why)], [refund("R", order_id="A")]) == {}


def test_a_refund_of_an_unknown_order_counts_and_a_deleted_refund_does_not(sell):
    refunds = [refund("R", order_id="Z"), refund("S"), refund("T", is_deleted=True)]
    assert set(sell([], refunds)) == {"R", "S"}


def test_a_refund_belongs_to_the_order_of_its_own_source(sell):
    found = sell([order("A", status="cancelled")], [refund("R", order_id="A", source="erp")])
    assert set(found) == {"R"}


def test_a_refund_has_the_customer_it_names_or_else_its_orders(sell):
    orders = [order("A", contact_id="1")]
    found = sell(orders, [refund("R", order_id="A", contact_id="2"), refund("S", order_id="A")])
    assert (found["R"]["customer_id"], found["S"]["customer_id"]) == ("C2", "C1")


def test_an_order_without_a_known_customer_stays_with_none(sell):
    found = sell([order("A"), order("B", contact_id="never seen"), order("C", contact_id="1")])
    assert [found[name]["customer_id"] for name in "ABC"] == [None, None, "C1"]


def test_a_guest_is_known_by_the_order_itself(table_of):
    links = [{"object": "orders", "record_id": "A", "customer_id": "G"}]
    made = sales(
        table_of("orders", [order("A", email="guest@example.com")]),
        table_of("refunds", []),
        table_of("customer_links", links),
        None,
        "EUR",
        "UTC",
    )
    assert made.customer_id.to_pyarrow().to_pylist() == ["G"]


@pytest.mark.parametrize(
    ("timezone", "day"),
    [
        ("UTC", date(2024, 3, 31)),
        ("Europe/Paris", date(2024, 4, 1)),
        ("America/New_York", date(2024, 3, 31)),
        ("Pacific/Auckland", date(2024, 4, 1)),
    ],
)
def test_the_day_of_a_sale_is_that_of_the_organisation(sell, timezone, day):
    # In Paris the clocks went forward that day: 22:30 UTC is half past midnight.
    at = datetime(2024, 3, 31, 22, 30)
    found = sell([order("A", ordered_at=at)], [refund("R", refunded_at=at)], timezone=timezone)
    assert (found["A"]["sold_on"], found["R"]["sold_on"]) == (day, day)
    assert found["A"]["sold_at"] == at


@pytest.fixture
def dollars():
    return ibis.memtable(
        {"day": [date(2024, 4, 1)], "currency": ["USD"], "rate": [Decimal("0.9")]},
        schema={"day": "date", "currency": "string", "rate": "decimal(20, 12)"},
    )


def test_money_is_converted_at_the_rate_of_the_organisations_day(sell, dollars):
    at = datetime(2024, 3, 31, 22, 30)
    found = sell([order("A", ordered_at=at, currency="USD")], rates=dollars)
    assert (found["A"]["amount_reporting"], found["A"]["currency"]) == (Decimal("9"), "USD")
    with pytest.raises(RateMissing, match="USD to EUR on 2024-03-31"):
        sell([order("A", ordered_at=at, currency="USD")], rates=dollars, timezone="UTC")


def test_a_refund_without_currency_is_in_that_of_its_order(sell, dollars):
    day = datetime(2024, 4, 1, 12)
    found = sell(
        [order("A", ordered_at=day, currency="USD")],
        [refund("R", order_id="A", refunded_at=day)],
        rates=dollars,
    )
    assert (found["R"]["amount_reporting"], found["R"]["currency"]) == (Decimal("-3.6"), "USD")


def test_a_cancelled_order_needs_no_rate(sell):
    orders = [order("A", currency="JPY", status="cancelled"), order("B", currency="EUR")]
    assert set(sell(orders)) == {"B"}


def test_an_order_without_currency_is_refused_where_its_source_states_others(sell):
    with pytest.raises(CurrencyMissing, match="source shop: 1 amounts"):
        sell([order("A"), order("B", currency="EUR")])
    assert sell([order("A")])["A"]["currency"] == "EUR"


def test_an_order_without_total_is_worth_its_parts(sell):
    parts = {
        name: Decimal(value)
        for name, value in {"gross": "100", "discount": "10", "tax": "18", "shipping": "5"}.items()
    }
    found = sell([order("A", None, **parts), order("B", None, gross=Decimal(7)), order("C", None)])
    values = [found[name]["amount_reporting"] for name in "ABC"]
    assert values == [Decimal("113"), Decimal("7"), Decimal("0")]


def test_no_orders_and_no_refunds_are_no_sales(sell):
    assert sell([]) == {}


def test_an_order_without_a_country_is_sold_where_its_customer_lives(table_of, links_of):
    orders = [
        order("A", contact_id="1"),
        order("B", contact_id="1", country="DE"),
        order("C", contact_id="2"),
        order("D"),
    ]
    sold = sales(
        table_of("orders", orders), table_of("refunds", []), links_of("1", "2"), None, "EUR", "UTC"
    )
    people = [
        {"contact_id": "1", "country": "FR", "updated_at": datetime(2024, 2, 1)},
        {"contact_id": "2"},
    ]
    former = [{"contact_id": "1", "country": "BE", "updated_at": datetime(2023, 2, 1)}]
    contacts = table_of("contacts", people).union(
        table_of("contacts", [{**row, "source": "crm"} for row in former])
    )
    links = links_of("1", "2").union(links_of("1", source="crm"))
    made = located(sold, contacts, table_of("companies", []), links)
    assert made.schema() == sold.schema()
    found = {row["record_id"]: row["country"] for row in made.to_pyarrow().to_pylist()}
    assert found == {"A": "FR", "B": "DE", "C": None, "D": None}
