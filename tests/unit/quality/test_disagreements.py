"""Facts stated twice and differently, against the same found naively in pandas."""

from datetime import datetime
from decimal import Decimal
from itertools import combinations

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from aar_platform.quality.audits import validate
from aar_platform.quality.disagreements import disagreements
from aar_platform.tables import catalogue

NOW = datetime(2024, 7, 1)
BEFORE = datetime(2024, 6, 1)
USED = ("contacts", "companies", "orders", "order_lines", "refunds", "customer_links")


@pytest.fixture(scope="module")
def found():
    """The function that finds the disagreements among the rows of some tables."""
    connection = ibis.duckdb.connect()

    def filled(name, rows):
        columns = {
            column: pa.array([row.get(column) for row in rows], kind.to_pyarrow())
            for column, kind in catalogue.ibis_schema(name).items()
        }
        return connection.create_table(name, pa.table(columns), overwrite=True)

    def find(previous=None, **rows):
        tables = {name: filled(name, rows.get(name, [])) for name in USED}
        links = tables.pop("customer_links")
        before = None if previous is None else filled("disagreements", previous)
        table = disagreements(tables, links, before, NOW)
        table = table.cast(dict(catalogue.ibis_schema("disagreements").items()))
        table = connection.create_table("told", table, overwrite=True)
        assert validate(table, "disagreements") == []
        return table.order_by(["fact", "source_1", "source_2"]).to_pyarrow().to_pylist()

    return find


def contact(source, number, **facts):
    return {"source": source, "record_id": f"{source}{number}", **facts}


def link(row, customer):
    return {**row, "object": "contacts", "customer_id": customer}


def linked(*rows, customer="C1"):
    return {"contacts": rows, "customer_links": [link(row, customer) for row in rows]}


def order(total, **facts):
    return {
        "source": "shop", "record_id": "o1", "order_id": "o1", "currency": "EUR",
        "total": Decimal(total) if total is not None else None, **facts,
    }  # fmt: skip


def line(amount, number=1, currency="EUR"):
    return {
        "source": "shop", "record_id": f"o1-{number}", "order_id": "o1", "currency": currency,
        "amount": None if amount is None else Decimal(amount),
    }  # fmt: skip


def refund(amount, number=1, currency="EUR"):
    return {
        "source": "shop", "record_id": f"r{number}", "order_id": "o1", "currency": currency,
        "amount": Decimal(amount), "refunded_at": datetime(2024, 5, number),
    }  # fmt: skip


def test_pairs_of_sources_that_share_no_value_equal_a_naive_search(found):
    random = np.random.default_rng(5)
    rows, links = [], []
    for number in range(600):
        row = contact(
            ("crm", "desk", "shop")[random.integers(3)],
            number,
            email=(None, "a@x.org", "b@x.org", "c@x.org")[random.integers(4)],
            country=(None, "FR", "DE")[random.integers(3)],
            is_deleted=(None, False, True)[random.integers(3)],
        )
        rows.append(row)
        links.append(link(row, f"C{random.integers(150)}"))
    told = found(contacts=rows, customer_links=links)

    data = pd.DataFrame(rows)
    data["customer"] = [one["customer_id"] for one in links]
    data = data[data.is_deleted.ne(True)]
    expected = set()
    for fact in ("email", "country"):
        for customer, some in data[data[fact].notna()].groupby("customer"):
            values = {source: set(part[fact]) for source, part in some.groupby("source")}
            for one, other in combinations(sorted(values), 2):
                if not values[one] & values[other]:
                    expected.add((fact, customer, one, other))
    assert len(expected) > 50
    keys = [(d["fact"], d["customer_id"], d["source_1"], d["source_2"]) for d in told]
    assert len(keys) == len(expected)
    assert set(keys) == expected


def test_both_values_are_told_by_the_record_that_was_changed_last(found):
    (one,) = found(
        **linked(
            contact("crm", 1, phone="+331", updated_at=datetime(2024, 1, 1)),
            contact("crm", 2, phone="+332", updated_at=datetime(2024, 2, 1)),
            contact("shop", 1, phone="+333"),
        )
    )
    assert (one["record_id_1"], one["value_1"]) == ("crm2", "+332")
    assert (one["record_id_2"], one["value_2"]) == ("shop1", "+333")
    assert (one["fact"], one["customer_id"], one["object_2"]) == ("phone", "C1", "contacts")


def test_records_of_different_customers_may_differ(found):
    rows = [contact("crm", 1, email="a@x.org"), contact("shop", 1, email="b@x.org")]
    links = [link(rows[0], "C1"), link(rows[1], "C2")]
    assert found(contacts=rows, customer_links=links) == []


def test_consent_that_one_system_has_and_another_denies_is_told(found):
    (one,) = found(
        **linked(
            contact("crm", 1, consents='{"marketing": {"granted": true}}'),
            contact("mail", 1, consents='{"marketing": {"granted": false}}'),
            contact("shop", 1, consents='{"service": {"granted": false}}'),
        )
    )
    assert (one["fact"], one["value_1"], one["value_2"]) == ("marketing_consent", "true", "false")


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"discount": "10", "total": "90"},
        {"discount": "-10", "total": "90"},
        {"discount": "10", "tax": "18", "shipping": "5", "total": "113"},
        # Lines after discount, with tax.
        {"discount": "10", "tax": "20", "shipping": "5", "total": "105"},
        {"tax": "20", "total": "100"},
        {"total": "100.03"},
        {"total": None, "gross": "100"},
        {"total": None},
    ],
)
def test_a_total_that_follows_from_its_lines_in_a_usual_way_agrees(found, facts):
    amounts = {name: Decimal(v) if v is not None else None for name, v in facts.items()}
    rows = {**order("100"), **amounts}
    assert found(orders=[rows], order_lines=[line("60"), line("40", 2)]) == []


def test_a_total_that_does_not_follow_from_its_lines_is_told_with_both_amounts(found):
    (one,) = found(orders=[order("120", tax=Decimal(5))], order_lines=[line("60"), line("40", 2)])
    assert (one["fact"], one["value_1"], one["value_2"]) == (
        "order_total", "120.00 EUR", "100.00 EUR",
    )  # fmt: skip
    assert (one["object_2"], one["record_id_2"]) == ("order_lines", "o1-1")


@pytest.mark.parametrize("lines", [[line("60", currency="USD")], [line("60"), line(None, 2)], []])
def test_lines_that_cannot_be_compared_contradict_nothing(found, lines):
    assert found(orders=[order("100")], order_lines=lines) == []


def test_refunds_above_the_total_are_told_and_refunds_up_to_it_are_not(found):
    assert found(orders=[order("100")], refunds=[refund("60"), refund("40.02", 2)]) == []
    (one,) = found(orders=[order("100")], refunds=[refund("60"), refund("40.50", 2)])
    assert (one["fact"], one["value_1"], one["value_2"]) == (
        "refunded", "100.00 EUR", "100.50 EUR",
    )  # fmt: skip
    assert (one["object_2"], one["record_id_2"]) == ("refunds", "r2")
    assert found(orders=[order("100")], refunds=[refund("120", currency="USD")]) == []


def test_a_deleted_order_contradicts_nothing(found):
    gone = order("100", is_deleted=True)
    assert found(orders=[gone], order_lines=[line("5")], refunds=[refund("500")]) == []


def test_what_still_differs_keeps_its_date_and_what_differs_anew_gets_one(found):
    rows = linked(contact("crm", 1, phone="+331"), contact("shop", 1, phone="+333"))
    (first,) = found(**rows)
    assert first["found_at"] == NOW
    (again,) = found(previous=[{**first, "found_at": BEFORE}], **rows)
    assert again["found_at"] == BEFORE
    (other,) = found(previous=[{**first, "found_at": BEFORE, "value_1": "+330"}], **rows)
    assert other["found_at"] == NOW
    assert found(previous=[first]) == []
