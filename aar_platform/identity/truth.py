"""A table of who is who, made by hand or withheld from the platform, to judge its links by."""

from pathlib import Path
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.reading import open_file
from aar_platform.sources.files.refusal import FileRefused

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = ("source", "record_id", "entity")
# Only a table that says so tells a contact from the company with the same id.
OBJECT = "object"


def read_truth(path: Path) -> ir.Table:
    """source, object (null where the file does not say), record_id, entity: a row per record.

    The file is read as those of sources are: its encoding, delimiter and compression are detected.
    Raises FileRefused: no file, nothing in it, a column missing, a row that is not filled in, a
    record under two entities.
    """
    if not path.is_file():
        raise FileRefused(path, "no such file", f"it has the columns {', '.join(COLUMNS)}")
    reading = open_file(path, FilesTable(path=str(path), into="truth"))
    missing = [name for name in COLUMNS if name not in reading.report.columns]
    if missing:
        raise FileRefused(
            path,
            f"has no column {' and no column '.join(missing)}",
            f"name them {', '.join(COLUMNS)} and, where it is needed, {OBJECT}",
        )
    rows = reading.batches.read_all()
    if not rows.num_rows:
        raise FileRefused(path, "has no rows", "name at least two records of one entity")
    truth = _tidy(rows, reading.report.header_row or 1)
    _refuse_gaps(path, truth)
    _refuse_contradictions(path, truth)
    return truth.drop("row").distinct()


def _tidy(rows: "pa.Table", header: int) -> ir.Table:
    import pyarrow as pa

    names = [name for name in (*COLUMNS, OBJECT) if name in rows.column_names]
    numbered = rows.select(names).cast(pa.schema([(name, pa.string()) for name in names]))
    place = pa.array(range(header + 1, header + 1 + rows.num_rows), pa.int64())
    told = ibis.memtable(numbered.append_column("row", place))
    tidy = told.mutate(**{name: told[name].strip().nullif("") for name in names})
    if OBJECT not in names:
        tidy = tidy.mutate(object=ibis.null("string"))
    return tidy.select("row", "source", OBJECT, "record_id", "entity")


def _refuse_gaps(path: Path, truth: ir.Table) -> None:
    is_gap = truth.source.isnull() | truth.record_id.isnull() | truth.entity.isnull()
    found = truth.aggregate(rows=is_gap.sum(), first=truth.row.min(where=is_gap)).to_pyarrow()
    rows, first = (found[name][0].as_py() for name in ("rows", "first"))
    if rows:
        more = f" (and {rows - 1} more)" if rows > 1 else ""
        raise FileRefused(
            path, f"row {first}{more} lacks {', '.join(COLUMNS)} or one of them", "fill it in"
        )


def _refuse_contradictions(path: Path, truth: ir.Table) -> None:
    record = truth.group_by(["source", OBJECT, "record_id"]).aggregate(
        entities=truth.entity.nunique(),
        first=truth.row.min(),
        other=truth.row.argmax(truth.entity),
        another=truth.row.argmin(truth.entity),
    )
    wrong = record.filter(record.entities > 1)
    wrong = wrong.mutate(
        low=ibis.least(wrong.other, wrong.another), high=ibis.greatest(wrong.other, wrong.another)
    )
    found = wrong.aggregate(
        records=wrong.count(),
        low=wrong.low.argmin(wrong.first),
        high=wrong.high.argmin(wrong.first),
    ).to_pyarrow()
    records, low, high = (found[name][0].as_py() for name in ("records", "low", "high"))
    if records:
        more = f" (and {records - 1} more records)" if records > 1 else ""
        raise FileRefused(
            path,
            f"rows {low} and {high} name one record under different entities{more}",
            f"keep one; a contact and a company of one id are told apart by a column {OBJECT}",
        )
