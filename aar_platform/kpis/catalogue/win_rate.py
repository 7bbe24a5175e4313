"""Win rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, kpi


@kpi(
    question="What share of the deals that ended did we win?",
    unit="share",
    formula="Deals won in the period / deals closed in the period",
    numerator="Deals won that were closed in the period",
    denominator="Deals closed in the period, won or lost",
    leaves_out="Open deals",
    split="A deal counts with its seller, its channel and its customer",
    direction="up",
    additive=False,
)
def win_rate(deals: ir.Table) -> Measure:
    return Measure(deals, numerator=_.count(where=_.is_won), denominator=_.count(where=_.is_closed))
