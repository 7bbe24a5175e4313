"""Retention rate."""

import ibis
import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi
from aar_platform.kpis.periods import FROM_MONTHS, UNIT_OF


@kpi(
    question="What share of the customers of the period before bought again?",
    unit="share",
    formula="Customers with a purchase in the period before and one in this / customers with a "
    "purchase in the period before",
    numerator="Customers with a purchase in the period before whose next one is in this period",
    denominator="Customers with a purchase in the period before",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders; customers whose last purchase is further back",
    split="A customer counts once, where the last purchase of the period before was",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="留存率",
        question="上期客户中有多大比例再次购买？",
        formula="上期与本期都有购买的客户 / 上期有购买的客户",
    ),
)
def retention_rate(purchases: ir.Table, periods: ir.Table) -> Measure:
    parts = []
    for length in FROM_MONTHS:
        of_length = periods.filter(periods.period == length)
        bought = purchases.mutate(
            previous_start=purchases.sold_on.truncate(UNIT_OF[length]).cast("date")
        )
        after = of_length.inner_join(bought, "previous_start")
        is_last = after.next_on.isnull() | (after.next_on >= after.period_start)
        came_back = (after.next_on < after.closes_on).fill_null(False)
        parts.append(after.filter(is_last).mutate(came_back=came_back))
    return Measure(ibis.union(*parts), numerator=_.count(where=_.came_back), denominator=_.count())
