"""Facebook Ads under test: insights of the days up to today."""

from datetime import timedelta

from aar_platform.sandbox.apis.facebook_ads import FacebookAdsApi, campaign, insight
from aar_platform.sources.facebook_ads import DAYS, PAGE
from tests.sources.pulling import CALENDAR, today
from tests.sources.systems.system import System

# So many that a month has two pages.
PER_DAY = 30
CAMPAIGNS = [campaign(number, f"campaign {number}", "social") for number in range(PER_DAY)]


def campaign_insight(i):
    day = today() - timedelta(days=i // PER_DAY)
    return insight(CAMPAIGNS[i % PER_DAY], day.isoformat(), "1.23", 100, 7, "USD")


def record_id(record):
    return record["campaign_id"] + record["date_start"]


def correct(record):
    record["spend"] = "0.99"


def calls():
    """A page a month since the calendar's start, and one more for each month that has two."""
    return -(-((today() - CALENDAR.start).days + 1) // DAYS) + 2


SYSTEM = System(
    vendor=FacebookAdsApi,
    object="insights",
    holding="insights",
    record=campaign_insight,
    record_id=record_id,
    change=correct,
    page=PAGE,
    wrong_in_200=b'{"error": {"message": "wrong", "type": "OAuthException", "code": 100}}',
    # Legitimate after a page that has a next one; what is missing shows in the summary.
    empty_page=b'{"data": []}',
    expected={"empty page": "records"},
    calls=calls,
    refused="190",
)
