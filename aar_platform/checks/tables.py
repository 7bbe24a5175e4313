"""Checks of tables against their models: one per table, and it blocks what comes after."""

from collections.abc import Iterable

import dagster as dg

from aar_platform.quality.audits import validate
from aar_platform.resources.platform import Platform
from aar_platform.tables import catalogue


def model_check(name: str, partitions: dg.PartitionsDefinition | None) -> dg.AssetChecksDefinition:
    """The table is as the catalogue says: columns, types, nulls, allowed values, unique key."""

    @dg.asset_check(
        asset=name,
        name="matches_its_model",
        description="Columns, types, required and allowed values and the key are as catalogued.",
        blocking=True,
        partitions_def=partitions,
    )
    def matches_its_model(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        rows = platform.warehouse.table(name)
        if partitions is not None:
            window = context.partition_time_window
            column = rows[catalogue.facts(name)["partition"]]
            rows = rows.filter(column >= window.start.date(), column < window.end.date())
        further = catalogue.facts(name).get("further_columns")
        if further:
            rows = rows.select(*(one for one in rows.columns if not one.startswith(further)))
        problems = validate(rows, name)
        return dg.AssetCheckResult(
            passed=not problems,
            severity=dg.AssetCheckSeverity.ERROR,
            description="; ".join(problems) or None,
            metadata={"problems": len(problems)},
        )

    return matches_its_model


def model_checks(
    tables: Iterable[str], monthly_tables: Iterable[str], months: dg.PartitionsDefinition
) -> list[dg.AssetChecksDefinition]:
    """A check for every table, those cut by months cut likewise."""
    return [
        *(model_check(name, None) for name in tables),
        *(model_check(name, months) for name in monthly_tables),
    ]
