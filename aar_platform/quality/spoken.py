"""Rows of a core table made from raw tables of records in JSON, by a source's own function."""

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis.common.annotations import ValidationError
from ibis.common.exceptions import IbisError

from aar_platform.quality.stored import stored, stored_sql
from aar_platform.sources.mapping import as_said, latest_sql, misread_columns
from aar_platform.sources.registry import CoreRows, SourceObject


def spoken_rows(
    rows: CoreRows, raws: Sequence[ir.Table], items: Sequence[SourceObject]
) -> ir.Table:
    """The rows that `rows` makes, computed once; `raws` are the raw tables of `rows.of`, `items`
    their objects.

    Raises ValueError where rows are lost or doubled though each record should make one, and where
    values of a wrong type cannot be handed on as text to the rules that judge them.
    """
    assert rows.rows is not None
    current = [_latest(raw, item) for raw, item in zip(raws, items, strict=True)]
    try:
        made = stored(rows.rows(*current))
    except (IbisError, ValidationError, TypeError) as error:
        wrong = [
            f"{item.name}.{column}"
            for raw, item in zip(raws, items, strict=True)
            for column in misread_columns(raw)
        ]
        if not wrong:
            raise
        raise ValueError(
            f"{', '.join(wrong)}: values that are not of their type, of which no row of "
            f"{rows.into} can be made; column _misread of the raw table has them, correct them in "
            "the system or make the column text"
        ) from error
    if rows.is_row_per_record:
        expected, count = _count(current[0]), _count(made)
        if expected != count:
            raise ValueError(
                f"{rows.of[0]}: {expected:,} records became {count:,} rows of {rows.into}, where "
                "each should become one; its mapping is wrong"
            )
    return made


def _latest(raw: ir.Table, item: SourceObject) -> ir.Table:
    """A raw table's records once each. Windows over 40 columns take Ibis longer to write than the
    engine to answer, so they are said in SQL."""
    backend = raw.get_backend()
    said = as_said(raw, misread_columns(raw))
    return stored_sql(backend, latest_sql(backend.compile(said), item))


def _count(table: ir.Table) -> int:
    return int(table.count().to_pyarrow().as_py())
