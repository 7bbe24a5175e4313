"""Customer satisfaction."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of our customers is satisfied (CSAT)?",
    unit="share",
    formula="Satisfied answers / answers with a score",
    numerator="Answers given in the period in the upper quarter of their scale: 4 and 5 of 1 to 5, "
    "6 and 7 of 1 to 7",
    denominator="Answers given in the period with a score and a scale",
    leaves_out="Answers on a scale from 0 to 10, which are the net promoter score's; answers "
    "without a score",
    split="An answer counts in its channel and with its customer",
    direction="up",
    additive=False,
    area="service",
    in_chinese=Words(
        name="客户满意度",
        question="有多大比例的客户满意？",
        formula="满意的回答 / 有评分的回答",
    ),
)
def customer_satisfaction(feedback: ir.Table) -> Measure:
    return Measure(
        feedback,
        numerator=_.count(where=_.is_satisfied),
        denominator=_.count(where=_.is_satisfied.notnull()),
    )
