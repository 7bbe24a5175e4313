"""Counts from elsewhere: what a file may say, and what is refused with its row."""

import pytest
from scipy.stats import ttest_ind_from_stats

from aar_platform.models.experiments.counts import CountsUnreadable, counted_trials
from aar_platform.models.experiments.evaluation import evaluate
from aar_platform.models.experiments.policy import ExperimentPolicy

HEADER = "experiment,variant,metric,sample_size,successes,mean,standard_deviation\n"


def read(folder, text, name="e"):
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8-sig")
    return counted_trials(path, name)


def test_a_mean_and_its_deviation_are_tested_as_by_welch(tmp_path):
    trials = read(tmp_path, HEADER + "e,a,basket,900,,50.5,12\ne,b,basket,950,,52,14\n\n,,,,,,\n")
    found = {
        one.variant: one for one in evaluate(list(trials.values()), ExperimentPolicy(name="e"))
    }
    expected = ttest_ind_from_stats(52, 14, 950, 50.5, 12, 900, equal_var=False)
    assert found["b"].comparison.p_value == pytest.approx(expected.pvalue)
    assert found["b"].comparison.variance_reduction is None


def test_columns_stand_in_any_order_and_names_may_be_chinese(tmp_path):
    header = "successes, metric ,variant,sample_size,experiment\n"
    text = header + "5,注册,对照组,100,实验\n9,注册,新版,100,实验\n"
    trials = read(tmp_path, text, "实验")
    assert trials["注册"].kind == "proportion"
    assert trials["注册"].sizes == {"对照组": 100, "新版": 100}


def test_every_metric_has_its_own_sizes_and_all_are_corrected_together(tmp_path):
    text = (
        HEADER
        + "e,a,m,900,100,,\ne,b,m,900,150,,\ne,a,n,500,50,,\ne,b,n,505,80,,\ne,c,n,495,50,,\n"
    )
    found = evaluate(list(read(tmp_path, text).values()), ExperimentPolicy(name="e"))
    compared = [one for one in found if one.comparison and one.comparison.p_value is not None]
    assert {(one.trial.metric, one.variant) for one in compared} == {
        ("m", "b"), ("n", "b"), ("n", "c"),
    }  # fmt: skip
    assert {one.tests for one in found} == {3}
    least = min(compared, key=lambda one: one.comparison.p_value)
    assert least.adjusted_p_value == pytest.approx(3 * least.comparison.p_value)


def test_a_variant_of_one_metric_without_its_control_is_no_failure(tmp_path):
    text = HEADER + "e,control,m,900,100,,\ne,new,m,900,150,,\ne,new,n,500,50,,\n"
    found = evaluate(list(read(tmp_path, text).values()), ExperimentPolicy(name="e"))
    row = next(one for one in found if (one.trial.metric, one.variant) == ("n", "new"))
    assert row.comparison.obstacle == "too_few" and row.is_sample_ratio_ok is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("variant,metric\na,b\n", "the column experiment is missing"),
        ("", "the column experiment is missing"),
        (HEADER + "e,a,m,many,5,,\n", "row 2: sample_size 'many' is no whole number"),
        (HEADER + "e,a,m,-5,5,,\n", "row 2: sample_size '-5' is no whole number"),
        (HEADER + "e,a,m,5,6,,\n", "row 2: successes 6 are more than sample_size 5"),
        (HEADER + "e,a,m,5,1,3,2\n", "row 2: write either successes, or mean"),
        (HEADER + "e,a,m,5,,3,\n", "row 2: write either successes, or mean"),
        (HEADER + "e,a,m,5,,nan,2\n", "row 2: mean 'nan' is no number"),
        (HEADER + "e,a,m,5,,3,-2\n", "row 2: standard_deviation is negative"),
        (HEADER + "e,,m,5,1,,\n", "row 2: variant is empty"),
        (HEADER + "e,a,m,5,1,,\ne,a,m,6,1,,\n", "row 3: a second row of m in a"),
        (HEADER + "e,a,m,5,1,,\ne,b,m,6,,1,1\n", "row 3: m has successes in one row and a mean"),
        (HEADER + "ee,a,m,5,1,,\n", "no row is of the experiment 'e'; did you mean 'ee'?"),
    ],
)
def test_what_a_file_gets_wrong_is_told_with_its_row(tmp_path, text, said):
    with pytest.raises(CountsUnreadable) as error:
        read(tmp_path, text)
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CountsUnreadable, match="cannot be read"):
        counted_trials(tmp_path / "none.csv", "e")


@pytest.mark.parametrize("counts", [("0", "0"), ("1", "0"), ("1", "1")])
def test_hardly_any_customers_are_no_failure(tmp_path, counts):
    size, successes = counts
    text = HEADER + f"e,a,m,{size},{successes},,\ne,b,m,40,3,,\n"
    found = {
        one.variant: one
        for one in evaluate(list(read(tmp_path, text).values()), ExperimentPolicy(name="e"))
    }
    assert found["b"].comparison.obstacle == "too_few"
