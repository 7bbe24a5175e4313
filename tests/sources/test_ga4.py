"""Google Analytics 4: what arrives of its reports, and how days said anew replace others."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pandas as pd
import pytest

from aar_platform.resources.loading import load_raw
from aar_platform.resources.warehouse import Warehouse
from aar_platform.sandbox.apis.faults import First, Instead, Status
from aar_platform.sandbox.apis.ga4 import GoogleAnalytics4, _key, holdings
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.parts import Part
from aar_platform.sources.api import client, windows
from aar_platform.sources.api.errors import AccessRefused, LimitReached, SourceFailed
from aar_platform.sources.mapping import latest_sql
from tests.sources.pulling import core_tables, puller, today, unmapped_fields

RECORDED = Path(__file__).resolve().parents[2] / "../shared/vendors/ga4/recorded"


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(client, "pause", lambda seconds: None)


def visits(*rows):
    names = ["day", "channel", "campaign", "country", "device", "sessions", "page_views"]
    table = pd.DataFrame(rows, columns=[*names, "conversions"])
    return table.assign(number=range(len(rows)))


PART = Part(
    visits=visits(
        ("2025-01-01", "paid_search", "winter", "FR", "mobile", 5, 12, 1),
        ("2025-01-01", "organic", "(not set)", "DE", "desktop", 3, 4, 0),
        ("2025-07-01", "newsletter", "summer", "", "tablet", 1, 1, 0),
    ),
    spend=pd.DataFrame(
        {
            "number": [0, 1],
            "day": ["2025-01-01", "2025-01-02"],
            "channel": ["paid_search", "display"],
            "campaign": ["winter", "winter"],
            "amount": [12345, 7],
            "currency": "USD",
            "impressions": [900, 10],
            "clicks": [30, 0],
        }
    ),
)


@pytest.fixture
def vendor():
    metadata = {"currencyCode": "USD", "timeZone": "America/Los_Angeles"}
    return GoogleAnalytics4(holdings=holdings(PART), metadata=metadata)


@pytest.fixture
def served(vendor, tmp_path):
    with serving(vendor.app()) as url:
        yield puller(vendor, url, tmp_path)


def row(day, campaign="any", sessions=1):
    text = f"{day:%Y%m%d}"
    (made,) = holdings(
        Part(visits=visits((text, "direct", campaign, "FR", "mobile", sessions, 1, 0)))
    )["visits"]
    return made


def sessions_by_day(served, tmp_path):
    """What counts of the raw table, without the sifting that takes longer."""
    (item,) = (one for one in served.source.objects() if one.name == "visits")
    warehouse = Warehouse(tmp_path / "warehouse.duckdb")
    load_raw(warehouse, served.landing, "ga4", "visits", item.is_daily, item.columns)
    rows = warehouse.backend.raw_sql(latest_sql("select * from raw_ga4__visits", item))
    rows = rows.to_arrow_table().to_pylist()
    warehouse.close()
    by_day = defaultdict(int)
    for one in rows:
        by_day[one["day"].isoformat()] += one["sessions"]
    return dict(by_day)


def spans(vendor):
    return [
        (one["dateRanges"][0]["startDate"], one["dateRanges"][0]["endDate"])
        for one in (json.loads(call.body) for call in vendor.faults.calls)
    ]


def days_of(*before):
    return [(today() - timedelta(days=one)).isoformat() for one in before]


def test_visits_and_costs_arrive_with_their_numbers_and_moments(served, tmp_path):
    for name in ("visits", "ad_costs"):
        served.pull(name)
    tables = core_tables(served, tmp_path)
    assert not tables["quarantine"]
    found = {one["record_id"]: one for one in tables["web_visits"]}
    winter = found["2025-01-01|Paid Search|winter|FR|mobile"]
    assert (winter["sessions"], winter["page_views"], winter["conversions"]) == (5, 12, 1)
    said = winter["channel"], winter["campaign"], winter["country"]
    assert said == ("paid_search", "winter", "FR")
    assert winter["visited_at"] == datetime(2025, 1, 1, 8), "midnight in Los Angeles in winter"
    organic = found["2025-01-01|Organic Search|(not set)|DE|desktop"]
    assert organic["campaign"] is None
    summer = found["2025-07-01|Email|summer||tablet"]
    assert summer["visited_at"] == datetime(2025, 7, 1, 7)
    assert summer["country"] is None
    spend = {one["record_id"]: one for one in tables["spend"]}
    first = spend["2025-01-01|Paid Search|winter"]
    assert (first["amount"], first["currency"]) == (Decimal("123.4500"), "USD")
    assert first["day"] == date(2025, 1, 1)
    assert (first["impressions"], first["clicks"]) == (900, 30)
    assert spend["2025-01-02|Display|winter"]["amount"] == Decimal("0.0700")


def test_a_second_pull_asks_for_the_last_days_and_keeps_the_rest(vendor, served, tmp_path):
    old, near = today() - timedelta(days=40), today() - timedelta(days=2)
    vendor.holdings["visits"] = [row(old), row(near), row(near, "gone"), row(today(), sessions=3)]
    served.pull("visits")
    assert spans(vendor) == [("2024-01-01", today().isoformat())]
    vendor.holdings["visits"] = [row(old, sessions=9), row(near, sessions=4), row(today())]
    vendor.faults.calls.clear()
    served.pull("visits")
    assert spans(vendor) == [(days_of(3)[0], days_of(0)[0])]
    # Beyond three days corrections are not asked for.
    assert sessions_by_day(served, tmp_path) == {
        old.isoformat(): 1, near.isoformat(): 4, today().isoformat(): 1
    }  # fmt: skip
    assert served.pull("visits").changed == 0, "the same once more changes nothing"


def test_a_day_that_has_no_rows_any_more_becomes_empty(vendor, served, tmp_path):
    near = today() - timedelta(days=1)
    vendor.holdings["visits"] = [row(today()), row(near)]
    served.pull("visits")
    vendor.holdings["visits"] = [row(today())]
    served.pull("visits")
    assert sessions_by_day(served, tmp_path) == {today().isoformat(): 1}
    vendor.holdings["visits"] = []
    served.pull("visits")
    assert sessions_by_day(served, tmp_path) == {}


def test_a_day_of_the_first_pull_is_kept_when_that_day_is_asked_for_again(vendor, served, tmp_path):
    old = today() - timedelta(days=100)
    vendor.holdings["visits"] = [row(old), row(today())]
    served.pull("visits")
    vendor.holdings["visits"] = [row(old), row(today(), sessions=2)]
    served.pull("visits", [today()], only_new=False)
    assert sessions_by_day(served, tmp_path) == {old.isoformat(): 1, today().isoformat(): 2}


def test_a_past_week_is_asked_for_as_that_week(vendor, served, tmp_path):
    week = [date(2025, 3, 3) + timedelta(days=one) for one in range(7)]
    vendor.holdings["visits"] = [row(week[0]), row(week[2]), row(week[6]), row(today())]
    served.pull("visits")
    vendor.holdings["visits"] = [row(week[0], sessions=7), row(week[6]), row(today())]
    vendor.faults.calls.clear()
    served.pull("visits", week, only_new=False)
    assert spans(vendor) == [("2025-03-03", "2025-03-09")]
    assert sessions_by_day(served, tmp_path) == {
        "2025-03-03": 7, "2025-03-09": 1, today().isoformat(): 1
    }  # fmt: skip


def test_a_pull_cut_off_before_midnight_goes_on_with_the_days_it_began_with(
    vendor, served, monkeypatch
):
    vendor.rows_at_most = 1
    begun = [row(today() - timedelta(days=one), f"c{one}") for one in (2, 1, 0)]
    vendor.holdings["visits"] = list(begun)
    vendor.faults.planned[3] = Status(404, body=b"{}")
    with pytest.raises(SourceFailed):
        served.pull("visits")

    class Tomorrow(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr(windows, "datetime", Tomorrow)
    vendor.faults.calls.clear()
    tomorrow = today() + timedelta(days=1)
    served.pull("visits", [tomorrow])
    assert {last for _, last in spans(vendor)} <= set(days_of(2, 1, 0)), "tomorrow was not asked"
    landed = served.landing.partitions("ga4", "visits")
    assert landed == [today().isoformat()]
    assert len(served.landed("visits")) == 3


def test_a_report_that_changes_while_a_large_day_is_read_is_asked_for_anew(vendor, served):
    vendor.rows_at_most = 2
    vendor.holdings["visits"] = [row(today(), f"c{one}") for one in range(5)]

    def grow():
        vendor.holdings["visits"].append(row(today(), "a"))

    # Before: all days, that day as the first of the rest, that day alone.
    vendor.faults.planned[5] = First(grow)
    served.pull("visits")
    found = [one["dimensionValues"][2]["value"] for one in served.landed("visits")]
    assert sorted(found) == ["a", "c0", "c1", "c2", "c3", "c4"]


def test_a_report_that_never_stands_still_fails_the_pull(vendor, served):
    vendor.rows_at_most = 2
    vendor.holdings["visits"] = [row(today(), f"c{one:04d}") for one in range(50)]
    for call in range(1, 60):
        vendor.faults.planned[call] = First(
            lambda call=call: vendor.holdings["visits"].append(row(today(), f"a{call:04d}"))
        )
    with pytest.raises(SourceFailed, match="changed while it was read"):
        served.pull("visits")


def test_a_report_without_its_headers_is_no_empty_report(vendor, served):
    vendor.faults.always = Instead(b'{"kind": "analyticsData#runReport", "metadata": {}}')
    with pytest.raises(SourceFailed, match="dimensionHeaders"):
        served.pull("visits")


def test_values_in_another_order_are_refused(vendor, served):
    body = (
        b'{"dimensionHeaders": [{"name": "date"}, {"name": "countryId"}], "metricHeaders": [],'
        b'"metadata": {}, "kind": "analyticsData#runReport"}'
    )
    vendor.faults.always = Instead(body)
    with pytest.raises(SourceFailed, match="countryId"):
        served.pull("visits")


def test_what_google_leaves_out_or_estimates_is_told(vendor, served, tmp_path):
    sampled = [{"samplesReadCount": "500", "samplingSpaceSize": "2000"}]
    vendor.metadata |= {
        "subjectToThresholding": True, "dataLossFromOtherRow": True, "samplingMetadatas": sampled
    }  # fmt: skip
    noted = served.pull("visits").readings[0]["noted"]
    assert any("500 of 2,000" in note for note in noted)
    assert len(noted) == 3
    said = json.loads(
        core_tables(served, tmp_path, only=("web_visits",))["web_visits"][0]["attributes"]
    )
    assert said["is_thresholded"] is True
    assert said["timezone"] == "America/Los_Angeles"


def test_an_allowance_used_up_for_the_hour_ends_the_pull_at_once(vendor, served):
    said = "Exhausted property tokens per hour. These quota tokens will return in under an hour."
    body = {"error": {"code": 429, "message": said, "status": "RESOURCE_EXHAUSTED"}}
    vendor.faults.always = Status(429, body=json.dumps(body).encode())
    with pytest.raises(LimitReached, match="60 minutes"):
        served.pull("visits")
    assert len(vendor.faults.calls) == 1


def test_a_key_that_google_does_not_know_is_told_without_the_key(vendor, tmp_path):
    with serving(vendor.app()) as url:
        entry, secrets = vendor.settings(url)
        account = json.loads(secrets["GA4_SERVICE_ACCOUNT"])
        for broken in ("no json", json.dumps({**account, "private_key": "-----BEGIN none"}),
                       json.dumps({**account, "client_email": "other@sandbox.test"})):  # fmt: skip
            vendor.settings = lambda url, text=broken: (entry, {"GA4_SERVICE_ACCOUNT": text})
            with pytest.raises(AccessRefused) as refused:
                puller(vendor, url, tmp_path).pull("visits")
            assert str(refused.value).startswith("ga4.visits: ")
            assert account["private_key"][40:80] not in str(refused.value)
            assert "@" not in str(refused.value)


def test_the_signed_word_is_for_reading_analytics_alone(vendor, served):
    api = served.source.connect("ga4.visits")
    request = api.auth._ask()
    word = parse_qs(request.content.decode())["assertion"][0]
    claims = jwt.decode(word, _key().public_key(), ["RS256"], audience=str(request.url))
    assert claims["scope"] == "https://www.googleapis.com/auth/analytics.readonly"
    assert claims["exp"] - claims["iat"] <= 3600
    assert str(request.url).startswith(str(served.source.url)), "tokens too come from below url"


def _recorded():
    path = next(RECORDED.glob("*.jsonl"), None) if RECORDED.exists() else None
    if path is None:
        pytest.skip("the recordings of vendors are not beside the checkout")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_recorded_reports_become_as_many_visits(vendor, served, tmp_path):
    """Recorded are flat rows of other reports; each is put into the form of ours, the dimensions
    that ours has not joined in the campaign so that rows stay apart."""
    rows = []
    for one in _recorded():
        data = one["data"]
        if "sessions" not in data or "date" not in data:
            continue
        ours = ("operatingSystem", "browser", "region", "city")
        rest = [str(data[key]) for key in ours if key in data]
        dimensions = [
            data["date"], "Unassigned", " ".join([one["stream"], *rest]), "(not set)",
            data.get("deviceCategory", "(not set)"),
        ]  # fmt: skip
        metrics = [data["sessions"], data["screenPageViews"], 0]
        rows.append(
            {
                "dimensionValues": [{"value": value} for value in dimensions],
                "metricValues": [{"value": str(value)} for value in metrics],
            }
        )
    assert len(rows) == 30
    vendor.holdings["visits"] = rows
    served.pull("visits", _days(rows), only_new=False)
    tables = core_tables(served, tmp_path)
    assert len(served.landed("visits")) == len(tables["web_visits"]) == 30
    assert not tables["quarantine"]
    assert sum(one["sessions"] for one in tables["web_visits"]) == sum(
        int(one["metricValues"][0]["value"]) for one in rows
    )
    assert unmapped_fields(served, "visits") == []


def _days(rows):
    found = sorted({one["dimensionValues"][0]["value"] for one in rows})
    first, last = (datetime.strptime(one, "%Y%m%d").date() for one in (found[0], found[-1]))
    return [first + timedelta(days=one) for one in range((last - first).days + 1)]


def test_our_questions_have_the_fields_of_the_vendors_description(vendor, served):
    path = RECORDED.parent / "discovery_vendor/analyticsdata.v1beta.json"
    if not path.exists():
        pytest.skip("the vendor's description is not beside the checkout")
    schemas = json.loads(path.read_text())["schemas"]
    served.pull("visits")
    (call,) = vendor.faults.calls
    assert call.path == "/v1beta/properties/314159265:runReport"
    _check(json.loads(call.body), "RunReportRequest", schemas)


def _check(value, name, schemas):
    """That a value has only fields of a described kind, each of its type."""
    kinds = {"string": str, "integer": int, "boolean": bool, "array": list}
    for key, inner in value.items():
        said = schemas[name]["properties"][key]
        if "$ref" in said:
            _check(inner, said["$ref"], schemas)
            continue
        assert isinstance(inner, kinds[said["type"]]), key
        for one in inner if said["type"] == "array" and "$ref" in said["items"] else ():
            _check(one, said["items"]["$ref"], schemas)


def test_served_reports_have_the_fields_of_the_vendors_description(vendor, served):
    path = RECORDED.parent / "discovery_vendor/analyticsdata.v1beta.json"
    if not path.exists():
        pytest.skip("the vendor's description is not beside the checkout")
    schemas = json.loads(path.read_text())["schemas"]
    api = served.source.connect("ga4.visits")
    served.pull("visits")
    question = json.loads(vendor.faults.calls[0].body)
    body = api.post("v1beta/properties/314159265:runReport", question).value()
    _check(body, "RunReportResponse", schemas)
