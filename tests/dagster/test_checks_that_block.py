"""What a failed check keeps from happening, and how a person lets it happen all the same."""

import dagster as dg
import ibis

from aar_platform.assets import core, kpis
from aar_platform.resources.instance import dagster_home, open_instance

CONTACTS = "key:extract_shop__contacts or key:raw_shop__contacts"


def count(place, table):
    return place.query(f'select count(*) as n from "{table}"')[0]["n"]


def truncate(place, kept):
    path = place.folder / "exports/people.csv"
    path.write_text("\n".join(path.read_text().splitlines()[: kept + 1]) + "\n")


def test_a_table_with_a_key_twice_stops_what_is_made_from_it(shop, monkeypatch):
    scored = shop.query("select customer_id, as_of, historic_clv from customer_scores order by 1")
    right = kpis.sales_of
    monkeypatch.setattr(kpis, "sales_of", lambda *given: doubled(right(*given)))
    failures = shop.run("key:sales or key:customer_scores or key:activities")
    assert len(failures) == 1
    assert "sales: check matches_its_model failed" in failures[0]
    assert "(source, kind, record_id) occur more than once" in failures[0]
    after = shop.query("select customer_id, as_of, historic_clv from customer_scores order by 1")
    assert after == scored
    with open_instance(dagster_home(shop.settings)) as instance:
        run = instance.get_runs(limit=1)[0]
        stats = {one.step_key for one in instance.get_run_step_stats(run.run_id)}
    assert "customer_scores" not in stats
    assert "activities" not in stats


def doubled(rows):
    return rows.union(rows)


def test_a_value_that_the_model_forbids_stops_what_is_made_from_it(shop, monkeypatch):
    right = kpis.sales_of
    monkeypatch.setattr(
        kpis, "sales_of", lambda *given: right(*given).mutate(kind=ibis.literal("gift"))
    )
    failures = shop.run("key:sales or key:customer_scores")
    assert len(failures) == 1
    assert "sales.kind" in failures[0]
    assert "gift" not in failures[0]


def test_a_row_lost_on_the_way_in_stops_the_run(shop, monkeypatch):
    right = core.take_in

    def careless(*given):
        taken = right(*given)
        object.__setattr__(
            taken, "accepted", taken.accepted.filter(taken.accepted.record_id != "C001")
        )
        return taken

    monkeypatch.setattr(core, "take_in", careless)
    failures = shop.run("contacts")
    assert [line for line in failures if "no_row_is_lost" in line and "1 are missing" in line], (
        failures
    )


def test_a_truncated_extract_does_not_replace_the_table(shop):
    truncate(shop, kept=30)
    failures = shop.run(CONTACTS)
    assert len(failures) == 1
    assert "a replace would leave 30 of 120 rows" in failures[0]
    assert "aar run --select raw_shop__contacts" in failures[0]
    assert count(shop, "raw_shop__contacts") == 120
    assert shop.run(CONTACTS) == failures, "not the second time either"


def test_an_emptied_extract_does_not_replace_the_table(shop):
    truncate(shop, kept=0)
    failures = shop.run(CONTACTS)
    assert len(failures) == 1
    assert "a replace would leave 0 of 120 rows" in failures[0]
    assert count(shop, "raw_shop__contacts") == 120


def test_a_smaller_extract_is_accepted_by_materialising_the_raw_table_by_itself(shop):
    truncate(shop, kept=30)
    assert shop.run(CONTACTS)
    assert shop.run("raw_shop__contacts") == []
    assert count(shop, "raw_shop__contacts") == 30
    assert shop.run(CONTACTS) == []


def test_a_failed_check_and_its_reason_stand_in_the_event_log(shop):
    truncate(shop, kept=30)
    shop.run(CONTACTS)
    with open_instance(dagster_home(shop.settings)) as instance:
        run = instance.get_runs(limit=1)[0]
        checks = [
            record.event_log_entry.dagster_event.asset_check_evaluation_data
            for record in instance.get_records_for_run(
                run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
            ).records
        ]
    failed = [check for check in checks if not check.passed]
    assert [check.check_name for check in failed] == ["not_truncated"]
    assert "truncated" in failed[0].description
    assert failed[0].metadata["lost_share"].value == 0.75
