"""Pipeline value."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.standing_rows import open_at_the_end


@kpi(
    question="How much are our open deals worth?",
    unit="currency",
    formula="Sum of the amounts of the deals open at the end of the period",
    numerator="Amounts of the deals that were opened by the last day of the period (the last day "
    "with data, while it still runs) and not closed by then, at the rate of that day",
    leaves_out="Deals without an amount count as nothing; what a deal was worth before it was "
    "changed: its amount is today's",
    split="A deal counts with its seller, its channel and its customer",
    direction="up",
    additive=True,
    area="pipeline",
    in_chinese=Words(
        name="商机金额",
        question="未结商机值多少？",
        formula="期末未结商机金额之和",
    ),
)
def pipeline_value(
    deals: ir.Table, periods: ir.Table, rates: ir.Table | None, reporting_currency: str
) -> Measure:
    rows = open_at_the_end(deals, periods, "created_on", "closed_on").drop("amount_reporting")
    rows = rows.mutate(last_day=(rows.closes_on - ibis.interval(days=1)).cast("date"))
    worth = to_reporting(rows, "amount", "currency", "last_day", rates, reporting_currency)
    return Measure(worth, numerator=_.amount_reporting.sum())
