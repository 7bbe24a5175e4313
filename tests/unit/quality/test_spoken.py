"""What a system says in another type than its API documents is judged, or told, never lost."""

import ibis
import pytest

from aar_platform.quality.spoken import spoken_rows
from aar_platform.sources.columns import select_sql, text, typed
from aar_platform.sources.mapping import core_rows
from aar_platform.sources.registry import CoreRows, SourceObject

COLUMNS = {"id": text("id"), "sum": text("sum").of("money"), **typed("moment", "made", "sent")}
ITEM = SourceObject("orders", columns=COLUMNS, key=("id",))
KEPT = "record as payload, extracted_at, partition_key, _file, _row"


def raw(*records):
    backend = ibis.duckdb.connect()
    backend.raw_sql("set timezone = 'UTC'")
    rows = " union all ".join(
        f"select '{record}' as record, null as context, timestamp '2026-01-01' as extracted_at, "
        f"'all' as partition_key, 'all' as _file, {number} as _row"
        for number, record in enumerate(records)
    )
    backend.raw_sql(f"create table raw as {select_sql(COLUMNS, f'({rows})', KEPT)}")
    return backend.table("raw")


def made(function, table):
    rows = spoken_rows(CoreRows("orders", ("orders",), rows=function), [table], [ITEM])
    return rows.to_pyarrow().to_pylist()


def test_a_value_of_another_type_is_handed_on_as_the_text_it_was():
    table = raw('{"id": 1, "sum": "12.50"}', '{"id": 2, "sum": "twelve"}')
    rows = made(lambda t: core_rows(t, order_id=t.id, total=t["sum"]), table)
    assert sorted(row["total"] for row in rows) == ["12.5000", "twelve"]


def test_a_record_is_made_into_a_row_once_as_it_was_last():
    table = raw('{"id": 1, "sum": "1"}', '{"id": 1, "sum": "2"}')
    (row,) = made(lambda t: core_rows(t, order_id=t.id, total=t["sum"]), table)
    assert row["total"] == 2


def test_a_mapping_that_cannot_take_the_text_fails_with_where_and_what():
    table = raw('{"id": 1, "made": "tomorrow", "sent": "2026-01-02T10:00:00Z"}')
    with pytest.raises(ValueError, match=r"orders\.made: values that are not of their type"):
        made(lambda t: core_rows(t, order_id=t.id, ordered_at=t.sent - t.made), table)


def test_a_mapping_that_loses_a_record_fails():
    table = raw('{"id": 1, "sum": "1"}', '{"id": 2, "sum": "2"}')

    def first_only(orders):
        kept = orders.filter(orders.id == "1")
        return core_rows(kept, order_id=kept.id)

    with pytest.raises(ValueError, match="2 records became 1 rows of orders"):
        made(first_only, table)
