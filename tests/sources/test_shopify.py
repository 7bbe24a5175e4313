"""Shopify: what a shop says arrives in the core tables as it means it, and nothing is lost."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pytest

from aar_platform.sandbox.apis.faults import Instead
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.shopify import IDS, Shopify, holdings
from aar_platform.sandbox.parts import Part
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.pulling import core_tables, puller

EVERYTHING = ("customers", "customer_ids", "orders", "order_ids", "abandoned_checkouts",
              "marketing_events")  # fmt: skip
AT = pd.Timestamp


def part():
    people = {
        "number": [0, 1, 2], "given": ["Ada", "", "Gone"], "family": ["Byron", "", "Away"],
        "full_name": ["Ada Byron", "", "Gone Away"],
        "email": ["ada@example.com", "bo@example.com", "gone@example.com"],
        "phone": ["01 42 68 53 00", "", ""], "street": ["1 rue Foo", "", ""],
        "city": ["Paris", "", ""], "region": ["", "", ""], "postcode": ["75001", "", ""],
        "country": ["FR", "DE", "FR"], "language": ["fr", "de", "fr"],
        "channel": ["paid_search", "", "social"], "has_consent": [True, False, True],
        "created_at": [AT("2025-01-01 10:00:00")] * 3,
        "updated_at": [AT("2025-06-01 10:00:00")] * 3, "is_deleted": [False, False, True],
    }  # fmt: skip
    orders = {
        "number": [0, 1, 2], "person": [0, -1, 2],
        "email": ["ada@example.com", "x@example.com", ""],
        "ordered_at": [AT("2025-03-01 12:00:00"), AT("2025-03-02 12:00:00"),
                       AT("2025-03-03 12:00:00")],
        "currency": ["EUR", "GBP", "EUR"], "country": ["FR", "GB", "FR"],
        "total": [2590, 1000, 700], "is_test": [False, False, True],
        "updated_at": [AT("2025-03-01 12:00:00"), AT("2025-03-02 12:00:00"),
                       AT("2025-03-03 12:00:00")],
    }  # fmt: skip
    lines = {
        "number": [0, 1, 2, 3], "order": [0, 0, 1, 2], "sku": ["L1", "L2", "L1", "L1"],
        "product": ["Lamp", "Bulb", "Lamp", "Lamp"], "category": ["light"] * 4,
        "quantity": [2, 1, 1, 1], "price": [1000, 690, 1000, 700], "discount": [100, 0, 0, 0],
    }  # fmt: skip
    refunds = {"number": [0], "order": [1], "refunded_at": [AT("2025-03-09 08:30:00")],
               "amount": [1000], "currency": ["GBP"], "reason": ["cancelled"]}  # fmt: skip
    return Part(
        people=pd.DataFrame(people),
        orders=pd.DataFrame(orders),
        order_lines=pd.DataFrame(lines),
        refunds=pd.DataFrame(refunds),
    )


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """A served shop, and a puller of it; `waited` is how long was waited for."""
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    vendor = Shopify(holdings=holdings(part()))
    with serving(vendor.app()) as url:
        yield vendor, puller(vendor, url, tmp_path), waited


def pull_all(source):
    for name in EVERYTHING:
        source.pull(name)


def by_id(rows, column):
    return {row[column]: row for row in rows}


def questions(vendor):
    return [call.body.decode() for call in vendor.faults.calls if b"Scopes" not in call.body]


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The core tables of the whole shop."""
    folder = tmp_path_factory.mktemp("shop")
    held = holdings(part())
    late = {**held["orders"][0], "id": "gid://shopify/Order/4700000000000", "refunds": []}
    late["processedAt"] = "2025-03-01T23:30:00-05:00"
    late["cancelledAt"] = "2025-03-02T08:00:00+01:00"
    many = {**held["orders"][0], "id": "gid://shopify/Order/4700000000001"}
    line = many["lineItems"]["nodes"][0]
    lines = [{**line, "id": f"gid://shopify/LineItem/{900_000 + i}"} for i in range(600)]
    many["lineItems"] = {**many["lineItems"], "nodes": lines}
    held["orders"] += [late, many]
    held["marketingEvents"] = [
        {"id": "gid://shopify/MarketingEvent/7", "description": "Spring", "type": "AD",
         "marketingChannelType": "SEARCH", "startedAt": "2025-03-01T00:00:00Z"}
    ]  # fmt: skip
    with serving(Shopify(holdings=held).app()) as url:
        source = puller(Shopify(), url, folder)
        pull_all(source)
    return core_tables(source, folder)


def test_customers_become_contacts_with_their_consent_and_first_channel(core):
    contacts = by_id(core["contacts"], "contact_id")
    assert set(contacts) == {IDS["contacts"](0), IDS["contacts"](1)}
    ada, bo = contacts[IDS["contacts"](0)], contacts[IDS["contacts"](1)]
    assert (ada["given_name"], ada["email"], ada["country"]) == ("Ada", "ada@example.com", "FR")
    assert (ada["phone"], ada["street"]) == ("+33142685300", "1 rue Foo")
    assert ada["consents"] == '{"marketing":{"granted":true,"since":"2025-01-01T10:00:00Z"}}'
    assert '"granted":false' in bo["consents"]
    assert ada["acquisition_channel"] == "paid_search"
    assert ada["acquired_at"] == datetime(2025, 3, 1, 12)
    assert not ada["is_deleted"]
    assert bo["full_name"] is None, "an address that is shown for want of a name is no name"


def test_orders_lines_and_refunds_carry_the_shops_amounts_times_and_tests(core):
    assert core["quarantine"] == []
    orders = by_id(core["orders"], "order_id")
    first, guest, test = (orders[IDS["orders"](i)] for i in range(3))
    assert (first["total"], first["currency"]) == (Decimal("25.90"), "EUR")
    assert (first["gross"], first["discount"]) == (Decimal("26.90"), Decimal("1.00"))
    assert first["ordered_at"] == datetime(2025, 3, 1, 12)
    assert (first["contact_id"], first["country"]) == (IDS["contacts"](0), "FR")
    assert (guest["contact_id"], guest["email"]) == (None, "x@example.com")
    assert guest["cancelled_at"] is None and guest["status"] == "refunded"
    assert (test["is_test"], first["is_test"]) == (True, False)
    lines = [row for row in core["order_lines"] if row["order_id"] == first["order_id"]]
    assert sorted((row["sku"], row["quantity"], row["amount"]) for row in lines) == [
        ("L1", 2, Decimal("19.00")),
        ("L2", 1, Decimal("6.90")),
    ]
    assert {row["category"] for row in lines} == {"light"}
    assert sum(row["amount"] for row in lines) == first["total"]
    (refund,) = core["refunds"]
    assert refund["refund_id"] == IDS["refunds"](0)
    assert (refund["order_id"], refund["amount"]) == (guest["order_id"], Decimal("10.00"))
    assert (refund["currency"], refund["reason"]) == ("GBP", "cancelled")
    assert refund["refunded_at"] == datetime(2025, 3, 9, 8, 30)


def test_times_with_an_offset_and_cancellations_are_read_in_utc(core):
    found = by_id(core["orders"], "order_id")["4700000000000"]
    assert found["ordered_at"] == datetime(2025, 3, 2, 4, 30)
    assert found["cancelled_at"] == datetime(2025, 3, 2, 7, 0)


def test_an_order_of_600_lines_keeps_them_all(core):
    lines = core["order_lines"]
    assert sum(row["order_id"] == "4700000000001" for row in lines) == 600
    assert len({row["line_id"] for row in lines}) == len(lines)


def test_marketing_events_become_campaigns(core):
    (campaign,) = core["campaigns"]
    assert (campaign["campaign_id"], campaign["name"]) == ("7", "Spring")
    assert (campaign["channel"], campaign["sent_at"]) == ("search", datetime(2025, 3, 1))


def test_a_second_pull_asks_for_what_changed_and_a_week_for_that_week(shop):
    vendor, source, _ = shop
    source.pull("orders")
    assert "updated_at" not in questions(vendor)[0]
    vendor.faults.calls.clear()
    changed = vendor.holdings["orders"][0]
    changed["updatedAt"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert source.pull("orders").rows == 1
    (asked,) = questions(vendor)
    assert "updated_at:>='20" in asked and "updated_at:<" not in asked
    vendor.faults.calls.clear()
    week = [datetime(2025, 3, 1).date() + timedelta(days=i) for i in range(1, 8)]
    assert source.pull("orders", week, only_new=False).rows == 1
    (asked,) = questions(vendor)
    assert "updated_at:>='2025-03-01T23:00:00Z' AND updated_at:<'2025-03-08T23:00:00Z'" in asked


def test_what_the_shop_no_longer_lists_is_deleted_and_what_is_newer_than_the_list_is_not(
    shop, tmp_path
):
    vendor, source, _ = shop
    pull_all(source)
    for name in ("customers", "orders"):
        del vendor.holdings[name][0]
    source.pull("customer_ids")
    source.pull("order_ids")
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    new = {**vendor.holdings["orders"][0], "id": "gid://shopify/Order/4999999999999"}
    vendor.holdings["orders"].append({**new, "createdAt": now, "updatedAt": now})
    source.pull("orders")
    core = core_tables(source, tmp_path, only=("contacts", "orders", "order_lines"))
    contacts, orders = by_id(core["contacts"], "contact_id"), by_id(core["orders"], "order_id")
    assert [contacts[IDS["contacts"](i)]["is_deleted"] for i in (0, 1)] == [True, False]
    assert [orders[IDS["orders"](i)]["is_deleted"] for i in (0, 1)] == [True, False]
    assert not orders["4999999999999"]["is_deleted"]
    gone = {row["is_deleted"] for row in core["order_lines"] if row["order_id"] == "4500000000000"}
    assert gone == {True}


def test_a_page_that_costs_too_much_is_asked_for_in_smaller_parts(shop):
    vendor, source, _ = shop
    vendor.most = 5.0
    template = vendor.holdings["orders"][0]
    vendor.holdings["orders"] = [
        {**template, "id": f"gid://shopify/Order/{4_000_000_000_000 + i}"} for i in range(40)
    ]
    source.pull("orders")
    assert len(source.landed("orders")) == 40


def test_points_are_waited_for_before_they_run_out_and_after(shop, monkeypatch):
    vendor, source, waited = shop
    template = vendor.holdings["orders"][0]
    vendor.holdings["orders"] = [
        {**template, "id": f"gid://shopify/Order/{4_000_000_000_000 + i}"} for i in range(700)
    ]
    # A page costs 130: one is there, and the next is there after about 1 s.
    vendor.bucket, vendor.restore = 150.0, 100.0

    def pause(seconds):
        waited.append(seconds)
        vendor._left += seconds * vendor.restore + 1

    monkeypatch.setattr(client, "pause", pause)
    source.pull("orders")
    assert len(source.landed("orders")) == 700
    assert len(questions(vendor)) == 3, "no question is turned down"
    assert len(waited) == 2 and all(0.5 < wait < 1.5 for wait in waited)
    # The points are gone without our knowing, as when another process of the app asks.
    vendor._left = 0.0
    vendor.faults.calls.clear()
    source.pull("order_ids")
    assert len(source.landed("order_ids")) == 700


def test_a_right_that_would_hide_old_orders_fails_instead(shop):
    vendor, source, _ = shop
    vendor.scopes = ("read_orders",)
    for name in ("orders", "order_ids"):
        with pytest.raises(SourceFailed, match="last 60 days only; give it the scope"):
            source.pull(name)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"errors": [{"message": "Access denied for customers field. ada@example.com '
         b'sandbox-secret-0000", "extensions": {"code": "ACCESS_DENIED"}}], "data": null}',
         "ACCESS_DENIED"),
        (b'{"errors": [{"message": "Field \'x\' doesn\'t exist"}]}', "Field 'x' doesn't exist"),
        (b'{"errors": "[API] ada@example.com is no shop"}', "is no shop"),
        (b'{"data": {"customers": null}}', "'data.customers' is no object"),
        (b'{"data": {"customers": {"nodes": [], "pageInfo": {"hasNextPage": false}}}, "extensions":'
         b'{"search": [{"path": ["customers"], "warnings": [{"field": "id", "message": "bad"}]}]}}',
         "a filter was not understood"),
    ],
)  # fmt: skip
def test_an_error_inside_success_fails_in_one_clean_line(shop, body, said):
    vendor, source, _ = shop
    vendor.faults.always = Instead(body)
    with pytest.raises(SourceFailed) as failure:
        source.pull("customers")
    line = str(failure.value)
    assert line.startswith("shopify.customers: ") and said in line and "\n" not in line
    assert "@" not in line and "sandbox-secret" not in line
