"""What Salesforce serves arrives in the core tables, and only what changed is asked for again."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import httpx
import pytest

from aar_platform.sandbox.apis.faults import Instead, Status
from aar_platform.sandbox.apis.salesforce import IDS, Salesforce, holdings
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import AccessRefused, AnswerUnusable, LimitReached
from aar_platform.sources.salesforce.asking import signed_on
from tests.sources.crm_part import crm_part
from tests.sources.pulling import core_tables, puller

ADA, BO, CY = (IDS["contacts"](number) for number in range(3))
CONVERTED, OPEN = "00Q000000000001AAA", "00Q000000000002AAA"
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _line(moment):
    return {"Id": "00k000000000001AAA", "OpportunityId": IDS["deals"](0), "Name": "Wheels",
            "IsDeleted": False, "Quantity": 2.0, "TotalPrice": 12345.07, "CreatedDate": moment,
            "LastModifiedDate": moment, "SystemModstamp": moment}  # fmt: skip


def _leads(moment):
    lead = {"IsDeleted": False, "LastName": "Ek", "CreatedDate": moment,
            "LastModifiedDate": moment, "SystemModstamp": moment}  # fmt: skip
    converted = {"Id": CONVERTED, "IsConverted": True, "ConvertedContactId": BO}
    left = {"Id": OPEN, "IsConverted": False, "HasOptedOutOfEmail": True}
    return [lead | converted, lead | left]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Everything pulled, one contact merged into another and pulled again, then loaded."""
    folder = tmp_path_factory.mktemp("salesforce")
    vendor = Salesforce(holdings=holdings(crm_part()))
    vendor.holdings["OpportunityLineItem"] = [_line(NOW)]
    vendor.holdings["Lead"] = _leads(NOW)
    vendor.holdings["Contact"][0]["Shop_Id__c"] = "S-1"
    with serving(vendor.app()) as url:
        one = puller(vendor, url, folder, external_ids={"shop": "Shop_Id__c"})
        for item in one.source.objects():
            one.pull(item.name)
        merged = {"IsDeleted": True, "MasterRecordId": ADA, "SystemModstamp": NOW}
        vendor.holdings["Contact"][1] |= merged
        one.pull("contacts")
    return core_tables(one, folder)


@pytest.fixture
def vendor():
    return Salesforce(holdings=holdings(crm_part()))


@pytest.fixture
def shop(vendor, tmp_path):
    with serving(vendor.app()) as url:
        yield puller(vendor, url, tmp_path)


def by_id(rows):
    return {row["record_id"]: row for row in rows}


def test_contacts_come_with_owner_company_and_what_was_deleted(tables):
    contacts = by_id(tables["contacts"])
    ada = contacts[ADA]
    assert ada["email"] == "ada@made-up.test"
    assert ada["owner"] == "sam@made-up.test"
    assert ada["company_id"] == IDS["companies"](0)
    assert ada["phone"] == "+33612345678"
    assert ada["birth_date"] == date(1990, 2, 1)
    assert ada["acquisition_channel"] == "referral"
    assert ada["created_at"] == datetime(2025, 1, 5, 8)
    assert not ada["is_deleted"]
    assert contacts[BO]["birth_date"] is None
    assert contacts[CY]["is_deleted"]
    timber = by_id(tables["companies"])[IDS["companies"](1)]
    assert (timber["domain"], timber["employee_count"]) == ("timber.test", 340)
    assert (timber["country"], timber["owner"]) == ("SE", None)
    assert tables["quarantine"] == []


def test_the_id_that_another_system_gave_is_read_from_its_field(tables):
    contacts = by_id(tables["contacts"])
    assert json.loads(contacts[ADA]["external_ids"])["shop"] == "S-1"
    assert contacts[CY]["external_ids"] is None


def test_a_merged_contact_is_marked_and_names_the_one_that_is_left(tables):
    bo = by_id(tables["contacts"])[BO]
    assert bo["is_deleted"]
    assert json.loads(bo["external_ids"])["salesforce"] == ADA


def test_a_converted_lead_is_the_contact_it_became(tables):
    contacts = by_id(tables["contacts"])
    assert contacts[CONVERTED]["is_deleted"]
    assert json.loads(contacts[CONVERTED]["external_ids"]) == {"salesforce": BO}
    assert not contacts[OPEN]["is_deleted"]
    assert json.loads(contacts[OPEN]["consents"])["marketing"]["granted"] is False


def test_deals_come_to_the_cent_in_their_currency_with_their_lines(tables):
    deals = by_id(tables["deals"])
    won, going, lost = (deals[IDS["deals"](number)] for number in range(3))
    assert (won["amount"], won["currency"]) == (Decimal("12345.07"), "EUR")
    assert (going["amount"], going["currency"]) == (Decimal("99999999.01"), "SEK")
    assert (won["is_won"], won["is_closed"], lost["is_won"]) == (True, True, False)
    # A day without a zone begins at midnight in the organisation's: Paris.
    assert won["closed_at"] == datetime(2025, 2, 28, 23)
    assert going["closed_at"] is None
    assert (won["contact_id"], won["owner"]) == (ADA, "sam@made-up.test")
    assert [line["Name"] for line in json.loads(won["attributes"])["Lines"]] == ["Wheels"]
    assert json.loads(lost["attributes"])["Lines"] == []


def test_orders_lines_and_reduction_orders_agree(tables):
    orders = by_id(tables["orders"])
    assert {one["total"] for one in orders.values()} == {Decimal("25"), Decimal("9.99")}
    assert orders[IDS["orders"](0)]["contact_id"] == ADA
    assert orders[IDS["orders"](0)]["ordered_at"] == datetime(2025, 1, 4, 23)
    lines = [one for one in tables["order_lines"] if one["order_id"] == IDS["orders"](0)]
    assert sorted((one["sku"], one["amount"], one["discount"]) for one in lines) == [
        ("A", Decimal("16"), Decimal("2")),
        ("B", Decimal("9"), Decimal("0")),
    ]
    (refund,) = tables["refunds"]
    assert (refund["order_id"], refund["amount"]) == (IDS["orders"](0), Decimal("5"))
    assert (refund["currency"], refund["reason"]) == ("EUR", "broken")


def test_cases_campaigns_and_their_members_come(tables):
    solved = by_id(tables["tickets"])[IDS["tickets"](0)]
    assert (solved["assignee"], solved["email"]) == ("kim@made-up.test", "ada@made-up.test")
    assert solved["solved_at"] == datetime(2025, 1, 7, 9)
    (campaign,) = tables["campaigns"]
    assert (campaign["cost"], campaign["currency"]) == (Decimal("120.5"), "EUR")
    assert sorted((one["event"], one["contact_id"]) for one in tables["messages"]) == [
        ("clicked", ADA),
        ("sent", ADA),
        ("sent", BO),
    ]


def test_a_second_pull_asks_only_for_what_changed(vendor, shop):
    shop.pull("contacts")
    begin = datetime.now(UTC)
    vendor.holdings["Contact"][1] |= {"LastName": "Eck", "SystemModstamp": NOW}
    assert shop.pull("contacts").rows == 1
    asked = parse_qs(vendor.faults.calls[-1].query)["q"][0]
    since = re.search(r"SystemModstamp >= (\S+)Z", asked)[1]
    assert begin - datetime.fromisoformat(f"{since}+00:00") < timedelta(minutes=16)


def test_an_organisation_with_one_currency_is_not_asked_for_it(vendor, tmp_path):
    vendor.multi_currency = False
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path, currency="CHF")
        one.pull("deals")
        deals = core_tables(one, tmp_path, only=("deals",))["deals"]
    assert {deal["currency"] for deal in deals} == {"CHF"}


def test_a_past_week_is_asked_for_as_that_week(vendor, shop):
    shop.pull("contacts")
    shop.pull("contacts", [date(2025, 2, 3), date(2025, 2, 9)], only_new=False)
    asked = parse_qs(vendor.faults.calls[-1].query)["q"][0]
    assert "SystemModstamp >= 2025-02-02T23:00:00Z" in asked
    assert "SystemModstamp < 2025-02-09T23:00:00Z" in asked


def test_a_place_in_an_answer_that_is_gone_is_asked_for_by_the_last_id(tmp_path):
    vendor = Salesforce(holdings=holdings(crm_part()), batch=1)
    vendor.faults.planned[3] = Status(
        400, body=b'[{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid"}]'
    )
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        one.pull("contacts")
    assert {record["Id"] for record in one.landed("contacts")} == {ADA, BO, CY}
    assert f"Id > '{BO}'" in parse_qs(vendor.faults.calls[3].query)["q"][0]


def test_fewer_records_than_were_counted_are_never_taken_for_all(vendor, shop):
    vendor.faults.always = Instead(b'{"totalSize": 3, "done": true, "records": []}')
    with pytest.raises(AnswerUnusable, match="counts 3 records left and gives 0"):
        shop.pull("contacts")


def test_an_allowance_that_is_used_up_ends_the_pull_until_later(vendor, shop):
    vendor.used = vendor.allowance
    with pytest.raises(LimitReached, match="run again later"):
        shop.pull("contacts")


def test_the_last_calls_of_the_day_are_left_to_others(vendor, shop):
    vendor.used = int(vendor.allowance * 0.96)
    with pytest.raises(LimitReached, match=r"96,000 of 100,000 calls of a day"):
        shop.pull("contacts")


def test_too_many_calls_at_one_time_are_waited_out(vendor, shop, monkeypatch):
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    said = b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests exceeded"}]'
    vendor.faults.planned[1] = Status(403, body=said)
    assert shop.pull("contacts").rows == 3
    assert waited


def test_an_error_shows_neither_secret_nor_address(vendor, shop):
    said = f'[{{"message": "{vendor.session} of ada@made-up.test is wrong"}}]'.encode()
    vendor.faults.always = Status(403, body=said)
    with pytest.raises(AccessRefused) as refused:
        shop.pull("contacts")
    assert "ada@" not in str(refused.value)
    assert vendor.session not in str(refused.value)


def test_a_wrong_secret_is_told_as_such(vendor, shop):
    vendor.secret = "another"
    with pytest.raises(AccessRefused, match="no token was given"):
        shop.pull("contacts")


@pytest.mark.parametrize(
    ("instance", "goes_to"),
    [
        ("https://acme-9.my.salesforce.com", "https://acme-9.my.salesforce.com/services/data/x"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123/services/data/x"),
    ],
)
def test_requests_go_where_the_token_says(instance, goes_to):
    token = signed_on("https://acme.my.salesforce.com", {"client_secret": "s"}, follow=True)
    request = httpx.Request("GET", "https://acme.my.salesforce.com/services/data/x")
    flow = token.auth_flow(request)
    asked = next(flow)
    reply = httpx.Response(200, json={"access_token": "t", "instance_url": instance})
    reply.request = asked
    sent = flow.send(reply)
    assert str(sent.url) == goes_to
    assert sent.headers["Host"] == httpx.URL(goes_to).netloc.decode()


def test_a_token_that_points_to_a_bare_line_is_refused():
    token = signed_on("https://acme.my.salesforce.com", {"client_secret": "s"}, follow=True)
    flow = token.auth_flow(httpx.Request("GET", "https://acme.my.salesforce.com/x"))
    reply = httpx.Response(200, json={"access_token": "t", "instance_url": "http://evil.test"})
    reply.request = next(flow)
    with pytest.raises(httpx.HTTPStatusError):
        flow.send(reply)
