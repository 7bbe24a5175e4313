"""Checks of experiments; they warn, and hold back nothing."""

import dagster as dg

from aar_platform.models.experiments.sample_ratio import sample_ratio_verdict
from aar_platform.resources.platform import Platform


@dg.asset_check(
    asset="experiment_results",
    name="sample_ratios_hold",
    description="The variants of every experiment have the sizes they should.",
)
def sample_ratio_check(platform: Platform) -> dg.AssetCheckResult:
    """One for all experiments: which there are, the data says."""
    verdict = sample_ratio_verdict(platform.warehouse.table("experiment_results"))
    return dg.AssetCheckResult(
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity.WARN,
        description=verdict.message,
        metadata=dict(verdict.figures),
    )
