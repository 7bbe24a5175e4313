"""The figure of the last complete month is a number of its asset, and its check tells the range."""

import dagster as dg
import pytest

from aar_platform.resources.instance import open_instance

KPI = dg.AssetKey("kpi_revenue")
MONTH = "2024-03"


@pytest.fixture(scope="module")
def events(small_shop):
    """The last materialisation of revenue, and the last evaluation of its check."""
    with open_instance(small_shop.folder / "data/dagster") as instance:
        key = dg.AssetCheckKey(KPI, "is_as_expected")
        checks = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])
        evaluation = checks[key].event.dagster_event.event_specific_data
        return instance.get_latest_materialization_event(KPI).asset_materialization, evaluation


def test_the_asset_has_its_figure_as_a_number(small_shop, events):
    (row,) = small_shop.query(
        "select value from kpi_revenue where period = 'month' and dimension = 'all' "
        f"and period_start = date '{MONTH}-01'"
    )
    told = events[0].metadata
    assert (told["value"].value, told["month"].value) == (row["value"], MONTH)


def test_the_check_tells_month_value_and_that_there_are_too_few_months(events):
    evaluation = events[1]
    assert evaluation.passed
    assert evaluation.metadata["month"].value == MONTH
    assert evaluation.metadata["value"].value == events[0].metadata["value"].value
    assert evaluation.description.startswith(f"{MONTH}: ")
    assert evaluation.description.endswith(" EUR; too few months to expect anything")
