"""What runs by the clock asks for what is over, not for what has just begun."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from aar_platform.definitions import build_defs
from aar_platform.sensors.schedules import day_before, month_before, schedules
from aar_platform.settings.loading import empty_settings, load_settings
from aar_platform.sources.registry import ONLY_NEW_TAG

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("moment", "day", "month"),
    [
        (datetime(2026, 7, 2, 5, tzinfo=PARIS), "2026-07-01", "2026-06-01"),
        (datetime(2026, 1, 1, 1, tzinfo=PARIS), "2025-12-31", "2025-12-01"),
        (datetime(2024, 3, 1, 1, tzinfo=PARIS), "2024-02-29", "2024-02-01"),
    ],
)
def test_the_night_takes_yesterday_and_the_second_of_a_month_takes_the_last_one(moment, day, month):
    assert day_before(moment) == day
    assert month_before(moment) == month


def test_the_monthly_reports_are_of_the_month_that_is_over():
    jobs = {name: dg.define_asset_job(name) for name in ("refresh", "reports")}
    by_name = {schedule.name: schedule for schedule in schedules(jobs, empty_settings())}
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 7, 2, 5))
    assert by_name["monthly_reports"](context).partition_key == "2026-06-01"


def test_every_schedule_says_what_it_does():
    jobs = {name: dg.define_asset_job(name) for name in ("refresh", "extract_days", "reports")}
    described = {one.name: one.description for one in schedules(jobs, empty_settings())}
    assert set(described) == {"nightly_refresh", "nightly_extracts", "monthly_reports"}
    assert all(described.values())


CONFIGURATION = """\
start: 2026-06-01
sources:
  - name: erp
    kind: files
    tables: [{path: "exports/orders-*.csv", into: order_lines}]
  - name: desk
    kind: freshdesk
    domain: acme
    key: "${DESK_KEY}"
    refresh_minutes: 5
"""


@pytest.fixture
def by_name(tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports/orders-2026-06-01.csv").write_text("a,b\n1,2\n")
    (tmp_path / "aar.yaml").write_text(CONFIGURATION)
    settings = load_settings(tmp_path / "aar.yaml")
    return {one.name: one for one in build_defs(settings, tmp_path / "aar.yaml").schedules}


def requests_of(schedule, moment):
    context = dg.build_schedule_context(scheduled_execution_time=moment)
    answer = schedule(context)
    return answer if isinstance(answer, list) else [answer]


def test_the_night_takes_yesterdays_files_and_what_systems_changed_until_now(by_name):
    files, systems = requests_of(by_name["nightly_extracts"], datetime(2026, 7, 2, 1))
    assert files.partition_key == "2026-07-01"
    assert files.tags.get(ONLY_NEW_TAG) is None
    assert [key.to_user_string() for key in files.asset_selection] == ["extract_erp__order_lines"]
    assert systems.partition_key == "2026-07-02"
    assert systems.tags[ONLY_NEW_TAG] == "true"
    assert {key.to_user_string() for key in systems.asset_selection} >= {"extract_desk__tickets"}


def test_a_source_with_refresh_minutes_is_asked_for_changes_every_few_minutes(by_name):
    schedule = by_name["desk_changes"]
    assert schedule.cron_schedule == "*/5 * * * *"
    (request,) = requests_of(schedule, datetime(2026, 7, 2, 14, 35))
    assert request.partition_key == "2026-07-02"
    assert request.tags[ONLY_NEW_TAG] == "true"
    asked = {key.to_user_string() for key in request.asset_selection}
    assert "extract_desk__tickets" in asked
    assert "extract_desk__companies" not in asked, (
        "what is asked for as a whole waits for the night"
    )
