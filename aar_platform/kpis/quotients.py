"""KPIs that are one KPI divided by another."""

import ibis
import ibis.expr.types as ir

from aar_platform.kpis.cells import KEY
from aar_platform.kpis.definition import Kpi, Quotient
from aar_platform.kpis.periods import MONTHS_OF


def quotient_of(kpi: Kpi, quotient: Quotient, figures: ir.Table, currency: str) -> ir.Table:
    """The figures of a quotient out of those of its two KPIs (rows of `kpis`), where both are told.

    Numerator and denominator are the two figures; the sample is the smaller of theirs.
    """
    above = figures.filter(figures.kpi == quotient.dividend.name)
    below = figures.filter(
        figures.kpi == quotient.divisor.name,
        figures.dimension.isin(kpi.dimensions),
        figures.period.isin(kpi.periods),
    )
    months = below.period.cases(*MONTHS_OF.items(), else_=None)
    divisor = below.value / months if quotient.a_month else below.value
    below = below.select(*KEY, divisor=divisor, size=below.sample_size, small="is_small_sample")
    both = above.inner_join(below, KEY)
    return both.select(
        kpi=ibis.literal(kpi.name),
        period_start=both.period_start,
        period=both.period,
        dimension=both.dimension,
        member=both.member,
        value=both["value"] / both.divisor.nullif(0),
        unit=ibis.literal(currency if kpi.unit == "currency" else kpi.unit),
        numerator=both["value"],
        denominator=both.divisor,
        sample_size=ibis.least(both.sample_size, both["size"]),
        is_small_sample=both.is_small_sample | both.small,
        is_complete=both.is_complete,
    )
