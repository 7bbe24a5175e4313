"""When jobs run by the clock: extracts at night, reports when a month has ended."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from aar_platform.settings.loading import Settings
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.mapping import extract_name
from aar_platform.sources.registry import ONLY_NEW_TAG, SourceConfig

NIGHTLY_EXTRACTS = "0 1 * * *"
NIGHTLY_REFRESH = "0 2 * * *"
# On the second, when the last day's exports have come in.
MONTHLY_REPORTS = "0 5 2 * *"
ONLY_NEW = {ONLY_NEW_TAG: "true"}


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
        by_file, by_call = daily_extracts(settings)

        @dg.schedule(
            job=jobs["extract_days"],
            cron_schedule=NIGHTLY_EXTRACTS,
            execution_timezone=zone,
            description="Yesterday's exports, and what systems have changed up to now.",
        )
        def nightly_extracts(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
            moment = context.scheduled_execution_time
            wanted = []
            if by_file:
                wanted.append(_request(by_file, day_before(moment), {}))
            if by_call:
                wanted.append(_request(by_call, moment.date().isoformat(), ONLY_NEW))
            return wanted

        found.append(nightly_extracts)
        found += [
            changes_schedule(source, zone)
            for source in settings.sources
            if isinstance(source, ApiSource) and source.refresh_minutes
        ]
    if "reports" in jobs:

        @dg.schedule(
            job=jobs["reports"],
            cron_schedule=MONTHLY_REPORTS,
            execution_timezone=zone,
            description="Reports of the month that has ended.",
        )
        def monthly_reports(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
            return dg.RunRequest(partition_key=month_before(context.scheduled_execution_time))

        found.append(monthly_reports)
    return found


def daily_extracts(settings: Settings) -> tuple[list[str], list[str]]:
    """The extracts that are cut by day: of files, and of systems that are asked."""
    found: tuple[list[str], list[str]] = ([], [])
    for source in settings.sources:
        daily = [item.name for item in source.objects() if item.is_daily]
        found[source.is_asked].extend(_extracts(source, daily))
    return found


def _extracts(source: SourceConfig, wanted: list[str]) -> list[str]:
    """The extracts of objects, with those by whose records they are asked for."""
    after = {item.name: item.after for item in source.objects()}
    found = dict.fromkeys(wanted)
    for name in wanted:
        found |= dict.fromkeys(after[name])
    return [extract_name(source.name, name) for name in found]


def changes_schedule(source: ApiSource, zone: str) -> dg.ScheduleDefinition:
    """What a system has changed, every few minutes; tables follow by their conditions."""
    changing = [item.name for item in source.objects() if item.changed_at]
    names = _extracts(source, changing)

    @dg.schedule(
        name=f"{source.name}_changes",
        target=dg.AssetSelection.assets(*names),
        cron_schedule=f"*/{source.refresh_minutes} * * * *",
        execution_timezone=zone,
        description=f"Asks {source.name} for what has changed since the last pull.",
    )
    def changes(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        return _request(names, context.scheduled_execution_time.date().isoformat(), ONLY_NEW)

    return changes


def _request(names: list[str], day: str, tags: Mapping[str, str]) -> dg.RunRequest:
    return dg.RunRequest(
        partition_key=day, asset_selection=[dg.AssetKey(name) for name in names], tags=dict(tags)
    )
