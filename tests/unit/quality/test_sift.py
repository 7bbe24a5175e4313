"""What becomes of the rows of a raw table."""

import gc
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from aar_platform.quality.conventions import detect_conventions
from aar_platform.quality.sift import sift
from aar_platform.tables import catalogue

Sift = Callable[..., Any]
LINE = {"order_id": "1", "quantity": "2", "unit_price": "1.5", "ordered_at": "2024-01-01"}


@pytest.mark.parametrize("table", list(catalogue.CORE))
def test_the_parts_have_the_schemas_of_their_tables(mapped: Callable[..., Any], table: str) -> None:
    names = catalogue.column_names(table)
    for given in (names[2:5], names[2:]):
        rows = mapped([dict.fromkeys(given, "1")])
        sifted = sift(rows, table, detect_conventions(rows, table, None, None), "FR", "UTC")
        assert sifted.accepted.schema() == catalogue.ibis_schema(table)
        refused = sifted.quarantined.drop("entered_by")
        assert refused.schema() == catalogue.ibis_schema("quarantine")
        assert sifted.repaired.schema() == catalogue.ibis_schema("repairs")
        stored = [part.to_pyarrow() for part in (sifted.accepted, sifted.quarantined)]
        assert sum(map(len, stored)) == 1


def test_an_amount_is_quantity_times_price_less_discount_where_absent(sifted: Sift) -> None:
    rows = [
        {**LINE, "line_id": "1"},
        {**LINE, "line_id": "2", "discount": "0.75"},
        {**LINE, "line_id": "3", "amount": "9"},
        {**LINE, "line_id": "4", "quantity": "-2"},
    ]
    expected = [Decimal("3"), Decimal("2.25"), Decimal("9"), Decimal("-3")]
    assert sifted("order_lines", rows).values("amount") == expected
    without_amount = [{name: row[name] for name in row if name != "amount"} for row in rows[:2]]
    assert sifted("order_lines", without_amount).values("amount") == expected[:2]


def test_products_of_any_size_are_exact_or_refused(sifted: Sift) -> None:
    sizes = [("80995", "1000000.0001"), ("0.5", "0.0001"), ("99999999999", "99999999999")]
    rows = [
        {**LINE, "line_id": str(i), "quantity": quantity, "unit_price": price}
        for i, (quantity, price) in enumerate(sizes)
    ]
    outcome = sifted("order_lines", rows)
    assert outcome.values("amount") == [Decimal("80995000008.0995"), Decimal("0.0001")]
    assert [row["rule"] for row in outcome.quarantined] == ["amount_missing"]


def test_a_line_whose_amount_cannot_be_known_is_refused(sifted: Sift) -> None:
    outcome = sifted("order_lines", [{**LINE, "line_id": "1", "quantity": None}])
    (refused,) = outcome.quarantined
    assert (refused["rule"], refused["column_name"]) == ("amount_missing", "amount")


def test_a_total_follows_from_its_parts(sifted: Sift) -> None:
    row = {"order_id": "1", "ordered_at": "2024-01-01", "gross": "10", "discount": "1", "tax": "2"}
    assert sifted("orders", [row]).values("total") == [Decimal(11)]
    assert sifted("orders", [{**row, "total": "7"}]).values("total") == [Decimal(7)]


def test_the_same_row_in_two_files_is_one_record_and_twice_in_one_file_two(sifted: Sift) -> None:
    rows = [{**LINE, "_file": "a.csv"}, {**LINE, "_file": "a.csv"}, {**LINE, "_file": "b.csv"}]
    outcome = sifted("order_lines", rows)
    assert len({row["record_id"] for row in outcome.accepted}) == 2
    assert outcome.sifted.repeated == 1
    assert all(row["line_id"] == row["record_id"] for row in outcome.accepted)
    # The same rows in other files and another order have the same ids.
    again = sifted("order_lines", [{**row, "_file": "c.csv"} for row in rows[:2]])
    assert set(again.values("record_id")) == set(outcome.values("record_id"))


def test_the_latest_version_of_a_record_counts(sifted: Sift) -> None:
    rows = [
        {"contact_id": "1", "city": "new", "updated_at": "2024-02-01", "_row": 1},
        {"contact_id": "1", "city": "old", "updated_at": "2024-01-01", "_row": 2},
        {"contact_id": "1", "city": "undated", "updated_at": None, "_row": 3},
        {"contact_id": "2", "city": "first", "_extracted_at": datetime(2024, 1, 1), "_row": 9},
        {"contact_id": "2", "city": "later", "_extracted_at": datetime(2024, 1, 2), "_row": 1},
        {
            "contact_id": "1",
            "city": "resent",
            "updated_at": "2024-01-15",
            "_extracted_at": datetime(2024, 6, 9),
        },
        {"contact_id": "3", "city": "above", "_row": 1},
        {"contact_id": "3", "city": "below", "_row": 2},
    ]
    outcome = sifted("contacts", rows)
    assert outcome.values("city") == ["new", "later", "below"]
    assert outcome.sifted.repeated == 5


def test_a_broken_latest_version_is_not_replaced_by_a_stale_one(sifted: Sift) -> None:
    rows = [
        {**LINE, "line_id": "1", "updated_at": "2024-01-01"},
        {**LINE, "line_id": "1", "quantity": "two", "updated_at": "2024-02-01"},
    ]
    outcome = sifted("order_lines", rows)
    assert (outcome.accepted, len(outcome.quarantined), outcome.sifted.repeated) == ([], 1, 1)


def test_a_deleted_record_stays_and_says_so(sifted: Sift) -> None:
    assert sifted("contacts", [{"contact_id": "1", "is_deleted": "true"}]).values("is_deleted") == [
        True
    ]


def test_a_refused_row_tells_rule_column_file_and_row_but_no_value(sifted: Sift) -> None:
    row = {**LINE, "line_id": "7", "unit_price": "s3cret", "_file": "march.csv", "_row": 12}
    (refused,) = sifted("order_lines", [row]).quarantined
    assert refused["reason"] == "unit_price cannot be read as a decimal (march.csv, data row 12)"
    assert json.loads(refused["payload"])["unit_price"] == "s3cret"
    assert {name: refused[name] for name in ("source", "object", "record_id", "rule", "state")} == {
        "source": "shop",
        "object": "order_lines",
        "record_id": "1-7",
        "rule": "unreadable_decimal",
        "state": "open",
    }
    assert refused["first_seen_at"] == datetime(2024, 6, 1, 3)


def test_the_first_broken_rule_names_the_refusal(sifted: Sift) -> None:
    row = {"line_id": "1", "order_id": None, "quantity": "x", "unit_price": "y"}
    (refused,) = sifted("order_lines", [row]).quarantined
    assert refused["rule"] == "missing_order_id"


def test_a_missing_required_column_refuses_every_row(sifted: Sift) -> None:
    outcome = sifted("refunds", [{"refund_id": "1", "amount": "5"}])
    assert [row["rule"] for row in outcome.quarantined] == ["missing_refunded_at"]


def test_what_cannot_be_read_about_a_customer_is_kept_aside_and_told(sifted: Sift) -> None:
    row = {"contact_id": "1", "birth_date": "19371233", "created_at": "1066-10-14",
           "email": "nobody at home", "attributes": '{"shoe":42}'}  # fmt: skip
    outcome = sifted("contacts", [row])
    (contact,) = outcome.accepted
    assert (contact["birth_date"], contact["created_at"], contact["email"]) == (None, None, None)
    assert json.loads(contact["attributes"]) == {
        "shoe": 42,
        "birth_date": "19371233",
        "created_at": "1066-10-14",
        "email": "nobody at home",
    }
    told = {repair["column_name"]: repair for repair in outcome.repaired}
    assert {name: repair["rule"] for name, repair in told.items()} == {
        "birth_date": "unreadable_day",
        "created_at": "implausible_created_at",
        "email": "impossible_email",
    }
    assert told["birth_date"]["old_value"] == "19371233"
    assert told["birth_date"]["new_value"] is None


def test_attributes_that_are_no_json_object_are_wrapped(sifted: Sift) -> None:
    rows = [
        {"contact_id": "1", "attributes": 'said "hi"'},
        {"contact_id": "2", "attributes": "[1]"},
    ]
    assert [json.loads(text) for text in sifted("contacts", rows).values("attributes")] == [
        {"attributes": 'said "hi"'},
        {"attributes": "[1]"},
    ]


def test_an_event_or_count_out_of_bounds_is_refused(sifted: Sift) -> None:
    message = {"message_id": "1", "event": "Opened", "occurred_at": "2024-01-01"}
    outcome = sifted("messages", [message, {**message, "message_id": "2", "event": "eaten"}])
    assert outcome.values("event") == ["opened"]
    assert [row["rule"] for row in outcome.quarantined] == ["not_allowed_event"]
    visit = {"visit_id": "1", "visited_at": "2024-01-01", "sessions": "-1"}
    assert sifted("web_visits", [visit]).quarantined[0]["rule"] == "below_minimum_sessions"


def test_nested_native_values_become_json_text(sifted: Sift) -> None:
    row = {"contact_id": "1", "external_ids": {"shop": "7"}}
    types = {"external_ids": pa.struct({"shop": pa.string()})}
    (text,) = sifted("contacts", [row], types=types).values("external_ids")
    assert json.loads(text) == {"shop": "7"}


def test_no_rows_give_no_rows(sifted: Sift) -> None:
    outcome = sifted("contacts", [{"contact_id": "1", "phone": None, "country": None}])
    assert outcome.values("phone") == [None]
    empty = ibis.duckdb.connect().create_table(
        "mapped",
        schema=ibis.schema(
            {"source": "string", "contact_id": "string", "birth_date": "string",
             "_payload": "string", "_extracted_at": "timestamp", "_file": "string",
             "_row": "int64", "_partition_key": "string"}
        ),
    )  # fmt: skip
    conventions = detect_conventions(empty, "contacts", None, None)
    result = sift(empty, "contacts", conventions, "FR", "UTC")
    assert (result.arrived, result.repeated, len(result.accepted.to_pyarrow())) == (0, 0, 0)


def test_an_unknown_session_time_zone_changes_nothing(mapped: Callable[..., Any]) -> None:
    rows = mapped([{"refund_id": "1", "amount": "1", "refunded_at": "2024-07-01T08:00:00+02:00"}])
    backend = rows.get_backend()
    backend.raw_sql("set timezone = 'Asia/Tokyo'")
    conventions = detect_conventions(rows, "refunds", None, None)
    result = sift(rows, "refunds", conventions, "FR", "Europe/Paris")
    assert result.accepted.refunded_at.to_list() == [datetime(2024, 7, 1, 6)]
    assert isinstance(backend.con, duckdb.DuckDBPyConnection)


def test_what_was_stored_on_the_way_goes_with_the_result(mapped: Callable[..., Any]) -> None:
    rows = mapped([{**LINE, "country": "France"}, {**LINE, "country": "France"}])
    backend = rows.get_backend()

    def stored() -> list[str]:
        return [name for name in backend.list_tables(database=("temp", "main")) if "stored" in name]

    result = sift(rows, "order_lines", {}, "FR", "UTC")
    gc.collect()
    assert stored()
    assert result.accepted.count().to_pyarrow().as_py() == 2
    del result
    gc.collect()
    assert stored() == []
