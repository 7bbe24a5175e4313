"""What is made from an extract follows it by itself, unless a check forbids it."""

import dagster as dg
import pytest

from aar_platform.definitions import build_defs

EXTRACT, RAW = dg.AssetKey("extract_shop__contacts"), dg.AssetKey("raw_shop__contacts")
NOT_TRUNCATED = dg.AssetCheckKey(EXTRACT, "not_truncated")


@pytest.fixture(scope="module")
def defs(small_shop):
    return build_defs(small_shop.settings, small_shop.config)


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def follow_ups(defs, instance):
    """A function that evaluates the automation conditions as the daemon does."""
    cursor = {"value": None}

    def tick():
        result = dg.evaluate_automation_conditions(defs, instance, cursor=cursor["value"])
        cursor["value"] = result.cursor
        return {key.path[-1] for key in defs.resolve_asset_graph().get_all_asset_keys()
                if result.get_num_requested(key)}  # fmt: skip

    return tick


def extracted(instance, *, passed):
    """An extract has run, and its check has said whether it looks complete."""
    instance.report_runless_asset_event(dg.AssetMaterialization(EXTRACT))
    instance.report_runless_asset_event(
        dg.AssetCheckEvaluation(
            asset_key=EXTRACT, check_name=NOT_TRUNCATED.name, passed=passed, blocking=True
        )
    )


def test_nothing_is_asked_for_before_anything_was_extracted(follow_ups):
    assert follow_ups() == set()


def test_the_raw_table_follows_its_extract(follow_ups, instance):
    follow_ups()
    extracted(instance, passed=True)
    assert "raw_shop__contacts" in follow_ups()
    assert "raw_desk__contacts" not in follow_ups()


def test_the_raw_table_does_not_follow_an_extract_that_looks_truncated(follow_ups, instance):
    follow_ups()
    extracted(instance, passed=False)
    assert follow_ups() == set()


def test_it_is_asked_for_once(follow_ups, instance):
    follow_ups()
    extracted(instance, passed=True)
    assert follow_ups() != set()
    assert follow_ups() == set()
