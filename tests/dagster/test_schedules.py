"""What runs by the clock asks for what is over, not for what has just begun."""

from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from aar_platform.sensors.schedules import day_before, month_before, schedules
from aar_platform.settings.loading import empty_settings

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


def test_schedules_ask_for_the_partition_that_is_over():
    jobs = {name: dg.define_asset_job(name) for name in ("refresh", "extract_days", "reports")}
    by_name = {schedule.name: schedule for schedule in schedules(jobs, empty_settings())}
    asked = {}
    for name in ("nightly_extracts", "monthly_reports"):
        context = dg.build_schedule_context(scheduled_execution_time=datetime(2026, 7, 2, 5))
        asked[name] = by_name[name](context).partition_key
    assert asked == {"nightly_extracts": "2026-07-01", "monthly_reports": "2026-06-01"}
