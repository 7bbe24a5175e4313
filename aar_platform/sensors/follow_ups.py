"""What is downstream of an extract follows it: switched on in the UI, off at first."""

import dagster as dg


def follow_ups() -> dg.SensorDefinition:
    """Materialises what its automation condition says is due, every half minute."""
    return dg.AutomationConditionSensorDefinition(
        name="follow_ups",
        target=dg.AssetSelection.all(),
        minimum_interval_seconds=30,
        description="Tables and figures follow the extracts they are made from.",
    )
