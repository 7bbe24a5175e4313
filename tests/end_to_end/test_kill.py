"""A run that is killed at any moment is made good by the next."""

import contextlib
import re
import sqlite3
import time

import pytest

# The step in which the run is killed, and seconds after the step began.
SOONEST = ("while a table is loaded", "while customers are found")
MOMENTS = {
    "while files land": ("extract_shop__order_lines", 0.02),
    "while a table is loaded": ("raw_shop__order_lines", 0.05),
    "while rows are sifted": ("order_lines", 0.3),
    "while customers are found": ("identity", 0.6),
    "while figures are written": ("kpi_figures", 0.2),
    "while reports are rendered": ("rendered_reports", 0.5),
}

FETCHED = re.compile(r"\w+ \d+, \d{4}, \d+:\d+\s[AP]M")


def has_begun(place, step):
    for path in (place.folder / "data/dagster/history/runs").glob("*.db"):
        with (
            contextlib.suppress(sqlite3.OperationalError),  # not made yet, or being written
            contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as log,
        ):
            found = log.execute(
                "select 1 from event_logs where step_key = ? and dagster_event_type = 'STEP_START'",
                [step],
            ).fetchone()
            if found:
                return True
    return False


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        pytest.param(*moment, id=name, marks=() if name in SOONEST else pytest.mark.long)
        for name, moment in MOMENTS.items()
    ],
)
def test_after_a_kill_and_a_new_run_every_table_is_as_if_undisturbed(
    step, seconds, new_shop, small_shop
):
    place = new_shop()
    run = place.start("run")
    while run.poll() is None and not has_begun(place, step):
        time.sleep(0.02)
    time.sleep(seconds)
    assert run.poll() is None, f"the run ended before it could be killed: {run.communicate()}"
    run.kill()
    run.wait()
    assert run.returncode == -9

    assert place.run() == []
    disturbed, undisturbed = (one.tables(with_times=False) for one in (place, small_shop))
    assert disturbed.keys() == undisturbed.keys()
    assert [name for name in disturbed if disturbed[name] != undisturbed[name]] == []
    assert reports(place) == reports(small_shop)
    assert leftovers(place) == []
    assert set(runs(place)) == {"SUCCESS", "FAILURE"}, "the killed run is still shown as under way"


def runs(place):
    """The states of all runs, as the UI shows them."""
    path = place.folder / "data/dagster/history/runs.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as history:
        return [status for (status,) in history.execute("select status from runs")]


def reports(place):
    """Every report's path and content, without the time at which a source was fetched."""
    return {
        path.relative_to(place.folder).as_posix(): FETCHED.sub("", path.read_text())
        for path in (place.folder / "reports").rglob("*")
        if path.is_file()
    }


def leftovers(place):
    """Files of the landing that no manifest names."""
    found = []
    partitions = (place.folder / "data/landing").glob("*/*/*")
    # Beside the partitions lies the log of extracts, a file a month.
    for folder in (one for one in partitions if one.is_dir()):
        manifest = (folder / "manifest.json").read_text()
        found += [
            path for path in folder.iterdir()
            if path.name != "manifest.json" and path.name not in manifest
        ]  # fmt: skip
    return found
