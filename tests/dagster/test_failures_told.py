"""A step that fails is told in the platform's own words, where it has any."""

import dagster as dg
import pytest

from aar_platform.commands.run import _failures
from aar_platform.models.experiments.counts import counted_trials


def told(fail):
    """What is told of a step that calls `fail`."""

    @dg.op(name="step")
    def step() -> None:
        fail()

    @dg.job(executor_def=dg.in_process_executor)
    def failing() -> None:
        step()

    return list(_failures(failing.execute_in_process(raise_on_error=False)))


@pytest.mark.parametrize("content", ["experiment,variant\ncaf\xe9,a\n".encode("latin-1"), None])
def test_the_platforms_own_line_is_told_and_not_what_it_was_raised_from(tmp_path, content):
    path = tmp_path / "counts.csv"
    if content is not None:
        path.write_bytes(content)
    [(step, text)] = told(lambda: counted_trials(path, "checkout"))
    assert step == "step"
    assert text.startswith(f"{path}: cannot be read: "), text


def test_an_error_that_is_not_the_platforms_is_told_by_its_innermost_cause():
    def fail():
        try:
            raise OSError("the disk is full")
        except OSError as error:
            raise RuntimeError("step failed") from error

    assert told(fail) == [("step", "the disk is full")]
