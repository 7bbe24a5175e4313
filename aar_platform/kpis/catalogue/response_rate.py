"""Response rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.standing_rows import requests_for_ratings


@kpi(
    question="What share of those we ask answers?",
    unit="share",
    formula="Answered requests / requests for a rating",
    numerator="Tickets solved in the period that were rated, and survey rows of the period with a "
    "score or a text",
    denominator="Tickets solved in the period in a source that asks for ratings, and all survey "
    "rows of the period of a source that has unanswered ones",
    leaves_out="Surveys of sources that tell answers alone, reviews, calls and comments; tickets "
    "not solved",
    split="A request counts in its channel and with its customer",
    direction="up",
    additive=False,
    area="service",
    in_chinese=Words(
        name="回复率",
        question="被询问的人中有多大比例作答？",
        formula="得到答复的评价请求 / 评价请求",
    ),
)
def response_rate(tickets: ir.Table, feedback: ir.Table) -> Measure:
    asked = requests_for_ratings(tickets, feedback)
    return Measure(asked, numerator=_.count(where=_.is_answered), denominator=_.count())
