"""How assets look in the Dagster UI: group, kinds, owners, columns, freshness, in one place."""

from datetime import timedelta
from typing import Any

import dagster as dg

from aar_platform.resources.metadata import column_schema
from aar_platform.tables import catalogue

# One writing process at a time may have the warehouse; extracts do without it.
WAREHOUSE_POOL = "warehouse"

# A nightly refresh may be late by half a day before somebody should look.
NIGHTLY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=48), warn_window=timedelta(hours=36)
)
# Figures and reports of a month come with the first refresh of the next.
MONTHLY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=35), warn_window=timedelta(days=33)
)
_FRESHNESS = {"reports": MONTHLY}

# What comes after an extract follows by itself; late data changes earlier months too, and one run
# computes all months of a KPI in about the time of one.
# Nothing follows what failed a blocking check, in whichever run that was.
_SOUND = dg.AutomationCondition.all_deps_blocking_checks_passed()
_EAGER = dg.AutomationCondition.eager()
FOLLOW = _EAGER & _SOUND
# Goes with the tables it is made from in one run, where their checks hold it back; across runs
# the state of a check that is cut by months cannot be asked for.
FOLLOW_IN_THE_SAME_RUN = _EAGER.without(dg.AutomationCondition.in_latest_time_window())
FOLLOW_ALL_MONTHS = FOLLOW_IN_THE_SAME_RUN & _SOUND

KINDS = {
    "core": {"duckdb", "table"},
    "quality": {"duckdb", "table"},
    "customers": {"duckdb", "table"},
    "kpis": {"duckdb", "table"},
    "models": {"duckdb", "table"},
    "segments": {"duckdb", "scikitlearn"},
    "reports": {"duckdb", "table"},
}


def of_table(name: str) -> dict[str, Any]:
    """The keyword arguments of an asset that is one of the catalogue's tables."""
    facts = catalogue.facts(name)
    layer = facts["layer"]
    return {
        "group_name": layer,
        "kinds": KINDS[layer],
        "owners": [f"team:{facts['owner']}"],
        "description": catalogue.description(name),
        "tags": {"layer": layer},
        "metadata": {
            "dagster/column_schema": column_schema(name),
            "dagster/table_name": name,
            "key": ", ".join(facts["key"]),
        },
        "freshness_policy": _FRESHNESS.get(layer, NIGHTLY),
        "automation_condition": FOLLOW_ALL_MONTHS if "partition" in facts else FOLLOW,
    }
