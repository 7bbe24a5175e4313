"""`aar run`: the pipeline in this process, job by job, in the order in which they depend."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import dagster as dg
from rich.console import Console

from aar_platform import definitions
from aar_platform.commands.progress import LOGGER, Steps
from aar_platform.kpis.data_days import counted_days, last_data_day
from aar_platform.reports.months import report_month
from aar_platform.resources.instance import (
    PROCESS_TAG,
    dagster_home,
    end_dead_runs,
    open_instance,
)
from aar_platform.resources.platform import open_landing, open_warehouse
from aar_platform.settings.calendar import calendar_of
from aar_platform.settings.loading import Settings
from aar_platform.sources.registry import ONLY_NEW_TAG

_PLATFORM = __name__.partition(".")[0]

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"

ORDER = (
    definitions.EXTRACT_DAYS,
    definitions.REFRESH,
    definitions.FIGURES,
    definitions.REPORTS,
)


class SelectionEmpty(ValueError):
    """Nothing matches what was selected."""


@dataclass(frozen=True)
class Window:
    """The days asked for with --from and --to, both included; None: whatever has data."""

    first: date | None = None
    last: date | None = None


def run_pipeline(
    settings: Settings, path: Path, select: str | None, window: Window, console: Console
) -> list[str]:
    """Materialise what is selected; returns a line per failure, none when all went well.

    A job that fails ends the run: what depends on it keeps its former rows. Only the day files
    that cannot be read hold up nothing else: each is a partition of its own.
    """
    failures: list[str] = []
    steps = Steps()
    defs = definitions.build_defs(settings, path, loggers={LOGGER: steps.as_dagster_logger()})
    chosen = _chosen(defs, select)
    _require_warehouse(settings)
    with open_instance(dagster_home(settings)) as instance:
        end_dead_runs(instance)
        for name in ORDER:
            if not defs_has(defs, name):
                continue
            job = defs.resolve_job_def(name)
            keys = _keys(job, chosen)
            if not keys:
                continue
            tags = _partitions(name, settings, window, is_selected=select is not None)
            if tags is None:
                console.print(f"{name:<14} nothing new")
                continue
            selection = None if chosen is None else sorted(keys)
            with steps.shown(name, _step_count(job, selection), console):
                result = job.execute_in_process(
                    instance=instance,
                    tags={**tags, PROCESS_TAG: str(os.getpid())},
                    run_config={"loggers": {LOGGER: {}}},
                    asset_selection=selection,
                    raise_on_error=False,
                )
            if not result.success:
                failures += _told_once(_failures(result))
                if name != definitions.EXTRACT_DAYS:
                    return failures
    return failures


def _require_warehouse(settings: Settings) -> None:
    """A wrong key, another writer or a damaged file ends the run before anything is landed."""
    warehouse = open_warehouse(settings, read_only=True)
    if warehouse.path.exists():
        warehouse.tables()
        warehouse.close()


def defs_has(defs: dg.Definitions, name: str) -> bool:
    """Whether there is a job of that name: without daily sources there is none to extract them."""
    return any(job.name == name for job in defs.jobs or [])


def _chosen(defs: dg.Definitions, select: str | None) -> set[dg.AssetKey] | None:
    if select is None:
        return None
    graph = defs.resolve_asset_graph()
    names = sorted(key.to_user_string() for key in graph.get_all_asset_keys())
    try:
        keys = set(dg.AssetSelection.from_string(select).resolve(graph))
    except dg.DagsterError:
        keys = set()
    # Tables that change together cannot be made one without the other.
    keys |= {
        key
        for asset in graph.assets_defs
        if not asset.can_subset and asset.keys & keys
        for key in asset.keys
    }
    if not keys:
        near = difflib.get_close_matches(select.strip("+* "), names, 1)
        remedy = f"did you mean {near[0]}?" if near else "the Dagster UI and docs/ list them"
        raise SelectionEmpty(f"--select {select}: no asset matches; {remedy}")
    return keys


def _keys(job: dg.JobDefinition, chosen: set[dg.AssetKey] | None) -> set[dg.AssetKey]:
    keys = set(job.asset_layer.executable_asset_keys)
    return keys if chosen is None else keys & chosen


def _step_count(job: dg.JobDefinition, selection: Sequence[dg.AssetKey] | None) -> int:
    part = job if selection is None else job.get_subset(asset_selection=set(selection))
    return len(part.graph.node_dict)


def _partitions(
    job: str, settings: Settings, window: Window, is_selected: bool
) -> Mapping[str, str] | None:
    """The tags that say which partitions a job takes; None where none of them has anything new."""
    if job == definitions.REFRESH:
        return {}
    if job == definitions.EXTRACT_DAYS:
        days = _range(_days(settings, window))
        is_new = not (window.first or window.last)
        return {**days, ONLY_NEW_TAG: "true"} if days and is_new else days
    return _range(_months(settings, window, only_last=job == definitions.REPORTS))


def _range(span: tuple[date, date] | None) -> Mapping[str, str] | None:
    if span is None:
        return None
    return {RANGE_START: span[0].isoformat(), RANGE_END: span[1].isoformat()}


def _days(settings: Settings, window: Window) -> tuple[date, date] | None:
    if window.first or window.last:
        return window.first or settings.start, window.last or _today(settings)
    landing = open_landing(settings)
    days = [
        day
        for source in settings.sources
        for item in source.objects()
        if item.is_daily
        for day in source.changed_days(landing, item.name, calendar_of(settings))
    ]
    return (min(days), max(days)) if days else None


def _months(settings: Settings, window: Window, only_last: bool) -> tuple[date, date] | None:
    """First days of the first and last month to compute: those asked for, else those with data.

    Reports are of the last month that the data covers completely.
    """
    span = _data_span(settings)
    start = max(window.first or span.first, settings.start).replace(day=1)
    last = window.last or (span.last_sale if only_last else span.last)
    end = max(min(last, _today(settings)).replace(day=1), start)
    if not only_last:
        return start, end
    # An order dated in the future, a slip of the pen, moves no report there.
    month = max(report_month(min(last, span.last_sale, _today(settings))), start)
    return month, month


class _Span(NamedTuple):
    """The first and last day with anything to count or with a figure, and the last day with data
    by sales."""

    first: date
    last: date
    last_sale: date


def _data_span(settings: Settings) -> _Span:
    warehouse = open_warehouse(settings)
    try:
        last_sale = last_data_day(warehouse.table, settings.organisation.timezone)
        days = [last_sale, *(counted_days(warehouse.table, settings.organisation.timezone) or ())]
        if warehouse.has("kpis"):
            # Months that have lost their data are computed too: they are emptied.
            months = warehouse.table("kpis").filter(lambda t: t.period == "month").period_start
            days += [one.to_pyarrow().as_py() for one in (months.min(), months.max())]
    finally:
        warehouse.close()
    told = [day for day in days if day is not None]
    return _Span(min(told), max(told), last_sale)


def _today(settings: Settings) -> date:
    return datetime.now(ZoneInfo(settings.organisation.timezone)).date()


def _told_once(failures: Iterable[tuple[str, str]]) -> list[str]:
    """A line per failure; one line where many steps failed for the same reason."""
    steps: dict[str, list[str]] = {}
    for step, text in failures:
        steps.setdefault(text, []).append(step)
    return [
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {text}"
        for text, names in steps.items()
    ]


def _failures(result: dg.ExecuteInProcessResult) -> Iterator[tuple[str, str]]:
    """Each step that failed, and what the platform says of it; where none of its own errors is in
    the chain, what the innermost one says."""
    for event in result.all_events:
        if event.event_type == dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
                name = check.asset_key.to_user_string()
                yield name, f"check {check.check_name} failed: {check.description or ''}".rstrip()
        elif event.event_type == dg.DagsterEventType.STEP_FAILURE:
            error = event.step_failure_data.error
            # What an error of the platform was raised from is worded for programmers: it has said
            # it in its own words, with the file or the remedy.
            while error is not None and error.cause is not None:
                if _parted(error.message, error.cls_name)[0].startswith(f"{_PLATFORM}."):
                    break
                error = error.cause
            if error is None or error.cls_name == "DagsterAssetCheckFailedError":
                continue
            _, message = _parted(error.message, error.cls_name)
            yield str(event.step_key), message or error.message.strip()


def _parted(text: str, name: str | None) -> tuple[str, str]:
    """The class of an error with its module, and what the error says; the class is empty where
    the text does not begin with it."""
    said = text.strip()
    kind, _, message = said.partition(": ")
    return (kind, message) if kind.endswith(name or "\0") else ("", said)
