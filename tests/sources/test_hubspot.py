"""What HubSpot serves arrives in the core tables, and only what changed is asked for again."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from aar_platform.sandbox.apis.faults import Instead, Status
from aar_platform.sandbox.apis.hubspot import IDS, HubSpot, holdings
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import AccessRefused, AnswerUnusable, LimitReached
from tests.sources.crm_part import crm_part
from tests.sources.pulling import core_tables, puller

ADA, BO, CY = (IDS["contacts"](number) for number in range(3))
WON, GOING, LOST = (IDS["deals"](number) for number in range(3))
NOW = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
MERGED = "99"


def _line(number, deal):
    said = {"name": "Wheels", "quantity": "2", "price": "6172.535", "amount": "12345.07",
            "createdate": NOW, "hs_lastmodifieddate": NOW, "hs_object_id": number}  # fmt: skip
    return {"id": number, "properties": said, "createdAt": NOW, "updatedAt": NOW,
            "archived": False, "links": {"deals": [deal]}}  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Everything pulled, one deal archived and one contact merged away, pulled again, loaded."""
    folder = tmp_path_factory.mktemp("hubspot")
    vendor = HubSpot(holdings=holdings(crm_part()))
    vendor.holdings["line_items"] = [_line("71", WON)]
    vendor.holdings["deals"][1]["properties"]["deal_currency_code"] = None
    with serving(vendor.app()) as url:
        one = puller(vendor, url, folder)
        for item in one.source.objects():
            one.pull(item.name)
        lost, ada = vendor.holdings["deals"][2], vendor.holdings["contacts"][0]
        lost |= {"archived": True, "archivedAt": NOW}
        ada["properties"] |= {"hs_merged_object_ids": MERGED, "lastmodifieddate": NOW}
        for name in ("contacts", "deals", "deals_archived"):
            one.pull(name)
    return core_tables(one, folder)


@pytest.fixture
def vendor():
    return HubSpot(holdings=holdings(crm_part()))


@pytest.fixture
def shop(vendor, tmp_path):
    with serving(vendor.app()) as url:
        yield puller(vendor, url, tmp_path)


def by_id(rows):
    return {row["record_id"]: row for row in rows}


def searches(vendor):
    return [json.loads(call.body) for call in vendor.faults.calls if "search" in call.path]


def test_contacts_come_with_owner_company_and_what_was_archived(tables):
    contacts = by_id(tables["contacts"])
    ada = contacts[ADA]
    assert (ada["given_name"], ada["email"]) == ("Ada", "ada@made-up.test")
    assert (ada["owner"], ada["company_id"]) == ("sam@made-up.test", IDS["companies"](0))
    assert ada["phone"] == "+33612345678"
    assert ada["birth_date"] == date(1990, 2, 1)
    assert (ada["lifecycle_stage"], ada["acquisition_channel"]) == ("customer", "referral")
    assert ada["created_at"] == datetime(2025, 1, 5, 8)
    assert not ada["is_deleted"]
    assert contacts[BO]["birth_date"] is None
    assert contacts[CY]["is_deleted"]
    timber = by_id(tables["companies"])[IDS["companies"](1)]
    assert (timber["domain"], timber["employee_count"]) == ("timber.test", 340)
    assert (timber["country"], timber["owner"]) == ("SE", None)
    assert tables["quarantine"] == []


def test_a_contact_that_was_merged_away_is_marked_and_names_the_one_that_is_left(tables):
    gone = by_id(tables["contacts"])[MERGED]
    assert gone["is_deleted"]
    assert json.loads(gone["attributes"]) == {"merged_into": ADA}


def test_deals_come_to_the_cent_with_stage_links_and_lines(tables):
    deals = by_id(tables["deals"])
    assert (deals[WON]["amount"], deals[WON]["currency"]) == (Decimal("12345.07"), "EUR")
    assert (deals[WON]["stage"], deals[WON]["is_won"], deals[WON]["is_closed"]) == (
        "Won",
        True,
        True,
    )
    assert deals[WON]["closed_at"] == datetime(2025, 3, 1)
    assert (deals[WON]["contact_id"], deals[WON]["company_id"]) == (ADA, IDS["companies"](0))
    assert deals[WON]["owner"] == "sam@made-up.test"
    lines = json.loads(deals[WON]["attributes"])["line_items"]
    assert [line["properties"]["name"] for line in lines] == ["Wheels"]
    assert json.loads(deals[GOING]["attributes"])["line_items"] == []
    assert (deals[GOING]["is_closed"], deals[GOING]["closed_at"]) == (False, None)
    assert deals[GOING]["amount"] == Decimal("99999999.01")


def test_a_deal_without_a_currency_is_in_the_accounts(tables):
    assert by_id(tables["deals"])[GOING]["currency"] == "EUR"


def test_a_deal_that_was_archived_later_is_marked(tables):
    deals = by_id(tables["deals"])
    assert deals[LOST]["is_deleted"]
    assert not deals[WON]["is_deleted"]


def test_tickets_feedback_and_letters_come(tables):
    tickets = by_id(tables["tickets"])
    solved, open_ = (tickets[IDS["tickets"](number)] for number in range(2))
    assert (solved["contact_id"], solved["assignee"]) == (ADA, "kim@made-up.test")
    assert (solved["status"], open_["status"]) == ("closed", "new")
    assert solved["first_replied_at"] == datetime(2025, 1, 5, 9)
    assert (solved["satisfaction"], open_["satisfaction"]) == ("4", None)
    answers = by_id(tables["feedback"])[IDS["feedback"](0)]
    assert (answers["score"], answers["scale_min"], answers["scale_max"]) == (5, 1, 5)
    assert answers["email"] == "ada@made-up.test"
    (campaign,) = tables["campaigns"]
    assert campaign["sent_at"] == datetime(2025, 3, 10, 7)
    told = sorted((one["event"], one["email"]) for one in tables["messages"])
    assert told == [
        ("clicked", "ada@made-up.test"),
        ("sent", "ada@made-up.test"),
        ("sent", "bo@made-up.test"),
        ("unsubscribed", "bo@made-up.test"),
    ]
    assert {one["campaign_id"] for one in tables["messages"]} == {campaign["record_id"]}


def test_a_second_pull_asks_only_for_what_changed(vendor, shop):
    shop.pull("deals")
    begin = datetime.now(UTC)
    vendor.holdings["deals"][1]["properties"] |= {"amount": "7", "hs_lastmodifieddate": NOW}
    assert shop.pull("deals").rows == 1
    (filters,) = [group["filters"] for group in searches(vendor)[-1]["filterGroups"]]
    (since,) = [one for one in filters if one["propertyName"] == "hs_lastmodifieddate"]
    assert since["operator"] == "GTE"
    moment = datetime.fromtimestamp(int(since["value"]) / 1000, UTC)
    assert begin - moment < timedelta(minutes=16)


def test_an_association_that_changes_is_read_with_its_deal(vendor, shop, tmp_path):
    shop.pull("deals")
    vendor.holdings["deals"][0]["properties"]["hs_lastmodifieddate"] = NOW
    vendor.holdings["deals"][0]["links"]["contacts"] = [BO, ADA]
    shop.pull("deals")
    deals = by_id(core_tables(shop, tmp_path, only=("deals",))["deals"])
    assert deals[WON]["contact_id"] == BO


def test_what_was_archived_before_is_not_landed_again(vendor, shop):
    assert shop.pull("contacts_archived").rows == 1
    assert shop.pull("contacts_archived").rows == 0


def test_a_past_week_is_asked_for_as_that_week(vendor, shop):
    shop.pull("contacts")
    shop.pull("contacts", [date(2025, 2, 3), date(2025, 2, 9)], only_new=False)
    (filters,) = [group["filters"] for group in searches(vendor)[-1]["filterGroups"]]
    stamps = [one for one in filters if one["propertyName"] == "lastmodifieddate"]
    told = {one["operator"]: int(one["value"]) / 1000 for one in stamps}
    assert told == {
        "GTE": datetime(2025, 2, 2, 23, tzinfo=UTC).timestamp(),
        "LT": datetime(2025, 2, 9, 23, tzinfo=UTC).timestamp(),
    }


def test_results_out_of_order_are_never_taken(vendor, shop):
    shuffled = [{"id": "9"}, {"id": "3"}]
    body = json.dumps({"total": 2, "results": shuffled}).encode()
    vendor.faults.always = Instead(body)
    with pytest.raises(AnswerUnusable, match="in order"):
        shop.pull("contacts")


def test_associations_that_fail_are_never_taken_for_none(vendor, shop):
    errors = [{"category": "INTERNAL", "subCategory": "crm.associations.TIMEOUT"}]
    vendor.faults.planned[2] = Instead(json.dumps({"results": [], "errors": errors}).encode())
    with pytest.raises(AnswerUnusable, match="INTERNAL"):
        shop.pull("deals")


def test_the_calls_of_a_day_end_the_pull_until_later(vendor, shop):
    vendor.faults.always = Status(429, body=b'{"policyName": "DAILY"}')
    with pytest.raises(LimitReached, match="after midnight"):
        shop.pull("contacts")
    assert len(vendor.faults.calls) == 1


def test_the_calls_of_ten_seconds_are_waited_out(vendor, shop, monkeypatch):
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    said = b'{"policyName": "TEN_SECONDLY_ROLLING", "errorType": "RATE_LIMIT"}'
    vendor.faults.planned[1] = Status(429, body=said)
    assert shop.pull("contacts").rows == 2
    assert 10.0 in waited


def test_an_error_shows_neither_secret_nor_address(vendor, shop):
    said = f'{{"message": "{vendor.secret} of ada@made-up.test is wrong"}}'.encode()
    vendor.faults.always = Status(403, body=said)
    with pytest.raises(AccessRefused) as refused:
        shop.pull("contacts")
    assert "ada@" not in str(refused.value)
    assert vendor.secret not in str(refused.value)
