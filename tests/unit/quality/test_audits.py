"""Verdicts on loads and tables."""

import ibis
import pytest

from aar_platform.quality.audits import rows_balance, truncation, validate
from aar_platform.tables import catalogue


def test_every_row_that_arrived_is_somewhere() -> None:
    assert rows_balance(10, 7, 2, 1).passed
    lost = rows_balance(10, 7, 1, 1)
    assert (lost.passed, lost.severity, lost.figures["missing"]) == (False, "error", 1)
    assert "1 are missing" in lost.message
    assert not rows_balance(10, 9, 2, 0).passed


@pytest.mark.parametrize(
    ("before", "now", "passes"),
    [
        (0, 0, True),
        (0, 5, True),
        (5, 0, False),
        (1, 0, False),
        (99, 10, True),
        (100, 50, True),
        (100, 49, False),
        (1000, 499, False),
        (1000, 2000, True),
    ],
)
def test_a_replace_that_would_halve_or_empty_a_table_is_held(
    before: int, now: int, passes: bool
) -> None:
    assert truncation(before, now).passed is passes


def messages(select: str) -> ibis.expr.types.Table:
    backend = ibis.duckdb.connect(threads=1)
    schema = catalogue.ibis_schema("messages")
    table = backend.create_table("messages", schema=schema)
    backend.raw_sql(f"insert into messages by name {select}")
    return table


GOOD = (
    "select 'shop' as source, i::varchar as record_id, i::varchar as message_id, "
    "'opened' as event, timestamp '2024-01-01' as occurred_at from range(3) t(i)"
)


def test_a_table_as_modelled_has_no_faults() -> None:
    assert validate(messages(GOOD), "messages") == []
    assert validate(messages(f"{GOOD} where false"), "messages") == []


def test_faults_are_told_by_column_check_and_number_and_never_by_value() -> None:
    found = validate(messages(GOOD.replace("'opened'", "'s3cret' || i")), "messages")
    assert found == ["messages.event: isin fails in 3 rows"]
    found = validate(messages(GOOD.replace("'shop'", "null")), "messages")
    assert found == ["messages.source: not_nullable fails in 3 rows"]
    found = validate(
        messages(GOOD.replace("i::varchar as record_id", "'s3cret' as record_id")), "messages"
    )
    assert found == ["messages: 1 value of the key (source, record_id) occurs more than once"]


def test_missing_surplus_and_mistyped_columns_are_told() -> None:
    table = messages(GOOD)
    assert validate(table.drop("url"), "messages") == ["messages.url: the column is missing"]
    assert validate(table.mutate(extra=1), "messages") == [
        "messages.extra: the column is not in the model"
    ]
    (fault,) = validate(table.mutate(url=ibis.literal(1)), "messages")
    assert fault == "messages.url: has type int8 where the model has another"
