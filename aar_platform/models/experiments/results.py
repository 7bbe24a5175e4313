"""The table `experiment_results`: every experiment of the data and of aar.yaml."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.models.experiments.assignments import assigned, stated, strangers
from aar_platform.models.experiments.counts import counted_trials
from aar_platform.models.experiments.definition import Metric, Moments, Trial
from aar_platform.models.experiments.evaluation import Result, evaluate
from aar_platform.models.experiments.moments import moments
from aar_platform.models.experiments.policy import ExperimentPolicy
from aar_platform.models.experiments.verdict import verdict
from aar_platform.tables import catalogue

NOBODY = Moments(0, None, None)


def experiment_results(
    assignments: ir.Table,
    links: ir.Table,
    metrics: Mapping[str, Metric],
    default_metrics: Sequence[str],
    policies: Iterable[ExperimentPolicy],
    timezone: str,
    as_of: date,
    records: ir.Table | None = None,
) -> ir.Table:
    """One row per experiment, metric and variant, as the table `experiment_results`.

    `assignments` is the core table, `links` is `customer_links`, `metrics` are those there are by
    name, `default_metrics` the names of those of an experiment that names none, `as_of` the last
    day with data. Of a metric that is in the data and in a file of counts, the counts stand.
    An experiment of which there is nothing has no rows. `records` is `identity_records`: with it,
    the verdict tells of assignments that name no customer. Raises CountsUnreadable.
    """
    by_name = {policy.name: policy for policy in policies}
    ends = {name: one.until for name, one in by_name.items() if one.until is not None}
    variants = _variants(assignments)
    wanted = {
        name: (by_name[name].metrics if name in by_name else None) or tuple(default_metrics)
        for name in variants
    }
    given = assigned(assignments, links, timezone, ends, as_of)
    used = [metrics[name] for name in metrics if any(name in names for names in wanted.values())]
    measured = {metric.name: moments(given, metric) for metric in used}
    contaminated = _contaminated(given) if variants else {}
    unmet = strangers(assignments, links, records) if variants and records is not None else {}
    results: list[dict[str, Any]] = []
    for name in sorted({*variants, *by_name}):
        policy = by_name.get(name) or ExperimentPolicy(name=name)
        trials = {
            metric.name: _trial(metric, variants[name], measured[metric.name].get(name, {}))
            for metric in used
            if metric.name in wanted.get(name, ())
        }
        elsewhere = counted_trials(policy.counts, name) if policy.counts is not None else {}
        trials |= elsewhere
        if trials:
            found = evaluate(list(trials.values()), policy, contaminated.get(name, 0))
            results += [
                _row(name, one)
                if one.trial.metric in elsewhere
                else _row(name, replace(one, strangers_of=tuple(unmet.get(name, ()))))
                for one in found
            ]
    return ibis.memtable(results, schema=catalogue.ibis_schema("experiment_results"))


def _variants(assignments: ir.Table) -> dict[str, list[str]]:
    """The variants of every experiment, those without a customer too."""
    named = stated(assignments).select("experiment", "variant").distinct()
    found: dict[str, list[str]] = {}
    for row in named.order_by("experiment", "variant").to_pyarrow().to_pylist():
        found.setdefault(row["experiment"], []).append(row["variant"])
    return found


def _contaminated(given: ir.Table) -> dict[str, int]:
    counted = given.group_by("experiment").aggregate(customers=given.is_contaminated.sum())
    return {row["experiment"]: row["customers"] for row in counted.to_pyarrow().to_pylist()}


def _trial(metric: Metric, variants: Iterable[str], found: Mapping[str, Moments]) -> Trial:
    return Trial(
        metric.name,
        metric.kind,
        metric.title_en,
        metric.title_zh,
        {variant: found.get(variant, NOBODY) for variant in variants},
        metric.currency,
    )


def _row(experiment: str, result: Result) -> dict[str, Any]:
    row = {
        "experiment": experiment,
        "metric": result.trial.metric,
        "variant": result.variant,
        "control": result.control,
        "sample_size": result.arm.size,
        "value": result.arm.value,
        "adjusted_value": result.arm.adjusted_value,
        "adjusted_p_value": result.adjusted_p_value,
        "adjusted_sequential_p_value": result.adjusted_sequential_p_value,
        "is_sample_ratio_ok": result.is_sample_ratio_ok,
        "sample_ratio_p_value": result.sample_ratio_p_value,
        "contaminated_customers": result.contaminated,
        "verdict_en": verdict(result, "en"),
        "verdict_zh": verdict(result, "zh"),
        **_compared(result),
    }
    return {name: row.get(name) for name in catalogue.column_names("experiment_results")}


def _compared(result: Result) -> dict[str, float | None]:
    found = result.comparison
    if found is None:
        return {}
    return {
        "lift": found.lift,
        "ci_low": found.lift_interval[0],
        "ci_high": found.lift_interval[1],
        "p_value": found.p_value,
        "difference": found.difference,
        "difference_ci_low": found.difference_interval[0],
        "difference_ci_high": found.difference_interval[1],
        "sequential_ci_low": found.sequential_interval[0],
        "sequential_ci_high": found.sequential_interval[1],
        "sequential_p_value": found.sequential_p_value,
        "minimum_detectable_lift": found.minimum_detectable_lift,
        "variance_reduction": found.variance_reduction,
    }
