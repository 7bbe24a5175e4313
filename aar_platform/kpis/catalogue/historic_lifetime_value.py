"""Historic lifetime value."""

import ibis.expr.types as ir
from ibis import _

from aar_platform.kpis.definition import Measure, Words, kpi


@kpi(
    question="What has a customer brought us so far?",
    unit="currency",
    formula="Revenue of all time up to the end of the period from known customers / customers won"
    " up to then",
    numerator="Orders and credit notes of known customers up to the end of the period, less "
    "refunds",
    denominator="Customers won up to the end of the period, as counted in the KPI acquisition_cost",
    leaves_out="Sales without a known customer, or of one who was never won (refunds alone); "
    "cancelled and test orders, with their refunds; costs: it is revenue, not margin",
    split="A customer counts where they were won",
    definition_from="Historic customer lifetime value (CLV): revenue to date per customer",
    direction="up",
    additive=False,
    area="customers",
    in_chinese=Words(
        name="历史客户价值",
        question="一位客户至今为我们带来多少？",
        formula="截至期末已知客户的全部收入 / 截至期末赢得的客户数",
    ),
)
def historic_lifetime_value(customer_revenue: ir.Table, acquisitions: ir.Table) -> Measure:
    return Measure(
        customer_revenue,
        numerator=_.amount_reporting.sum(),
        denominator=_.count(),
        denominator_rows=acquisitions,
        is_running_total=True,
    )
