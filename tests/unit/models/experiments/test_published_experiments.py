"""Published experiments come out with their published figures."""

from datetime import date

import ibis
import pytest

from aar_platform.models.experiments.metrics import DEFAULT_METRICS
from aar_platform.models.experiments.policy import ExperimentPolicy
from aar_platform.models.experiments.results import experiment_results
from aar_platform.models.experiments.sample_ratio import sample_ratio_verdict
from aar_platform.tables import catalogue
from tests.unit.models.experiments.conftest import metrics_out_of

COUNTS = """\
experiment,variant,metric,sample_size,successes
cookie_cats,gate_30,retention_1,44700,20034
cookie_cats,gate_40,retention_1,45489,20119
cookie_cats,gate_30,retention_7,44700,8502
cookie_cats,gate_40,retention_7,45489,8279
landing_page,control,converted,145274,17489
landing_page,treatment,converted,145310,17264
"""


@pytest.fixture
def found(tmp_path):
    (tmp_path / "counts.csv").write_text(COUNTS, encoding="utf-8")
    engine = ibis.duckdb.connect()

    def empty(name):
        return engine.create_table(name, schema=catalogue.ibis_schema(name))

    policies = [
        ExperimentPolicy(name=name, counts=tmp_path / "counts.csv")
        for name in ("cookie_cats", "landing_page")
    ]
    return experiment_results(
        empty("experiment_assignments"),
        empty("customer_links"),
        metrics_out_of(empty("sales"), DEFAULT_METRICS),
        DEFAULT_METRICS,
        policies,
        "UTC",
        date(2024, 1, 1),
    )


def rows_of(found):
    return {(row["metric"], row["variant"]): row for row in found.to_pyarrow().to_pylist()}


def test_cookie_cats_keeps_fewer_players_after_a_week_and_as_many_after_a_day(found):
    rows = rows_of(found)
    day, week = rows["retention_1", "gate_40"], rows["retention_7", "gate_40"]
    assert day["control"] == week["control"] == "gate_30"
    assert (rows["retention_1", "gate_30"]["sample_size"], day["sample_size"]) == (44700, 45489)
    assert f"{rows['retention_1', 'gate_30']['value']:.2%} {day['value']:.2%}" == "44.82% 44.23%"
    assert f"{rows['retention_7', 'gate_30']['value']:.2%} {week['value']:.2%}" == "19.02% 18.20%"
    assert f"{day['p_value']:.3f}" == "0.074"
    assert f"{week['p_value']:.4f}" == "0.0016"
    assert week["adjusted_p_value"] == pytest.approx(2 * week["p_value"])
    assert week["ci_high"] < 0 < day["ci_high"]


def test_cookie_cats_fails_the_sample_ratio_check_and_says_so_instead_of_its_figures(found):
    rows = rows_of(found)
    for metric in ("retention_1", "retention_7"):
        for variant in ("gate_30", "gate_40"):
            row = rows[metric, variant]
            assert f"{row['sample_ratio_p_value']:.4f}" == "0.0086"
            assert row["is_sample_ratio_ok"] is False
            assert row["verdict_en"].startswith("Do not trust any figure of this experiment")
            assert "once in 116 experiments" in row["verdict_en"]
            assert row["verdict_zh"].startswith("请勿相信本实验的任何数字")
            assert "19.02%" not in row["verdict_en"]
    told = sample_ratio_verdict(found)
    assert not told.passed
    assert told.message.startswith("do not trust the figures of cookie_cats (p = 0.0086)")
    assert "landing_page" not in told.message


def test_the_landing_page_makes_no_difference(found):
    row = rows_of(found)["converted", "treatment"]
    control = rows_of(found)["converted", "control"]
    assert row["sample_size"] + control["sample_size"] == 290_584
    assert f"{control['value']:.5f} {row['value']:.5f}" == "0.12039 0.11881"
    assert f"{row['p_value']:.3f}" == "0.190"
    assert row["is_sample_ratio_ok"] is True
    assert "does not differ" in row["verdict_en"] and "没有超出偶然范围" in row["verdict_zh"]


def test_z_of_the_landing_page_is_that_of_the_pooled_test():
    from aar_platform.models.experiments.proportions import z_test

    z, p_value = z_test((17489, 17264), (145274, 145310))
    assert f"{z:.3f} {p_value:.3f}" == "1.311 0.190"
