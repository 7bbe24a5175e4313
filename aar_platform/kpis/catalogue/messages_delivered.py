"""Messages delivered."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many messages were delivered?",
    unit="messages",
    formula="Number of events 'delivered' of the period",
    numerator="Events 'delivered' of all mailings, on the day and in the hour they happened",
    leaves_out="Sources that do not tell this event",
    split="An event counts in its campaign, its hour of the week and with its recipient",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="messages",
    in_chinese=Words(
        name="送达数",
        question="送达了多少邮件？",
        formula="本期“送达”事件数",
    ),
)
def messages_delivered(messages: ir.Table) -> Measure:
    return Measure(messages, numerator=_.count(where=_.event == "delivered"))
