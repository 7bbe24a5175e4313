"""What `aar run` shows while it works: the step under way and those done."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

LOGGER = "progress"


class Steps(logging.Handler):
    """Turns Dagster's step events into the movement of a progress bar."""

    def __init__(self) -> None:
        super().__init__()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    @contextmanager
    def shown(self, title: str, steps: int, console: Console) -> Iterator[None]:
        """Show a bar for a job of so many steps while it runs."""
        columns = (
            TextColumn("{task.fields[title]:<14}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("", total=steps, title=title)
            self._progress, self._task = progress, task
            yield
            progress.update(task, description="")
        self._progress = self._task = None

    def emit(self, record: logging.LogRecord) -> None:
        """Take in one record of a run's log."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None or self._progress is None or self._task is None:
            return
        if event.event_type == dg.DagsterEventType.STEP_START:
            self._progress.update(self._task, description=event.step_key)
        elif event.event_type in (
            dg.DagsterEventType.STEP_SUCCESS,
            dg.DagsterEventType.STEP_FAILURE,
            dg.DagsterEventType.STEP_SKIPPED,
        ):
            self._progress.advance(self._task)

    def as_dagster_logger(self) -> dg.LoggerDefinition:
        """The handler as a logger that a run can be configured with."""

        @dg.logger(config_schema={})
        def progress(_: dg.InitLoggerContext) -> logging.Logger:
            logger = logging.Logger(LOGGER)
            logger.addHandler(self)
            return logger

        return progress
