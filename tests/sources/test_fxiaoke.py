"""Fxiaoke: what it says arrives in the core tables, both ways to ask, and its errors inside a
success are told apart."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from aar_platform.sandbox.apis.faults import Instead
from aar_platform.sandbox.apis.fxiaoke import IDS, Fxiaoke, holdings
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import AccessRefused, LimitReached, RequestRefused, Unreachable
from tests.sources.parts_of_crm import by_id, part, pull_all
from tests.sources.pulling import core_tables, puller
from tests.sources.systems.fxiaoke import SYSTEM


@pytest.fixture
def waits(monkeypatch):
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    return waited


@pytest.fixture
def fxiaoke(waits):
    vendor = Fxiaoke(holdings={"AccountObj": [SYSTEM.record(i) for i in range(250)]})
    with serving(vendor.app()) as url:
        vendor.url = url
        yield vendor


def _error(code, said="说明"):
    return Instead(json.dumps({"errorCode": code, "errorMessage": said}).encode())


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fxiaoke")
    vendor = Fxiaoke(holdings=holdings(part()))
    del vendor.holdings["SalesOrderObj"][1]["mc_currency"]
    vendor.holdings["LeadsObj"][0]["biz_status"] = "transformed"
    with serving(vendor.app()) as url:
        pull = puller(vendor, url, folder)
        pull_all(pull)
    assert vendor.grants == 1
    return core_tables(pull, folder)


def test_a_part_of_the_company_arrives_whole_in_the_core_tables(tables):
    counts = {name: len(rows) for name, rows in tables.items()}
    assert counts == {
        "quarantine": 0, "companies": 1, "contacts": 5, "deals": 3, "orders": 2,
        "order_lines": 2, "refunds": 1, "campaigns": 1, "tickets": 1,
    }  # fmt: skip
    company = tables["companies"][0]
    assert (company["name"], company["country"]) == ("上海示例科技有限公司", "CN")
    assert company["owner"] == "mei@example.com"
    first = by_id(tables["contacts"], "contact_id")[IDS["contacts"](0)]
    assert first["created_at"] == datetime(2025, 1, 2, 9)
    assert tables["tickets"][0]["solved_at"] == datetime(2025, 5, 2, 10)


def test_voided_records_and_transformed_leads_are_marked_as_gone(tables):
    gone = {row["contact_id"] for row in tables["contacts"] if row["is_deleted"]}
    assert gone == {IDS["contacts"](3), IDS["contacts"](4)}


def test_money_that_is_text_arrives_to_the_cent_in_its_currency(tables):
    orders = by_id(tables["orders"], "order_id")
    assert orders[IDS["orders"](0)]["total"] == Decimal("59.97")
    assert orders[IDS["orders"](0)]["currency"] == "EUR"
    # Where the enterprise keeps one currency, no record names it.
    assert orders[IDS["orders"](1)]["currency"] == "CNY"
    assert tables["refunds"][0]["amount"] == Decimal("19.99")
    assert tables["refunds"][0]["order_id"] == IDS["orders"](1)


def test_deals_are_won_and_closed_by_their_chinese_state(tables):
    deals = by_id(tables["deals"], "deal_id")
    states = [(deals[IDS["deals"](n)]["is_won"], deals[IDS["deals"](n)]["is_closed"])
              for n in range(3)]  # fmt: skip
    assert states == [(False, False), (True, True), (False, True)]
    assert deals[IDS["deals"](1)]["amount"] == Decimal("1234.57")


def test_every_call_bears_an_id_of_its_own(fxiaoke, tmp_path):
    puller(fxiaoke, fxiaoke.url, tmp_path).pull("accounts")
    traces = [httpx.QueryParams(one.query)["thirdTraceId"] for one in fxiaoke.faults.calls]
    assert len(traces) == len(set(traces)) == 4


def test_the_old_way_of_asking_puts_the_token_into_the_body(fxiaoke, tmp_path):
    fxiaoke.is_old = True
    pull = puller(fxiaoke, fxiaoke.url, tmp_path)
    pull.pull("accounts")
    assert len(pull.landed("accounts")) == 250
    call = fxiaoke.faults.calls[0]
    assert json.loads(call.body)["currentOpenUserId"] == "FSUID_1000"
    assert "authorization" not in call.headers


@pytest.mark.parametrize("is_old", [False, True])
def test_a_token_that_ends_is_renewed_in_mid_pull(fxiaoke, tmp_path, is_old):
    fxiaoke.is_old = is_old
    fxiaoke.faults.planned[2] = _error(20016)
    pull = puller(fxiaoke, fxiaoke.url, tmp_path)
    pull.pull("accounts")
    assert len(pull.landed("accounts")) == 250


def test_calls_that_come_too_fast_wait_until_the_window_has_passed(fxiaoke, tmp_path, waits):
    fxiaoke.faults.planned |= {1: _error(14001), 3: _error(30004)}
    pull = puller(fxiaoke, fxiaoke.url, tmp_path)
    pull.pull("accounts")
    assert len(pull.landed("accounts")) == 250
    assert waits.count(20.0) == 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (30002, LimitReached),
        (30003, LimitReached),
        (20022, AccessRefused),
        (10006, RequestRefused),
        (50009, Unreachable),
    ],
)
def test_an_error_inside_a_success_is_told_as_what_it_is(fxiaoke, tmp_path, code, kind):
    fxiaoke.faults.always = _error(code, "请联系 ana.li@example.com")
    with pytest.raises(kind) as failure:
        puller(fxiaoke, fxiaoke.url, tmp_path).pull("accounts")
    assert str(code) in str(failure.value)
    assert "@" not in str(failure.value)


def test_a_grant_that_is_turned_down_shows_no_secret(fxiaoke, tmp_path):
    pull = puller(fxiaoke, fxiaoke.url, tmp_path)
    fxiaoke.secret = "another-secret-1111"
    with pytest.raises(RequestRefused, match="20006") as failure:
        pull.pull("accounts")
    assert "sandbox-secret" not in str(failure.value)


def test_a_second_pull_and_a_past_week_ask_between_two_moments(fxiaoke, tmp_path):
    pull = puller(fxiaoke, fxiaoke.url, tmp_path)
    pull.pull("accounts")
    pull.pull("accounts")
    pull.pull("accounts", [date(2025, 1, 1) + timedelta(days=n) for n in range(7)], only_new=False)
    asked = [json.loads(one.body)["data"]["search_query_info"] for one in fxiaoke.faults.calls]
    bounds = [one["filters"][0]["field_values"] for one in asked if one["filters"]
              and one["filters"][0]["operator"] == "BETWEEN"]  # fmt: skip
    now = datetime.now(UTC).timestamp() * 1000
    assert now - int(bounds[0][0]) < 600_000
    week = datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert int(bounds[-1][0]) == week.timestamp() * 1000
    assert int(bounds[-1][1]) == (week + timedelta(days=7)).timestamp() * 1000
    assert {one["offset"] for one in asked} == {0}


def test_who_asks_is_named_in_one_way_only(fxiaoke, tmp_path):
    with pytest.raises(ValueError, match="not both"):
        puller(fxiaoke, fxiaoke.url, tmp_path, open_user_id="FSUID_1")
