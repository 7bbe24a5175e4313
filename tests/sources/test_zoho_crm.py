"""Zoho CRM: what it says arrives in the core tables, changes alone are asked for, and its lists'
ends are passed."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from aar_platform.sandbox.apis.faults import Instead, Status
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.zoho_crm import IDS, ZohoCrm, holdings
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import AccessRefused, AnswerUnusable, SourceFailed
from aar_platform.sources.zoho_crm.config import Access
from tests.sources.parts_of_crm import by_id, part, pull_all
from tests.sources.pulling import core_tables, puller, today
from tests.sources.systems.zoho_crm import SYSTEM


def held():
    """What Zoho holds of the part, in which the third contact has opted out."""
    kept = holdings(part())
    out = next(one for one in kept["Contacts"] if one["id"] == IDS["contacts"](2))
    out["Email_Opt_Out"] = True
    return kept


@pytest.fixture
def zoho():
    vendor = ZohoCrm(holdings=held())
    with serving(vendor.app()) as url:
        vendor.url = url
        yield vendor


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch):
    monkeypatch.setattr(client, "pause", lambda seconds: None)


def _contacts(count, moment=None):
    records = [SYSTEM.record(i) for i in range(count)]
    return [{**one, "Modified_Time": moment or one["Modified_Time"]} for one in records]


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """Two pulls, between which a contact was deleted, and the calls of the second."""
    folder = tmp_path_factory.mktemp("zoho")
    vendor = ZohoCrm(holdings=held())
    kept = vendor.holdings
    values = kept["fields"][0]["pick_list_values"]
    won = next(value for value in values if value["actual_value"] == "Closed Won")
    # An organisation may call its stages as it likes.
    won |= {"actual_value": "Gewonnen", "display_value": "Gewonnen"}
    kept["Deals"][1]["Stage"] = "Gewonnen"
    order = kept["Sales_Orders"][0]
    del order["Currency"]
    kept["Sales_Orders"][1]["Status"] = "Cancelled"
    kept["Leads"][0]["Converted__s"] = True
    linked = {**order, "id": "1", "Sales_Order": {"id": order["id"], "name": "x"}}
    alone = {**order, "id": "2", "Sales_Order": None, "Invoice_Date": "2025-06-30"}
    kept["Invoices"] = [linked, alone]
    line = kept["Ordered_Items"][0]
    kept["Invoiced_Items"] = [
        {**line, "id": f"9{number}", "Parent_Id": {"id": number}} for number in ("1", "2")
    ]
    with serving(vendor.app()) as url:
        pull = puller(vendor, url, folder)
        pull_all(pull)
        gone = kept["Contacts"].pop(1)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        feed = {"id": gone["id"], "type": "permanent", "display_name": "x", "deleted_time": now}
        kept["Contacts/deleted"].append({**feed, "deleted_by": None, "created_by": None})
        asked = len(vendor.faults.calls)
        pull_all(pull)
        calls = vendor.faults.calls[asked:]
    return core_tables(pull, folder), calls


@pytest.fixture
def tables(pulled):
    return pulled[0]


def test_a_part_of_the_company_arrives_whole_in_the_core_tables(tables):
    counts = {name: len(rows) for name, rows in tables.items()}
    assert counts == {
        "quarantine": 0, "companies": 1, "contacts": 4, "deals": 3, "orders": 3,
        "order_lines": 3, "campaigns": 1, "tickets": 1,
    }  # fmt: skip
    people = by_id(tables["contacts"], "contact_id")
    first = people[IDS["contacts"](0)]
    assert first["email"] == "p0@example.com"
    assert first["owner"] == "ines@example.com"
    # Nine in UTC is ten where the organisation is.
    assert first["created_at"] == datetime(2025, 1, 2, 9)
    assert people[IDS["contacts"](1)]["company_id"] == IDS["companies"](0)
    assert tables["campaigns"][0]["cost"] == Decimal("200.5")
    assert tables["tickets"][0]["contact_id"] == IDS["contacts"](0)
    assert tables["tickets"][0]["assignee"] == "mei@example.com"


def test_only_an_opting_out_is_known_of_consent(tables):
    people = by_id(tables["contacts"], "contact_id")
    assert people[IDS["contacts"](0)]["consents"] is None
    out = json.loads(people[IDS["contacts"](2)]["consents"])
    assert out["marketing"]["granted"] is False


def test_deals_are_won_and_closed_as_the_values_of_the_stage_say(tables):
    deals = by_id(tables["deals"], "deal_id")
    open_, gained, lost = (deals[IDS["deals"](n)] for n in range(3))
    assert gained["stage"] == "Gewonnen"
    assert (gained["is_won"], gained["is_closed"]) == (True, True)
    assert (lost["is_won"], lost["is_closed"]) == (False, True)
    assert (open_["is_won"], open_["is_closed"]) == (False, False)
    assert gained["amount"] == Decimal("1234.57")
    assert gained["closed_at"].date() == date(2025, 3, 4)
    assert open_["closed_at"] is None


def test_amounts_are_in_the_records_currency_or_in_the_organisations(tables):
    orders = by_id(tables["orders"], "order_id")
    assert orders[IDS["orders"](0)]["currency"] == "EUR"
    assert orders[IDS["orders"](1)]["currency"] == "CNY"
    assert orders[IDS["orders"](1)]["total"] == Decimal("59.97")
    line = by_id(tables["order_lines"], "order_id")[IDS["orders"](1)]
    assert (line["sku"], line["category"], line["currency"]) == ("A-1", "tea", "CNY")
    assert (line["amount"], line["discount"]) == (Decimal("59.97"), Decimal("3"))


def test_an_invoice_counts_as_an_order_only_without_a_sales_order(tables):
    orders = by_id(tables["orders"], "order_id")
    assert set(orders) == {IDS["orders"](0), IDS["orders"](1), "2"}
    assert orders["2"]["ordered_at"].date() == date(2025, 6, 30)
    assert [one["order_id"] for one in tables["order_lines"]].count("2") == 1


def test_a_cancelled_order_says_since_when(tables):
    orders = by_id(tables["orders"], "order_id")
    assert orders[IDS["orders"](1)]["cancelled_at"] == datetime(2025, 4, 2, 8)
    assert orders[IDS["orders"](0)]["cancelled_at"] is None


def test_a_converted_lead_lives_on_as_a_contact(tables):
    lead = by_id(tables["contacts"], "contact_id")[IDS["contacts"](3)]
    assert lead["lifecycle_stage"] == "lead"
    assert lead["is_deleted"] is True


def test_a_deleted_contact_is_marked(tables):
    people = by_id(tables["contacts"], "contact_id")
    assert people[IDS["contacts"](1)]["is_deleted"] is True
    assert people[IDS["contacts"](0)]["is_deleted"] is False


def test_a_second_pull_asks_for_what_changed(pulled):
    since = {one.path: one.headers.get("if-modified-since") for one in pulled[1]}
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    assert datetime.fromisoformat(since["/crm/v8/Contacts"]) > hour_ago
    deletions = [moment for path, moment in since.items() if path.endswith("/deleted")]
    assert len(deletions) == 8
    assert all(deletions)


def test_a_past_week_is_asked_for_as_that_week(zoho, tmp_path):
    zoho.holdings["Contacts"] = _contacts(3_000)
    pull = puller(zoho, zoho.url, tmp_path)
    days = [date(2025, 1, 1) + timedelta(days=offset) for offset in range(2)]
    pull.pull("contacts", days, only_new=False)
    landed = {one["id"] for one in pull.landed("contacts")}
    # A contact a minute from midnight in UTC; the days end an hour earlier in Paris.
    assert len(landed) == 47 * 60 + 1
    assert len(zoho.faults.calls) < 17


def test_more_records_of_one_second_than_numbered_pages_hold_are_read_by_token(zoho, tmp_path):
    zoho.holdings["Contacts"] = _contacts(2_450, "2025-05-05T05:05:05+00:00")
    pull = puller(zoho, zoho.url, tmp_path)
    pull.pull("contacts")
    assert len({one["id"] for one in pull.landed("contacts")}) == 2_450
    asked = [one.query for one in zoho.faults.calls]
    assert sum("page_token=" in query for query in asked) == 3
    assert not any("page_token=" in query and "&page=" in query for query in asked)


def test_every_list_names_its_fields_and_none_too_many(zoho, tmp_path):
    pull = puller(zoho, zoho.url, tmp_path)
    pull_all(pull)
    lists = [one for one in zoho.faults.calls if "sort_by" in one.query]
    assert len(lists) == 11
    for call in lists:
        fields = httpx.QueryParams(call.query)["fields"].split(",")
        assert 1 < len(fields) <= 50
        assert "Modified_Time" in fields


def test_nothing_new_is_no_failure(zoho, tmp_path):
    pull = puller(zoho, zoho.url, tmp_path)
    pull.pull("contacts")
    zoho.faults.always = Status(304)
    pull.pull("contacts")
    assert len(pull.landed("contacts")) == 3


def test_an_announced_page_that_is_empty_fails(zoho, tmp_path):
    zoho.holdings["Contacts"] = _contacts(450)
    zoho.faults.planned[2] = Instead(b'{"data": [], "info": {"more_records": false}}')
    with pytest.raises(AnswerUnusable, match="had been announced"):
        puller(zoho, zoho.url, tmp_path).pull("contacts")


def test_one_token_serves_all_objects(zoho, tmp_path):
    pull_all(puller(zoho, zoho.url, tmp_path))
    assert zoho.grants == 1


def test_a_grant_that_is_turned_down_fails_without_showing_it(zoho, tmp_path):
    pull = puller(zoho, zoho.url, tmp_path)
    zoho.secret = "another-secret-1111"
    with pytest.raises(AccessRefused, match="no token was given") as failure:
        pull.pull("contacts")
    assert "sandbox-secret" not in str(failure.value)


@pytest.mark.parametrize(
    ("domain", "is_taken"),
    [
        ("https://www.zohoapis.eu", True),
        ("http://127.0.0.1:9", True),
        ("http://www.zohoapis.eu", False),
        ("ftp://x", False),
    ],
)
def test_tokens_go_to_an_address_only_over_https_or_on_this_machine(
    zoho, tmp_path, domain, is_taken
):
    access = Access(puller(zoho, zoho.url, tmp_path).source)
    reply = {"access_token": "t", "api_domain": domain, "expires_in": 3600}
    if is_taken:
        access.read_reply(reply)
        assert access.domain == domain
    else:
        with pytest.raises(SourceFailed, match="https"):
            access.read_reply(reply)


def test_no_address_of_a_person_stands_in_a_failure(zoho, tmp_path):
    said = b'{"code": "X", "message": "ana.li@example.com is locked", "status": "error"}'
    zoho.faults.always = Instead(said)
    with pytest.raises(AnswerUnusable) as failure:
        puller(zoho, zoho.url, tmp_path).pull("contacts")
    assert "@" not in str(failure.value)


def test_a_past_day_pulled_again_changes_nothing(zoho, tmp_path):
    pull = puller(zoho, zoho.url, tmp_path)
    pull_all(pull)
    before = pull.landed("sales_orders")
    assert pull.pull("sales_orders", [today()], only_new=False).changed == 0
    assert pull.landed("sales_orders") == before
