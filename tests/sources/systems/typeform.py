"""Typeform under test: the responses to a form, from the newest."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.typeform import Typeform
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
FORM = "VWO7m000"


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _response(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"token": f"{i:032x}", "response_id": f"{i:032x}", "response_type": "completed",
            "landed_at": moment, "submitted_at": moment, "hidden": {}, "answers": []}  # fmt: skip


def _change(record):
    record["submitted_at"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))


def _with_form(vendor):
    vendor.holdings["forms"] = [{"id": FORM, "title": "How was it?"}]


SYSTEM = System(
    vendor=Typeform,
    object="responses",
    holding=f"responses/{FORM}",
    record=_response,
    record_id=lambda record: record["token"],
    change=_change,
    page=1000,
    wrong_in_200=b'{"code": "INTERNAL", "description": "try later"}',
    empty_page=b'{"total_items": 2007, "page_count": 3, "items": []}',
    prepare=_with_form,
    pulled_before=("forms",),
)
