"""What is compared in an experiment: metrics, and what the customers of a variant add up to."""

from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

# proportion: did the customer do it at all; mean: how much per customer; ratio: the sum of one
# thing over the sum of another, such as value per order.
Kind = Literal["proportion", "mean", "ratio"]


@dataclass(frozen=True)
class Metric:
    """A figure per customer, and its name as the subject of a sentence.

    `rows` have the columns customer_id, day (a date of the organisation's timezone), numerator and
    denominator (numbers; the denominator counts for ratios alone and may be null). `currency` is
    that of an amount of money.
    """

    name: str
    kind: Kind
    title_en: str
    title_zh: str
    rows: ir.Table
    currency: str | None = None


@dataclass(frozen=True)
class Moments:
    """The customers of one variant: their number, means and sample covariances.

    Both are in the order numerator, denominator, and the same two before the assignment. Of a mean
    or proportion the denominators are 1 per customer. `covariances` is None below two customers.
    """

    size: int
    means: tuple[float, ...] | None
    covariances: tuple[tuple[float, ...], ...] | None


@dataclass(frozen=True)
class Trial:
    """One metric in all variants of one experiment; titles and currency as of `Metric`."""

    metric: str
    kind: Kind
    title_en: str
    title_zh: str
    moments: dict[str, Moments]
    currency: str | None = None

    @property
    def sizes(self) -> dict[str, int]:
        """Customers by variant."""
        return {variant: one.size for variant, one in sorted(self.moments.items())}
