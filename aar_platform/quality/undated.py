"""Order lines that no month can count: those of an order none of whose lines has a date."""

import ibis
import ibis.expr.types as ir

from aar_platform.quality.rules import UNDATED, rule_index
from aar_platform.quality.stored import stored


def with_undated_refused(kept: ir.Table) -> ir.Table:
    """Refuse the lines of orders without any date; for sources that feed lines and no orders.

    `kept`, and the result, is stored and has `source`, `_rule` (null for lines that broke none
    so far) and the columns of order_lines that are mapped.
    """
    undated = ibis.literal(rule_index("order_lines", UNDATED)).cast(kept._rule.type())
    if not {"order_id", "ordered_at"} <= set(kept.columns):
        return stored(kept.mutate(_rule=kept._rule.fill_null(undated)))
    without = kept.filter(kept._rule.isnull(), kept.ordered_at.isnull())
    # Seldom, and asked first, so that lines are not joined for it.
    if int(without.count().to_pyarrow().as_py()) == 0:
        return kept
    dated = kept.filter(kept._rule.isnull(), kept.ordered_at.notnull())
    dated = dated.select(_dated_source="source", _dated_order="order_id").distinct()
    both = kept.left_join(
        dated, [kept.source == dated._dated_source, kept.order_id == dated._dated_order]
    )
    rule = ibis.ifelse(both._dated_order.isnull(), both._rule.fill_null(undated), both._rule)
    return stored(both.mutate(_rule=rule).select(*kept.columns))
