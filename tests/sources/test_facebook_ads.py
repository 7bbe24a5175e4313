"""Facebook Ads: what arrives of its insights and campaigns."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest

from aar_platform.sandbox.apis.facebook_ads import FacebookAdsApi, campaign, holdings, insight
from aar_platform.sandbox.apis.faults import Instead, Status
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.parts import Part
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import AccessRefused, LimitReached, SourceFailed
from tests.sources.pulling import core_tables, differences, puller, today, unmapped_fields

RECORDED = Path(__file__).resolve().parents[2] / "../shared/vendors/ads_cost/recorded"

PART = Part(
    spend=pd.DataFrame(
        {
            "number": [0, 1],
            "day": ["2025-01-01", "2025-01-02"],
            "channel": ["social", "display"],
            "campaign": ["prospecting", "retargeting"],
            "amount": [12345, 7],
            "currency": "USD",
            "impressions": [900, 10],
            "clicks": [30, 0],
        }
    ),
)


@pytest.fixture
def waits(monkeypatch):
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    return waited


@pytest.fixture
def vendor(waits):
    return FacebookAdsApi(holdings=holdings(PART))


@pytest.fixture
def served(vendor, tmp_path):
    with serving(vendor.app()) as url:
        yield puller(vendor, url, tmp_path)


def spans(vendor):
    asked = [json.loads(parse_qs(call.query)["time_range"][0]) for call in vendor.faults.calls]
    return [(one["since"], one["until"]) for one in asked]


def error(code, message="", **more):
    return json.dumps({"error": {"message": message, "code": code, **more}}).encode()


def test_costs_and_campaigns_arrive_with_deleted_ones_marked(vendor, served, tmp_path):
    vendor.holdings["campaigns"].append(campaign(7, "old", "social", "DELETED"))
    vendor.holdings["campaigns"][0]["start_time"] = "1969-12-31T15:59:59-0800"
    for name in ("insights", "campaigns"):
        served.pull(name)
    tables = core_tables(served, tmp_path)
    assert not tables["quarantine"]
    spend = {one["record_id"]: one for one in tables["spend"]}
    first = spend["23850000000000000|2025-01-01"]
    assert (first["amount"], first["currency"]) == (Decimal("123.4500"), "USD")
    assert (first["day"], first["channel"]) == (date(2025, 1, 1), "paid_social")
    assert (first["campaign"], first["impressions"], first["clicks"]) == ("prospecting", 900, 30)
    assert spend["23850000000000001|2025-01-02"]["amount"] == Decimal("0.0700")
    campaigns = {one["name"]: one for one in tables["campaigns"]}
    assert [campaigns[name]["is_deleted"] for name in ("prospecting", "old")] == [False, True]
    assert campaigns["prospecting"]["sent_at"] is None, "the beginning of 1970 is no start"
    assert campaigns["old"]["sent_at"] == datetime(2023, 11, 30, 23)
    assert campaigns["old"]["updated_at"] == datetime(2023, 11, 28, 11, 30)


def test_the_token_stands_in_no_address_and_in_nothing_that_is_kept(vendor, served, tmp_path):
    of = vendor.holdings["campaigns"][0]
    day = today().isoformat()
    vendor.holdings["insights"] = [
        insight(of | {"id": str(one)}, day, "1.00", 5, 1, "USD") for one in range(1200)
    ]
    vendor.faults.planned[3] = Status(404, body=b'{"message": "no"}')
    with pytest.raises(SourceFailed):
        served.pull("insights")
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "journal.jsonl" for path in kept)
    assert not [path for path in kept if vendor.secret.encode() in path.read_bytes()]
    served.pull("insights")
    assert len(served.landed("insights")) == 1200
    assert not [call for call in vendor.faults.calls if vendor.secret in call.query]


def test_a_page_that_is_missing_shows_in_the_sum(vendor, served):
    of = vendor.holdings["campaigns"][0]
    vendor.holdings["insights"] = [
        insight(of | {"id": str(one)}, today().isoformat(), "1.00", 5, 1, "USD")
        for one in range(600)
    ]
    for call in range(2, 20, 2):
        vendor.faults.planned[call] = Instead(b'{"data": []}')
    with pytest.raises(SourceFailed, match=r"2,500 impressions of 3,000"):
        served.pull("insights")


def test_a_second_pull_asks_for_the_last_week_and_a_backfill_for_its_week(vendor, served):
    served.pull("insights")
    vendor.faults.calls.clear()
    served.pull("insights")
    assert spans(vendor) == [((today() - timedelta(days=7)).isoformat(), today().isoformat())]
    assert len(served.landed("insights")) == 2
    vendor.faults.calls.clear()
    week = [date(2025, 3, 3) + timedelta(days=one) for one in range(7)]
    served.pull("insights", week, only_new=False)
    assert spans(vendor) == [("2025-03-03", "2025-03-09")]


@pytest.mark.parametrize("code", [4, 17, 613, 80000])
def test_slow_down_is_waited_out_whatever_the_status(vendor, served, waits, code):
    usage = {"1": [{"type": "ads_insights", "estimated_time_to_regain_access": 2}]}
    headers = {"x-business-use-case-usage": json.dumps(usage)}
    vendor.faults.planned[1] = Status(400, headers, error(code, "request limit reached"))
    served.pull("campaigns")
    assert 120.0 in waits
    assert len(served.landed("campaigns")) == 2


def test_a_long_ban_ends_the_pull_at_once(vendor, served):
    headers = {"x-business-use-case-usage": '{"1": [{"estimated_time_to_regain_access": 30}]}'}
    vendor.faults.always = Status(400, headers, error(80000, "too many calls"))
    with pytest.raises(LimitReached, match="30 minutes"):
        served.pull("campaigns")


def test_calls_are_slower_when_the_allowance_is_nearly_used_up(vendor, served, waits):
    made = json.dumps({"data": []}).encode()
    headers = {"x-fb-ads-insights-throttle": '{"app_id_util_pct": 20, "acc_id_util_pct": 95.5}'}
    vendor.faults.planned[1] = Status(200, headers, made)
    served.pull("campaigns")
    assert 30.0 in waits


def test_a_token_that_ended_and_a_right_that_is_missing_are_told_apart(vendor, served):
    vendor.faults.always = Status(400, body=error(190, "Error validating access token"))
    with pytest.raises(AccessRefused, match=r"credentials were refused .*190"):
        served.pull("campaigns")
    told = "somebody@example.com has not granted ads_read"
    vendor.faults.always = Status(403, body=error(200, told))
    with pytest.raises(AccessRefused, match="ads_read") as refused:
        served.pull("campaigns")
    assert "somebody@" not in str(refused.value)


def _recorded():
    path = next(RECORDED.glob("facebook*.jsonl"), None) if RECORDED.exists() else None
    if path is None:
        pytest.skip("the recordings of vendors are not beside the checkout")
    found = {}
    for line in path.read_text().splitlines():
        one = json.loads(line)
        found.setdefault(one["stream"], []).append(one["data"])
    return found


def test_recorded_insights_and_campaigns_become_as_many_rows(vendor, served, tmp_path):
    """Recorded are insights by ad, which are summed up here as the API does for a campaign."""
    recorded = _recorded()
    summed = {}
    for one in recorded["ads_insights"]:
        known = summed.setdefault((one["campaign_id"], one["date_start"]), dict(one))
        if known != one:
            for name in ("spend", "impressions", "clicks"):
                known[name] = round(known[name] + one[name], 2)
    vendor.holdings = {"insights": list(summed.values()), "campaigns": recorded["campaigns"]}
    days = sorted(date.fromisoformat(one["date_start"]) for one in recorded["ads_insights"])
    span = [days[0] + timedelta(days=one) for one in range((days[-1] - days[0]).days + 1)]
    served.pull("insights", span, only_new=False)
    served.pull("campaigns")
    tables = core_tables(served, tmp_path)
    assert not tables["quarantine"]
    assert len(tables["spend"]) == len(summed)
    assert len(tables["campaigns"]) == len(recorded["campaigns"])
    spent = sum(Decimal(str(one["spend"])) for one in recorded["ads_insights"])
    assert sum(one["amount"] for one in tables["spend"]) == spent
    for name in ("insights", "campaigns"):
        assert unmapped_fields(served, name) == []


def test_served_records_have_the_fields_of_the_recordings(vendor):
    recorded = _recorded()
    # The recording tool turned figures, which the API gives as text, into numbers.
    numbers = {f".{name}: text where the recording has number" for name in
               ("spend", "impressions", "clicks")}  # fmt: skip
    of = {"insights": recorded["ads_insights"], "campaigns": recorded["campaigns"]}
    # The recording did not ask for it.
    numbers.add(".status: not in the recording")
    for name, known in of.items():
        assert set(differences(vendor.kept(name)[0], known)) <= numbers
