"""What Salesforce organisations answered, served again and mapped; and that ours answers alike."""

import json
from pathlib import Path

import httpx
import pytest

from aar_platform.sandbox.apis.salesforce import VERSION, Salesforce, holdings
from aar_platform.sandbox.apis.serve import serving
from tests.sources.crm_part import crm_part
from tests.sources.pulling import core_tables, differences, puller

FOLDER = Path(__file__).resolve().parents[2] / "../shared/vendors/salesforce/recorded"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no recordings beside the checkout")


def _named(record):
    """Some recordings leave the id to the address of the record."""
    return {"Id": record["attributes"]["url"].rpartition("/")[2], **record}


@pytest.fixture(scope="module")
def bodies():
    found = json.loads((FOLDER / "amp_labs_bodies.MIT.json").read_text())
    return found | json.loads((FOLDER / "restforce_bodies.MIT.json").read_text())


@pytest.fixture(scope="module")
def recorded(bodies):
    """Records by object."""
    lines = (FOLDER / "airbyte_expected_records.MIT_2023-06.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in lines]
    deals = [one for part in ("account", "contacts")
             for one in bodies[f"read-opportunity-with-{part}.json"]["records"]]  # fmt: skip
    return {
        "Account": [one["data"] for one in read if one["stream"] == "Account"],
        "Contact": [_named(one) for one in bodies["read-list-contacts.json"]["records"]],
        "Lead": [_named(one) for one in bodies["read-list-leads.json"]["records"]],
        "Opportunity": list({one["Id"]: one for one in deals}.values()),
    }


def test_every_recorded_record_becomes_a_row(recorded, tmp_path):
    vendor = Salesforce(holdings=recorded, multi_currency=False)
    with serving(vendor.app()) as url:
        one = puller(vendor, url, tmp_path, currency="USD")
        for item in one.source.objects():
            one.pull(item.name)
    tables = core_tables(one, tmp_path, only=("companies", "contacts", "deals"))
    assert len(tables["companies"]) == len(recorded["Account"])
    assert len(tables["contacts"]) == len(recorded["Contact"]) + len(recorded["Lead"])
    assert len(tables["deals"]) == len(recorded["Opportunity"])
    assert tables["quarantine"] == []
    assert {str(deal["amount"]) for deal in tables["deals"]} == {"50000.0000", "30000.0000"}
    assert all(one["domain"] for one in tables["companies"])


def test_the_made_up_organisation_answers_as_salesforce_does(recorded, bodies, tmp_path):
    vendor = Salesforce(holdings=holdings(crm_part()), batch=1)
    with serving(vendor.app()) as url:
        source = puller(vendor, url, tmp_path)
        source.pull("companies")
        form = {"grant_type": "client_credentials", "client_secret": vendor.secret}
        token = httpx.post(f"{url}/services/oauth2/token", data=form)
        bearer = {"Authorization": f"Bearer {vendor.session}"}
        query = {"q": "SELECT Id FROM Account ORDER BY Id"}
        at = f"{url}/services/data/{VERSION}/queryAll"
        page = httpx.get(at, params=query, headers=bearer).json()
        wrong = httpx.get(at, params={"q": "SELECT"}, headers=bearer)
        unknown = httpx.get(at, params=query)
    found = set()
    for record in source.landed("companies"):
        found |= set(differences(record, recorded["Account"]))
    assert found == set()
    page["records"] = []
    assert differences(page, [bodies["sobject/query_paginated_first_page_response.json"]]) == []
    # A recorded reply of 2010 does not yet say which kind of token it is.
    said = token.json() | {"token_type": None}
    recorded_token = bodies["auth_success_response.json"] | {"token_type": None}
    assert differences(said, [recorded_token]) == []
    for error in (wrong, unknown):
        assert differences(error.json(), [bodies["sobject/query_error_response.json"]]) == []
