"""How well records became customers is told after every run, and warned of where it is bad."""

import dagster as dg
import ibis

from aar_platform.assets import customers
from aar_platform.resources.instance import dagster_home, open_instance

WATCHED = "key:identity_suspicions or key:identity_quality"
CHECKS = {"few_are_suspicious", "links_are_expected_right", "few_wait_for_a_person"}


def watched(place):
    """By name: what the last run's checks of identity_quality said."""
    with open_instance(dagster_home(place.settings)) as instance:
        run = instance.get_runs(limit=1)[0]
        events = instance.get_records_for_run(
            run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
        ).records
        told = [event.event_log_entry.dagster_event.asset_check_evaluation_data for event in events]
    return {one.check_name: one for one in told if one.check_name in CHECKS}


def test_a_run_tells_how_its_records_became_customers(small_shop):
    rows = small_shop.query("select * from identity_quality where bucket = ''")
    told = {(row["kind"], row["measure"]): row["value"] for row in rows}
    links = small_shop.query(
        "select count(*) as records, count(distinct customer_id) as customers from customer_links"
    )[0]
    assert told["person", "records"] == links["records"] > 100
    assert told["person", "customers"] == links["customers"] < links["records"]
    assert told["person", "suspicious_customers"] == len(
        small_shop.query("select distinct customer_id from identity_suspicions")
    )


def test_the_figures_of_every_run_are_numbers_that_the_ui_can_draw(small_shop):
    with open_instance(dagster_home(small_shop.settings)) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey("identity_quality"))
    metadata = event.asset_materialization.metadata
    told = {name: metadata[name].value for name in metadata if name.startswith("person_")}
    assert told["person_records"] > 100
    assert 0.9 < told["person_expected_precision"] <= 1
    assert "person_pairs" not in told


def test_bad_figures_warn_and_hold_back_nothing(shop, monkeypatch):
    assert shop.run(WATCHED) == []
    assert {name for name, one in watched(shop).items() if one.passed} == CHECKS
    right = customers.identity_quality

    def worse(*given):
        rows = right(*given)
        bad = {"pairs": 1000.0, "expected_precision": 0.9, "review_share": 0.5}
        value = ibis.cases(
            *((rows.measure == name, figure) for name, figure in bad.items()), else_=rows.value
        )
        return (
            rows.mutate(value=value)
            .union(
                ibis.memtable(
                    [("person", name, "", bad[name], "") for name in list(bad)[1:]],
                    schema=rows.schema(),
                )
            )
            .distinct(on=["kind", "measure", "bucket"], keep="last")
        )

    monkeypatch.setattr(customers, "identity_quality", worse)
    assert shop.run(f"{WATCHED} or key:customers or key:customer_values") == []
    failed = {name: one for name, one in watched(shop).items() if not one.passed}
    assert set(failed) == {"links_are_expected_right", "few_wait_for_a_person"}
    assert {one.severity for one in failed.values()} == {dg.AssetCheckSeverity.WARN}
    assert not any(one.blocking for one in failed.values())
