"""Mailchimp, served by the sandbox and pulled over HTTP."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import pytest

from aar_platform.sandbox.apis import mailchimp
from aar_platform.sandbox.apis.faults import First, Status
from aar_platform.sandbox.apis.mailchimp import Mailchimp, holdings
from aar_platform.sandbox.apis.mailchimp_records import LIST, stamp
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.mailings import SENT, small_part
from tests.sources.pulling import core_tables, puller

FIRST = LIST.format(0)
CONTACT = mailchimp.IDS["contacts"]


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch):
    monkeypatch.setattr(client, "pause", lambda seconds: None)


@pytest.fixture
def vendor():
    return Mailchimp(holdings=holdings(small_part()))


@pytest.fixture
def pulled(vendor, tmp_path):
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        for item in one.source.objects():
            one.pull(item.name)
        vendor.faults.calls.clear()
        yield one


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """All that was pulled, and what happened on the day of the letter once more, as core tables."""
    vendor, folder = Mailchimp(holdings=holdings(small_part())), tmp_path_factory.mktemp("found")
    with serving(vendor.app()) as url:
        one = puller(vendor, url, folder)
        for item in one.source.objects():
            one.pull(item.name)
        assert one.pull("email_activity", [SENT.date()], only_new=False).rows
    return core_tables(one, folder)


def asked(vendor, part):
    """The questions put to paths that end so, as query parameters."""
    return [
        {key: value[0] for key, value in parse_qs(call.query).items()}
        for call in vendor.faults.calls
        if call.path.endswith(part)
    ]


def test_members_arrive_as_contacts_with_what_they_agreed_to(found):
    contacts = {row["record_id"]: row for row in found["contacts"]}
    assert contacts.keys() == {CONTACT(i) for i in range(4)}
    zoe = contacts[CONTACT(0)]
    assert (zoe["given_name"], zoe["email"], zoe["phone"]) == (
        "Zoé",
        "zoe@example.com",
        "+33612345678",
    )
    assert (zoe["street"], zoe["city"], zoe["postcode"], zoe["country"]) == (
        "1 rue Haute",
        "Lyon",
        "69001",
        "FR",
    )
    assert (zoe["language"], zoe["acquisition_channel"]) == ("fr", "social")
    assert zoe["consents"] == '{"marketing":{"granted":true,"since":"2025-05-01T09:30:00+00:00"}}'
    assert zoe["created_at"] == datetime(2025, 5, 1, 9, 30)
    assert zoe["updated_at"] == datetime(2026, 1, 5, 10)
    assert '"granted":false,"since":"2026-03-03' in contacts[CONTACT(1)]["consents"]
    assert {row["is_deleted"] for row in contacts.values()} == {True, False}
    assert contacts[CONTACT(2)]["is_deleted"], "archived members count as deleted"


def test_a_person_on_two_lists_is_two_contacts_with_one_address(found):
    contacts = found["contacts"]
    assert Counter(row["email"] for row in contacts)["zoe@example.com"] == 2


def test_every_event_of_a_campaign_arrives_with_its_moment_and_its_person(found):
    assert not found["quarantine"]
    events = {
        (row["contact_id"], row["event"], row["occurred_at"], row["url"])
        for row in found["messages"]
    }
    part = small_part()
    expected = set()
    for one in part.messages.itertuples():
        # Mailchimp states no moment for what it sent and delivered.
        is_stated = one.event not in ("sent", "delivered")
        moment = (one.occurred_at if is_stated else SENT).to_pydatetime()
        expected.add((CONTACT(one.person), one.event, moment, one.url or None))
    assert events == expected
    assert len(found["messages"]) == len(part.messages), "what two pulls bring counts once"
    assert {row["campaign_id"] for row in found["messages"]} == {mailchimp.IDS["campaigns"](0)}


def test_campaigns_arrive_with_when_they_were_sent_if_they_were(found):
    campaigns = {row["name"]: row for row in found["campaigns"]}
    assert campaigns["Spring"]["sent_at"] == SENT.to_pydatetime()
    assert campaigns["Draft"]["sent_at"] is None


def test_orders_arrive_with_lines_and_the_member_who_bought(found):
    (order,) = found["orders"]
    assert order["record_id"] == mailchimp.IDS["orders"](0)
    assert (order["total"], order["currency"], order["country"]) == (Decimal("38.10"), "EUR", "FR")
    assert order["ordered_at"] == datetime(2026, 2, 10, 11)
    assert order["contact_id"] == CONTACT(0)
    (line,) = found["order_lines"]
    assert (line["sku"], line["quantity"], line["unit_price"]) == ("LAMP", 2, Decimal("19.90"))
    assert (line["discount"], line["amount"]) == (Decimal("1.70"), Decimal("38.10"))
    assert line["order_id"] == order["order_id"]


def test_a_second_pull_asks_for_members_changed_since_the_first(vendor, pulled):
    member = vendor.holdings[f"members/{FIRST}"][0]
    member |= {"status": "archived", "last_changed": stamp(datetime.now(UTC))}
    pulled.pull("members")
    questions = asked(vendor, f"{FIRST}/members")
    assert [one.get("status") for one in questions] == [None, "archived"]
    for one in questions:
        since = datetime.fromisoformat(one["since_last_changed"])
        assert timedelta(minutes=4) < datetime.now(UTC) - since < timedelta(minutes=10)
    assert pulled.landed("members")[-1] == member


def test_a_past_week_is_asked_for_as_that_week(vendor, pulled):
    week = [datetime(2026, 1, 1).date() + timedelta(days=i) for i in range(7)]
    pulled.pull("members", week, only_new=False)
    (first, *_) = asked(vendor, f"{FIRST}/members")
    assert first["since_last_changed"].startswith("2025-12-31T22:59:59")
    assert first["before_last_changed"].startswith("2026-01-07T23:00:01")


def test_old_campaigns_are_not_asked_for_again_unless_they_were_opened(vendor, pulled):
    long_ago = "2024-01-01T08:00:00+00:00"
    report = vendor.holdings["reports"][0]
    report["send_time"] = long_ago
    report["opens"]["last_open"] = report["clicks"]["last_click"] = long_ago
    for name in ("reports", "email_activity", "unsubscribes", "sent_to"):
        pulled.pull(name)
    assert not asked(vendor, "email-activity")
    assert not asked(vendor, "unsubscribed")
    assert not asked(vendor, "sent-to")
    now = stamp(datetime.now(UTC))
    report["opens"]["last_open"] = now
    (name,) = [key for key in vendor.holdings if key.startswith("email_activity/c0ffee0000")]
    vendor.holdings[name][0]["activity"].append({"action": "open", "timestamp": now, "ip": ""})
    pulled.pull("reports")
    assert pulled.pull("email_activity").rows == 1
    (question,) = asked(vendor, "email-activity")
    assert question["since"] > long_ago


def test_a_member_lost_from_a_page_while_pages_are_read_is_read_anew(vendor, tmp_path):
    rows = [
        {"campaign_id": "c", "list_id": FIRST, "email_id": f"{i:032x}", "status": "sent",
         "email_address": f"m{i}@example.com"}
        for i in range(2500)
    ]  # fmt: skip
    name = vendor.holdings["reports"][0]["id"]
    vendor.holdings[f"sent_to/{name}"] = rows
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        one.pull("reports")
        asked_before = len(vendor.faults.calls)
        vendor.faults.planned[asked_before + 2] = First(lambda: rows.pop(0))
        one.pull("sent_to")
    assert {row["email_id"] for row in one.landed("sent_to")} >= {row["email_id"] for row in rows}


def test_members_that_an_import_gave_one_moment_all_come(vendor, tmp_path):
    at = "2026-01-01T00:00:00+00:00"
    rows = [
        {"id": f"{i:032x}", "list_id": FIRST, "status": "subscribed", "last_changed": at}
        for i in range(3200)
    ]
    vendor.holdings[f"members/{FIRST}"] = rows
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        one.pull("lists")
        one.pull("members")
    found = {row["id"] for row in one.landed("members") if row["list_id"] == FIRST}
    assert found == {row["id"] for row in rows}


def test_fewer_records_than_are_counted_fail_the_pull(vendor, tmp_path):
    body = b'{"campaigns": [], "total_items": 3}'
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        vendor.faults.planned[1] = Status(200, {"content-type": "application/json"}, body)
        with pytest.raises(SourceFailed, match="3 records are counted and 0 came"):
            one.pull("campaigns")


def test_a_bare_403_is_waited_out_and_one_that_says_why_is_not(vendor, tmp_path):
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        vendor.faults.planned[1] = Status(403, body=b"<html>Forbidden</html>")
        assert one.pull("campaigns").rows == 2
        vendor.faults.planned[3] = Status(403, body=b'{"title": "Forbidden", "status": 403}')
        with pytest.raises(SourceFailed, match="403"):
            one.pull("reports")


def test_a_failure_tells_neither_key_nor_address(vendor, tmp_path):
    said = f'{{"detail": "bob@example.com may not, with {vendor.secret}"}}'
    vendor.faults.always = Status(400, body=said.encode())
    with serving(vendor.app()) as url, pytest.raises(SourceFailed) as failure:
        puller(vendor, url, tmp_path).pull("campaigns")
    assert "400" in str(failure.value)
    assert vendor.secret not in str(failure.value)
    assert "bob@" not in str(failure.value)


def test_the_key_names_the_data_centre(tmp_path):
    vendor = Mailchimp(secret="0123456789abcdef-us19")
    source = puller(vendor, "http://127.0.0.1:1", tmp_path).source
    plain = source.model_copy(update={"url": None})
    assert plain.connect("m").base_url == "https://us19.api.mailchimp.com/3.0"
    vendor.secret = "0123456789abcdef"
    plain = puller(vendor, "http://127.0.0.1:1", tmp_path).source.model_copy(update={"url": None})
    with pytest.raises(SourceFailed, match="data centre"):
        plain.connect("m")
