"""The list of rules, and the quarantine from one load to the next."""

from datetime import datetime
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from aar_platform.quality.quarantine import merge_quarantine
from aar_platform.quality.rules import rules_of
from aar_platform.tables import catalogue

SCHEMA = catalogue.ibis_schema("quarantine")


def test_every_required_and_typed_column_has_its_rules() -> None:
    for table in catalogue.CORE:
        rules = {(rule.name, rule.column): rule for rule in rules_of(table)}
        assert len(rules) == len(rules_of(table))
        for column in catalogue.columns(table):
            if column.name in ("source", "record_id", catalogue.OWN_ID[table]):
                continue
            if column.required:
                assert rules[(f"missing_{column.name}", column.name)].refuses
            if column.dtype.is_decimal():
                assert rules[("unreadable_decimal", column.name)].refuses
    assert ("amount_missing", "amount") in {(r.name, r.column) for r in rules_of("order_lines")}


def test_a_rule_says_what_it_does() -> None:
    statements = {(rule.name, rule.column): rule.statement for rule in rules_of("contacts")}
    assert statements[("unreadable_day", "birth_date")] == (
        "A birth_date that cannot be read as a day is left out of the record."
    )
    statements = {(rule.name, rule.column): rule.statement for rule in rules_of("refunds")}
    assert statements[("missing_refunded_at", "refunded_at")] == (
        "A refunded_at that is missing refuses the record."
    )


@pytest.fixture
def backend() -> Any:
    return ibis.duckdb.connect(threads=1)


def quarantined(backend: Any, name: str, *rows: dict[str, Any]) -> ir.Table:
    base = {"source": "erp", "object": "orders", "rule": "missing_x", "column_name": "x",
            "reason": "x is missing (a.csv, row 1)", "payload": "{}",
            "first_seen_at": datetime(2024, 6, 2), "state": "open"}  # fmt: skip
    rows = tuple({**base, **row} for row in rows)
    return backend.create_table(name, ibis.memtable(list(rows), schema=SCHEMA))


def test_a_record_refused_again_keeps_its_first_day_and_dismissal(backend: Any) -> None:
    long_ago = datetime(2024, 1, 1)
    before = quarantined(
        backend,
        "before",
        {"record_id": "1", "first_seen_at": long_ago},
        {"record_id": "2", "first_seen_at": long_ago, "state": "dismissed"},
        {"record_id": "3", "first_seen_at": long_ago},
        {"record_id": "4", "first_seen_at": long_ago, "rule": "other", "state": "dismissed"},
        {"record_id": "6", "first_seen_at": long_ago, "state": "repaired"},
    )
    parts = [
        quarantined(backend, "one", {"record_id": "1"}, {"record_id": "2"}),
        quarantined(backend, "two", {"record_id": "4"}, {"record_id": "5"}, {"record_id": "6"}),
    ]
    merged = merge_quarantine(parts, before)
    assert merged.schema() == SCHEMA
    found = {
        row["record_id"]: (row["first_seen_at"], row["state"])
        for row in merged.to_pyarrow().to_pylist()
    }
    today = datetime(2024, 6, 2)
    assert found == {
        "1": (long_ago, "open"),
        "2": (long_ago, "dismissed"),
        "4": (today, "open"),
        "5": (today, "open"),
        "6": (long_ago, "open"),
    }


def test_without_anything_before_or_now_the_quarantine_is_what_is_refused(backend: Any) -> None:
    part = quarantined(backend, "one", {"record_id": "1"})
    assert merge_quarantine([part], None).count().execute() == 1
    nothing = merge_quarantine([], None)
    assert (nothing.schema(), nothing.count().execute()) == (SCHEMA, 0)
