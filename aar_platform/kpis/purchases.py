"""What counts as a purchase, and after how long without one a customer counts as lost."""

import math
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

from aar_platform.kpis.policy import KpiPolicy

FALLBACK_DAYS = 90
SHORTEST_DAYS, LONGEST_DAYS = 30, 365
GAPS_NEEDED = 30
SHARE_OF_GAPS = 0.9


@dataclass(frozen=True)
class ChurnWindow:
    """A customer without a purchase for `days` has churned; `reason` says where that comes from:
    `origin` is `stated` by the organisation, `found` in the data, or `customary` where the data
    are too few to tell."""

    days: int
    reason: str
    origin: Literal["stated", "found", "customary"] = "stated"


def is_purchase(sales: ir.Table) -> ir.BooleanValue:
    """Whether a row of `sales` is a purchase: an order of more than nothing.

    Refunds and credit notes are no sign that a customer came to buy, nor is an order given away.
    """
    return (sales.kind == "order") & (sales.amount_reporting > 0)


def purchases(sales: ir.Table) -> ir.Table:
    """The rows of `sales` that are purchases of a known customer."""
    return sales.filter(is_purchase(sales), sales.customer_id.notnull())


def churn_window(sales: ir.Table, policy: KpiPolicy) -> ChurnWindow:
    """After how many days without a purchase a customer has churned.

    The policy's own number, or for "auto" the 90th percentile of the gaps between the purchase days
    of customers who bought on several, rounded up, at least 30 and at most 365 days: nine in ten
    customers who came back did so sooner. With fewer than 30 such gaps it is 90 days.
    """
    if policy.churn_after_days != "auto":
        return ChurnWindow(policy.churn_after_days, "set as churn_after_days in aar.yaml")
    days = purchases(sales).select("customer_id", day="sold_on").distinct()
    before = days.day.lag().over(group_by=days.customer_id, order_by=days.day)
    gaps = days.mutate(gap=days.day.delta(before, unit="day")).filter(lambda t: t.gap.notnull())
    found = gaps.aggregate(
        count=gaps.count(), at=gaps.gap.cast("float64").quantile(SHARE_OF_GAPS)
    ).to_pyarrow()
    row = found.to_pylist()[0]
    if row["count"] < GAPS_NEEDED:
        return ChurnWindow(
            FALLBACK_DAYS,
            f"customary {FALLBACK_DAYS} days, as {row['count']} gaps between purchases are too few "
            f"to tell (at least {GAPS_NEEDED})",
            "customary",
        )
    days_found = min(max(math.ceil(row["at"]), SHORTEST_DAYS), LONGEST_DAYS)
    reason = f"nine in ten of {row['count']} gaps between purchases are at most {row['at']:g} days"
    if days_found == SHORTEST_DAYS and row["at"] < SHORTEST_DAYS:
        reason += f"; never under {SHORTEST_DAYS}"
    if row["at"] > LONGEST_DAYS:
        reason += f"; never over {LONGEST_DAYS}"
    return ChurnWindow(days_found, reason, "found")
