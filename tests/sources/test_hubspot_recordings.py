"""What HubSpot accounts answered, served again and mapped; the made-up one answers alike."""

import json
from collections import Counter
from pathlib import Path

import pytest

from aar_platform.sandbox.apis.hubspot import HubSpot, holdings
from aar_platform.sandbox.apis.serve import serving
from tests.sources.crm_part import crm_part
from tests.sources.pulling import core_tables, differences, puller

FOLDER = Path(__file__).resolve().parents[2] / "../shared/vendors/hubspot/recorded"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no recordings beside the checkout")
CRM = ("contacts", "companies", "deals", "deals_archived", "line_items", "tickets")


def _crm_record(data):
    """As the API gives it: all properties are text, associations stand elsewhere."""
    links = {to: data.pop(to) for to in ("contacts", "companies", "line_items") if to in data}
    properties = {
        key: value if value is None or isinstance(value, str) else json.dumps(value)
        for key, value in data["properties"].items()
    }
    return {**data, "properties": properties, "links": links}


@pytest.fixture(scope="module")
def recorded():
    """Records by kind, from both collections."""
    found = {}
    lines = (FOLDER / "airbyte_expected_records.MIT_2023-06.jsonl").read_text().splitlines()
    for line in map(json.loads, lines):
        kind, data = line["stream"], line["data"]
        kept = _crm_record(data) if kind in CRM else data
        found.setdefault(kind.removesuffix("_archived"), []).append(kept)
    bodies = json.loads((FOLDER / "amp_labs_bodies.MIT.json").read_text())
    for name in (
        "search/contacts/1-first-page",
        "search/contacts/2-second-page",
        "read-via-search/contacts-response",
        "read/objects-api/contacts-response",
    ):
        found["contacts"] += bodies[f"{name}.json"]["results"]
    found["marketing_emails"] = [
        one
        for name in ("1-first-page", "2-last-page")
        for one in bodies[f"read/marketing-emails/{name}.json"]["results"]
    ]
    found["deals_pipelines"] = bodies["metadata-deals-external-pipelines.json"]["results"]
    found["account"] = [bodies["post-auth/account-info.json"]]
    found["associations"] = [bodies["search/contacts/contacts-to-companies.json"]]
    return found


@pytest.fixture(scope="module")
def replayed(recorded, tmp_path_factory):
    """The recordings pulled and mapped: the puller and the core tables."""
    folder = tmp_path_factory.mktemp("recordings")
    kinds = ("contacts", "companies", "deals", "line_items", "tickets", "owners", "deals_pipelines",
             "account", "marketing_emails", "email_events")  # fmt: skip
    vendor = HubSpot(holdings={kind: recorded[kind] for kind in kinds})
    with serving(vendor.app()) as url:
        one = puller(vendor, url, folder)
        for item in one.source.objects():
            one.pull(item.name)
    return one, core_tables(one, folder)


def test_every_recorded_record_becomes_a_row(recorded, replayed):
    one, tables = replayed
    rows = {name: len(found) for name, found in tables.items()}
    assert len({record["id"] for record in recorded["contacts"]}) == rows["contacts"]
    # One of the companies tells of another that was merged into it.
    merged = [one for one in recorded["companies"] if one["properties"]["hs_merged_object_ids"]]
    assert len(recorded["companies"]) + len(merged) == rows["companies"] == 4
    assert len(recorded["deals"]) == rows["deals"]
    assert len(recorded["tickets"]) == rows["tickets"]
    assert len(recorded["marketing_emails"]) == rows["campaigns"]
    # One e-mail was dropped and one person subscribed: nothing was sent, and no one left.
    assert (len(one.landed("email_events")), rows["messages"]) == (2, 0)
    assert rows["quarantine"] == 0


def test_recorded_deals_have_their_stage_and_what_was_archived_is_deleted(replayed):
    deals = replayed[1]["deals"]
    assert {deal["stage"] for deal in deals} == {"Appointment Scheduled", "Closed Won"}
    assert Counter(deal["is_deleted"] for deal in deals) == {False: 3, True: 2}
    assert {deal["currency"] for deal in deals} == {"USD"}


@pytest.mark.parametrize("kind", ["contacts", "companies", "deals", "tickets", "owners",
                                  "marketing_emails", "email_events", "account",
                                  "deals_pipelines"])  # fmt: skip
def test_the_made_up_account_answers_as_hubspot_does(recorded, kind):
    served = holdings(crm_part())[kind]
    found = set()
    for record in served:
        shown = {key: value for key, value in record.items() if key != "links"}
        found |= set(differences(shown, recorded[kind]))
    # The recorded account has one currency, no click, and archived deals alone.
    allowed = {".properties.deal_currency_code", ".url", ".archivedAt"}
    assert {one for one in found if one.split(":")[0] not in allowed} == set()


def test_associations_are_answered_as_hubspot_does(recorded, tmp_path):
    import httpx

    vendor = HubSpot(holdings=holdings(crm_part()))
    ids = [record["id"] for record in vendor.holdings["contacts"]]
    with serving(vendor.app()) as url:
        said = httpx.post(
            f"{url}/crm/v4/associations/contacts/companies/batch/read",
            json={"inputs": [{"id": one} for one in ids]},
            headers={"Authorization": f"Bearer {vendor.secret}"},
        )
    assert said.status_code == 207
    assert differences(said.json(), recorded["associations"]) == []
