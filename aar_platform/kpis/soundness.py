"""Whether figures can be true: members add up to the whole."""

from collections.abc import Iterable, Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.dimensions import WHOLE

# Of the larger of the two; doubles lose less on millions of rows.
TOLERANCE = 1e-6


def unsound(kpis: Iterable[Kpi], figures: ir.Table) -> Mapping[str, str]:
    """KPI → what is wrong with its figures (rows of `kpis`), a line each; sound ones are absent.

    The members of a dimension of an additive KPI add up to the whole of the period, where the
    whole is told.
    """
    of_kpis = figures.filter(figures.kpi.isin([one.name for one in kpis if one.additive]))
    key = ["kpi", "period", "period_start"]
    whole = of_kpis.filter(of_kpis.dimension == WHOLE).select(*key, whole="value")
    split = of_kpis.filter(of_kpis.dimension != WHOLE)
    parts = split.group_by(*key, "dimension").aggregate(
        together=split["value"].sum(), scale=split["value"].abs().sum()
    )
    both = parts.inner_join(whole, key)
    apart = both.filter(
        (both.together - both.whole).abs() > ibis.greatest(both.scale, 1.0) * TOLERANCE
    )
    worst = apart.order_by((apart.together - apart.whole).abs().desc()).limit(1000)
    found: dict[str, str] = {}
    for row in worst.to_pyarrow().to_pylist():
        found.setdefault(
            row["kpi"],
            f"by {row['dimension']} the {row['period']} from {row['period_start']} adds up to "
            f"{row['together']:.4f}, the whole is {row['whole']:.4f}",
        )
    return found
