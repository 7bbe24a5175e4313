"""Up to when the data of each source goes, and how long it has been silent before."""

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir

# The time that says up to when a table's data goes. Customer records are there at any time, and
# campaigns, subscriptions and experiments come to an end.
DATA_TIME: Mapping[str, str] = {
    "orders": "ordered_at",
    "order_lines": "ordered_at",
    "refunds": "refunded_at",
    "usage": "day",
    "tickets": "opened_at",
    "messages": "occurred_at",
    "deals": "created_at",
    "feedback": "given_at",
    "web_visits": "visited_at",
    "spend": "day",
}


def reach(core: Mapping[str, ir.Table], until: datetime) -> ir.Table:
    """One row per source and core table whose records bear dates of events: source, object,
    data_until (naive UTC), longest_silence_days, the most days there were between two with data.

    Dates after `until` (naive UTC) are slips of the pen and count for nothing.
    """
    moments = ibis.union(
        *(
            core[name].select(
                "source", object=ibis.literal(name), at=core[name][time].cast("timestamp(6)")
            )
            for name, time in DATA_TIME.items()
        )
    )
    moments = moments.filter(moments["at"] <= ibis.literal(until, "timestamp(6)"))
    days = moments.group_by("source", "object", day=moments["at"].cast("date")).aggregate(
        latest=moments["at"].max()
    )
    before = days.day.lag().over(group_by=["source", "object"], order_by="day")
    days = days.mutate(silence=days.day.delta(before, unit="day"))
    return days.group_by("source", "object").aggregate(
        data_until=days.latest.max(), longest_silence_days=days.silence.max().fill_null(0)
    )
