"""A run over some days or months replaces those and nothing else."""

import dagster as dg

from aar_platform.commands.run import RANGE_END, RANGE_START
from aar_platform.definitions import FIGURES, build_defs
from aar_platform.resources.instance import dagster_home, open_instance

EXTRACT = "extract_shop__order_lines"


def landed(place):
    return {
        path.parent.name: path.read_text()
        for path in (place.folder / "data/landing/shop/order_lines").glob("*/manifest.json")
    }


def order_more(place, day):
    path = place.folder / f"exports/orders-{day}.csv"
    path.write_text(path.read_text() + f"O{day},{day}-1,S1,1,5.00,{day} 20:00:00,C001,FR\n")


def run_of(place, job):
    with open_instance(dagster_home(place.settings)) as instance:
        return [run.run_id for run in instance.get_runs(dg.RunsFilter(job_name=job))]


def test_a_run_over_a_range_of_days_lands_those_days_in_one_run(shop):
    before, runs = landed(shop), run_of(shop, "extract_days")
    for day in ("2024-01-17", "2024-02-05", "2024-03-04"):
        order_more(shop, day)
    assert shop.run(EXTRACT, first="2024-01-10", last="2024-02-10") == []
    after = landed(shop)
    assert after.keys() == before.keys()
    changed = {day for day in after if after[day] != before[day]}
    assert changed == {"2024-01-17", "2024-02-05"}
    assert len(run_of(shop, "extract_days")) == len(runs) + 1
    with open_instance(dagster_home(shop.settings)) as instance:
        done = instance.get_materialized_partitions(dg.AssetKey(EXTRACT))
    assert {"2024-01-10", "2024-01-17", "2024-02-10"} <= done


def test_a_backfill_of_two_months_replaces_those_and_the_periods_they_are_a_part_of(shop):
    right = figures(shop)
    shop.spoil("update kpis set value = -1 where kpi in ('revenue', 'churn_rate')")
    defs = build_defs(shop.settings, shop.config)
    with open_instance(dagster_home(shop.settings)) as instance:
        done = defs.resolve_job_def(FIGURES).execute_in_process(
            instance=instance,
            tags={RANGE_START: "2024-02-01", RANGE_END: "2024-03-01"},
            asset_selection=[dg.AssetKey(name) for name in ("kpi_revenue", "kpi_churn_rate")],
        )
    assert done.success
    found = figures(shop)
    assert found.keys() == right.keys()
    anew = {
        "day": ("2024-02-01", "2024-03-31"),
        "week": ("2024-01-29", "2024-03-25"),
        "month": ("2024-02-01", "2024-03-01"),
        "quarter": ("2024-01-01", "2024-01-01"),
        "year": ("2024-01-01", "2024-01-01"),
    }
    for key, value in right.items():
        kpi, period, start, *_ = key
        first, last = anew[period]
        is_anew = kpi not in ("revenue", "churn_rate") or first <= start <= last
        assert found[key] == (value if is_anew else -1), key


def test_months_asked_for_at_the_command_line_are_replaced_and_no_others(shop):
    right = {key: value for key, value in figures(shop).items() if key[:2] == ("orders", "month")}
    shop.spoil("delete from kpis where kpi = 'orders'")
    assert shop.run("kpi_orders", first="2024-02-01", last="2024-02-29") == []
    found = {key: value for key, value in figures(shop).items() if key[:2] == ("orders", "month")}
    assert found == {key: value for key, value in right.items() if key[2] == "2024-02-01"}


def figures(place):
    """{(kpi, period, period_start, dimension, member): value}."""
    rows = place.query("select kpi, period, period_start, dimension, member, value from kpis")
    return {tuple(row.values())[:5]: row["value"] for row in rows}
