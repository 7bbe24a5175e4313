"""The calendar in which daily partitions are cut."""

from aar_platform.settings.loading import Settings
from aar_platform.sources.registry import Calendar


def calendar_of(settings: Settings) -> Calendar:
    """Days of the organisation's timezone, from the first partition on."""
    return Calendar(settings.organisation.timezone, settings.start)
