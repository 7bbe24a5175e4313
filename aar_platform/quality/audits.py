"""What a load must keep: no row lost, no table emptied by a cut extract, tables as modelled."""

from dataclasses import dataclass, field
from typing import Any, Literal

import ibis.expr.types as ir

from aar_platform.tables import catalogue

# Below a hundred rows a table may well halve from one day to the next: twenty campaigns, ten plans.
# From a hundred on, losing more than half at once has so far meant a cut connection, a filter left
# in an export or half a file; what a business deletes in a day is a few per cent.
ROWS_WORTH_GUARDING = 100
SHARE_THAT_MAY_GO = 0.5


@dataclass(frozen=True)
class Verdict:
    """Whether a check passed, how much it matters, why in one line, and the figures it rests on."""

    passed: bool
    severity: Literal["error", "warn"]
    message: str
    figures: dict[str, Any] = field(default_factory=dict)


def rows_balance(arrived: int, accepted: int, quarantined: int, repeated: int) -> Verdict:
    """Whether every row that arrived was accepted, quarantined or a version of another."""
    missing = arrived - accepted - quarantined - repeated
    figures = {
        "arrived": arrived,
        "accepted": accepted,
        "quarantined": quarantined,
        "repeated": repeated,
        "missing": missing,
    }
    whereabouts = f"{accepted:,} accepted, {quarantined:,} in quarantine, {repeated:,} repeated"
    if missing == 0:
        return Verdict(True, "error", f"{arrived:,} rows arrived: {whereabouts}", figures)
    wrong = f"{missing:,} are missing" if missing > 0 else f"{-missing:,} are too many"
    return Verdict(
        False, "error", f"of {arrived:,} rows that arrived {wrong}: {whereabouts}", figures
    )


def truncation(previous_rows: int, new_rows: int) -> Verdict:
    """Whether a full replace may go ahead, or rather looks like a truncated extract.

    It fails where it would leave no row of a table that had any, or would drop more than half of a
    table of at least 100 rows.
    """
    lost = previous_rows - new_rows
    figures = {
        "previous_rows": previous_rows,
        "new_rows": new_rows,
        "lost_share": round(max(lost, 0) / previous_rows, 4) if previous_rows else 0.0,
    }
    is_emptied = previous_rows > 0 and new_rows == 0
    is_halved = previous_rows >= ROWS_WORTH_GUARDING and lost > previous_rows * SHARE_THAT_MAY_GO
    if is_emptied or is_halved:
        return Verdict(
            False,
            "error",
            f"a replace would leave {new_rows:,} of {previous_rows:,} rows: the extract looks "
            "truncated",
            figures,
        )
    return Verdict(True, "error", f"{new_rows:,} rows after {previous_rows:,}", figures)


def validate(table: ir.Table, name: str) -> list[str]:
    """How a table departs from its model, one line a column and check; none where it does not.

    The pandera model runs in the engine, lazily; lines tell column, check and number of failures,
    never a value. Uniqueness of the key is counted in one query. An error of the engine is raised.
    """
    from pandera.config import ValidationDepth, config_context
    from pandera.errors import SchemaErrors

    from aar_platform.tables.validation import model_of

    lines: list[str] = []
    # Without rows only columns and types can be wrong; a core table has up to 30 data checks.
    is_empty = int(table.limit(1).count().to_pyarrow().as_py()) == 0
    depth = ValidationDepth.SCHEMA_ONLY if is_empty else ValidationDepth.SCHEMA_AND_DATA
    try:
        with config_context(validation_depth=depth):
            model_of(catalogue.table(name)).validate(table, lazy=True)
    except SchemaErrors as found:
        lines = [line for error in found.schema_errors if (line := _line(error, name))]
    key = [] if is_empty else catalogue.facts(name).get("key", [])
    if key and set(key) <= set(table.columns):
        repeated = table.group_by(*key).having(table.count() > 1).agg(_rows=table.count())
        count = int(repeated.count().to_pyarrow().as_py())
        if count:
            said = "value of the key" if count == 1 else "values of the key"
            occurs = "occurs" if count == 1 else "occur"
            lines.append(f"{name}: {count:,} {said} ({', '.join(key)}) {occurs} more than once")
    return list(dict.fromkeys(lines))


def _line(error: Any, name: str) -> str | None:
    """One line for a failed check, with the number of rows; None where no row fails it.

    On an empty table the engine answers "all rows pass" with null, which pandera takes for a no.
    """
    reason = error.reason_code.name
    if reason in ("COLUMN_NOT_IN_SCHEMA", "COLUMN_NOT_IN_DATAFRAME"):
        wrong = "is not in the model" if reason == "COLUMN_NOT_IN_SCHEMA" else "is missing"
        return f"{name}.{error.failure_cases}: the column {wrong}"
    column = error.schema.name
    if reason == "WRONG_DATATYPE":
        return f"{name}.{column}: has type {error.failure_cases} where the model has another"
    failures = error.failure_cases
    if isinstance(failures, ir.Table):
        count = int(failures.count().to_pyarrow().as_py())
    elif reason == "CHECK_ERROR":
        raise RuntimeError(f"the check of {name}.{column} could not run") from error
    else:
        count = len(failures)
    check = error.check if isinstance(error.check, str) else error.check.name
    return f"{name}.{column}: {check} fails in {count:,} rows" if count else None
