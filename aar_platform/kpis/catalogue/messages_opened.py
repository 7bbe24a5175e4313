"""Messages opened."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How often were messages opened?",
    unit="messages",
    formula="Number of events 'opened' of the period",
    numerator="Events 'opened' of all mailings, on the day and in the hour they happened",
    leaves_out="Sources that do not tell this event",
    split="An event counts in its campaign, its hour of the week and with its recipient",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="messages",
    in_chinese=Words(
        name="打开次数",
        question="邮件被打开多少次？",
        formula="本期“打开”事件数",
    ),
)
def messages_opened(messages: ir.Table) -> Measure:
    return Measure(messages, numerator=_.count(where=_.event == "opened"))
