"""Visits."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import ALL_PERIODS


@kpi(
    question="How often is our website visited?",
    unit="visits",
    formula="Sum of the sessions of the period",
    numerator="Sessions that began in the period",
    leaves_out="Nothing",
    split="A visit counts in the channel, campaign and country that it came by",
    direction="up",
    additive=True,
    periods=ALL_PERIODS,
    area="website",
    in_chinese=Words(
        name="访问数",
        question="网站被访问多少次？",
        formula="本期会话数之和",
    ),
)
def visits(web_visits: ir.Table) -> Measure:
    return Measure(web_visits, numerator=_.sessions.sum())
