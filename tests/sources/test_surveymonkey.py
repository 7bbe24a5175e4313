"""SurveyMonkey: answers arrive as scores on their scale and words with their question, and nothing
is lost."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest

from aar_platform.sandbox.apis.faults import Status
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.surveymonkey import IDS, SurveyMonkey, holdings
from aar_platform.sandbox.parts import Part
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.pulling import core_tables, differences, puller, unmapped_fields

EVERYTHING = ("surveys", "details", "responses", "response_ids", "contacts")
VENDOR = Path(__file__).resolve().parents[2] / "../shared/vendors/surveymonkey"
AT = pd.Timestamp
GOOD, NPS = "How do you like what you bought?", "Would you recommend us?"


def part():
    feedback = {
        "number": [0, 1, 2, 3, 4],
        "email": ["ada@example.com", "Bo@Example.com", "cy@example.com", "", "ada@example.com"],
        "score": [5.0, 1.0, 9.0, 0.0, float("nan")],
        "scale_min": [1, 1, 0, 0, 1], "scale_max": [5, 5, 10, 10, 5],
        "text": ["", "It broke", "Fine", "", "No score, but words"],
        "language": ["en"] * 5, "question": [GOOD, GOOD, NPS, NPS, GOOD],
        "given_at": [AT("2025-03-01 12:00:00") + pd.Timedelta(days=i) for i in range(5)],
    }  # fmt: skip
    people = {
        "number": [0, 1], "given": ["Ada", "Bo"], "family": ["Byron", ""],
        "email": ["ada@example.com", "bo@example.com"], "phone": ["", "+33142685300"],
        "city": ["Paris", ""], "has_consent": [True, False], "is_deleted": [False, False],
    }  # fmt: skip
    return Part(feedback=pd.DataFrame(feedback), people=pd.DataFrame(people))


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """A served account, and a puller of it."""
    monkeypatch.setattr(client, "pause", lambda seconds: None)
    vendor = SurveyMonkey(holdings=holdings(part()))
    with serving(vendor.app()) as url:
        yield vendor, puller(vendor, url, tmp_path)


def pull_all(source):
    for name in EVERYTHING:
        source.pull(name)


def feedback_of(core):
    assert core["quarantine"] == []
    return {row["feedback_id"]: row for row in core["feedback"]}


def responses(vendor, survey=0):
    return vendor.holdings[f"responses/{vendor.holdings['surveys'][survey]['id']}"]


def answer_more(vendor, question, answers):
    """One more question at the end of the first survey, answered in its first response."""
    page = vendor.holdings["surveys"][0]["pages"][0]
    page["questions"].append({"position": len(page["questions"]) + 1, "validation": None,
                              "visible": True, **question})  # fmt: skip
    asked = responses(vendor)[0]["pages"][0]["questions"]
    asked.append({"id": question["id"], "answers": answers})


def with_all_kinds_of_questions(vendor):
    rows = [{"id": "71", "text": "Price", "position": 1}, {"id": "72", "text": "Speed"}]
    choices = [{"id": f"8{i}", "weight": i, "position": i, "is_na": False} for i in (1, 2, 3)]
    choices.append({"id": "89", "weight": 0, "position": 4, "is_na": True})
    grid = {"id": "70", "family": "matrix", "subtype": "rating",
            "headings": [{"heading": "<b>Rate</b> us"}],
            "answers": {"rows": rows, "choices": choices}}  # fmt: skip
    given = [{"choice_id": "82", "row_id": "71"}, {"choice_id": "89", "row_id": "72"},
             {"other_id": "79", "text": "too dear"}]  # fmt: skip
    answer_more(vendor, grid, given)
    slider = {"id": "60", "family": "open_ended", "subtype": "single",
              "headings": [{"heading": "How full?"}],
              "display_options": {"display_type": "slider"},
              "validation": {"type": "integer", "min": 0, "max": 100}}  # fmt: skip
    answer_more(vendor, slider, [{"text": "40"}])
    ranks = {"id": "40", "family": "matrix", "subtype": "ranking",
             "headings": [{"heading": "What first?"}],
             "answers": {"rows": [{"id": "41", "text": "Price"}], "choices": [
                 {"id": "42", "weight": 2, "position": 1}, {"id": "43", "weight": 1, "position": 2},
             ]}}  # fmt: skip
    answer_more(vendor, ranks, [{"row_id": "41", "choice_id": "42"}])
    colour = {"id": "50", "family": "single_choice", "subtype": "vertical",
              "headings": [{"heading": "Which colour?"}],
              "answers": {"choices": [{"id": "51", "text": "red", "position": 1}]}}  # fmt: skip
    answer_more(vendor, colour, [{"choice_id": "51"}])
    rows = [{"id": "91", "type": "name", "text": "Name"}, {"id": "92", "type": "email"}]
    asked = {"id": "90", "family": "demographic", "subtype": "international",
             "headings": [{"heading": "Who are you?"}], "answers": {"rows": rows}}  # fmt: skip
    given = [{"row_id": "91", "text": "Ada"}, {"row_id": "92", "text": "new@example.com"}]
    answer_more(vendor, asked, given)
    responses(vendor)[0].update(email_address="", metadata={"contact": {}}, custom_variables={})
    preview = {**responses(vendor)[0], "id": "1", "collection_mode": "preview"}
    responses(vendor).append(preview)


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The core tables of an account with all kinds of questions."""
    folder = tmp_path_factory.mktemp("core")
    vendor = SurveyMonkey(holdings=holdings(part()))
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


def test_an_address_comes_from_the_invitation_the_link_or_the_survey(core):
    found = feedback_of(core)
    emails = {key.partition("-")[0]: row["email"] for key, row in found.items()}
    assert emails == {
        "12706000000": "new@example.com",  # asked for in the survey
        "12706000001": "bo@example.com",  # invited
        "12706000002": "cy@example.com",
        "12706000003": None,
        "12706000004": "ada@example.com",
    }


def test_a_net_promoter_choice_is_the_score_that_was_chosen_not_its_weight(core):
    promoters = sorted(
        (row["score"], row["scale_min"], row["scale_max"], row["text"])
        for row in feedback_of(core).values()
        if row["question"] == NPS
    )
    assert promoters == [(0, 0, 10, None), (9, 0, 10, "Fine")]


def test_words_without_a_score_are_feedback_of_their_own(core):
    alone = [row for row in feedback_of(core).values() if row["score"] is None]
    assert [row["text"] for row in alone] == ["No score, but words"]
    assert alone[0]["question"] == "Why did you choose it?"


def test_grids_sliders_and_comments_are_read_as_what_they_are(core):
    found = feedback_of(core)
    mine = {key.partition("-")[2]: row for key, row in found.items() if "12706000000-" in key}
    price, full = mine["70-71"], mine["60"]
    assert (price["score"], price["scale_min"], price["scale_max"]) == (2, 1, 3)
    assert (price["question"], price["text"]) == ("Rate us — Price", "too dear")
    assert (full["score"], full["scale_min"], full["scale_max"]) == (40, 0, 100)
    assert len(mine) == 3, (
        "neither what does not apply, nor a rank, nor a colour, nor a name is feedback"
    )


def test_previews_are_no_feedback(core):
    assert not [key for key in feedback_of(core) if key.startswith("1-")]


def test_contacts_of_every_status_come_and_who_opted_out_has_refused(core):
    contacts = {row["contact_id"]: row for row in core["contacts"]}
    ada, bo = contacts[IDS["contacts"](0)], contacts[IDS["contacts"](1)]
    assert (ada["given_name"], ada["email"], ada["consents"]) == ("Ada", "ada@example.com", None)
    assert (bo["phone"], bo["consents"]) == ("+33142685300", '{"surveys":{"granted":false}}')


def test_a_second_pull_asks_for_what_changed_and_a_week_for_that_week(tool):
    vendor, source = tool
    pull_all(source)
    vendor.faults.calls.clear()
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    responses(vendor)[0]["date_modified"] = now
    assert source.pull("responses").rows == 1
    begin = datetime.now(UTC) - timedelta(hours=1, minutes=5)
    asked = [parse_qs(call.query)["start_modified_at"][0] for call in vendor.faults.calls]
    assert all(one > f"{begin:%Y-%m-%dT%H:%M:%S}" for one in asked)
    assert len(vendor.faults.calls) == 2, "one call for each survey"
    vendor.faults.calls.clear()
    week = [date(2025, 3, day) for day in range(1, 8)]
    source.pull("responses", week, only_new=False)
    assert "start_modified_at=2025-02-28T22%3A59%3A59" in vendor.faults.calls[0].query
    assert "end_modified_at=2025-03-07T23%3A00%3A01" in vendor.faults.calls[0].query


def test_a_deleted_response_and_those_of_a_deleted_survey_are_marked(tool, tmp_path):
    vendor, source = tool
    pull_all(source)
    del responses(vendor)[0]
    vendor.holdings["surveys"].pop(1)
    pull_all(source)
    found = feedback_of(core_tables(source, tmp_path))
    assert found[IDS["feedback"](0)]["is_deleted"]
    assert not found[IDS["feedback"](1)]["is_deleted"]
    left = {row["question"] for row in found.values() if not row["is_deleted"]}
    assert NPS not in left


def test_a_draft_without_responses_costs_no_calls(tool):
    vendor, source = tool
    vendor.holdings["surveys"].append({**vendor.holdings["surveys"][0], "id": "1"})
    pull_all(source)
    assert not [call for call in vendor.faults.calls if "/surveys/1/" in call.path]


@pytest.mark.parametrize("includes_bounds", [False, True])
def test_hundreds_of_responses_of_one_second_all_come(tool, includes_bounds):
    vendor, source = tool
    vendor.includes_bounds = includes_bounds
    survey = vendor.holdings["surveys"][0]["id"]
    one = responses(vendor)[0]
    vendor.holdings[f"responses/{survey}"] = [
        {**one, "id": str(i), "date_modified": f"2025-05-01T10:00:0{1 + i // 450}+00:00"}
        for i in range(900)
    ]
    source.pull("surveys")
    source.pull("responses")
    landed = {row["id"] for row in source.landed("responses") if row["survey_id"] == survey}
    assert len(landed) == 900


def test_the_days_calls_are_not_overdrawn_and_the_pull_goes_on_the_next_day(tool):
    vendor, source = tool
    survey = vendor.holdings["surveys"][0]["id"]
    one, begin = responses(vendor)[0], datetime(2025, 1, 1, tzinfo=UTC)
    vendor.holdings[f"responses/{survey}"] = [
        {**one, "id": str(i), "date_modified": (begin + timedelta(minutes=i)).isoformat()}
        for i in range(450)
    ]
    vendor.day_limit = 3
    source.pull("surveys")
    with pytest.raises(SourceFailed, match=r"day's calls .* run again in 120 minutes"):
        source.pull("responses")
    assert len(vendor.faults.calls) == 3, "the call too many is not made"
    with pytest.raises(SourceFailed, match=r"day's calls .* come back in 120 minutes"):
        source.pull("responses")
    vendor.day_limit = None
    source.pull("responses")
    assert len({row["id"] for row in source.landed("responses")}) == 450 + 2


def test_an_error_tells_neither_addresses_nor_the_token(tool):
    vendor, source = tool
    said = json.dumps({"error": {"message": f"no ada@example.com, {vendor.secret}"}}).encode()
    vendor.faults.always = Status(400, body=said)
    with pytest.raises(SourceFailed) as failure:
        source.pull("surveys")
    line = str(failure.value)
    assert "ada@" not in line and vendor.secret not in line and "\n" not in line


def recorded(stream):
    path = VENDOR / "recorded/airbyte_expected_records.MIT.jsonl"
    if not path.is_file():
        pytest.skip("the vendor's recordings are not beside this checkout")
    read = [json.loads(line) for line in path.read_text().splitlines()]
    return [one["data"] for one in read if one["stream"] == stream]


def recorded_surveys():
    """The recorded surveys with the pages and questions that were recorded of them."""
    surveys = recorded("surveys")
    for survey in surveys:
        survey["pages"] = [
            {**page, "questions": [one for one in recorded("survey_questions")
                                   if f"/pages/{page['id']}/" in one["href"]]}
            for page in recorded("survey_pages") if f"/{survey['id']}/" in page["href"]
        ]  # fmt: skip
    return surveys


def test_recorded_responses_become_feedback(tool, tmp_path):
    vendor, source = tool
    surveys = recorded_surveys()
    vendor.holdings.clear()
    vendor.holdings["surveys"] = surveys
    for response in recorded("survey_responses"):
        vendor.holdings.setdefault(f"responses/{response['survey_id']}", []).append(response)
    samples = VENDOR / "recorded/amp_labs_bodies.MIT.json"
    vendor.holdings["contacts"] = json.loads(samples.read_text())["contacts.json"]["data"]
    pull_all(source)
    core = core_tables(source, tmp_path)
    found = feedback_of(core)
    assert len(core["contacts"]) == len(vendor.holdings["contacts"]) == 1
    assert len(source.landed("responses")) == len(recorded("survey_responses")) == 2
    assert len(found) == 2, "two open answers; of the scores, the questions were not recorded"
    why = {row["question"] for row in found.values()}
    assert why == {"Why did you make that selection?", None}
    assert "page_path" in unmapped_fields(source, "responses")


def test_served_bodies_have_the_fields_and_types_of_the_recordings(tool):
    vendor, _ = tool
    for survey in vendor.holdings["surveys"]:
        told = {k: v for k, v in survey.items() if k not in ("pages", "custom_variables")}
        assert differences(told, recorded("surveys")) == []
    for response in responses(vendor):
        keep = {**response, "custom_variables": {}, "metadata": {"contact": {}}}
        known = recorded("survey_responses")
        asked = [one for of in known for page in of["pages"] for one in page["questions"]]
        assert differences({**keep, "pages": []}, known) == []
        for one in response["pages"][0]["questions"]:
            for given in one["answers"]:
                alike = [other for of in asked for other in of["answers"]]
                assert differences(given, alike) == []
    samples = VENDOR / "recorded/amp_labs_bodies.MIT.json"
    contacts = json.loads(samples.read_text())["contacts.json"]["data"]
    for contact in vendor.holdings["contacts"]:
        plain = {key: value for key, value in contact.items() if key != "custom_fields"}
        assert differences({**plain, "phone_number": ""}, contacts) == []
