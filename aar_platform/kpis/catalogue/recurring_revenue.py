"""Recurring revenue."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.exchange import to_reporting
from aar_platform.kpis.facts.standings import has_run


@kpi(
    question="How much do running subscriptions bring us a month?",
    unit="currency",
    formula="Sum of the monthly amounts of the subscriptions that run on the last day of the "
    "period",
    numerator="Monthly amounts of the subscriptions that began by the last day of the period (the "
    "last day with data, while it still runs) and have not ended by then, at the rate of that day",
    leaves_out="Orders, deleted subscriptions, and those that end on the day they began",
    split="A subscription counts where its subscriber is",
    definition_from="Monthly recurring revenue (MRR)",
    direction="up",
    additive=True,
    area="sales",
    in_chinese=Words(
        name="经常性收入",
        question="有效订阅每月为我们带来多少收入？",
        formula="本期最后一天有效订阅的月费之和",
    ),
)
def recurring_revenue(
    subscriptions: ir.Table,
    periods: ir.Table,
    rates: ir.Table | None,
    reporting_currency: str,
) -> Measure:
    running = periods.inner_join(
        subscriptions,
        [
            subscriptions.started_on < periods.closes_on,
            subscriptions.ended_on.isnull() | (subscriptions.ended_on >= periods.closes_on),
            has_run(subscriptions),
        ],
    )
    running = running.mutate(last_day=(running.closes_on - ibis.interval(days=1)).cast("date"))
    worth = to_reporting(
        running, "monthly_amount", "currency", "last_day", rates, reporting_currency
    )
    return Measure(worth, numerator=_.amount_reporting.sum())
