"""Typeform: answers arrive as scores on their scale and words with their question, and nothing is
lost."""

import json
import os
import shutil
import socket
import subprocess
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pandas as pd
import pytest

from aar_platform.sandbox.apis.faults import First, Status
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.typeform import IDS, Typeform, holdings
from aar_platform.sandbox.parts import Part
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.pulling import core_tables, differences, puller, unmapped_fields

EVERYTHING = ("forms", "definitions", "responses", "response_ids")
VENDOR = Path(__file__).resolve().parents[2] / "../shared/vendors/typeform"
AT = pd.Timestamp
GOOD, NPS = "How do you like what you bought?", "Would you recommend us?"


def part():
    feedback = {
        "number": [0, 1, 2, 3],
        "email": ["ada@example.com", "Bo@Example.com", "", "cy@example.com"],
        "score": [5.0, 1.0, 9.0, float("nan")],
        "scale_min": [1, 1, 0, 1], "scale_max": [5, 5, 10, 5],
        "text": ["", "It broke", "Fine", "No score, but words"],
        "language": ["en"] * 4, "question": [GOOD, GOOD, NPS, GOOD],
        "given_at": [AT("2025-03-01 12:00:00") + pd.Timedelta(days=i) for i in range(4)],
    }  # fmt: skip
    return Part(feedback=pd.DataFrame(feedback))


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """A served account, and a puller of it."""
    monkeypatch.setattr(client, "pause", lambda seconds: None)
    vendor = Typeform(holdings=holdings(part()))
    with serving(vendor.app()) as url:
        yield vendor, puller(vendor, url, tmp_path)


def pull_all(source):
    for name in EVERYTHING:
        source.pull(name)


def feedback_of(core):
    assert core["quarantine"] == []
    return {row["feedback_id"]: row for row in core["feedback"]}


def responses(vendor, form=0):
    return vendor.holdings[f"responses/{vendor.holdings['forms'][form]['id']}"]


def with_all_kinds_of_questions(vendor):
    inner = [
        {"id": "zero", "type": "opinion_scale", "title": "From nought?",
         "properties": {"steps": 6}},
        {"id": "one", "type": "opinion_scale", "title": "From one?",
         "properties": {"steps": 7, "start_at_one": True}},
        {"id": "plain", "type": "opinion_scale", "title": "As it comes?", "properties": {}},
    ]  # fmt: skip
    group = {"id": "group", "type": "group", "title": "More", "properties": {"fields": inner}}
    mail = {"id": "mail", "type": "email", "title": "Your address?", "properties": {}}
    years = {"id": "years", "type": "number", "title": "For how many years?", "properties": {}}
    vendor.holdings["forms"][0]["fields"] += [group, mail, years]
    of = {"type": "opinion_scale", "ref": "r"}
    responses(vendor)[0]["answers"] += [
        {"field": {"id": "zero", **of}, "type": "number", "number": 0},
        {"field": {"id": "one", **of}, "type": "number", "number": 7},
        {"field": {"id": "plain", **of}, "type": "number", "number": 10},
        {"field": {"id": "gone", **of}, "type": "number", "number": 3},
        {"field": {"id": "mail", "type": "email"}, "type": "email", "email": "new@example.com"},
        {"field": {"id": "years", "type": "number"}, "type": "number", "number": 40},
    ]
    responses(vendor)[0]["hidden"] = {}


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The core tables of an account with all kinds of questions."""
    folder = tmp_path_factory.mktemp("core")
    vendor = Typeform(holdings=holdings(part()))
    with_all_kinds_of_questions(vendor)
    with serving(vendor.app()) as url:
        source = puller(vendor, url, folder)
        pull_all(source)
    return core_tables(source, folder)


def test_scores_arrive_on_their_scale_with_the_words_that_explain_them(core):
    found = feedback_of(core)
    best, worst = found[IDS["feedback"](0)], found[IDS["feedback"](1)]
    assert (best["score"], best["scale_min"], best["scale_max"]) == (5, 1, 5)
    assert (best["question"], best["text"], best["channel"]) == (GOOD, None, "survey")
    assert best["given_at"] == best["updated_at"] == datetime(2025, 3, 1, 12)
    assert (worst["score"], worst["text"]) == (1, "It broke")
    assert (worst["email"], worst["language"]) == ("bo@example.com", "en")
    assert not best["is_deleted"]


def test_promoters_are_scored_from_nought_to_ten(core):
    (found,) = [row for row in feedback_of(core).values() if row["question"] == NPS]
    assert (found["score"], found["scale_min"], found["scale_max"]) == (9, 0, 10)
    assert (found["text"], found["email"]) == ("Fine", None)


def test_words_without_a_score_are_feedback_of_their_own(core):
    alone = [row for row in feedback_of(core).values() if row["score"] is None]
    assert [row["text"] for row in alone] == ["No score, but words"]
    assert alone[0]["question"] == "What made you choose that?"


def test_a_scale_begins_and_ends_where_its_form_says_also_within_groups(core):
    mine = {
        row["question"]: (row["score"], row["scale_min"], row["scale_max"])
        for row in feedback_of(core).values()
        if row["email"] == "new@example.com"
    }
    assert mine == {
        GOOD: (5, 1, 5),
        "From nought?": (0, 0, 5),
        "From one?": (7, 1, 7),
        "As it comes?": (10, 0, 10),
        None: (3, None, None),
    }


def test_a_second_pull_reaches_back_and_a_week_is_asked_for_as_that_week(tool):
    vendor, source = tool
    pull_all(source)
    vendor.faults.calls.clear()
    late = datetime.now(UTC) - timedelta(minutes=40)
    new = {**responses(vendor)[0], "token": "f" * 32, "submitted_at": f"{late:%Y-%m-%dT%H:%M:%SZ}"}
    responses(vendor).append(new)
    assert source.pull("responses").rows == 1
    begin = datetime.now(UTC) - timedelta(hours=6, minutes=5)
    asked = [parse_qs(call.query)["since"][0] for call in vendor.faults.calls]
    assert all(f"{begin:%Y-%m-%dT%H:%M:%S}" < one < f"{late:%Y-%m-%dT%H:%M:%S}" for one in asked)
    assert len(vendor.faults.calls) == 2, "one call for each form"
    vendor.faults.calls.clear()
    week = [date(2025, 3, day) for day in range(1, 8)]
    assert source.pull("responses", week, only_new=False).rows == 4
    asked = vendor.faults.calls[0].query
    assert "since=2025-02-28T23%3A00%3A00" in asked and "until=2025-03-07T23%3A00%3A01" in asked


def test_a_deleted_response_and_those_of_a_deleted_form_are_marked(tool, tmp_path):
    vendor, source = tool
    pull_all(source)
    del responses(vendor)[0]
    vendor.holdings["forms"].pop(1)
    pull_all(source)
    found = feedback_of(core_tables(source, tmp_path, only=("feedback",)))
    assert found[IDS["feedback"](0)]["is_deleted"]
    assert not found[IDS["feedback"](1)]["is_deleted"]
    assert [row["is_deleted"] for row in found.values() if row["text"] == "Fine"] == [True]


def test_a_response_deleted_while_it_leads_on_begins_the_pull_anew(tool):
    vendor, source = tool
    form, one = vendor.holdings["forms"][0]["id"], responses(vendor)[0]
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    made = [
        {**one, "token": f"{i:032x}", "submitted_at": f"{begin + timedelta(minutes=i):%FT%TZ}"}
        for i in range(1_200)
    ]
    vendor.holdings[f"responses/{form}"] = made
    source.pull("forms")
    asked = len(vendor.faults.calls)
    vendor.faults.planned[asked + 2] = First(lambda: made.remove(made[200]))
    source.pull("responses")
    landed = {row["token"] for row in source.landed("responses")}
    assert landed >= {row["token"] for row in made} and len(made) == 1_199


def test_only_ids_land_of_what_has_come_before(tool):
    _, source = tool
    source.pull("forms")
    source.pull("response_ids")
    assert {tuple(one) for one in source.landed("response_ids")} == {("token",)}


def test_an_error_tells_neither_addresses_nor_the_token(tool):
    vendor, source = tool
    said = json.dumps({"description": f"no ada@example.com, {vendor.secret}"}).encode()
    vendor.faults.always = Status(400, body=said)
    with pytest.raises(SourceFailed) as failure:
        source.pull("forms")
    line = str(failure.value)
    assert "ada@" not in line and vendor.secret not in line and "\n" not in line


def recorded(stream):
    path = VENDOR / "recorded/airbyte_expected_records.MIT.jsonl"
    if not path.is_file():
        pytest.skip("the vendor's recordings are not beside this checkout")
    read = [json.loads(line) for line in path.read_text().splitlines()]
    return [one["data"] for one in read if one["stream"] == stream]


def test_recorded_responses_land_and_their_choices_are_no_feedback(tool, tmp_path):
    vendor, source = tool
    vendor.holdings.clear()
    vendor.holdings["forms"] = recorded("forms")
    for response in recorded("responses"):
        vendor.holdings.setdefault(f"responses/{response.pop('form_id')}", []).append(response)
    pull_all(source)
    core = core_tables(source, tmp_path)
    assert len(source.landed("responses")) == len(recorded("responses")) == 5
    assert len(source.landed("definitions")) == len(recorded("forms")) == 1
    assert core["quarantine"] == core["feedback"] == []
    assert unmapped_fields(source, "responses") == ["landing_id", "metadata"]


def test_recorded_choices_beside_scores_and_words_leave_those_alone(tool, tmp_path):
    vendor, source = tool
    choices = recorded("responses")[0]["answers"]
    for response in responses(vendor):
        response["answers"] += choices
    pull_all(source)
    assert len(feedback_of(core_tables(source, tmp_path, only=("feedback",)))) == 4


def test_served_bodies_have_the_fields_and_types_of_the_recordings(tool):
    vendor, _ = tool
    for form in vendor.holdings["forms"]:
        told = {k: v for k, v in form.items() if k not in ("fields", "hidden")}
        assert differences(told, recorded("forms")) == []
        fields = [one for of in recorded("forms") for one in of["fields"]]
        for field in form["fields"]:
            assert differences({**field, "properties": {}}, fields) == []
    for response in responses(vendor):
        told = {**response, "hidden": {}, "answers": []}
        assert differences(told, recorded("responses")) == []


def test_a_mock_of_the_specification_accepts_what_is_asked_of_forms(tmp_path, monkeypatch):
    prism = os.environ.get("AAR_PRISM") or shutil.which("prism")
    specification = VENDOR / "openapi_thirdparty/typeform.yaml"
    if not prism or not specification.is_file():
        pytest.skip("no prism (AAR_PRISM), or no specification beside this checkout")
    monkeypatch.setattr(client, "pause", time.sleep)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [prism, "mock", "--errors", "-p", str(port), str(specification.resolve())]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        source = puller(Typeform(), url, tmp_path)
        # Whatever the specification has not, is answered with 4xx or 5xx. Responses are not in it.
        assert source.pull("forms").rows == source.pull("definitions").rows == 1
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url):
    for _ in range(100):
        try:
            httpx.get(url)
            return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the mock server did not start")
