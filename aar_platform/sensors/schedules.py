"""When jobs run by the clock: extracts at night, reports when a month has ended."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from aar_platform.settings.loading import Settings

NIGHT = "0 2 * * *"
# On the second, when the last day's exports have come in.
REPORTS_DAY, REPORTS_HOUR = 2, 5


def schedules(jobs: Mapping[str, Any], settings: Settings) -> list[Any]:
    """The nightly refresh and the monthly reports, in the organisation's timezone."""
    zone = settings.organisation.timezone
    found: list[Any] = [
        dg.ScheduleDefinition(
            name="nightly_refresh",
            job=jobs["refresh"],
            cron_schedule=NIGHT,
            execution_timezone=zone,
            description="Extracts and every table but figures, which follow.",
        )
    ]
    if "extract_days" in jobs:
        found.append(
            dg.build_schedule_from_partitioned_job(
                jobs["extract_days"], name="nightly_extracts", hour_of_day=1
            )
        )
    if "reports" in jobs:
        found.append(
            dg.build_schedule_from_partitioned_job(
                jobs["reports"],
                name="monthly_reports",
                hour_of_day=REPORTS_HOUR,
                day_of_month=REPORTS_DAY,
            )
        )
    return found
