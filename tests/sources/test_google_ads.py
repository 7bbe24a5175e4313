"""Google Ads: what arrives of its costs and campaigns."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from pydantic import ValidationError

from aar_platform.sandbox.apis.faults import Instead, Status
from aar_platform.sandbox.apis.google_ads import GoogleAdsApi, campaign, cost, holdings
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.parts import Part
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import AccessRefused, LimitReached, SourceFailed
from aar_platform.sources.google_ads import GoogleAds
from tests.sources.pulling import core_tables, differences, puller, today, unmapped_fields

RECORDED = Path(__file__).resolve().parents[2] / "../shared/vendors/ads_cost/recorded"

PART = Part(
    spend=pd.DataFrame(
        {
            "number": [0, 1, 2],
            "day": ["2025-01-01", "2025-01-02", "2025-01-02"],
            "channel": ["paid_search", "paid_search", "display"],
            "campaign": ["brand", "brand", "again"],
            "amount": [12345, 7, 0],
            "currency": "USD",
            "impressions": [900, 10, 0],
            "clicks": [30, 1, 0],
        }
    ),
)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(client, "pause", lambda seconds: None)


@pytest.fixture
def vendor():
    return GoogleAdsApi(holdings=holdings(PART))


@pytest.fixture
def served(vendor, tmp_path):
    with serving(vendor.app()) as url:
        yield puller(vendor, url, tmp_path)


def spans(vendor):
    bodies = [json.loads(call.body)["query"] for call in vendor.faults.calls]
    return [re.search(r"BETWEEN '(.+)' AND '(.+)' ", body).groups() for body in bodies]


def test_costs_and_campaigns_arrive_in_their_currency(vendor, served, tmp_path):
    vendor.holdings["costs"][1]["metrics"]["costMicros"] = "1234567"
    removed = campaign(9, "old", "VIDEO", "REMOVED")
    vendor.holdings["campaigns"].append(vendor.holdings["campaigns"][0] | {"campaign": removed})
    for name in ("costs", "campaigns"):
        served.pull(name)
    tables = core_tables(served, tmp_path)
    assert not tables["quarantine"]
    spend = {one["record_id"]: one for one in tables["spend"]}
    first = spend["17000000000|2025-01-01"]
    assert (first["amount"], first["currency"]) == (Decimal("123.4500"), "USD")
    assert (first["day"], first["channel"]) == (date(2025, 1, 1), "paid_search")
    assert (first["campaign"], first["impressions"], first["clicks"]) == ("brand", 900, 30)
    assert spend["17000000000|2025-01-02"]["amount"] == Decimal("1.2346"), "in decimals"
    assert spend["17000000001|2025-01-02"]["channel"] == "display"
    campaigns = {one["name"]: one for one in tables["campaigns"]}
    assert campaigns["brand"]["record_id"] == "17000000000"
    assert campaigns["old"]["channel"] == "paid_video"
    assert [campaigns[name]["is_deleted"] for name in ("brand", "old")] == [False, True]


def test_every_month_since_the_calendars_start_is_asked_for_once(vendor, served):
    served.pull("costs")
    asked = spans(vendor)
    assert asked[0][1] == today().isoformat()
    assert asked[-1][0] == "2024-01-01"
    for (later, _), (_, earlier) in pairwise(asked):
        assert date.fromisoformat(later) - date.fromisoformat(earlier) == timedelta(days=1)


def test_a_second_pull_asks_for_the_last_week_alone(vendor, served):
    served.pull("costs")
    of = vendor.holdings["campaigns"][0]["campaign"]
    vendor.holdings["costs"].append(cost(of, today().isoformat(), 1_000_000, 1, 1, "USD"))
    vendor.faults.calls.clear()
    served.pull("costs")
    assert spans(vendor) == [((today() - timedelta(days=7)).isoformat(), today().isoformat())]
    assert len(served.landed("costs")) == 4
    vendor.faults.calls.clear()
    week = [date(2025, 3, 3) + timedelta(days=one) for one in range(7)]
    served.pull("costs", week, only_new=False)
    assert spans(vendor) == [("2025-03-03", "2025-03-09")]


def test_each_request_bears_the_developers_token_and_the_managers_number(vendor, tmp_path):
    with serving(vendor.app()) as url:
        served = puller(vendor, url, tmp_path, login_customer="123-456-7890", version="v26")
        served.pull("campaigns")
    (call,) = vendor.faults.calls
    assert call.headers["developer-token"] == "sandbox-developer-token"
    assert call.headers["login-customer-id"] == "1234567890"
    assert call.path == "/v26/customers/2718281828/googleAds:searchStream"


def test_an_error_in_the_middle_of_a_stream_fails_the_pull(vendor, served):
    error = {"code": 500, "message": "Internal error", "status": "INTERNAL"}
    batches = [{"results": vendor.holdings["costs"], "fieldMask": "campaign.id"}, {"error": error}]
    vendor.faults.always = Instead(json.dumps(batches).encode())
    with pytest.raises(SourceFailed, match="INTERNAL"):
        served.pull("costs")
    assert served.landed("costs") == []


def test_a_question_that_fails_in_part_fails_the_pull(vendor, served):
    partial = {"code": 3, "message": "one of the operations failed"}
    batch = {"results": [], "fieldMask": "campaign.id", "partialFailureError": partial}
    vendor.faults.always = Instead(json.dumps([batch]).encode())
    with pytest.raises(SourceFailed, match="one of the operations failed"):
        served.pull("costs")


def test_an_allowance_used_up_is_told_with_the_time_of_the_next(vendor, served):
    quota = {"rateScope": "DEVELOPER", "retryDelay": "7200s"}
    failure = {"errors": [{"message": "slow down", "details": {"quotaErrorDetails": quota}}]}
    error = {"code": 429, "message": "Resource has been exhausted", "details": [failure],
             "status": "RESOURCE_EXHAUSTED"}  # fmt: skip
    vendor.faults.always = Status(429, body=json.dumps([{"error": error}]).encode())
    with pytest.raises(LimitReached, match="120 minutes"):
        served.pull("costs")


def test_a_refresh_token_that_was_withdrawn_is_told_without_it(vendor, served):
    vendor.secret = "another client secret"
    with pytest.raises(AccessRefused) as refused:
        served.pull("costs")
    assert "invalid_grant" in str(refused.value)
    for secret in ("1//sandbox-refresh-token", "sandbox-developer-token", "sandbox-secret-0000"):
        assert secret not in str(refused.value)


def test_a_customers_number_has_ten_digits():
    entry = {"name": "ads", "client_id": "x", "client_secret": "${A}", "refresh_token": "${B}",
             "developer_token": "${C}"}  # fmt: skip
    assert GoogleAds(**entry, customer="123-456-7890").customer == "1234567890"
    with pytest.raises(ValidationError, match="ten digits"):
        GoogleAds(**entry, customer="12345")


def _recorded():
    path = next(RECORDED.glob("google-ads*.jsonl"), None) if RECORDED.exists() else None
    if path is None:
        pytest.skip("the recordings of vendors are not beside the checkout")
    return [json.loads(line) for line in path.read_text().splitlines()]


def _nested(flat):
    """A flat recorded row as the API writes it: nested, in camel case, whole numbers as text."""
    made = {}
    for path, value in flat.items():
        at = made
        *keys, last = [re.sub("_([a-z])", lambda m: m[1].upper(), key) for key in path.split(".")]
        for key in keys:
            at = at.setdefault(key, {})
        is_number = isinstance(value, int) and not isinstance(value, bool)
        at[last] = str(value) if is_number else value
    return made


def test_recorded_costs_and_campaigns_become_as_many_rows(vendor, served, tmp_path):
    recorded = _recorded()
    wanted = {"campaign.id", "segments.date", "metrics.cost_micros"}
    costs = {}
    for one in recorded:
        if wanted <= one["data"].keys():
            # Rows of ads: ours are of campaigns, so one for each campaign and day.
            key = one["data"]["campaign.id"], one["data"]["segments.date"]
            costs.setdefault(key, _nested(one["data"]))
    campaigns = {
        one["data"]["campaign.id"]: _nested(one["data"])
        for one in recorded
        if one["stream"] == "campaigns"
    }
    assert costs and campaigns
    vendor.holdings = {"costs": list(costs.values()), "campaigns": list(campaigns.values())}
    days = sorted(date.fromisoformat(day) for _, day in costs)
    span = [days[0] + timedelta(days=one) for one in range((days[-1] - days[0]).days + 1)]
    served.pull("costs", span, only_new=False)
    served.pull("campaigns")
    tables = core_tables(served, tmp_path)
    assert not tables["quarantine"]
    assert len(tables["spend"]) == len(costs)
    assert len(tables["campaigns"]) == len(campaigns)
    micros = sum(int(one["metrics"]["costMicros"]) for one in costs.values())
    wrong = sum(one["amount"] for one in tables["spend"]) - Decimal(micros) / 10**6
    assert abs(wrong) < Decimal("0.001"), "a ten-thousandth a row is rounded away"
    for name in ("costs", "campaigns"):
        # Budgets, labels and bids, which are not asked for and which the served API hands out.
        assert "campaign" not in unmapped_fields(served, name)


def test_served_rows_have_the_fields_and_types_of_the_recordings(vendor):
    recorded = [_nested(one["data"]) for one in _recorded()]
    own = {".campaign.resourceName", ".customer.resourceName"}
    for name in ("costs", "campaigns"):
        found = differences(vendor.kept(name)[0], recorded)
        # Every row of the API has its resource's name, whether it is asked for or not.
        assert [one for one in found if one.split(":")[0] not in own] == []
