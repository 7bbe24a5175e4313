"""Churn rate."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What share of our customers did we lose?",
    unit="share",
    formula="Customers at the start of the period who are none at its end / customers at its "
    "start. Who has a subscription, or had one by then, is a customer while one runs; anybody else "
    "for the churn window after a purchase",
    numerator="Customers at the start of the period with no running subscription, or else no "
    "purchase in the churn window before, at its end (the last day with data, while the period "
    "still runs)",
    denominator="Customers with a running subscription, or else with a purchase in the "
    "churn window before the period",
    leaves_out="Orders without a known customer, credit notes, orders worth nothing, cancelled and "
    "test orders; customers won in the period",
    split="A customer counts once, where the last purchase before the period or the newest "
    "subscription was; a purchase or subscription anywhere keeps the customer",
    direction="down",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="流失率",
        question="我们流失了多大比例的客户？",
        formula="期初是客户而期末不再是客户的 / 期初客户；有订阅者以订阅有效为准，"
        "其余以流失窗口期内有购买为准",
    ),
)
def churn_rate(standings: ir.Table) -> Measure:
    return Measure(standings, numerator=_.count(where=_.is_lost), denominator=_.count())
