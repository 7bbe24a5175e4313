"""Messages clicked."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many messages were clicked?",
    unit="messages",
    formula="Number of events 'clicked' of the period",
    numerator="Events 'clicked' of all mailings, on the day and in the hour they happened",
    leaves_out="Sources that do not tell this event",
    split="An event counts in its campaign, its hour of the week and with its recipient",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="messages",
    in_chinese=Words(
        name="点击次数",
        question="邮件被点击多少次？",
        formula="本期“点击”事件数",
    ),
)
def messages_clicked(messages: ir.Table) -> Measure:
    return Measure(messages, numerator=_.count(where=_.event == "clicked"))
