"""Google Ads under test: costs of the days up to today."""

from datetime import timedelta

from aar_platform.sandbox.apis.google_ads import GoogleAdsApi, campaign, cost
from aar_platform.sources.google_ads import DAYS
from tests.sources.pulling import CALENDAR, today
from tests.sources.systems.system import System

PER_DAY = 30
CAMPAIGNS = [campaign(number, f"campaign {number}", "paid_search") for number in range(PER_DAY)]


def campaign_cost(i):
    day = today() - timedelta(days=i // PER_DAY)
    return cost(CAMPAIGNS[i % PER_DAY], day.isoformat(), 1_230_000, 100, 7, "USD")


def record_id(record):
    return record["campaign"]["id"] + record["segments"]["date"]


def correct(record):
    record["metrics"]["costMicros"] = "990000"


def end_token(vendor):
    vendor.token = "ended"


SYSTEM = System(
    vendor=GoogleAdsApi,
    object="costs",
    holding="costs",
    record=campaign_cost,
    record_id=record_id,
    change=correct,
    page=DAYS * PER_DAY,
    wrong_in_200=b'[{"results": [], "fieldMask": "campaign.id"},'
    b'{"error": {"code": 400, "message": "wrong", "status": "INVALID_ARGUMENT"}}]',
    expires=end_token,
    # No empty page: a month without costs is a stream without rows, which nothing tells from one
    # that was emptied on its way.
    calls=lambda: -(-((today() - CALENDAR.start).days + 1) // DAYS),
)
