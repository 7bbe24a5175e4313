"""What all reports of a month have in common: organisation, freshness, definitions of figures."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

import ibis.expr.types as ir

from aar_platform.delivery.dispatch import Audience
from aar_platform.kpis.definition import Kpi
from aar_platform.kpis.figures import compute
from aar_platform.kpis.largest_rows import Behind, behind
from aar_platform.kpis.periods import MONTH
from aar_platform.kpis.purchases import churn_window
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.tracing import Asked
from aar_platform.privacy.masking import counted_part
from aar_platform.privacy.roles import Role
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.source_states import source_states
from aar_platform.resources.figures import facts_of
from aar_platform.resources.warehouse import Warehouse
from aar_platform.settings.loading import Settings
from aar_platform.sources.mapping import raw_table_name

# What reports split figures by.
IN_REPORTS = ("all", "country", "source")
# A click shows so many rows of a figure; `aar explain` shows all.
ROWS_TOLD = 10


def audience(settings: Settings) -> Audience:
    """Who receives reports, by aar.yaml."""
    return Audience(settings.recipients, settings.roles, settings.organisation.locale)


def report_basis(settings: Settings, warehouse: Warehouse, month: date) -> ReportContext:
    """The context that every report of a month begins with; the reader is filled in later."""
    fed: set[tuple[str, str]] = set()
    extracted: dict[tuple[str, str], datetime] = {}
    for source in settings.sources:
        for rows in source.core_rows():
            pair = (source.name, rows.into)
            fed.add(pair)
            name = raw_table_name(source.name, rows.of[0])
            if warehouse.has(name):
                moment = warehouse.table(name).extracted_at.max().to_pyarrow().as_py()
                if moment is not None:
                    extracted[pair] = max(moment, extracted.get(pair, moment))
    defined = kpis(settings.kpis.custom)
    organisation = settings.organisation
    return ReportContext(
        organisation=organisation.name,
        currency=organisation.currency,
        timezone=organisation.timezone,
        period_start=month,
        role=Role(see=()),
        role_name="nobody",
        source_states=source_states(warehouse.table, fed, extracted),
        kpis=defined,
        figures=lambda tables: figures_of(tables, defined, settings),
        # Readers of the whole have the same tables, and the same rows.
        rows=cache(lambda tables: rows_of(tables, defined, settings, month)),
        churn_window=cache(lambda tables: churn_window(tables("sales"), settings.kpis)),
    )


def rows_of(
    tables: Tables, defined: Mapping[str, Kpi], settings: Settings, month: date
) -> dict[str, Behind]:
    """The rows behind the month's figures, by KPI."""
    known = facts_of(settings, tables)
    asked = Asked(MONTH, month)
    found = {name: behind(one, known, asked, ROWS_TOLD) for name, one in defined.items()}
    return {name: rows for name, rows in found.items() if rows is not None}


def figures_of(tables: Tables, defined: Mapping[str, Kpi], settings: Settings) -> ir.Table:
    """The months of all KPIs, computed anew from the tables of a part of the customers, in the
    dimensions that reports tell."""
    known = facts_of(settings, counted_part(tables))
    return compute(defined.values(), known, date.min, date.max, IN_REPORTS, (MONTH,))
