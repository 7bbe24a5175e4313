"""What customers did after their assignment and before, down to a few numbers per variant.

All of it happens in the engine; what leaves it is one row per variant.
"""

from itertools import combinations_with_replacement
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.models.experiments.definition import Kind, Metric, Moments

_FIGURES = ("numerator", "denominator", "numerator_before", "denominator_before")
_PAIRS = tuple(combinations_with_replacement(range(len(_FIGURES)), 2))


def per_customer(assigned: ir.Table, metric: Metric) -> ir.Table:
    """One row per experiment and customer of one variant: experiment, variant, and the figures
    numerator, denominator, numerator_before and denominator_before as double precision numbers.

    `assigned` as the function of that name gives it; customers of several variants are left out.
    Rows from the day of the assignment to the last day count, and for the two figures of before
    rows of an equally long span before it. A customer without rows counts with 0.
    """
    members = assigned.filter(~assigned.is_contaminated)
    found = members.inner_join(metric.rows, "customer_id")
    found = found.filter(found.day >= found.before_from, found.day <= found.until)
    is_after = found.day >= found.assigned_on
    done = found.group_by(["experiment", "customer_id"]).aggregate(
        **_added_up(found, metric.kind, is_after, ""),
        **_added_up(found, metric.kind, ~is_after, "_before"),
    )
    whole = members.left_join(done, ["experiment", "customer_id"])
    # Of a proportion or mean every customer is one.
    absent = {name: 1.0 if _is_one(name, metric.kind) else 0.0 for name in _FIGURES}
    return whole.select(
        "experiment",
        "variant",
        **{name: whole[name].fill_null(absent[name]) for name in _FIGURES},
    )


def moments(assigned: ir.Table, metric: Metric) -> dict[str, dict[str, Moments]]:
    """Of every experiment and variant with a customer: number, means and covariances.

    Variances and covariances are the engine's, which sums squares of differences from the mean: no
    digits are lost to large means.
    """
    rows = per_customer(assigned, metric)
    counted = rows.group_by("experiment", "variant").aggregate(
        size=rows.count(),
        **{f"mean_{i}": rows[name].mean() for i, name in enumerate(_FIGURES)},
        **{
            f"covariance_{i}_{j}": rows[_FIGURES[i]].cov(rows[_FIGURES[j]], how="sample")
            for i, j in _PAIRS
        },
    )
    found: dict[str, dict[str, Moments]] = {}
    for row in counted.order_by("experiment", "variant").to_pyarrow().to_pylist():
        found.setdefault(row["experiment"], {})[row["variant"]] = _moments(row)
    return found


def _is_one(figure: str, kind: Kind) -> bool:
    return kind != "ratio" and figure.startswith("denominator")


def _added_up(
    rows: ir.Table, kind: Kind, where: ir.BooleanValue, ending: str
) -> dict[str, ir.FloatingValue]:
    if kind == "proportion":
        did = (rows.numerator > 0).any(where=where).fill_null(False)
        return {
            f"numerator{ending}": did.cast("float64"),
            f"denominator{ending}": ibis.literal(1.0),
        }
    # Decimals are added before they become double precision: exact in whatever order.
    numerator = rows.numerator.sum(where=where).cast("float64").fill_null(0.0)
    if kind == "mean":
        return {f"numerator{ending}": numerator, f"denominator{ending}": ibis.literal(1.0)}
    denominator = rows.denominator.sum(where=where).cast("float64").fill_null(0.0)
    return {f"numerator{ending}": numerator, f"denominator{ending}": denominator}


def _moments(row: dict[str, Any]) -> Moments:
    means = tuple(float(row[f"mean_{i}"]) for i in range(len(_FIGURES)))
    if row["size"] < 2:
        return Moments(row["size"], means, None)
    covariances = tuple(
        tuple(float(row[f"covariance_{min(i, j)}_{max(i, j)}"]) for j in range(len(_FIGURES)))
        for i in range(len(_FIGURES))
    )
    return Moments(row["size"], means, covariances)
