"""Constant Contact's recordings and specification, where they lie beside the checkout."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from aar_platform.sandbox.apis.constant_contact import ConstantContact, holdings
from aar_platform.sandbox.apis.serve import serving
from tests.sources.mailings import small_part
from tests.sources.pulling import core_tables, differences, puller, unmapped_fields
from tests.sources.specified import ask_at, mocked, specification

RECORDED = "constant_contact/recorded/amp_labs_bodies.MIT.json"
SPECIFIED = "constant_contact/openapi_vendor/swagger-3.0.178.yaml"


@pytest.fixture(scope="module")
def recorded():
    """The recorded bodies, by where they lay."""
    return json.loads(specification(RECORDED).read_text())


async def token(request: Request):
    return JSONResponse({"access_token": "a-token", "expires_in": 86400})


TOKENS = Route("/oauth2/default/v1/token", token, methods=["POST"])


def as_recorded(bodies):
    """A server that gives the recorded pages, each where the one before points to."""

    async def contacts(request: Request):
        is_second = "cursor" in request.query_params
        name = "2-second-page" if is_second else "1-first-page"
        return JSONResponse(bodies[f"read/contacts/{name}.json"])

    async def emails(request: Request):
        return JSONResponse({"campaigns": [bodies["write-email-campaign.json"]], "_links": {}})

    async def nothing(request: Request):
        return JSONResponse({"bulk_email_campaign_summaries": [], "_links": {}})

    return Starlette(
        routes=[
            TOKENS,
            Route("/v3/contacts", contacts),
            Route("/v3/emails", emails),
            Route("/v3/reports/summary_reports/email_campaign_summaries", nothing),
        ]
    )


def test_every_recorded_record_becomes_a_row(recorded, tmp_path):
    with serving(as_recorded(recorded)) as url:
        one = puller(ConstantContact(), url, tmp_path)
        for name in ("contacts", "campaigns", "summaries"):
            one.pull(name)
    found = core_tables(one, tmp_path, "US")
    assert not found["quarantine"]
    pages = [recorded[f"read/contacts/{name}.json"] for name in ("1-first-page", "2-second-page")]
    assert len(found["contacts"]) == sum(len(page["contacts"]) for page in pages) == 2
    assert all(row["email"] and row["created_at"] for row in found["contacts"])
    assert all('"granted":true' in row["consents"] for row in found["contacts"])
    assert len(found["campaigns"]) == 1
    assert unmapped_fields(one, "contacts") == [
        "birthday_day",
        "birthday_month",
        "create_source",
        "update_source",
    ]


def test_what_the_sandbox_serves_has_the_fields_and_types_of_the_recordings(recorded):
    held = holdings(small_part())
    pages = [recorded[f"read/contacts/{name}.json"] for name in ("1-first-page", "2-second-page")]
    theirs = [contact for page in pages for contact in page["contacts"]]
    # Recorded without phone numbers and addresses, of people who had neither left nor been deleted.
    further = {"phone_numbers", "street_addresses", "deleted_at"}
    left = {"opt_out_source", "opt_out_date"}
    for contact in held["contacts"]:
        ours = {key: value for key, value in contact.items() if key not in further}
        said = ours["email_address"]
        ours["email_address"] = {key: value for key, value in said.items() if key not in left}
        assert not differences(ours, theirs, "contact")
    email = recorded["write-email-campaign.json"]
    for name, rows in held.items():
        if name.startswith("email/"):
            assert not differences(rows[0], [email], "email")
    assert not differences(held["campaigns"][0], [email], "campaign")


def test_what_the_sandbox_serves_is_in_the_specification():
    spec = yaml.load(specification(SPECIFIED).read_text(), yaml.CSafeLoader)
    held = holdings(small_part())
    tracking = "/reports/email_reports/{campaign_activity_id}/tracking"
    summaries = "/reports/summary_reports/email_campaign_summaries"
    served = {
        "/contacts": {"contacts": held["contacts"]},
        "/contact_lists": {"lists": held["lists"]},
        "/emails": {"campaigns": held["campaigns"]},
        summaries: {key: rows for key, rows in held.items() if key.startswith("bulk_")},
    }
    for name in ("sends", "opens", "clicks", "bounces", "optouts"):
        rows = [row for key, some in held.items() if key.startswith(f"{name}/") for row in some]
        assert rows
        served[f"{tracking}/{name}"] = {"tracking_activities": rows}
    for path, body in served.items():
        schema = spec["paths"][path]["get"]["responses"]["200"]["schema"]
        assert unknown_fields(spec, schema, body, path) == []


def unknown_fields(spec, schema, value, where):
    while "$ref" in schema:
        name = schema["$ref"].removeprefix("#/definitions/")
        schema = spec["definitions"][name]
    if isinstance(value, list):
        return [
            found for one in value for found in unknown_fields(spec, schema["items"], one, where)
        ]
    if not isinstance(value, dict):
        return []
    known = schema.get("properties", {})
    found = [f"{where}.{key}" for key in value if key not in known]
    for key in value.keys() & known.keys():
        found += unknown_fields(spec, known[key], value[key], f"{where}.{key}")
    return found


def test_the_specification_accepts_every_request(tmp_path):
    document = specification(SPECIFIED)
    held = holdings(small_part())
    parent = held["bulk_email_campaign_summaries"][0]
    activity = held[f"email/{parent['campaign_id']}"][0]["campaign_activities"][0]
    reports = ("sends", "opens", "clicks", "bounces", "optouts")
    places = [
        {"left": [[activity["campaign_activity_id"], report]], "href": None} for report in reports
    ]
    with mocked(document, "/v3", TOKENS) as (url, answers):
        one = puller(ConstantContact(), url, tmp_path)
        for item in one.source.OBJECTS:
            is_of = item.parent is not None
            ask_at(one.source, item, parent if is_of else {}, *(places if is_of else []))
        # The specification says that `include` takes several values joined by commas and yet lists
        # them one by one as all there are: what we ask for is accepted value by value.
        contacts = [answer for answer in answers if answer[0].startswith("/contacts?")]
        answers[:] = [answer for answer in answers if answer not in contacts]
        assert {status for _, status, _ in contacts} == {400}
        asked = [dict(parse_qsl(urlsplit(path).query)) for path, _, _ in contacts]
        api = one.source.connect("specification")
        for question in asked:
            for value in question["include"].split(","):
                api.get("contacts", {**question, "include": value})
    assert len(asked) == 2
    assert len(answers) == 2 * (len(one.source.OBJECTS) - 1) + len(reports) + 2 * 4
    assert [answer for answer in answers if answer[1] != 200 or answer[2]] == []
