"""Whether the days that a run was asked for have any data."""

from datetime import date

from aar_platform.kpis.data_days import counted_days
from aar_platform.landing.store import Landing
from aar_platform.resources.platform import open_landing, open_warehouse
from aar_platform.resources.warehouse import TableMissing
from aar_platform.settings.loading import Settings


def without_data(settings: Settings, first: date | None, last: date | None) -> str | None:
    """After a run over the days `first` to `last`, a line where no data lie in them; None where
    some do, and where no days were asked for."""
    if first is None and last is None:
        return None
    since, until = first or date.min, last or date.max
    span = _counted(settings)
    # Figures are computed for whole months: a day beside the data still has those of its month.
    if span is not None and span[0].replace(day=1) <= until and since.replace(day=1) <= span[1]:
        return None
    if _has_landed(open_landing(settings), settings, since, until):
        return None
    asked = " ".join(
        f"{word} {day}" for word, day in (("from", first), ("to", last)) if day is not None
    )
    reach = f"; they lie from {span[0]} to {span[1]}" if span is not None else ""
    return f"no data lie in the days {asked}{reach}"


def _counted(settings: Settings) -> tuple[date, date] | None:
    warehouse = open_warehouse(settings, read_only=True)
    if not warehouse.path.exists():
        return None
    try:
        return counted_days(warehouse.table, settings.organisation.timezone)
    except TableMissing:
        # A selection may have made a few tables only: what has landed decides.
        return None
    finally:
        warehouse.close()


def _has_landed(landing: Landing, settings: Settings, since: date, until: date) -> bool:
    """Whether a day of these has landed rows, in the warehouse by now or not."""
    return any(
        file.rows
        for source in settings.sources
        for item in source.objects()
        if item.is_daily
        for day in landing.partitions(source.name, item.name)
        if since <= date.fromisoformat(day) <= until
        for file in landing.partition(source.name, item.name, day)
    )
