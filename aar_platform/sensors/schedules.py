"""When jobs run by the clock: extracts at night, reports when a month has ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from aar_platform.settings.loading import Settings

NIGHTLY_EXTRACTS = "0 1 * * *"
NIGHTLY_REFRESH = "0 2 * * *"
# On the second, when the last day's exports have come in.
MONTHLY_REPORTS = "0 5 2 * *"


def day_before(moment: datetime) -> str:
    """The partition of the day that is over at a moment."""
    return (moment.date() - timedelta(days=1)).isoformat()


def month_before(moment: datetime) -> str:
    """The partition of the month that is over at a moment."""
    last_day = moment.date().replace(day=1) - timedelta(days=1)
    return last_day.replace(day=1).isoformat()


def schedules(jobs: Mapping[str, Any], settings: Settings) -> list[dg.ScheduleDefinition]:
    """The nightly refresh and the monthly reports, in the organisation's timezone."""
    zone = settings.organisation.timezone
    found = [
        dg.ScheduleDefinition(
            name="nightly_refresh",
            job=jobs["refresh"],
            cron_schedule=NIGHTLY_REFRESH,
            execution_timezone=zone,
            description="Extracts that are not daily, and every table but figures, which follow.",
        )
    ]
    if "extract_days" in jobs:

        @dg.schedule(
            job=jobs["extract_days"], cron_schedule=NIGHTLY_EXTRACTS, execution_timezone=zone
        )
        def nightly_extracts(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
            """Yesterday's exports."""
            return dg.RunRequest(partition_key=day_before(context.scheduled_execution_time))

        found.append(nightly_extracts)
    if "reports" in jobs:

        @dg.schedule(job=jobs["reports"], cron_schedule=MONTHLY_REPORTS, execution_timezone=zone)
        def monthly_reports(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
            """Reports of the month that has ended."""
            return dg.RunRequest(partition_key=month_before(context.scheduled_execution_time))

        found.append(monthly_reports)
    return found
