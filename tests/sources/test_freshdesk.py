"""Freshdesk: what its contacts, companies, tickets and ratings become, and how it is asked."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from aar_platform.sandbox.apis.faults import First, Status
from aar_platform.sandbox.apis.freshdesk import IDS, Freshdesk, holdings
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.parts_of_desk import part
from tests.sources.pulling import core_tables, differences, puller
from tests.sources.specified import prism, recorded, verdict

OBJECTS = ("contacts", "deleted_contacts", "companies", "agents", "ratings", "tickets")
RECORDS = "freshdesk/recorded/airbyte_expected_records.MIT.jsonl"
BODIES = "freshdesk/recorded/python_freshdesk_bodies.BSD2.json"


@pytest.fixture
def vendor():
    return Freshdesk(holdings=holdings(part()))


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


def stamp(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def now():
    return datetime.now(UTC) - timedelta(seconds=5)


def named(count):
    return [{"id": n, "name": f"Name {n:05d}", "created_at": "2025-01-01T00:00:00Z",
             "updated_at": "2025-01-01T00:00:00Z"} for n in range(count)]  # fmt: skip


def recorded_streams():
    streams = {}
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
    assert (happy["topic"], happy["channel"], happy["status"]) == ("delivery", "email", "resolved")
    assert [ticket["priority"] for ticket in (happy, unhappy, open_one)] == [
        "low", "medium", "high"]  # fmt: skip
    assert [happy["assignee"], unhappy["assignee"]] == ["mei@example.com", "tom@example.com"]
    assert happy["opened_at"] == datetime(2025, 3, 1, 10)
    assert happy["first_replied_at"] == datetime(2025, 3, 1, 11, 30)
    assert happy["solved_at"] == datetime(2025, 3, 2, 16)
    assert happy["satisfaction"] == "extremely happy"
    assert unhappy["satisfaction"] == "extremely unhappy"
    assert open_one["satisfaction"] is open_one["first_replied_at"] is open_one["solved_at"] is None


def test_ratings_are_feedback_on_a_scale_of_seven(vendor, tmp_path):
    seven = vendor.holdings["satisfaction_ratings"][0]
    vendor.holdings["satisfaction_ratings"] = [
        {**seven, "id": place, "ratings": {"default_question": value}, "feedback": "fine"}
        for place, value in enumerate((-103, -102, -101, 100, 101, 102, 103))
    ]
    feedback = core_tables(pulled(vendor, tmp_path), tmp_path, only=("feedback",))["feedback"]
    assert [row["score"] for row in sorted(feedback, key=lambda row: row["record_id"])] == [
        1, 2, 3, 4, 5, 6, 7]  # fmt: skip
    assert {(row["scale_min"], row["scale_max"], row["text"]) for row in feedback} == {
        (1, 7, "fine")}  # fmt: skip


def test_contacts_carry_their_company_and_their_id_elsewhere(vendor, tmp_path):
    tables = core_tables(pulled(vendor, tmp_path), tmp_path, only=("contacts", "companies"))
    contacts = by_id(tables["contacts"])
    ana, other = contacts[IDS["contacts"](0)], contacts[IDS["contacts"](1)]
    assert json.loads(ana["external_ids"]) == {"salesforce": "501"}
    assert other["external_ids"] is None
    assert (ana["full_name"], ana["email"], ana["phone"]) == (
        "Ana Li0", "p0@example.com", "+33612345670")  # fmt: skip
    assert ana["company_id"] == IDS["companies"](0)
    (company,) = tables["companies"]
    assert (company["name"], company["domain"]) == ("Example SAS", "example.fr")
    assert tables["quarantine"] == []


def test_an_id_elsewhere_says_nothing_where_no_source_is_named_for_it(vendor, tmp_path):
    one = pulled(vendor, tmp_path, external_ids_of=None)
    assert {
        row["external_ids"] for row in core_tables(one, tmp_path, only=("contacts",))["contacts"]
    } == {None}


def test_contacts_deleted_before_and_after_the_first_pull_are_marked(vendor, tmp_path):
    pulled(vendor, tmp_path)
    # Deleted without a new time of change: the list of the deleted still has it.
    vendor.holdings["contacts"][0]["deleted"] = True
    contacts = by_id(
        core_tables(pulled(vendor, tmp_path), tmp_path, only=("contacts",))["contacts"]
    )
    assert [contacts[IDS["contacts"](number)]["is_deleted"] for number in range(3)] == [
        True, False, True]  # fmt: skip


def test_a_contact_that_is_restored_is_no_longer_deleted(vendor, tmp_path):
    vendor.holdings["contacts"][0] |= {"deleted": True}
    pulled(vendor, tmp_path)
    vendor.holdings["contacts"][0] |= {"deleted": False, "updated_at": stamp(now())}
    contacts = by_id(
        core_tables(pulled(vendor, tmp_path), tmp_path, only=("contacts",))["contacts"]
    )
    assert not contacts[IDS["contacts"](0)]["is_deleted"]


@pytest.mark.parametrize("mark", ["deleted", "spam"])
def test_a_ticket_that_is_deleted_or_spam_is_marked(vendor, tmp_path, mark):
    pulled(vendor, tmp_path)
    vendor.holdings["tickets"][1] |= {mark: True, "updated_at": stamp(now())}
    tickets = by_id(core_tables(pulled(vendor, tmp_path), tmp_path, only=("tickets",))["tickets"])
    assert [row["is_deleted"] for _, row in sorted(tickets.items())] == [False, True, False]


def test_no_contact_is_skipped_when_others_are_deleted_while_pages_are_read(tmp_path):
    vendor = Freshdesk(holdings={"contacts": named(450)})

    def delete(first, count):
        for contact in vendor.holdings["contacts"][first : first + count]:
            contact |= {"deleted": True, "updated_at": stamp(now())}

    # A few of the first page, then a whole page of them, and the end of a page.
    vendor.faults.planned = {
        2: First(lambda: delete(10, 30)),
        4: First(lambda: delete(60, 100)),
        6: First(lambda: delete(0, 5)),
    }
    one = pulled(vendor, tmp_path, "contacts")
    there = {row["id"] for row in vendor.holdings["contacts"] if not row.get("deleted")}
    assert there <= {record["id"] for record in one.landed("contacts")}


def test_a_company_renamed_while_pages_are_read_does_not_look_deleted(tmp_path):
    vendor = Freshdesk(holdings={"companies": named(350)})
    vendor.faults.planned = {
        3: First(lambda: vendor.holdings["companies"][300].update(name="A new name"))}  # fmt: skip
    one = pulled(vendor, tmp_path, "companies")
    assert {record["id"] for record in one.landed("companies")} == set(range(350))


def test_pages_beyond_the_three_hundredth_are_not_asked_for(tmp_path):
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    tickets = [
        {"id": n, "created_at": stamp(moment + timedelta(seconds=n)),
         "updated_at": stamp(moment + timedelta(seconds=n))} for n in range(700)
    ]  # fmt: skip
    vendor = Freshdesk(holdings={"tickets": tickets})
    vendor.last_page = 3
    assert len({record["id"] for record in pulled(vendor, tmp_path, "tickets").landed("tickets")}) \
        == 700  # fmt: skip


def test_many_tickets_changed_in_one_second_all_come(tmp_path):
    tickets = [{"id": n, "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-02T00:00:00Z"}
               for n in range(450)]  # fmt: skip
    vendor = Freshdesk(holdings={"tickets": tickets})

    def change():
        for ticket in tickets[:8]:
            ticket["updated_at"] = stamp(now())

    vendor.faults.planned = {3: First(change)}
    one = pulled(vendor, tmp_path, "tickets")
    assert {record["id"] for record in one.landed("tickets")} == set(range(450))


def test_a_second_pull_asks_only_for_what_changed(vendor, tmp_path):
    pulled(vendor, tmp_path)
    vendor.faults.calls.clear()
    one = pulled(vendor, tmp_path)
    sinces = {path: query.get("updated_since", query.get("_updated_since",
              query.get("created_since"))) for path, query in queries(vendor)
              if "state" not in query}  # fmt: skip
    moment = datetime.now(UTC) - timedelta(minutes=6)
    assert datetime.fromisoformat(sinces["tickets"][0]) > moment
    assert datetime.fromisoformat(sinces["contacts"][0]) > moment
    assert len(one.landed("tickets")) == 3, "nothing lands twice"


def test_a_past_week_is_asked_for_as_that_week(tmp_path):
    begin = datetime(2025, 3, 1, tzinfo=UTC)
    tickets = [{"id": n, "created_at": stamp(begin), "updated_at": stamp(begin
                + timedelta(minutes=30 * n))} for n in range(1000)]  # fmt: skip
    vendor = Freshdesk(holdings={"tickets": tickets})
    with serving(vendor.app()) as url:
        puller(vendor, url, tmp_path).pull("tickets", [begin.date()], only_new=False)
    asked = [query for _, query in queries(vendor) if "filter" not in query]
    assert [query["updated_since"] for query in asked] == [["2025-02-28T23:00:00Z"]]


def test_twenty_calls_a_minute_unless_the_plan_allows_more(vendor, tmp_path):
    with serving(vendor.app()) as url:
        source = puller(vendor, url, tmp_path).source
    usual = type(source).model_fields["calls_a_minute"].default
    assert (usual, source.calls_a_minute) == (20, 6000)


def test_no_secret_or_address_stands_in_an_error(vendor, tmp_path):
    said = f'{{"message": "no: {vendor.secret} of p0@example.com"}}'.encode()
    vendor.faults.always = Status(403, body=said)
    with pytest.raises(SourceFailed) as failure:
        pulled(vendor, tmp_path, "tickets")
    assert vendor.secret not in str(failure.value) and "@" not in str(failure.value)


def test_recorded_records_all_arrive(tmp_path):
    streams = recorded_streams()
    names = {"ratings": "satisfaction_ratings"}
    vendor = Freshdesk(holdings={names.get(name, name): streams[names.get(name, name)]
                                 for name in OBJECTS if name != "deleted_contacts"})  # fmt: skip
    one = pulled(vendor, tmp_path)
    tables = core_tables(one, tmp_path)
    for name, table in (("contacts", "contacts"), ("companies", "companies"),
                        ("tickets", "tickets"), ("ratings", "feedback")):  # fmt: skip
        count = len(streams[names.get(name, name)])
        assert len(one.landed(name)) == len(tables[table]) == count, name
    assert tables["quarantine"] == []
    assert [row["score"] for row in tables["feedback"]] == [7]


def test_older_bodies_with_offsets_arrive(tmp_path):
    bodies = json.loads(recorded(BODIES).read_text())
    vendor = Freshdesk(holdings={"companies": bodies["companies.json"],
                                 "contacts": bodies["contacts.json"][:1],
                                 "agents": bodies["agents.json"]})  # fmt: skip
    tables = core_tables(pulled(vendor, tmp_path), tmp_path, only=("contacts", "companies"))
    assert len(tables["companies"]) == len(bodies["companies.json"])
    (contact,) = tables["contacts"]
    # 2014-12-31T12:27:09+10:00
    assert contact["created_at"] == datetime(2014, 12, 31, 2, 27, 9)


def test_served_records_have_the_fields_and_types_of_the_recordings(vendor):
    streams = recorded_streams()
    # The recordings hold no deleted contact; older ones say `deleted` of all.
    older = json.loads(recorded(BODIES).read_text())["contacts.json"]
    streams["contacts"] = [{**one, "deleted": older[0]["deleted"]} for one in streams["contacts"]]
    for name, rows in vendor.holdings.items():
        for row in rows:
            assert differences(row, streams[name]) == [], name


def test_every_request_is_one_that_the_specification_allows(vendor, tmp_path):
    vendor.holdings["contacts"] = named(101)
    pulled(vendor, tmp_path)
    pulled(vendor, tmp_path)
    with prism("freshdesk/openapi_thirdparty/freshdesk-rest-api.yaml") as url:
        found = [
            (call, *verdict(url, call, authorization=call.headers["authorization"], cut="/api/v2"))
            for call in vendor.faults.calls
        ]
    assert len(found) > 12
    for call, status, why in found:
        if "include=" in call.query:
            # This specification, which is not the vendor's, takes one word for `include`, where
            # Freshdesk takes several with commas.
            assert status == 422 and len(why) == 1 and "allowed values" in why[0], why
        else:
            assert status == 200, (call.path, call.query, why)
