"""The Dagster instance: where runs, events and check results are kept, for the UI to show."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from aar_platform.resources.run_history import kept_open
from aar_platform.settings.loading import Settings

# The process that `aar run` runs in.
PROCESS_TAG = "aar/process"
DAGSTER_YAML = Path(__file__).parents[1] / "dagster.yaml"


def dagster_home(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path:
    """DAGSTER_HOME, else the folder `dagster` beside the landing."""
    stated = environment.get("DAGSTER_HOME")
    return Path(stated) if stated else settings.landing.parent / "dagster"


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of a folder, made with the platform's dagster.yaml where there is none yet."""
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        shutil.copyfile(DAGSTER_YAML, home / "dagster.yaml")
    with (
        kept_open(home.absolute()),
        dg.DagsterInstance.from_config(str(home.absolute())) as instance,
    ):
        yield instance


def end_dead_runs(instance: dg.DagsterInstance) -> None:
    """Report runs of `aar run` as failed whose process was killed.

    Else they would be shown as under way for ever, and hold the pool `warehouse` against runs that
    the UI queues.
    """
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    for run in instance.get_runs(filters=started):
        process = run.tags.get(PROCESS_TAG)
        if process is not None and not _is_alive(int(process)):
            instance.report_run_failed(run, "its process ended before the run did")


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # No harmless way to ask there.
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
