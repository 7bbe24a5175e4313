"""RFM: quintiles of recency, frequency and monetary value, with a readable label for each cell."""

from datetime import date

import ibis
import ibis.expr.types as ir

from aar_platform.segments.behaviour import customer_behaviour
from aar_platform.segments.definition import NO_PURCHASE, as_segments, segment_scheme
from aar_platform.segments.policy import SegmentPolicy

SCHEME = "rfm"

# By recency score from 5 down to 1; within, by frequency score from 1 to 5.
LABELS: dict[int, tuple[str, str, str, str, str]] = {
    5: ("New", "Potential loyalists", "Potential loyalists", "Champions", "Champions"),
    4: ("Promising", "Potential loyalists", "Potential loyalists", "Loyal", "Loyal"),
    3: ("About to sleep", "About to sleep", "Needs attention", "Loyal", "Loyal"),
    2: ("Hibernating", "Hibernating", "At risk", "At risk", "Cannot lose"),
    1: ("Lost", "Hibernating", "At risk", "At risk", "Cannot lose"),
}


@segment_scheme(SCHEME)
def rfm(
    sales: ir.Table, customers: ir.Table, scores: ir.Table, as_of: date, policy: SegmentPolicy
) -> ir.Table:
    """How recently, how often and for how much customers buy, in quintiles.

    Segments read R-F-M, 5 best: R of the days since the last purchase, F of the number of
    purchases, M of the net value (Hughes 1994, "Strategic Database Marketing"). The label follows
    from R and F, in the grid in wide use since Putler's RFM segments:

    | R \\ F | 1 | 2 | 3 | 4 | 5 |
    |---|---|---|---|---|---|
    | 5 | New | Potential loyalists | Potential loyalists | Champions | Champions |
    | 4 | Promising | Potential loyalists | Potential loyalists | Loyal | Loyal |
    | 3 | About to sleep | About to sleep | Needs attention | Loyal | Loyal |
    | 2 | Hibernating | Hibernating | At risk | At risk | Cannot lose |
    | 1 | Lost | Hibernating | At risk | At risk | Cannot lose |

    Customers without a purchase are 0-0-0, "No purchase yet". Equal values have equal scores; see
    `quintile`.
    """
    behaviour = customer_behaviour(sales, customers, scores, as_of)
    scored = behaviour.select(
        "customer_id",
        r=quintile(-behaviour.inactive_days),
        f=quintile(behaviour.orders),
        m=quintile(behaviour.value),
    )
    label = ibis.cases(
        *(
            ((scored.r == r) & (scored.f == f), label)
            for r, labels in LABELS.items()
            for f, label in enumerate(labels, start=1)
        )
    )
    cells = scored.select(
        "customer_id",
        segment=ibis.literal("-").join([scored[score].cast("string") for score in "rfm"]),
        label=label,
    )
    everyone = customers.select("customer_id").left_join(cells, "customer_id")
    labelled = everyone.select(
        "customer_id",
        segment=everyone.segment.fill_null("0-0-0"),
        label=everyone.label.fill_null(NO_PURCHASE),
    )
    return as_segments(labelled, SCHEME, as_of)


def quintile(values: ir.NumericColumn) -> ir.IntegerColumn:
    """Scores 1 (lowest) to 5 (highest) by fifths of the rows; equal values score alike.

    A value scores the fifth in which the middle of its rows lies; the lowest value is always a 1
    and the highest a 5, also among two customers or where 60 % have a single order. Where all are
    alike they score 3.
    """
    below = ibis.rank().over(order_by=values)
    alike = values.count().over(group_by=values)
    total = values.count().over()
    return ibis.cases(
        (alike == total, 3),
        (below == 0, 1),
        (below + alike == total, 5),
        else_=1 + (5 * (2 * below + alike)) // (2 * total),
    )
