"""Net promoter score."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.facts.feedback import DETRACTOR, PROMOTER


@kpi(
    question="Would our customers recommend us (NPS)?",
    unit="points",
    formula="100 × (promoters − detractors) / answers on a scale from 0 to 10",
    numerator="100 for each answer of 9 or 10, −100 for each of 0 to 6",
    denominator="Answers given in the period on a scale from 0 to 10",
    leaves_out="Answers on other scales, or without a score",
    split="An answer counts in its channel and with its customer",
    definition_from="Reichheld 2003, The One Number You Need to Grow",
    direction="up",
    additive=False,
    area="service",
    in_chinese=Words(
        name="净推荐值",
        question="客户会推荐我们吗？",
        formula="100 ×（推荐者 − 贬损者）/ 0 至 10 分的回答数",
    ),
)
def net_promoter_score(feedback: ir.Table) -> Measure:
    points = ibis.cases((_.score >= PROMOTER, 100), (_.score <= DETRACTOR, -100), else_=0)
    return Measure(
        feedback.mutate(points=points),
        numerator=_.points.sum(where=_.is_nps),
        denominator=_.count(where=_.is_nps),
    )
