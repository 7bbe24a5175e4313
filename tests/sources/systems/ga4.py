"""Google Analytics 4 under test: visits of the days up to today, of which one has more rows than an
answer holds."""

from datetime import timedelta

from aar_platform.sandbox.apis.ga4 import GoogleAnalytics4
from tests.sources.pulling import today
from tests.sources.systems.system import System

PAGE = 250
EMPTY = (
    b'{"dimensionHeaders": [{"name": "date"}, {"name": "sessionDefaultChannelGroup"},'
    b'{"name": "sessionCampaignName"}, {"name": "countryId"}, {"name": "deviceCategory"}],'
    b'"metricHeaders": [{"name": "sessions"}, {"name": "screenPageViews"}, {"name": "keyEvents"}],'
    b'"metadata": {"currencyCode": "EUR", "timeZone": "Europe/Paris"},'
    b'"kind": "analyticsData#runReport"}'
)


def visit(i):
    # The 330 newest rows are of one day, more than an answer holds: it is read by offset.
    day = today() - timedelta(days=max(0, i - 300) // 30)
    return {
        "dimensionValues": [
            {"value": value}
            for value in (f"{day:%Y%m%d}", "Direct", f"campaign {i:05d}", "FR", "mobile")
        ],
        "metricValues": [{"value": "1"}, {"value": "2"}, {"value": "0"}],
    }


def record_id(record):
    return "|".join(one["value"] for one in record["dimensionValues"])


def correct(record):
    record["metricValues"][0]["value"] = "5"


def end_token(vendor):
    vendor.token = "ended"


SYSTEM = System(
    vendor=lambda: GoogleAnalytics4(rows_at_most=PAGE),
    object="visits",
    holding="visits",
    record=visit,
    record_id=record_id,
    change=correct,
    page=PAGE,
    wrong_in_200=b'{"error": {"code": 400, "message": "wrong", "status": "INVALID_ARGUMENT"}}',
    empty_page=EMPTY,
    expires=end_token,
    # The page asked for is known to have rows: without them the report is asked for anew.
    expected={"empty page": "records"},
)
