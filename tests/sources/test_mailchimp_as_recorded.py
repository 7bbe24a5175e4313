"""Mailchimp's recordings and specification, where they lie beside the checkout."""

import json
from collections import defaultdict

import pytest

from aar_platform.sandbox.apis.mailchimp import Mailchimp, holdings
from aar_platform.sandbox.apis.serve import serving
from tests.sources.mailings import small_part
from tests.sources.pulling import core_tables, differences, puller, unmapped_fields
from tests.sources.specified import ask_at, mocked, specification

RECORDED = "mailchimp/recorded/airbyte_expected_records.MIT.jsonl"
SPECIFIED = "mailchimp/openapi_vendor_pruned/marketing-get-3.0.91.json"
# What a raw column reads nothing of stays in `payload` and, of top-level keys, in `attributes`.
UNMAPPED_MEMBERS = {"interests", "stats", "vip", "web_id", "email_type", "member_rating"}


@pytest.fixture(scope="module")
def recorded():
    """Stream → its recorded records."""
    streams = defaultdict(list)
    for line in specification(RECORDED).read_text().splitlines():
        said = json.loads(line)
        streams[said["stream"]].append(said["data"])
    return streams


def as_answered(recorded):
    """The recorded records as the API holds them: activity by recipient, as it was before it was
    made flat."""
    held = {name: list(recorded[name]) for name in ("lists", "campaigns", "reports")}
    for member in recorded["list_members"]:
        held.setdefault(f"members/{member['list_id']}", []).append(member)
    for one in recorded["unsubscribes"]:
        held.setdefault(f"unsubscribes/{one['campaign_id']}", []).append(one)
    recipients = {}
    for one in recorded["email_activity"]:
        of = ("campaign_id", "list_id", "list_is_active", "email_id", "email_address")
        recipient = recipients.setdefault(
            (one["campaign_id"], one["email_id"]), {key: one[key] for key in of} | {"activity": []}
        )
        recipient["activity"].append({key: value for key, value in one.items() if key not in of})
    for (campaign, _), recipient in recipients.items():
        held.setdefault(f"email_activity/{campaign}", []).append(recipient)
    return held


def test_every_recorded_record_becomes_a_row(recorded, tmp_path):
    vendor = Mailchimp(holdings=as_answered(recorded))
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path)
        for item in one.source.objects():
            one.pull(item.name)
    found = core_tables(one, tmp_path, "US")
    assert not found["quarantine"]
    assert len(found["contacts"]) == len(recorded["list_members"]) > 0
    assert len(found["campaigns"]) == len(recorded["campaigns"]) > 0
    events = [row["event"] for row in found["messages"]]
    assert events.count("opened") == len(recorded["email_activity"]) > 0
    assert events.count("unsubscribed") == len(recorded["unsubscribes"]) > 0
    assert all(row["created_at"] and row["email"] for row in found["contacts"])
    assert {row["country"] for row in found["contacts"]} >= {"US"}
    assert set(unmapped_fields(one, "members")) >= UNMAPPED_MEMBERS


def test_what_the_sandbox_serves_has_the_fields_and_types_of_the_recordings(recorded):
    served, theirs = holdings(small_part()), as_answered(recorded)
    for name in ("lists", "campaigns", "reports"):
        assert not differences(served[name][0], theirs[name], name)
    for name in ("members/", "email_activity/", "unsubscribes/"):
        ours = [row for key, rows in served.items() if key.startswith(name) for row in rows]
        known = [row for key, rows in theirs.items() if key.startswith(name) for row in rows]
        for row in ours:
            if not isinstance(row.get("merge_fields", {}).get("ADDRESS", {}), str):
                assert not differences(_without_kinds_of_action(row), known, name)


def _without_kinds_of_action(row):
    # Opens are all that was recorded of activity.
    activity = [one for one in row.get("activity", []) if one["action"] == "open"]
    return row | ({"activity": activity} if "activity" in row else {})


def test_the_specification_accepts_every_request(tmp_path):
    document = specification(SPECIFIED)
    held = holdings(small_part())
    further = {"members": {"status": "archived", "since": None, "offset": 0, "round": 0}}
    with mocked(document, "/3.0") as (url, answers):
        one = puller(Mailchimp(), url, tmp_path)
        for item in one.source.OBJECTS:
            parent = held[item.parent][0] if item.parent else {}
            places = [further[item.name]] if item.name in further else []
            ask_at(one.source, item, parent, *places)
    assert len(answers) == 2 * len(one.source.OBJECTS) + len(further)
    assert [answer for answer in answers if answer[1] != 200 or answer[2]] == []
