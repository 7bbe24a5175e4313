"""Messages sent."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many messages were sent?",
    unit="messages",
    formula="Number of events 'sent' of the period",
    numerator="Events 'sent' of all mailings, on the day and in the hour they happened",
    leaves_out="Sources that do not tell this event",
    split="An event counts in its campaign, its hour of the week and with its recipient",
    direction="none",
    additive=True,
    periods=ALL_PERIODS,
    area="messages",
    in_chinese=Words(
        name="发送数",
        question="发送了多少邮件？",
        formula="本期“发送”事件数",
    ),
)
def messages_sent(messages: ir.Table) -> Measure:
    return Measure(messages, numerator=_.count(where=_.event == "sent"))
