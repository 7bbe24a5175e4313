"""What Dagster loads, without running it: lightness, completeness, appearance."""

import json
import subprocess
import sys

import pytest

from aar_platform.definitions import build_defs
from aar_platform.kpis.registry import kpis
from aar_platform.tables import catalogue

HEAVY = (
    "pandas", "pandera", "sklearn", "matplotlib", "splink", "pyspark", "scipy", "statsmodels",
    "phonenumbers", "typst", "jinja2",
)  # fmt: skip
LOAD = f"""
import json, socket, sys

def refuse(*arguments, **named):
    raise OSError("there is no network")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.create_connection = socket.getaddrinfo = refuse
from aar_platform.definitions import defs
keys = [key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()]
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print(json.dumps({{"keys": keys, "heavy": heavy}}))
"""
# Of later issues: in the catalogue, made by no asset yet.
PLANNED = {"model_runs"}


def loaded(folder, **environment):
    done = subprocess.run(
        [sys.executable, "-c", LOAD], env=environment, cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def graph(small_shop):
    return build_defs(small_shop.settings, small_shop.config).resolve_asset_graph()


def test_definitions_load_without_network_secrets_and_heavy_imports(new_shop, tmp_path):
    place = new_shop()
    text = place.config.read_text().replace("organisation: {name: Small,", "organisation: {")
    place.config.write_text(
        text + 'warehouse: {url: duckdb://data/w.duckdb, encryption_key: "${AAR_KEY}"}\n'
    )
    found = loaded(tmp_path, AAR_CONFIG=str(place.config))
    assert "raw_shop__order_lines" in found["keys"]
    assert found["heavy"] == []
    assert not (place.folder / "data").exists(), "to draw the graph nothing is opened or made"


def test_definitions_load_where_there_is_no_aar_yaml(tmp_path):
    assert {"customers", "kpi_revenue", "portfolio"} <= set(loaded(tmp_path)["keys"])


def test_every_asset_that_another_names_can_be_executed(graph):
    assert graph.unexecutable_asset_keys == set()
    assert graph.observable_asset_keys == set()


def test_every_check_is_of_an_asset_that_there_is(graph):
    assert graph.asset_check_keys
    missing = {
        key
        for key in graph.asset_check_keys
        if key.asset_key not in graph.materializable_asset_keys
    }
    assert missing == set()


def test_every_table_has_a_blocking_check_against_its_model(graph):
    checked = {
        key.asset_key.path[-1] for key in graph.asset_check_keys if key.name == "matches_its_model"
    }
    assert checked == {*catalogue.CORE, *catalogue.OUTPUTS} - PLANNED - {"report_files"}
    sound = {key.asset_key.path[-1] for key in graph.asset_check_keys if key.name == "is_sound"}
    assert sound == {one.table for one in kpis().values()}
    warning = {key for key in graph.asset_check_keys if not graph.get(key).blocking}
    warned_of = {"identity_quality", "experiment_results", *sound}
    assert {key.asset_key.path[-1] for key in warning} == warned_of


def test_a_check_is_cut_in_time_as_its_table_is(graph):
    for key in graph.asset_check_keys:
        if key.name == "matches_its_model":
            assert graph.get(key).partitions_def == graph.get(key.asset_key).partitions_def, key


def test_every_asset_says_its_group_owner_kind_and_meaning(graph):
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.group_name not in (None, "", "default"), key
        assert node.owners, key
        assert node.kinds, key
        assert node.description and len(node.description) > 20, key


def test_every_table_shows_its_columns(graph):
    tables = {one.table for one in kpis().values()}
    assert len(tables) >= 49
    for name in {*catalogue.CORE, *catalogue.OUTPUTS, *tables} - PLANNED:
        node = next(graph.get(key) for key in graph.get_all_asset_keys() if key.path[-1] == name)
        columns = node.metadata["dagster/column_schema"].columns
        assert [column.name for column in columns] == catalogue.column_names(name)
        assert all(column.tags["privacy"] for column in columns)


def test_a_planned_table_has_no_asset_yet(graph):
    made = {key.path[-1] for key in graph.get_all_asset_keys()}
    assert PLANNED & made == set(), "it has an asset now: take it out of PLANNED"


def test_a_mapped_column_tells_the_raw_column_it_comes_from(graph):
    node = next(graph.get(key) for key in graph.get_all_asset_keys() if key.path == ["contacts"])
    lineage = node.metadata["dagster/column_lineage"].deps_by_column
    origins = {(dep.asset_key.path[-1], dep.column_name) for dep in lineage["full_name"]}
    assert origins == {("raw_shop__contacts", "name"), ("raw_desk__contacts", "name")}


def test_a_daily_folder_has_daily_partitions_and_one_file_has_none(graph):
    by_name = {key.path[-1]: graph.get(key) for key in graph.get_all_asset_keys()}
    days = by_name["extract_shop__order_lines"].partitions_def
    assert days.get_first_partition_key() == "2024-01-01"
    assert days.timezone == "Europe/Paris"
    assert by_name["extract_shop__contacts"].partitions_def is None


def test_a_backfill_of_days_or_months_is_one_run(graph):
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        if node.partitions_def is not None and node.group_name != "reports":
            assert node.backfill_policy.max_partitions_per_run is None, key


def test_jobs_schedules_and_sensors_are_there(small_shop):
    defs = build_defs(small_shop.settings, small_shop.config)
    assert {one.name for one in defs.jobs} == {"extract_days", "refresh", "figures", "reports"}
    assert {one.name for one in defs.schedules} == {
        "nightly_refresh", "nightly_extracts", "monthly_reports",
    }  # fmt: skip
    assert {one.name for one in defs.sensors} == {"shop_files", "desk_files", "follow_ups"}
    defs.validate_loadable(defs)
