"""Whether a KPI can be computed, found out on tables without rows before there are any."""

from collections.abc import Iterable, Iterator
from datetime import date

import duckdb
import ibis

from aar_platform.kpis.counting import counted, measured
from aar_platform.kpis.definition import Kpi, KpiInvalid
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.periods import as_table
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.tables import catalogue


def without_rows(reporting_currency: str, timezone: str) -> Facts:
    """The facts of tables that nothing stands in, for no period."""
    known = Facts(
        lambda name: ibis.memtable([], schema=catalogue.ibis_schema(name)),
        {
            "reporting_currency": reporting_currency,
            "timezone": timezone,
            "rates": None,
            "as_of": date.today(),
            "churn_window": ChurnWindow(1, "tried without rows"),
        },
    )
    known.within(as_table(()))
    return known


def uncountable(
    kpis: Iterable[Kpi], reporting_currency: str, timezone: str
) -> Iterator[KpiInvalid]:
    """What keeps KPIs from being computed, one for each that cannot: columns that there are not,
    values that do not fit them, dimensions that the rows do not have."""
    known = without_rows(reporting_currency, timezone)
    for one in kpis:
        try:
            if one.quotient is None:
                for sums in counted(one, measured(one, known), one.dimensions):
                    sums.rows.aggregate(told=sums.one).to_pyarrow()
        except KpiInvalid as error:
            yield error
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            yield KpiInvalid(f"KPI {one.name} cannot be computed: {said}")
