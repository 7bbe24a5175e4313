"""Checks of every load: no row is lost on the way in, and no truncated extract replaces a table."""

from collections.abc import Sequence

import dagster as dg

from aar_platform.quality.audits import rows_balance, truncation
from aar_platform.resources.platform import Platform
from aar_platform.resources.warehouse import STAGING
from aar_platform.sources.mapping import extract_name, raw_table_name
from aar_platform.sources.registry import CoreRows, SourceConfig, SourceObject


def balance_check(
    table: str, fed_by: Sequence[tuple[SourceConfig, CoreRows]]
) -> dg.AssetChecksDefinition:
    """Rows that came in = rows in core + rows in quarantine + rows that repeat a record.

    Where records in JSON are taken apart into rows, those rows are what came in.
    """

    @dg.asset_check(
        asset=table,
        name="no_row_is_lost",
        description="Rows in the raw tables = rows here + in quarantine + repeated versions.",
        blocking=True,
    )
    def no_row_is_lost(platform: Platform) -> dg.AssetCheckResult:
        warehouse = platform.warehouse
        sources = sorted({source.name for source, _ in fed_by})
        names = [
            raw_table_name(source.name, rows.of[0]) for source, rows in fed_by if rows.rows is None
        ]
        arrived = sum(
            int(warehouse.table(name).count().execute()) for name in names if warehouse.has(name)
        )
        kept = warehouse.table(table)
        accepted = int(kept.filter(kept["source"].isin(sources)).count().execute())
        quarantined = int(warehouse.table(f"{table}_quarantine", STAGING).count().execute())
        intake = warehouse.table(f"{table}_intake", STAGING)
        taken_apart = {source.name for source, rows in fed_by if rows.rows is not None}
        in_json = intake.filter(intake.source.isin(sorted(taken_apart)))
        arrived += int(in_json.arrived.sum().fill_null(0).execute())
        repeated = int(intake.repeated.sum().fill_null(0).execute())
        verdict = rows_balance(arrived, accepted, quarantined, repeated)
        return dg.AssetCheckResult(
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.ERROR,
            description=verdict.message,
            metadata=dict(verdict.figures),
        )

    return no_row_is_lost


def truncation_check(source: str, item: SourceObject) -> dg.AssetChecksDefinition:
    """A full extract is not much smaller than what it would replace.

    To accept a smaller extract, materialise the raw table by itself.
    """
    raw = raw_table_name(source, item.name)

    @dg.asset_check(
        asset=extract_name(source, item.name),
        name="not_truncated",
        description=f"The extract is not much smaller than {raw}, which it replaces.",
        blocking=True,
    )
    def not_truncated(platform: Platform) -> dg.AssetCheckResult:
        landed = sum(file.rows for file in platform.landing.partition(source, item.name, None))
        warehouse = platform.warehouse
        before = int(warehouse.table(raw).count().execute()) if warehouse.has(raw) else 0
        verdict = truncation(before, landed)
        message = verdict.message
        if not verdict.passed:
            message = (
                f"{source}.{item.name}: {message}; {raw} keeps its rows. If the extract is right, "
                f"materialise {raw} by itself: aar run --select {raw}"
            )
        return dg.AssetCheckResult(
            passed=verdict.passed,
            severity=dg.AssetCheckSeverity.ERROR,
            description=message,
            metadata=dict(verdict.figures),
        )

    return not_truncated
