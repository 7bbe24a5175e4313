"""What known customers bought: their orders of more than nothing, each with the one before."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.kpis.facts.definition import fact
from aar_platform.kpis.purchases import is_purchase


@fact("source", "channel", "campaign", "country", "region", *TRAITS, members_of=("sales",))
def purchases(sales: ir.Table) -> ir.Table:
    """`nth` is 0 for a customer's first purchase ever; `previous_on` and `next_on` are the days of
    the ones before and after, in whichever source. Purchases of one moment stand in the order of
    their ids and amounts; the name of a source decides between none that differ."""
    bought = sales.filter(is_purchase(sales), sales.customer_id.notnull())
    bought = bought.drop("kind", "is_sold")
    window = ibis.window(
        group_by=bought.customer_id,
        order_by=[bought.sold_at, bought.record_id, bought.amount_reporting, bought.source],
    )
    return bought.mutate(
        nth=ibis.row_number().over(window),
        previous_on=bought.sold_on.lag().over(window),
        next_on=bought.sold_on.lead().over(window),
    )
