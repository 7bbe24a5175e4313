"""Predicted lifetime value."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What will a customer bring us over the next year?",
    unit="currency",
    formula="Sum of the values predicted for the next 365 days / customers who have a prediction",
    numerator="What the model of customer lifetime value expects of each customer over the next 365"
    " days",
    denominator="Customers for whom there is a prediction",
    leaves_out="Customers without a prediction; periods but the one that holds the last day with "
    "data, of which the predictions are",
    split="A customer counts by what is known of them today",
    definition_from="See customer_scores in docs/tables.md",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="预测客户价值",
        question="一位客户未来一年将带来多少？",
        formula="未来 365 天预测价值之和 / 有预测的客户数",
    ),
)
def predicted_lifetime_value(customer_scores: ir.Table) -> Measure:
    return Measure(
        customer_scores,
        numerator=_.predicted_clv.sum(),
        denominator=_.count(where=_.predicted_clv.notnull()),
    )
