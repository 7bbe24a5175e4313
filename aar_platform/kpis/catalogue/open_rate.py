"""Open rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of our messages is opened?",
    unit="share",
    formula="Messages opened / messages delivered; a message is what one recipient is sent by one"
    " campaign",
    numerator="Messages sent in the period that were opened, whenever that happened",
    denominator="Messages sent in the period that were delivered",
    leaves_out="Messages of no campaign; a second message of one campaign to one recipient; where "
    "a source never tells deliveries, what was sent and did not bounce is delivered",
    split="A message counts in its campaign, in the hour of the week it was sent and with its "
    "recipient",
    definition_from="As Mailchimp and Constant Contact tell it",
    direction="up",
    additive=False,
    area="messages",
    in_chinese=Words(
        name="打开率",
        question="有多大比例的邮件被打开？",
        formula="被打开的邮件 / 送达的邮件",
    ),
)
def open_rate(mailings: ir.Table) -> Measure:
    return Measure(
        mailings, numerator=_.count(where=_.is_opened), denominator=_.count(where=_.is_delivered)
    )
