"""Comparisons agree with SciPy, statsmodels and simulation."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from aar_platform.models.experiments.comparison import compare, fieller
from aar_platform.models.experiments.counts import counted
from aar_platform.models.experiments.cuped import arms
from aar_platform.models.experiments.definition import Moments
from aar_platform.models.experiments.evaluation import control_of, holm


def moments_of(y, d=None, x=None, w=None):
    """The moments of arrays of customers."""
    n = len(y)
    parts = [
        np.asarray(part, float) if part is not None else np.full(n, fill)
        for part, fill in ((y, 0), (d, 1), (x, 0), (w, 1 if d is None else 0))
    ]
    covariances = np.cov(np.stack(parts)) if n > 1 else None
    return Moments(
        n,
        tuple(float(part.mean()) for part in parts),
        None if covariances is None else tuple(map(tuple, covariances.tolist())),
    )


def compared(new, control, kind="mean"):
    found = arms({"new": new, "control": control}, kind)
    return compare(found["new"], found["control"], kind)


@pytest.mark.parametrize("seed", range(5))
def test_means_are_compared_as_by_welch(seed):
    rng = np.random.default_rng(seed)
    new, control = rng.lognormal(1, 1, 300 + seed), rng.lognormal(0.9, 0.5, 90)
    found = compared(moments_of(new), moments_of(control))
    expected = ttest_ind(new, control, equal_var=False)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.difference == pytest.approx(new.mean() - control.mean())
    assert found.difference_interval == pytest.approx(tuple(expected.confidence_interval(0.95)))
    theirs = CompareMeans(DescrStatsW(new), DescrStatsW(control))
    assert found.difference_interval == pytest.approx(theirs.tconfint_diff(usevar="unequal"))
    assert (found.lift_interval[0] > 0 or found.lift_interval[1] < 0) == (found.p_value < 0.05)


@example(1084, 2, 1.0, 0.0)
@given(st.integers(2, 5000), st.integers(2, 5000), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_proportions_are_compared_as_by_statsmodels(n, m, p, q):
    successes, sizes = (round(n * p), round(m * q)), (n, m)
    found = compared(
        *(counted(size, s / size, 0) for s, size in zip(successes, sizes, strict=True)),
        kind="proportion",
    )
    if sum(successes) in (0, n + m):
        assert found.obstacle == "no_variance" and found.p_value is None
        return
    assert found.p_value == pytest.approx(proportions_ztest(successes, sizes)[1])
    low, high = found.difference_interval
    assert -1 <= low <= found.difference <= high <= 1


def test_the_interval_of_two_proportions_is_newcombes_published_one():
    found = compared(counted(70, 56 / 70, 0), counted(80, 48 / 80, 0), "proportion")
    assert found.difference_interval == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_a_ratio_is_as_uncertain_as_the_bootstrap_says():
    rng = np.random.default_rng(7)
    orders = rng.poisson(2, 800)
    value = orders * rng.lognormal(3, 0.4, 800)
    arm = arms({"a": moments_of(value, orders)}, "ratio")["a"]
    drawn = rng.integers(0, 800, (4000, 800))
    bootstrap = (value[drawn].sum(1) / orders[drawn].sum(1)).std()
    assert arm.value == pytest.approx(value.sum() / orders.sum())
    assert math.sqrt(arm.variance / arm.size) == pytest.approx(bootstrap, rel=0.05)


def test_the_lift_of_means_is_as_uncertain_as_the_bootstrap_says():
    rng = np.random.default_rng(8)
    new, control = rng.gamma(2, 6, 400), rng.gamma(2, 5, 500)
    low, high = compared(moments_of(new), moments_of(control)).lift_interval
    draws = [rng.choice(new, 400).mean() / rng.choice(control, 500).mean() - 1 for _ in range(4000)]
    assert (low, high) == pytest.approx(tuple(np.quantile(draws, (0.025, 0.975))), abs=0.015)


def test_the_before_takes_variance_away_and_leaves_the_estimate_where_it_is():
    rng = np.random.default_rng(9)
    adjusted, raw = [], []
    for _ in range(300):
        before = rng.gamma(2, 10, 1000)
        after = before * 0.8 + rng.gamma(2, 4, 1000)
        after[:500] += 1.0
        found = compared(
            moments_of(after[:500], x=before[:500]), moments_of(after[500:], x=before[500:])
        )
        adjusted.append(found.difference)
        raw.append(after[:500].mean() - after[500:].mean())
        assert 0.6 < found.variance_reduction < 0.9
    assert np.mean(adjusted) == pytest.approx(1.0, abs=0.06)
    assert np.var(adjusted) < 0.4 * np.var(raw)


def test_the_before_sharpens_ratios_too():
    rng = np.random.default_rng(10)
    adjusted, raw = [], []
    for _ in range(200):
        level = rng.lognormal(3, 0.5, 800)
        orders, orders_before = rng.poisson(2, 800) + 1, rng.poisson(2, 800) + 1
        value = orders * (level + rng.normal(0, 3, 800))
        before = orders_before * (level + rng.normal(0, 3, 800))
        found = compared(
            moments_of(value[:400], orders[:400], before[:400], orders_before[:400]),
            moments_of(value[400:], orders[400:], before[400:], orders_before[400:]),
            "ratio",
        )
        adjusted.append(found.difference)
        raw.append(value[:400].sum() / orders[:400].sum() - value[400:].sum() / orders[400:].sum())
        error = (found.difference_interval[1] - found.difference_interval[0]) / 3.92
    assert np.var(adjusted) < 0.5 * np.var(raw)
    assert np.std(adjusted) == pytest.approx(error, rel=0.2)
    assert np.mean(adjusted) == pytest.approx(0, abs=0.15)


def test_intervals_hold_the_truth_in_95_of_100():
    rng = np.random.default_rng(11)
    held = {"difference": 0, "lift": 0, "proportion": 0, "proportion lift": 0}
    runs = 600
    for _ in range(runs):
        found = compared(moments_of(rng.exponential(11, 200)), moments_of(rng.exponential(10, 300)))
        held["difference"] += found.difference_interval[0] <= 1 <= found.difference_interval[1]
        held["lift"] += found.lift_interval[0] <= 0.1 <= found.lift_interval[1]
        one, other = rng.binomial(200, 0.12), rng.binomial(300, 0.1)
        found = compared(counted(200, one / 200, 0), counted(300, other / 300, 0), "proportion")
        held["proportion"] += found.difference_interval[0] <= 0.02 <= found.difference_interval[1]
        held["proportion lift"] += found.lift_interval[0] <= 0.2 <= found.lift_interval[1]
    for name, count in held.items():
        assert 0.92 < count / runs < 0.98, name


@pytest.mark.long
def test_looking_often_deceives_the_fixed_p_value_and_not_the_one_for_peekers():
    rng = np.random.default_rng(12)
    looks = np.unique(np.geomspace(50, 4000, 20).astype(int))
    runs, fixed, always, outside = 200, 0, 0, 0
    for _ in range(runs):
        new, control = rng.exponential(10, looks[-1]), rng.exponential(10, looks[-1])
        seen = [compared(moments_of(new[:n]), moments_of(control[:n])) for n in looks]
        fixed += any(one.p_value < 0.05 for one in seen)
        always += any(one.sequential_p_value < 0.05 for one in seen)
        outside += any(
            one.sequential_interval[0] > 0 or one.sequential_interval[1] < 0
            for one in seen
            if one.sequential_interval[0] is not None
        )
    assert fixed / runs > 0.15
    assert always / runs < 0.05
    assert outside == always


@pytest.mark.long
def test_a_peeker_does_see_an_effect_in_the_end():
    rng = np.random.default_rng(13)
    found = compared(moments_of(rng.exponential(11, 20000)), moments_of(rng.exponential(10, 20000)))
    assert found.sequential_p_value < 0.001
    assert found.p_value < found.sequential_p_value
    assert found.sequential_interval[0] < found.lift_interval[0]


def test_what_could_be_seen_is_seen_in_80_of_100():
    deviation, n, m = 7.0, 400, 900
    found = compared(counted(n, 50, deviation**2), counted(m, 50, deviation**2))
    effect = NormalIndPower().solve_power(nobs1=n, alpha=0.05, power=0.8, ratio=m / n)
    assert found.minimum_detectable_difference == pytest.approx(effect * deviation, rel=1e-4)
    assert found.minimum_detectable_lift == pytest.approx(effect * deviation / 50, rel=1e-4)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
@settings(max_examples=12, deadline=None)
def test_p_values_are_corrected_as_by_statsmodels(p_values):
    known = [one for one in p_values if one is not None]
    corrected = holm(p_values)
    assert [one is None for one in corrected] == [one is None for one in p_values]
    if known:
        expected = multipletests(known, method="holm")[1]
        assert [one for one in corrected if one is not None] == pytest.approx(list(expected))


@given(st.floats(0.001, 1000), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_another_currency_scales_the_difference_and_nothing_else(rate, seed):
    rng = np.random.default_rng(seed)
    new, control = rng.gamma(2, 5, 60), rng.gamma(2, 4, 50)
    before = rng.gamma(2, 4, 110)
    one = compared(moments_of(new, x=before[:60]), moments_of(control, x=before[60:]))
    other = compared(
        moments_of(new * rate, x=before[:60] * rate),
        moments_of(control * rate, x=before[60:] * rate),
    )
    assert other.difference == pytest.approx(one.difference * rate, rel=1e-6)
    for name in ("p_value", "lift", "sequential_p_value", "minimum_detectable_lift"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-6), name
    assert other.lift_interval == pytest.approx(one.lift_interval, rel=1e-6, abs=1e-9)


def test_fiellers_bounds_are_as_far_from_the_difference_as_asked():
    value, base, errors, reach = 12.0, 10.0, (4.0, 3.0), 2.1
    for bound in fieller(value, base, errors, reach):
        ratio = 1 + bound
        distance = abs(value - ratio * base) / math.sqrt(errors[0] + ratio**2 * errors[1])
        assert distance == pytest.approx(reach)


def test_a_lift_has_no_interval_where_the_control_cannot_be_told_from_zero():
    assert fieller(5.0, 1.0, (1.0, 1.0), 1.96) == (None, None)
    low, high = fieller(5.0, 100.0, (1.0, 1.0), 1.96)
    assert low < -0.95 < high


def test_a_control_at_or_below_zero_has_no_lift_but_a_difference():
    found = compared(counted(50, 3.0, 4.0), counted(50, -2.0, 4.0))
    assert (found.lift, found.lift_interval, found.minimum_detectable_lift) == (
        None, (None, None), None,
    )  # fmt: skip
    assert found.difference == 5.0 and found.p_value < 0.05


@pytest.mark.parametrize(
    ("new", "control", "kind", "obstacle"),
    [
        (Moments(0, None, None), counted(50, 1, 1), "mean", "too_few"),
        (counted(1, 1, 0), counted(50, 1, 1), "mean", "too_few"),
        (counted(50, 1, 0), counted(50, 1, 0), "mean", "no_variance"),
        (counted(50, 1, 0), counted(50, 2, 0), "mean", "no_variance"),
        (counted(50, 0, 0), counted(50, 0, 0), "proportion", "no_variance"),
        (counted(50, 1, 0), counted(50, 1, 0), "proportion", "no_variance"),
        (moments_of([0, 0, 0], [0, 0, 0]), moments_of([1, 2], [1, 1]), "ratio", "no_denominator"),
    ],
)
def test_what_cannot_be_compared_has_no_figures_and_a_reason(new, control, kind, obstacle):
    found = compared(new, control, kind)
    assert found.obstacle == obstacle
    assert (found.p_value, found.lift, found.difference, found.sequential_p_value) == (None,) * 4


def test_everybody_the_same_is_no_variance_however_it_is_rounded():
    same = moments_of(np.full(1000, 0.1 + 0.2), x=np.full(1000, 1 / 3))
    assert compared(same, same).obstacle == "no_variance"


def test_a_before_that_tells_everything_leaves_no_variance():
    before = np.random.default_rng(3).gamma(2, 5, 100)
    found = compared(
        moments_of(before[:50] * 1.7, x=before[:50]), moments_of(before[50:] * 1.7, x=before[50:])
    )
    assert found.obstacle == "no_variance"


@pytest.mark.parametrize(
    ("variants", "control"),
    [
        (["new", "Control"], "Control"),
        (["a", "B"], "a"),
        (["treatment", "control_group"], "control_group"),
        (["新版", "对照组"], "对照组"),
        (["gate_40", "gate_30"], "gate_30"),
        (["b", "baseline", "a"], "baseline"),
    ],
)
def test_the_control_is_known_by_its_name_or_first_by_alphabet(variants, control):
    assert control_of(variants) == control
