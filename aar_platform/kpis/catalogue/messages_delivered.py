"""Messages delivered."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How many messages were delivered?",
    unit="messages",
    formula="Number of messages sent in the period that were delivered; a message is what one "
    "recipient is sent by one campaign",
    numerator="Messages sent in the period that were delivered",
    leaves_out="Messages of no campaign; a second message of one campaign to one recipient; where "
    "a source never tells deliveries, what was sent and did not bounce is delivered",
    split="A message counts in its campaign, in the hour of the week it was sent and with its "
    "recipient",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="messages",
    in_chinese=Words(
        name="送达数",
        question="送达了多少邮件？",
        formula="本期发送并送达的邮件数；一个活动发给一位收件人算一封",
    ),
)
def messages_delivered(mailings: ir.Table) -> Measure:
    return Measure(mailings, numerator=_.count(where=_.is_delivered))
