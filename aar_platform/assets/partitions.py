"""How assets are cut in time: days for what arrives daily, months for figures and reports."""

import dagster as dg

from aar_platform.settings.loading import Settings


def daily(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Days since `start`, in the organisation's timezone, today included."""
    return dg.DailyPartitionsDefinition(
        start_date=settings.start.isoformat(),
        timezone=settings.organisation.timezone,
        end_offset=1,
    )


def monthly(settings: Settings) -> dg.MonthlyPartitionsDefinition:
    """Months since the one `start` lies in, in the organisation's timezone, this one included."""
    return dg.MonthlyPartitionsDefinition(
        start_date=settings.start.replace(day=1).isoformat(),
        timezone=settings.organisation.timezone,
        end_offset=1,
    )
