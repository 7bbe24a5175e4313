"""The sensor that watches folders: new and changed files once each."""

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from aar_platform.definitions import build_defs
from aar_platform.sensors.arrivals import arrival_sensors, changes
from aar_platform.sources.files.discovery import FoundFile


def file(name, size=10, minute=0):
    return FoundFile(Path(name), None, size, datetime(2024, 1, 1, 12, minute, tzinfo=UTC))


def test_a_file_is_a_change_when_it_is_new_larger_or_later():
    _, seen = changes([file("a"), file("b"), file("c")], {})
    found, _ = changes([file("a"), file("b", size=11), file("c", minute=1), file("d")], seen)
    assert [one.path.name for one in found] == ["b", "c", "d"]


def test_the_same_files_again_are_no_change():
    _, seen = changes([file("a"), file("b")], {})
    assert changes([file("b"), file("a")], seen) == ([], seen)


def test_a_file_that_went_and_came_back_is_a_change():
    _, seen = changes([file("a")], {})
    gone, seen = changes([], seen)
    assert gone == []
    assert [one.path.name for one in changes([file("a")], seen)[0]] == ["a"]


@pytest.fixture
def watched(new_shop):
    """A function that evaluates the shop's sensor as the daemon does, with the cursor kept."""
    place = new_shop()
    sensor = next(one for one in arrival_sensors(place.settings) if one.name == "shop_files")
    defs = build_defs(place.settings, place.config)
    cursor = {"value": None}

    def tick():
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(
                instance=instance, cursor=cursor["value"], definitions=defs
            ) as context,
        ):
            result = sensor(context)
        cursor["value"] = result.cursor
        return {
            (request.asset_selection[0].path[-1], request.partition_key): request.run_key
            for request in result.run_requests
        }

    tick.place = place
    return tick


def test_the_sensor_asks_for_every_file_once(watched):
    first = watched()
    days = {day for name, day in first if name == "extract_shop__order_lines"}
    assert days == {
        "2024-01-03", "2024-01-17", "2024-02-05", "2024-02-20", "2024-03-04", "2024-03-21",
        "2024-04-02",
    }  # fmt: skip
    assert ("extract_shop__contacts", None) in first
    assert len(first) == 8
    assert watched() == {}


def test_the_sensor_asks_for_a_changed_and_a_new_file_and_for_no_other(watched):
    first = watched()
    exports = watched.place.folder / "exports"
    changed = exports / "orders-2024-02-05.csv"
    changed.write_text(changed.read_text() + "O990,990-1,S1,1,5.00,2024-02-05 20:00:00,C001,FR\n")
    (exports / "orders-2024-04-03.csv").write_text(changed.read_text())
    found = watched()
    day = ("extract_shop__order_lines", "2024-02-05")
    assert set(found) == {day, ("extract_shop__order_lines", "2024-04-03")}
    assert found[day] != first[day], "Dagster starts no second run for a run key it has seen"
    assert watched() == {}


def test_a_folder_that_vanishes_is_no_request_and_no_crash(watched):
    first = watched()
    exports = watched.place.folder / "exports"
    exports.rename(exports.with_name("away"))
    assert watched() == {}
    exports.with_name("away").rename(exports)
    assert watched() == first, "the same run keys, which Dagster has run already"


def test_the_cursor_holds_paths_and_states_and_nothing_of_the_records(watched):
    watched()
    with dg.build_sensor_context(cursor=None) as context:
        sensor = next(
            one for one in arrival_sensors(watched.place.settings) if one.name == "shop_files"
        )
        cursor = json.loads(sensor(context).cursor)
    assert set(cursor) == {"order_lines", "contacts"}
    assert "zebra" not in json.dumps(cursor).lower()
