"""The Dagster instance: where runs, events and check results are kept, for the UI to show."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from aar_platform.resources.run_history import kept_open
from aar_platform.settings.loading import Settings

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
