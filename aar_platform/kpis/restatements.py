"""Figures of past periods that later data changed: the old value beside the new one."""

from datetime import datetime

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.dimensions import TRAITS
from aar_platform.tables import catalogue

KEY = ["kpi", "period", "period_start", "dimension", "member"]
# Sums of money are exact to the fourth decimal; the rest is the noise of adding doubles.
SAME = 1e-9


def restated(before: ir.Table, now: ir.Table, moment: datetime) -> ir.Table:
    """The rows of `before` (as the table `kpis`) of periods that were over then, whose value is
    another one in `now`, as the table `kpi_restatements`; a figure that is gone has no new value.

    Numerator and denominator are told beside it: where they alone changed (no refunds of 10 orders,
    and now of 11), nobody was told anything else than holds now.

    What a customer is today (segment, owner, city, …) moves past figures from one member to
    another with no late data: these dimensions are left out.
    """
    old = before.filter(before.is_complete, before.dimension.notin(TRAITS))
    new = now.select(*KEY, **{f"new_{name}": now[name] for name in _VALUES})
    both = old.left_join(new, KEY)
    changed = both.filter(_differs(both["value"], both.new_value))
    known = {
        **{name: changed[name] for name in (*KEY, "unit")},
        **{f"old_{name}": changed[name] for name in _VALUES},
        **{f"new_{name}": changed[f"new_{name}"] for name in _VALUES},
        "restated_at": ibis.literal(moment),
    }
    schema = catalogue.ibis_schema("kpi_restatements")
    return changed.select(**{name: known[name].cast(kind) for name, kind in schema.items()})


_VALUES = ("value", "numerator", "denominator")


def _differs(old: ir.FloatingValue, new: ir.FloatingValue) -> ir.BooleanValue:
    scale = ibis.greatest(old.abs(), new.abs(), 1.0)
    return (old.isnull() != new.isnull()) | ((old - new).abs() > scale * SAME).fill_null(False)
