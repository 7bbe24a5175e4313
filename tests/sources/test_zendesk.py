"""Zendesk: what its users, organizations, tickets and ratings become, and how it is asked."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from aar_platform.sandbox.apis.faults import Instead, Status
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.zendesk import IDS, Zendesk, holdings
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.parts_of_desk import part
from tests.sources.pulling import core_tables, differences, puller
from tests.sources.specified import prism, recorded, verdict

OBJECTS = ("contacts", "companies", "tickets", "ratings")
RECORDS = "zendesk/recorded/airbyte_expected_records.MIT_2023-06.jsonl"
BODIES = "zendesk/recorded/amp_labs_bodies.MIT.json"
STREAMS = {"users": "contacts", "organizations": "companies", "tickets": "tickets",
           "satisfaction_ratings": "ratings"}  # fmt: skip


@pytest.fixture
def vendor():
    return Zendesk(holdings=holdings(part()))


def pulled(vendor, folder, *names, **more):
    with serving(vendor.app()) as url:
        one = puller(vendor, url, folder, **more)
        for name in names or OBJECTS:
            one.pull(name)
    return one


def by_id(rows):
    return {row["record_id"]: row for row in rows}


def queries(vendor):
    return [(call.path.rsplit("/api/v2/")[-1], parse_qs(call.query)) for call in
            vendor.faults.calls]  # fmt: skip


def recorded_streams():
    """Records by stream; those of organizations in two recordings, of which one is an export."""
    bodies = json.loads(recorded(BODIES).read_text())
    exported = bodies["read/incremental/organizations.json"]["organizations"]
    streams = {"organizations": list(exported)}
    for line in recorded(RECORDS).read_text().splitlines():
        one = json.loads(line)
        streams.setdefault(one["stream"], []).append(one["data"])
    return streams


def test_tickets_carry_their_agent_times_and_rating(vendor, tmp_path):
    tables = core_tables(pulled(vendor, tmp_path), tmp_path, only=("tickets", "feedback"))
    assert tables["quarantine"] == []
    tickets = by_id(tables["tickets"])
    happy, unhappy, open_one = (tickets[IDS["tickets"](number)] for number in range(3))
    assert happy["contact_id"] == IDS["contacts"](0)
    assert (happy["subject"], happy["text"]) == ("Where is parcel 0?", "还没有收到")
    assert (happy["priority"], happy["channel"], happy["status"]) == ("low", "email", "solved")
    assert happy["assignee"] == "mei@example.com"
    assert happy["opened_at"] == datetime(2025, 3, 1, 10)
    assert happy["first_replied_at"] == datetime(2025, 3, 1, 11, 30)
    assert happy["solved_at"] == datetime(2025, 3, 2, 16)
    assert [happy["satisfaction"], unhappy["satisfaction"]] == ["good", "bad"]
    assert open_one["satisfaction"] is open_one["first_replied_at"] is None
    assert open_one["solved_at"] is None and not open_one["is_deleted"]


def test_metrics_inside_the_ticket_are_read_as_well(vendor, tmp_path):
    for ticket, metric in zip(
        vendor.holdings["tickets"], vendor.holdings.pop("ticket_metrics"), strict=True
    ):
        ticket["metric_set"] = metric
    tickets = by_id(core_tables(pulled(vendor, tmp_path), tmp_path, only=("tickets",))["tickets"])
    assert tickets["1"]["solved_at"] == datetime(2025, 3, 2, 16)
    assert tickets["1"]["first_replied_at"] == datetime(2025, 3, 1, 11, 30)


def test_users_become_contacts_unless_they_are_colleagues(vendor, tmp_path):
    tables = core_tables(pulled(vendor, tmp_path), tmp_path, only=("contacts", "companies"))
    contacts = by_id(tables["contacts"])
    assert set(contacts) == {IDS["contacts"](number) for number in range(3)}
    ana, deleted = contacts[IDS["contacts"](0)], contacts[IDS["contacts"](2)]
    assert json.loads(ana["external_ids"]) == {"hubspot": "501"}
    assert contacts[IDS["contacts"](1)]["external_ids"] is None
    assert (ana["full_name"], ana["email"], ana["phone"]) == (
        "Ana Li0", "p0@example.com", "+33612345670")  # fmt: skip
    assert ana["email_verified"] and ana["company_id"] == IDS["companies"](0)
    assert deleted["is_deleted"] and not ana["is_deleted"]
    (company,) = tables["companies"]
    assert (company["name"], company["domain"]) == ("Example SAS", "example.fr")
    assert tables["quarantine"] == []


def test_a_rating_that_is_only_offered_is_no_feedback(vendor, tmp_path):
    good, bad = vendor.holdings["satisfaction_ratings"]
    offered = {**good, "id": 1, "score": "offered"}
    # Even where the filter for those that were received is not heeded.
    body = {"satisfaction_ratings": [good, offered, bad], "meta": {"has_more": False}}
    vendor.faults.planned = {4: Instead(json.dumps(body).encode())}
    one = pulled(vendor, tmp_path)
    assert len(one.landed("ratings")) == 3
    feedback = by_id(core_tables(one, tmp_path, only=("feedback",))["feedback"])
    assert {key: row["score"] for key, row in feedback.items()} == {
        IDS["feedback"](0): 1.0, IDS["feedback"](1): 0.0}  # fmt: skip
    assert {row["contact_id"] for row in feedback.values()} == {
        IDS["contacts"](0), IDS["contacts"](1)}  # fmt: skip


def test_a_deleted_ticket_and_a_deleted_organization_are_marked(vendor, tmp_path):
    now = datetime.now(UTC) - timedelta(seconds=90)
    stamp = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    pulled(vendor, tmp_path)
    vendor.holdings["tickets"][1] |= {
        "status": "deleted", "generated_timestamp": int(now.timestamp())}  # fmt: skip
    vendor.holdings["organizations"][0] |= {"deleted_at": stamp, "updated_at": stamp}
    tables = core_tables(pulled(vendor, tmp_path), tmp_path, only=("tickets", "companies"))
    assert [row["is_deleted"] for _, row in sorted(by_id(tables["tickets"]).items())] == [
        False, True, False]  # fmt: skip
    assert tables["companies"][0]["is_deleted"]


def test_a_second_pull_asks_only_for_what_changed(vendor, tmp_path):
    pulled(vendor, tmp_path)
    first = queries(vendor)
    assert [query.get("start_time") for _, query in first] == [["0"], ["0"], ["0"], None]
    vendor.faults.calls.clear()
    one = pulled(vendor, tmp_path)
    now = datetime.now(UTC).timestamp()
    for path, query in queries(vendor):
        back = 29 * 86400 if path == "satisfaction_ratings" else 300
        assert abs(now - back - int(query["start_time"][0])) < 30, path
    assert len(one.landed("tickets")) == 3, "nothing lands twice"


def test_an_export_never_begins_in_the_last_minute(vendor, tmp_path, monkeypatch):
    monkeypatch.setattr("aar_platform.sources.zendesk.OVERLAP", timedelta(0))
    item = next(one for one in type(puller(vendor, "http://127.0.0.1:1", tmp_path).source).OBJECTS
                if one.name == "tickets")  # fmt: skip
    monkeypatch.setitem(item.__dict__, "overlap", timedelta(0))
    pulled(vendor, tmp_path, "tickets")
    pulled(vendor, tmp_path, "tickets")
    _, query = queries(vendor)[-1]
    assert datetime.now(UTC).timestamp() - int(query["start_time"][0]) > 60


def test_what_changed_in_the_held_back_minute_comes_with_the_next_pull(vendor, tmp_path):
    pulled(vendor, tmp_path, "tickets")
    moment = datetime.now(UTC) - timedelta(seconds=5)
    vendor.holdings["tickets"][0] |= {
        "subject": "late", "generated_timestamp": int(moment.timestamp())}  # fmt: skip
    pulled(vendor, tmp_path, "tickets")
    vendor.recent = 0.0
    one = pulled(vendor, tmp_path, "tickets")
    assert "late" in {record["subject"] for record in one.landed("tickets")}


def test_a_past_week_is_asked_for_as_that_week(vendor, tmp_path):
    days = [datetime(2025, 3, 1).date() + timedelta(days=n) for n in range(2)]
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        one.pull("tickets", days, only_new=False)
    ((_, query),) = queries(vendor)
    assert int(query["start_time"][0]) == datetime(2025, 2, 28, 23, tzinfo=UTC).timestamp()


def test_reading_stops_where_the_week_ends(tmp_path):
    start = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())
    tickets = [{"id": n, "generated_timestamp": start + n * 60} for n in range(4000)]
    vendor = Zendesk(holdings={"tickets": tickets})
    with serving(vendor.app()) as url:
        puller(vendor, url, tmp_path).pull("tickets", [datetime(2025, 3, 1).date()], False)
    # A day is 1,440 minutes: the second page of 1,000 reaches beyond it.
    assert len(vendor.faults.calls) == 2


def test_the_cursor_is_followed_until_the_end_is_said_and_no_further(tmp_path):
    tickets = [{"id": n, "generated_timestamp": 1_700_000_000 + n} for n in range(2000)]
    vendor = Zendesk(holdings={"tickets": tickets})
    one = pulled(vendor, tmp_path, "tickets")
    assert len(one.landed("tickets")) == 2000
    assert len(vendor.faults.calls) == 2


def test_organizations_that_changed_in_one_second_fail_the_pull_rather_than_loop(tmp_path):
    many = [{"id": n, "name": "x", "updated_at": "2025-01-01T00:00:00Z"} for n in range(1001)]
    with pytest.raises(SourceFailed, match="in one second"):
        pulled(Zendesk(holdings={"organizations": many}), tmp_path, "companies")


def test_ten_exports_a_minute_are_kept_by_all_objects_together(vendor, tmp_path, monkeypatch):
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path, exports_a_minute=2)
        for name in ("tickets", "contacts"):
            one.pull(name)
        assert waited == []
        one.pull("companies")
    assert len(waited) == 1 and 50 < waited[0] <= 60


def test_an_oauth_token_is_sent_as_a_bearer(vendor, tmp_path):
    pulled(vendor, tmp_path, "tickets", email=None)
    assert vendor.faults.calls[0].headers["authorization"] == f"Bearer {vendor.secret}"


def test_no_secret_or_address_stands_in_an_error(vendor, tmp_path):
    said = f'{{"error": "no: {vendor.secret} of p0@example.com"}}'.encode()
    vendor.faults.always = Status(403, body=said)
    with pytest.raises(SourceFailed) as failure:
        pulled(vendor, tmp_path, "tickets")
    assert vendor.secret not in str(failure.value) and "@" not in str(failure.value)


def test_recorded_records_all_arrive(tmp_path):
    streams = recorded_streams()
    vendor = Zendesk(holdings={name: streams[name] for name in STREAMS})
    vendor.holdings["ticket_metrics"] = streams["ticket_metrics"]
    one = pulled(vendor, tmp_path)
    for stream, name in STREAMS.items():
        asked = [row for row in streams[stream] if row.get("score") != "offered"]
        assert len(one.landed(name)) == len(asked), name
    tables = core_tables(one, tmp_path)
    customers = [row for row in streams["users"] if row["role"] == "end-user"]
    assert len(tables["contacts"]) == len(customers)
    assert len(tables["companies"]) == len(streams["organizations"])
    assert len(tables["tickets"]) == len(streams["tickets"])
    assert tables["feedback"] == [] and tables["quarantine"] == []


def test_recorded_bodies_are_read_as_they_are(tmp_path):
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    bodies = json.loads(recorded(BODIES).read_text())
    pages = iter([bodies["read/incremental/users-1-first-page.json"],
                  bodies["read/incremental/users-2-last-page.json"]])  # fmt: skip
    root = "/api/v2/incremental"
    served = Starlette(routes=[
        Route(f"{root}/users/cursor", lambda _: JSONResponse(next(pages))),
        Route(f"{root}/tickets/cursor",
              lambda _: JSONResponse(bodies["read/incremental/tickets.json"])),
        Route(f"{root}/organizations",
              lambda _: JSONResponse(bodies["read/incremental/organizations.json"])),
    ])  # fmt: skip
    with serving(served) as url:
        one = puller(Zendesk(), url, tmp_path, leave_out=["ratings"])
        for name in ("contacts", "companies", "tickets"):
            one.pull(name)
    assert [len(one.landed(name)) for name in ("contacts", "companies", "tickets")] == [2, 1, 1]
    tables = core_tables(one, tmp_path, only=("companies", "tickets"))
    assert [len(tables[name]) for name in ("companies", "tickets")] == [1, 1]


def test_served_records_have_the_fields_and_types_of_the_recordings(vendor):
    streams = recorded_streams()
    for name, rows in vendor.holdings.items():
        for row in rows:
            assert differences(row, streams[name]) == [], name


def test_every_request_is_one_that_the_specification_allows(vendor, tmp_path):
    vendor.holdings["tickets"] = [
        {"id": n, "generated_timestamp": 1_700_000_000 + n} for n in range(1001)
    ]
    pulled(vendor, tmp_path)
    pulled(vendor, tmp_path)
    with prism("zendesk/openapi_vendor/zendesk-support-oas-2024-08.yaml") as url:
        found = [
            (call, *verdict(url, call, authorization=call.headers["authorization"]))
            for call in vendor.faults.calls
        ]
    assert len(found) == 9
    for call, status, why in found:
        if "cursor=" in call.query:
            # The specification wants `start_time` with every call, though the vendor's own links
            # to the next page (`after_url`) have none.
            assert status == 422 and why == ["Request query must have required property "
                                             "'start_time'"], why  # fmt: skip
        else:
            assert status == 200, (call.path, why)
