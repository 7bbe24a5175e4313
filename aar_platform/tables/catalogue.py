"""All tables by name, and what is asked of them: columns, types, layers, privacy classes."""

from functools import cache
from typing import Any

import ibis

from aar_platform.tables import identity, marketing, outputs, people, quality, sales, service
from aar_platform.tables.model import Column, Table, columns_of

CORE: dict[str, type[Table]] = {
    "contacts": people.Contacts,
    "companies": people.Companies,
    "orders": sales.Orders,
    "order_lines": sales.OrderLines,
    "refunds": sales.Refunds,
    "subscriptions": sales.Subscriptions,
    "usage": service.Usage,
    "tickets": service.Tickets,
    "campaigns": marketing.Campaigns,
    "messages": marketing.Messages,
    "deals": sales.Deals,
    "feedback": service.Feedback,
    "web_visits": marketing.WebVisits,
    "spend": marketing.Spend,
    "experiment_assignments": marketing.ExperimentAssignments,
}

OUTPUTS: dict[str, type[Table]] = {
    "quarantine": quality.Quarantine,
    "repairs": quality.Repairs,
    "entry_quality": quality.EntryQuality,
    "disagreements": quality.Disagreements,
    "source_reliability": quality.SourceReliability,
    "customers": outputs.Customers,
    "customer_values": identity.CustomerValues,
    "customer_links": outputs.CustomerLinks,
    "customer_history": outputs.CustomerHistory,
    "identity_records": identity.IdentityRecords,
    "identity_pairs": identity.IdentityPairs,
    "identity_model": identity.IdentityModel,
    "identity_terms": identity.IdentityTerms,
    "identity_suspicions": identity.IdentitySuspicions,
    "identity_quality": identity.IdentityQuality,
    "identity_decisions": identity.IdentityDecisions,
    "activities": outputs.Activities,
    "sales": outputs.Sales,
    "kpis": outputs.KpiFigures,
    "kpi_restatements": outputs.KpiRestatements,
    "kpi_alerts": outputs.KpiAlerts,
    "customer_cohorts": outputs.CustomerCohorts,
    "customer_scores": outputs.CustomerScores,
    "model_runs": outputs.ModelRuns,
    "customer_segments": outputs.CustomerSegments,
    "experiment_results": outputs.ExperimentResults,
    "report_files": outputs.ReportFiles,
}

# The column that holds a core table's own id; record_id repeats it.
OWN_ID: dict[str, str] = {
    "contacts": "contact_id",
    "companies": "company_id",
    "orders": "order_id",
    "order_lines": "line_id",
    "refunds": "refund_id",
    "subscriptions": "subscription_id",
    "usage": "usage_id",
    "tickets": "ticket_id",
    "campaigns": "campaign_id",
    "messages": "message_id",
    "deals": "deal_id",
    "feedback": "feedback_id",
    "web_visits": "visit_id",
    "spend": "spend_id",
    "experiment_assignments": "assignment_id",
}


def table(name: str) -> type[Table]:
    """A table's declaration; `kpi_…` tables share one. Raises KeyError for an unknown name."""
    if name.startswith("kpi_") and name not in OUTPUTS:
        return outputs.KpiFigures
    return CORE[name] if name in CORE else OUTPUTS[name]


@cache
def columns(name: str) -> tuple[Column, ...]:
    """The columns of a table in the order in which it is stored.

    Core tables begin with source and record_id and end with updated_at, is_deleted, attributes.
    """
    found = list(columns_of(table(name)))
    if name in CORE:
        last = ("updated_at", "is_deleted", "attributes")
        by_name = {column.name: column for column in found}
        found = [column for column in found if column.name not in last]
        found += [by_name[column_name] for column_name in last]
    return tuple(found)


def column_names(name: str) -> list[str]:
    """The names of a table's columns in stored order."""
    return [column.name for column in columns(name)]


def ibis_schema(name: str) -> ibis.Schema:
    """The stored schema of a table."""
    return ibis.schema({column.name: column.dtype for column in columns(name)})


def facts(name: str) -> dict[str, Any]:
    """Layer, key, owner and, where it has one, partition column of a table."""
    return dict(table(name).facts)


def description(name: str) -> str:
    """What the table holds, in its model's words."""
    return " ".join((table(name).__doc__ or "").split())
