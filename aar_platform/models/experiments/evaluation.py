"""One experiment: every variant against the control in every metric, corrected for their number."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aar_platform.models.experiments.comparison import Comparison, compare
from aar_platform.models.experiments.cuped import Arm, arms
from aar_platform.models.experiments.definition import Moments, Trial
from aar_platform.models.experiments.policy import ExperimentPolicy
from aar_platform.models.experiments.sample_ratio import LEAST_P_VALUE, sample_ratio_p_value
from aar_platform.models.experiments.significance import ALPHA

# What people call the variant that changes nothing, in the order in which it is looked for.
CONTROL_NAMES = (
    "control", "control group", "controls", "baseline", "base", "original", "default", "old",
    "holdout", "status quo", "a", "对照组", "对照", "控制组", "基准", "原版",
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """One variant in one metric. The control's own has no comparison.

    `tests` is the number of p-values of the experiment, `contaminated` that of its customers in
    several variants; `meant` is the variant that was probably meant by a control nobody is in;
    `strangers_of` the sources of the assignments where none of them names a known customer.
    """

    trial: Trial
    variant: str
    control: str
    arm: Arm
    control_arm: Arm
    comparison: Comparison | None
    tests: int = 0
    adjusted_p_value: float | None = None
    adjusted_sequential_p_value: float | None = None
    sample_ratio_p_value: float | None = None
    contaminated: int = 0
    meant: str | None = None
    strangers_of: tuple[str, ...] = ()

    @property
    def is_sample_ratio_ok(self) -> bool | None:
        """Whether the variants have the sizes they should; None where that cannot be told."""
        p_value = self.sample_ratio_p_value
        return None if p_value is None else p_value >= LEAST_P_VALUE

    @property
    def contaminated_share(self) -> float:
        """Customers left out for being in several variants, of all customers."""
        everybody = self.contaminated + sum(self.trial.sizes.values())
        return self.contaminated / everybody if everybody else 0.0

    @property
    def is_significant(self) -> bool:
        """Whether there is a difference after the correction, for somebody who looks once."""
        return self.adjusted_p_value is not None and self.adjusted_p_value < ALPHA


def control_of(variants: Sequence[str]) -> str:
    """The variant that others are compared with where nobody says: the first one that is called as
    in CONTROL_NAMES, else the first by alphabet. Not the largest: of two alike that would change
    from day to day."""
    by_name = {re.sub(r"[\s_-]+", " ", name.casefold()): name for name in sorted(variants)}
    for name in CONTROL_NAMES:
        if name in by_name:
            return by_name[name]
    return min(variants)


def evaluate(
    trials: Sequence[Trial], policy: ExperimentPolicy, contaminated: int = 0
) -> list[Result]:
    """All results of one experiment, by metric and variant.

    `contaminated` customers were in several variants and are in no trial. Variants that `policy`
    names and nobody is in have results too, of no customers. p-values are corrected over all
    variants and metrics by Holm's method (1979, "A Simple Sequentially Rejective Multiple Test
    Procedure").
    """
    variants = sorted({variant for trial in trials for variant in trial.moments})
    control = policy.control or control_of(variants)
    nobody = dict.fromkeys((control, *(policy.split or {})), Moments(0, None, None))
    complete = [replace(one, moments=nobody | one.moments) for one in trials]
    compared = [found for trial in complete for found in _compared(trial, control)]
    tests = [found.comparison or Comparison() for found in compared]
    adjusted = holm([one.p_value for one in tests])
    always = holm([one.sequential_p_value for one in tests])
    # A control that is only misspelt is told as such, and is no variant that lost its customers.
    ratios = {one.metric: sample_ratio_p_value(one.sizes, policy.split) for one in trials}
    return [
        replace(
            found,
            tests=sum(one.p_value is not None for one in tests),
            adjusted_p_value=adjusted[position],
            adjusted_sequential_p_value=always[position],
            sample_ratio_p_value=ratios[found.trial.metric],
            contaminated=contaminated,
            meant=_meant(control, variants),
        )
        for position, found in enumerate(compared)
    ]


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values corrected for their number by Holm's method; None stays, and is none of them."""
    known = [p_value for p_value in p_values if p_value is not None]
    if not known:
        return list(p_values)
    from statsmodels.stats.multitest import multipletests

    corrected = iter(multipletests(known, method="holm")[1].tolist())
    return [None if p_value is None else next(corrected) for p_value in p_values]


def _compared(trial: Trial, control: str) -> list[Result]:
    found = arms(trial.moments, trial.kind)
    base = found[control]
    return [
        Result(
            trial,
            variant,
            control,
            arm,
            base,
            None if variant == control else compare(arm, base, trial.kind),
        )
        for variant, arm in sorted(found.items())
    ]


def _meant(control: str, variants: Sequence[str]) -> str | None:
    """The variant that was probably meant by a control that nobody is in."""
    if control in variants:
        return None
    return next(iter(difflib.get_close_matches(control, variants, 1)), None)
