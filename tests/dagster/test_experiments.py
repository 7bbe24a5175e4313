"""Experiments run in the pipeline, from an exported file of assignments to a verdict."""

import dagster as dg
import pytest

from aar_platform.resources.instance import dagster_home, open_instance

ASSIGNED = """\
      - path: exports/experiment.csv
        into: experiment_assignments
        columns: {experiment: test, variant: arm, contact_id: who, assigned_at: at}
"""
COUNTS = """\
experiment,variant,metric,sample_size,successes
cookie_cats,gate_30,retention_1,44700,20034
cookie_cats,gate_40,retention_1,45489,20119
"""


@pytest.mark.long
def test_every_experiment_has_its_results_and_wrong_sizes_are_warned_of(new_shop):
    place = new_shop()
    rows = [
        f"checkout,{'control' if i % 2 else 'new'},C{i:03d},2024-02-01 10:00" for i in range(1, 121)
    ]
    # Ids of another system: they are contacts of nobody.
    rows += [f"banner,{'control' if i % 2 else 'new'},web-{i},2024-02-01 10:00" for i in range(80)]
    place.write("exports/experiment.csv", "\n".join(["test,arm,who,at", *rows]) + "\n")
    place.write("counts.csv", COUNTS)
    text = place.config.read_text().replace("  - name: desk\n", ASSIGNED + "  - name: desk\n")
    place.config.write_text(text + "experiments:\n  - {name: cookie_cats, counts: counts.csv}\n")
    assert place.run() == []
    found = {
        (row["experiment"], row["metric"], row["variant"]): row
        for row in place.query("select * from experiment_results")
    }
    assert {(one, metric) for one, metric, _ in found} == {
        ("checkout", "conversion"), ("checkout", "orders"), ("checkout", "revenue"),
        ("cookie_cats", "retention_1"),
        ("banner", "conversion"), ("banner", "orders"), ("banner", "revenue"),
    }  # fmt: skip
    told = {row["verdict_en"] for (one, *_), row in found.items() if one == "banner"}
    assert len(told) == 1 and told.pop().endswith("Is contact_id that of source “shop”?")
    assert "contact_id" not in found["checkout", "revenue", "new"]["verdict_en"]
    spent = place.query(
        """
        select sum(amount_reporting) / 60 as value
        from sales join customer_links using (customer_id)
        where object = 'contacts' and customer_links.record_id in
            (select contact_id from experiment_assignments where variant = 'new')
            and customer_links.source = 'shop' and sold_on >= '2024-02-01'
        """
    )[0]["value"]
    new = found["checkout", "revenue", "new"]
    assert new["sample_size"] == 60 and new["control"] == "control"
    assert abs(float(spent) - new["value"]) < 1e-9
    assert found["cookie_cats", "retention_1", "gate_40"]["verdict_en"].startswith("Do not trust")
    with open_instance(dagster_home(place.settings)) as instance:
        events = [
            record.event_log_entry.dagster_event.asset_check_evaluation_data
            for run in instance.get_runs()
            for record in instance.get_records_for_run(
                run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION
            ).records
        ]
    told = next(one for one in events if one.check_name == "sample_ratios_hold")
    assert not told.passed and told.severity == dg.AssetCheckSeverity.WARN
    assert "cookie_cats (p = 0.0086)" in told.description
    assert "checkout" not in told.description
