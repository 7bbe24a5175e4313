"""Engagement score."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.facts.engagements import HIGHEST, POINTS
from aar_platform.kpis.periods import FROM_MONTHS, MONTHS_OF, UNIT_OF

WEIGHTS = ", ".join(f"{kind} {points}" for kind, points in POINTS.items())


@kpi(
    question="How much do our customers do with us?",
    unit="points",
    formula=f"Mean score of the customers who did anything in the period. A customer's score is "
    f"the sum of points a month, at most {HIGHEST}: {WEIGHTS}",
    numerator="Sum of the scores of these customers",
    denominator="Customers with a purchase, an opened or clicked message, an answer, a visit or a "
    "use of the product in the period",
    leaves_out="What nobody known did; customers who did nothing",
    split="A customer counts once, by what is known of them today",
    definition_from="This platform; the weights stand in the formula",
    direction="up",
    additive=False,
    dimensions=("all", "city", "segment", "owner", "age_band", "gender"),
    area="customers",
    in_chinese=Words(
        name="参与度",
        question="客户与我们互动的程度如何？",
        formula="有互动客户得分的平均值；得分为每月积分之和，最高 100：购买 30、反馈 10"
        "、点击 6、访问 5、使用 5、打开 3",
    ),
)
def engagement_score(engagements: ir.Table, traits: ir.Table, periods: ir.Table) -> Measure:
    parts = []
    # Added up by month once, and months to longer periods.
    month = engagements.day.truncate("M").cast("date")
    monthly = engagements.group_by("customer_id", month=month).aggregate(points=_.points.sum())
    for length in FROM_MONTHS:
        start = monthly.month.truncate(UNIT_OF[length]).cast("date")
        points = monthly.group_by("customer_id", period_start=start).aggregate(
            points=_.points.sum()
        )
        a_month = points.points.cast("float64") / MONTHS_OF[length]
        parts.append(
            points.select(
                "customer_id",
                "period_start",
                period=ibis.literal(length),
                score=ibis.least(a_month, float(HIGHEST)),
            ).semi_join(periods.filter(periods.period == length), "period_start")
        )
    scored = ibis.union(*parts).left_join(traits, "customer_id").drop("customer_id_right")
    return Measure(scored, numerator=_.score.sum(), denominator=_.count())
