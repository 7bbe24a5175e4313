"""Conversion rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="How many visits reach their aim?",
    unit="share",
    formula="Conversions of the period / sessions of the period",
    numerator="Aims reached (key events) in sessions of the period; several in one session count "
    "each",
    denominator="Sessions that began in the period",
    leaves_out="Nothing",
    split="A visit counts in the channel, campaign and country that it came by",
    definition_from="Google Analytics, session key event rate, with every event counted",
    direction="up",
    additive=False,
    area="website",
    in_chinese=Words(
        name="转化率",
        question="有多少访问达成目标？",
        formula="本期转化次数 / 本期会话数",
    ),
)
def conversion_rate(web_visits: ir.Table) -> Measure:
    # A row can count many sessions.
    sessions = _.sessions.sum()
    return Measure(
        web_visits, numerator=_.conversions.sum(), denominator=sessions, sample_size=sessions
    )
