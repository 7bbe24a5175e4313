"""What an executive reads: one sentence, in English and Chinese, that says when not to believe."""

from dataclasses import replace

import pytest

from aar_platform.models.experiments.counts import counted
from aar_platform.models.experiments.definition import Moments, Trial
from aar_platform.models.experiments.evaluation import evaluate
from aar_platform.models.experiments.policy import ExperimentPolicy
from aar_platform.models.experiments.texts import TEXTS
from aar_platform.models.experiments.verdict import verdict


def trial(kind="proportion", name="conversion", **variants):
    return Trial(
        name,
        kind,
        "the share of customers who bought",
        "购买客户占比",
        {variant: counted(*one) for variant, one in variants.items()},
    )


def share(successes, size):
    return size, successes / size, 0.0


def said(*trials, variant="new", contaminated=0, metric=None, **policy):
    found = evaluate(trials, ExperimentPolicy(name="e", **policy), contaminated)
    result = next(
        one for one in found
        if one.variant == variant and one.trial.metric == (metric or trials[0].metric)
    )  # fmt: skip
    return verdict(result, "en"), verdict(result, "zh")


def test_a_sure_difference_is_told_with_its_size_and_surety():
    english, chinese = said(trial(control=share(2000, 20000), new=share(2400, 20000)))
    assert english == (
        "The share of customers who bought is 20.0% higher with “new” than with “control” "
        "(12.00% instead of 10.00%; with 95% confidence between 13.5% higher and 26.9% higher), "
        "and chance alone hardly explains that (p < 0.0001)."
    )
    assert chinese == (
        "采用“new”时，购买客户占比比“control”高 20.0%（12.00%，对照为 10.00%；"
        "95% 置信区间为高 13.5%至高 26.9%），难以用偶然来解释（p < 0.0001）。"
    )


def test_no_difference_says_what_could_have_been_seen():
    english, chinese = said(trial(control=share(100, 1000), new=share(104, 1000)))
    assert "does not differ between “new” and “control” by more than chance explains" in english
    assert "only a difference of 37.9% or more would have been noticed reliably" in english
    assert "只有达到37.9%的差异才能可靠地被发现" in chinese


def test_a_difference_that_was_only_looked_for_once_says_so():
    english, chinese = said(trial(control=share(1000, 10000), new=share(1090, 10000)))
    assert "is 9.0% higher" in english and "only if the day to stop was fixed beforehand" in english
    assert "仅当结束日期事先已定时才可相信" in chinese


def test_what_does_not_outlast_the_correction_is_not_to_be_acted_on():
    near = trial(control=share(1000, 10000), new=share(1090, 10000))
    others = [
        trial(name=f"m{i}", control=share(1000, 10000), new=share(1000, 10000)) for i in range(4)
    ]
    english, chinese = said(near, *others)
    assert "do not act on it: among 5 comparisons" in english
    assert "p = 0.19, corrected for 5 comparisons" in english
    assert "请勿据此决策：在 5 项比较中" in chinese


@pytest.mark.parametrize(
    ("control", "new"),
    [
        (share(3, 12), share(2, 9)),
        (share(1, 1000), share(3, 1000)),
        (share(999, 1000), share(998, 1000)),
    ],
)
def test_too_few_customers_or_buyers_are_not_believed(control, new):
    english, chinese = said(trial(control=control, new=new))
    assert (
        "cannot be compared yet" in english and "at least 30 in each, of whom enough did" in english
    )
    assert "暂时无法比较" in chinese and "预计各不少于 5 位" in chinese


def test_wrong_sizes_silence_everything_else():
    english, chinese = said(
        trial(control=share(2000, 20000), new=share(2400, 18000)), contaminated=9000
    )
    assert english.startswith("Do not trust any figure") and "higher" not in english
    assert "practically never" in english and "“new”: 18,000" in english
    assert chinese.startswith("请勿相信") and "几乎不可能" in chinese


def test_many_variants_of_wrong_sizes_are_not_all_listed():
    variants = {f"v{i:02d}": share(10, 100 + 50 * i) for i in range(12)}
    english, chinese = said(trial(**variants), variant="v03")
    assert "and 7 more" in english and "另有 7 组" in chinese


def test_a_misspelt_control_is_told_with_what_was_meant():
    both = trial(control=share(100, 1000), new=share(104, 1000))
    english, chinese = said(both, control="contrl")
    assert "nobody is in “contrl”" in english and "probably “control” is meant" in english
    assert "可能是指“control”" in chinese


def test_the_control_itself_is_said_to_be_it():
    english, chinese = said(
        trial(control=share(100, 1000), new=share(104, 1000)), variant="control"
    )
    assert english == "“control” is the control: the other variants are compared with it."
    assert chinese == "“control”为对照组，其他组均与它比较。"


def test_without_a_lift_the_difference_itself_is_told():
    english, chinese = said(trial("mean", control=(50, -2.0, 4.0), new=(50, 3.0, 4.0)))
    assert "is 5.00 higher" in english and "高 5.00" in chinese
    english, _ = said(trial(control=share(0, 1000), new=share(30, 1000)))
    assert "is 3.00 percentage points higher" in english


def test_a_lift_without_an_interval_has_none_in_the_sentence():
    english, _ = said(trial(control=share(30, 1000), new=share(0, 1000)))
    assert "is 100.0% lower" in english and "confidence" not in english


def test_where_nobody_is_counted_no_variant_is_said_to_have_customers():
    nobody = (0, 0.0, 0.0)
    english, chinese = said(trial(control=nobody, new=nobody))
    assert english == "Nothing can be compared yet: no customer is counted in any variant."
    assert chinese == "暂时无法比较：各组均尚未计入任何客户。"
    english, chinese = said(trial(control=share(1, 2), new=nobody))
    assert english.startswith("Nobody is in any variant but “control”")
    assert chinese.startswith("除“control”外，")


def test_every_verdict_is_one_sentence_in_both_languages():
    assert set(TEXTS["en"]) == set(TEXTS["zh"])
    sizes = [share(0, 1), share(0, 100), share(50, 100), share(60, 110), share(100, 100)]
    for control in sizes:
        for new in sizes:
            for kind in ("proportion", "mean"):
                english, chinese = said(trial(kind, control=control, new=new))
                assert english.endswith(".") and chinese.endswith("。")
                assert english[0].isupper()
                assert "{" not in english + chinese and "None" not in english + chinese
                assert "nan" not in english + chinese


def test_names_with_braces_are_only_names():
    english, _ = said(
        trial(**{"control": share(100, 1000), "{new} %s": share(104, 1000)}), variant="{new} %s"
    )
    assert "“{new} %s”" in english


def test_a_verdict_does_not_depend_on_an_unused_correction():
    one = trial(control=share(2000, 20000), new=share(2400, 20000))
    found = evaluate([one], ExperimentPolicy(name="e"))[-1]
    assert "corrected" not in verdict(found, "en")
    assert "corrected for 3" in verdict(replace(found, tests=3), "en")


def revenue(**variants):
    """A mean in euros: (size, mean, variance, mean before, covariance with it, its variance)."""
    moments = {
        name: Moments(
            size,
            (mean, 1.0, before, 1.0),
            ((variance, 0, both, 0), (0,) * 4, (both, 0, of_before, 0), (0,) * 4),
        )
        for name, (size, mean, variance, before, both, of_before) in variants.items()
    }
    return Trial("revenue", "mean", "revenue per customer", "人均收入", moments, "EUR")


def test_money_bears_its_currency():
    english, chinese = said(trial_in_euros())
    assert "€213.04 instead of €200.00" in english
    assert "€213.04，对照为 €200.00" in chinese


def trial_in_euros():
    return revenue(
        control=(1000, 200.0, 9000.0, 0.0, 0.0, 0.0), new=(1000, 213.04, 9000.0, 0.0, 0.0, 0.0)
    )


def test_what_is_told_of_an_adjusted_metric_is_the_lift_that_was_tested():
    for size, beginning in ((1000, "is 10.3% higher"), (30, "does not differ")):
        one = revenue(
            control=(size, 200.0, 9000.0, 90.0, 8000.0, 9000.0),
            new=(size, 230.0, 9000.0, 100.0, 8000.0, 9000.0),
        )
        [found] = [one for one in evaluate([one], ExperimentPolicy(name="e")) if one.comparison]
        assert found.comparison.lift == pytest.approx(225.5556 / 204.4444 - 1, abs=1e-5)
        english, chinese = verdict(found, "en"), verdict(found, "zh")
        assert beginning in english and "10.3% higher" in english and "高 10.3%" in chinese
        assert "adjusted for what already set these customers apart" in english
        assert "as counted, €230.00 instead of €200.00" in english
        assert "扣除两组客户原有的差别" in chinese and "未扣除时为 €230.00" in chinese


def test_the_p_value_told_is_the_one_corrected_for_all_comparisons():
    near = trial(control=share(1000, 10000), new=share(1040, 10000))
    others = [
        trial(name=f"m{i}", control=share(1000, 10000), new=share(1030, 10000)) for i in range(2)
    ]
    found = evaluate([near, *others], ExperimentPolicy(name="e"))
    for one in (one for one in found if one.comparison):
        assert one.adjusted_p_value > one.comparison.p_value > 0.05
        assert f"p = {one.adjusted_p_value:.2g}, corrected for 3 comparisons" in verdict(one, "en")
        assert "已按 3 项比较校正" in verdict(one, "zh")


def test_a_chance_finding_tells_the_lift_it_tested():
    english, chinese = said(trial(control=share(100, 1000), new=share(104, 1000)))
    assert "(10.40% instead of 10.00%, 4.0% higher; p = " in english
    assert "（10.40%，对照为 10.00%，高 4.0%；p = " in chinese
    same, _ = said(trial(control=share(100, 1000), new=share(100, 1000)))
    assert "(10.00% instead of 10.00%; p = 1)" in same
