"""Constant Contact, served by the sandbox and pulled over HTTP."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from aar_platform.sandbox.apis import constant_contact
from aar_platform.sandbox.apis.constant_contact import ConstantContact, holdings
from aar_platform.sandbox.apis.faults import First, Status
from aar_platform.sandbox.apis.serve import application, serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import LimitReached, SourceFailed
from tests.sources.mailings import SENT, small_part
from tests.sources.pulling import core_tables, puller
from tests.sources.systems.constant_contact import SYSTEM

CONTACT = constant_contact.IDS["contacts"]


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    return waited


@pytest.fixture
def vendor():
    return ConstantContact(holdings=holdings(small_part()))


@pytest.fixture
def pulled(vendor, tmp_path):
    # Below a path, as all systems are served together: links to the next page must bear it.
    with serving(application({"constant_contact": vendor})) as url:
        one = puller(vendor, f"{url}/constant_contact", tmp_path)
        for item in one.source.objects():
            one.pull(item.name)
        vendor.faults.calls.clear()
        yield one


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """All that was pulled, and what happened on the day of the letter once more, as core tables."""
    vendor = ConstantContact(holdings=holdings(small_part()))
    folder = tmp_path_factory.mktemp("found")
    with serving(vendor.app()) as url:
        one = puller(vendor, url, folder)
        for item in one.source.objects():
            one.pull(item.name)
        assert one.pull("events", [SENT.date()], only_new=False).rows
    return core_tables(one, folder)


def asked(vendor, part):
    """The questions put to paths that hold this, as query parameters."""
    return [
        {key: value[0] for key, value in parse_qs(call.query).items()}
        for call in vendor.faults.calls
        if part in call.path
    ]


def test_contacts_arrive_with_what_they_agreed_to(found):
    contacts = {row["record_id"]: row for row in found["contacts"]}
    assert contacts.keys() == {CONTACT(i) for i in range(4)}
    zoe = contacts[CONTACT(0)]
    assert (zoe["given_name"], zoe["email"], zoe["phone"]) == (
        "Zoé",
        "zoe@example.com",
        "+33612345678",
    )
    assert (zoe["city"], zoe["postcode"], zoe["country"]) == ("Lyon", "69001", "FR")
    assert zoe["job_title"] == "Buyer"
    assert zoe["consents"] == '{"marketing":{"granted":true,"since":"2025-05-01T09:30:00Z"}}'
    assert zoe["created_at"] == datetime(2025, 5, 1, 9, 30)
    assert '"granted":false,"since":"2026-03-03' in contacts[CONTACT(1)]["consents"]


def test_deleted_contacts_are_asked_for_and_marked(found):
    assert {row["record_id"] for row in found["contacts"] if row["is_deleted"]} == {CONTACT(2)}


def test_every_event_but_deliveries_arrives_with_its_moment_and_its_person(found):
    assert not found["quarantine"]
    events = [
        (row["contact_id"], row["event"], row["occurred_at"], row["url"])
        for row in found["messages"]
    ]
    expected = [
        (CONTACT(one.person), one.event, one.occurred_at.to_pydatetime(), one.url or None)
        for one in small_part().messages.itertuples()
        # Constant Contact does not tell what was delivered.
        if one.event != "delivered"
    ]
    assert sorted(events, key=str) == sorted(expected, key=str)
    campaign = constant_contact.IDS["campaigns"](0)
    assert {row["campaign_id"] for row in found["messages"]} == {campaign}


def test_campaigns_arrive_with_when_they_were_sent_if_they_were(found):
    campaigns = {row["name"]: row for row in found["campaigns"]}
    assert campaigns["Spring"]["sent_at"] == SENT.to_pydatetime()
    assert campaigns["Draft"]["sent_at"] is None


def test_a_second_pull_asks_for_contacts_changed_since_the_first(vendor, pulled):
    contact = vendor.holdings["contacts"][0]
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    contact |= {"deleted_at": now, "updated_at": now}
    pulled.pull("contacts")
    (question,) = asked(vendor, "/contacts")
    since = datetime.fromisoformat(question["updated_after"])
    assert timedelta(minutes=4) < datetime.now(UTC) - since < timedelta(minutes=10)
    assert question["status"] == "all"
    assert pulled.landed("contacts")[-1] == contact


def test_a_past_week_is_asked_for_as_that_week(vendor, pulled):
    week = [datetime(2026, 1, 1).date() + timedelta(days=i) for i in range(7)]
    pulled.pull("contacts", week, only_new=False)
    (question,) = asked(vendor, "/contacts")
    assert question["updated_after"] == "2025-12-31T23:00:00Z"
    assert question["updated_before"] == "2026-01-07T23:00:01Z"


def test_reports_are_asked_for_where_the_summary_counts_something(vendor, pulled):
    summary = vendor.holdings["bulk_email_campaign_summaries"][0]
    assert not asked(vendor, "/tracking/")
    summary["last_sent_date"] = f"{datetime.now(UTC) - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"
    summary["unique_counts"] |= {"clicks": 0, "bounces": 0}
    pulled.pull("summaries")
    pulled.pull("events")
    paths = [
        call.path.rpartition("/")[2] for call in vendor.faults.calls if "tracking" in call.path
    ]
    assert paths == ["opens", "optouts"], "what was sent a month ago was pulled then"


def test_a_report_is_read_back_to_what_is_known_and_no_further(vendor, pulled):
    summary = vendor.holdings["bulk_email_campaign_summaries"][0]
    now = datetime.now(UTC)
    summary["last_sent_date"] = f"{now - timedelta(days=30):%Y-%m-%dT%H:%M:%SZ}"
    summary["unique_counts"] = dict.fromkeys(summary["unique_counts"], 0) | {"opens": 1}
    (name,) = [key for key in vendor.holdings if key.startswith("opens/00000000")]
    known = vendor.holdings[name]
    new = [
        known[0] | {"created_time": f"{now - timedelta(seconds=i):%Y-%m-%dT%H:%M:%S}.000Z"}
        for i in range(1, 601)
    ]
    vendor.holdings[name] = new + known * 600
    pulled.pull("summaries")
    assert pulled.pull("events").rows == 600
    assert len(asked(vendor, "/tracking/opens")) == 2


def test_a_contact_that_leaves_while_pages_are_read_hides_no_other(vendor, tmp_path):
    rows = [SYSTEM.record(i) for i in range(1400)]
    vendor.holdings["contacts"] = rows
    vendor.faults.planned[2] = First(lambda: rows.pop(0))
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        one.pull("contacts")
    found = {row["contact_id"] for row in one.landed("contacts")}
    assert found >= {row["contact_id"] for row in rows}


def test_fewer_contacts_than_are_counted_fail_the_pull(vendor, tmp_path):
    body = b'{"contacts": [], "contacts_count": 3, "_links": {}}'
    vendor.faults.planned[1] = Status(200, {"content-type": "application/json"}, body)
    with (
        serving(vendor.app()) as url,
        pytest.raises(SourceFailed, match="3 records are counted and 0 came"),
    ):
        puller(vendor, url, tmp_path).pull("contacts")


def test_slow_down_is_tried_again_and_a_day_s_end_is_told(vendor, tmp_path, waits):
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        said = b'[{"error_key": "throttled", "error_message": "Too Many Requests"}]'
        vendor.faults.planned[1] = Status(429, body=said)
        assert one.pull("contacts").rows == 4
        assert len(waits) == 1
        said = b'{"error_key": "quota_exceeded", "error_message": "Limit Exceeded"}'
        vendor.faults.always = Status(429, body=said)
        with pytest.raises(LimitReached, match="00:00 UTC"):
            one.pull("lists")
    assert len(waits) == 1, "what comes back tomorrow is not waited for"


def test_a_refresh_token_that_is_refused_is_told_without_it(vendor, tmp_path):
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        vendor.secret = "another"
        with pytest.raises(SourceFailed, match="no token was given") as failure:
            one.pull("contacts")
    assert constant_contact.REFRESH not in str(failure.value)


def test_a_failure_tells_neither_token_nor_address(vendor, tmp_path):
    body = f'[{{"error_message": "zoe@example.com with {vendor.secret}"}}]'
    vendor.faults.always = Status(400, body=body.encode())
    with serving(vendor.app()) as url, pytest.raises(SourceFailed) as failure:
        puller(vendor, url, tmp_path).pull("contacts")
    assert "400" in str(failure.value)
    assert vendor.secret not in str(failure.value)
    assert "zoe@" not in str(failure.value)


def test_four_calls_a_second_are_kept_where_the_vendor_counts_them(vendor, tmp_path, waits):
    source = puller(vendor, "http://127.0.0.1:1", tmp_path).source
    api = source.model_copy(update={"url": None}).connect("c")
    assert api.base_url == "https://api.cc.email/v3"
    for _ in range(5):
        api.pace.keep()
    assert len(waits) == 1
    assert 0.5 < waits[0] <= 1
