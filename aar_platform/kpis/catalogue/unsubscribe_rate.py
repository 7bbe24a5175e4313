"""Unsubscribe rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of our messages makes people leave?",
    unit="share",
    formula="Messages answered with an unsubscription / messages delivered; a message is what one"
    " recipient is sent by one campaign",
    numerator="Messages sent in the period that were answered with an unsubscription, whenever that"
    " happened",
    denominator="Messages sent in the period that were delivered",
    leaves_out="Messages of no campaign; a second message of one campaign to one recipient; where "
    "a source never tells deliveries, what was sent and did not bounce is delivered",
    split="A message counts in its campaign, in the hour of the week it was sent and with its "
    "recipient",
    definition_from="As Mailchimp and Constant Contact tell it",
    direction="down",
    additive=False,
    area="messages",
    in_chinese=Words(
        name="退订率",
        question="有多大比例的邮件引起退订？",
        formula="引起退订的邮件 / 送达的邮件",
    ),
)
def unsubscribe_rate(mailings: ir.Table) -> Measure:
    return Measure(
        mailings,
        numerator=_.count(where=_.is_unsubscribed),
        denominator=_.count(where=_.is_delivered),
    )
