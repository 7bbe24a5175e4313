"""Files that arrive: the daily partitions and whole objects to extract, each once."""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

import dagster as dg

from aar_platform.settings.loading import Settings
from aar_platform.sources.files.config import FilesSource
from aar_platform.sources.files.discovery import FoundFile

Seen = Mapping[str, str]


def changes(files: list[FoundFile], seen: Seen) -> tuple[list[FoundFile], dict[str, str]]:
    """The files that are new or changed against what was seen, and what has been seen now.

    A file is known by its path, size and time of change. A file that is gone is forgotten, so that
    it counts as new when it comes back.
    """
    now = {str(file.path): f"{file.size} {file.modified.isoformat()}" for file in files}
    return [file for file in files if seen.get(str(file.path)) != now[str(file.path)]], now


def arrival_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """A sensor for each `files` source."""
    return [_arrivals(source) for source in settings.sources if isinstance(source, FilesSource)]


def _arrivals(source: FilesSource) -> dg.SensorDefinition:
    from aar_platform.sources.mapping import extract_name

    targets = [extract_name(source.name, item.name) for item in source.objects()]

    @dg.sensor(
        name=f"{source.name}_files",
        target=dg.AssetSelection.assets(*targets),
        minimum_interval_seconds=60,
        description=f"Extracts new and changed files of {source.name}, once each.",
    )
    def arrivals(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        seen: dict[str, dict[str, str]] = json.loads(context.cursor or "{}")
        requests: list[dg.RunRequest] = []
        for item in source.objects():
            changed, now = changes(source.files(item.name), seen.get(item.name, {}))
            seen[item.name] = now
            target = extract_name(source.name, item.name)
            requests += _requests(target, changed, item.is_daily)
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(seen))

    return arrivals


def _requests(target: str, changed: list[FoundFile], is_daily: bool) -> Iterator[dg.RunRequest]:
    if not changed:
        return
    if not is_daily:
        yield dg.RunRequest(
            run_key=_run_key(target, changed), asset_selection=[dg.AssetKey(target)]
        )
        return
    days = sorted({file.day for file in changed if file.day})
    for day in days:
        of_day = [file for file in changed if file.day == day]
        yield dg.RunRequest(
            run_key=_run_key(target, of_day),
            asset_selection=[dg.AssetKey(target)],
            partition_key=day.isoformat(),
        )


def _run_key(target: str, files: list[FoundFile]) -> str:
    state = "\n".join(f"{file.path} {file.size} {file.modified.isoformat()}" for file in files)
    return f"{target}:{sha256(state.encode()).hexdigest()[:16]}"
