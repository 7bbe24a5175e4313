"""SurveyMonkey under test: the responses to a survey, by their last change."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.surveymonkey import SurveyMonkey
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
SURVEY = "306000000"


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _response(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"id": str(12_706_000_000 + i), "survey_id": SURVEY, "collection_mode": "default",
            "response_status": "completed", "email_address": f"r{i}@example.com", "pages": [],
            "date_created": moment, "date_modified": moment}  # fmt: skip


def _change(record):
    record["date_modified"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["response_status"] = "partial"


def _with_survey(vendor):
    vendor.holdings["surveys"] = [{"id": SURVEY, "title": "How was it?", "language": "en"}]


SYSTEM = System(
    vendor=SurveyMonkey,
    object="responses",
    holding=f"responses/{SURVEY}",
    record=_response,
    record_id=lambda record: record["id"],
    change=_change,
    page=100,
    wrong_in_200=b'{"status": 1, "errmsg": "Client revoked access grant"}',
    empty_page=b'{"data": [], "page": 1, "per_page": 100, "total": 207, "links": {"self": ""}}',
    prepare=_with_survey,
    pulled_before=("surveys",),
)
