"""Win rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


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
    area="pipeline",
    in_chinese=Words(
        name="赢单率",
        question="已结商机中我们赢了多大比例？",
        formula="本期赢单数 / 本期已结商机数",
    ),
)
def win_rate(deals: ir.Table) -> Measure:
    return Measure(deals, numerator=_.count(where=_.is_won), denominator=_.count(where=_.is_closed))
