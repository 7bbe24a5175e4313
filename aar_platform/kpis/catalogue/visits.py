"""Visits."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi
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
)
def visits(web_visits: ir.Table) -> Measure:
    return Measure(web_visits, numerator=_.sessions.sum())
