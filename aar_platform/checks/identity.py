"""Checks of how well records became customers; they warn, and hold back nothing."""

from collections.abc import Iterator

import dagster as dg

from aar_platform.identity.quality import linking_verdicts
from aar_platform.resources.platform import Platform

_MEANINGS = {
    "few_are_suspicious": "Few customers of several records look as if they were several.",
    "links_are_expected_right": "By the model's own probabilities hardly a linked pair is wrong.",
    "few_wait_for_a_person": "Few pairs wait for a person beside those that are linked.",
}


@dg.multi_asset_check(
    specs=[
        dg.AssetCheckSpec(name, asset="identity_quality", description=meaning)
        for name, meaning in _MEANINGS.items()
    ]
)
def identity_checks(platform: Platform) -> Iterator[dg.AssetCheckResult]:
    """All in one step: they read one small table."""
    for name, verdict in linking_verdicts(platform.warehouse.table("identity_quality")).items():
        yield dg.AssetCheckResult(
            check_name=name,
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.WARN,
            description=verdict.message,
            metadata=dict(verdict.figures),
        )
