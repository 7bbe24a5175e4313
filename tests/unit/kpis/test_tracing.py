"""The rows behind a figure are those that were counted: they add up to it."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from aar_platform.kpis.definition import KpiInvalid
from aar_platform.kpis.figures import compute
from aar_platform.kpis.largest_rows import behind
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.tracing import Asked, source_rows
from tests.unit.kpis.conftest import facts, table

MARCH = date(2024, 3, 1)
SALES = [
    ("order", "1", date(2024, 1, 5), "100", "C1", "FR"),
    ("order", "2", date(2024, 3, 5), "60.5", "C1", "FR"),
    ("order", "3", date(2024, 3, 9), "40", "C2", "DE"),
    ("order", "4", date(2024, 3, 31), "7", None, None),
    ("order", "5", date(2024, 3, 31), "-9", "C2", "DE"),
    ("refund", "6", date(2024, 3, 12), "-30.25", "C1", "FR"),
    ("order", "7", date(2024, 4, 1), "1000", "C3", "FR"),
]
LINES = [("2", "a", "Lamps", "20"), ("2", "b", "Paper", "40"), ("3", "c", "Paper", "40")]


@pytest.fixture
def known():
    sold = table(
        "sales",
        [
            {"kind": kind, "record_id": number, "order_id": number, "sold_on": day,
             "sold_at": datetime(day.year, day.month, day.day, 12), "currency": "EUR",
             "amount_reporting": Decimal(amount), "customer_id": customer, "country": country}
            for kind, number, day, amount, customer, country in SALES
        ],
    )  # fmt: skip
    lines = table(
        "order_lines",
        [
            {"order_id": order, "line_id": line, "category": category, "amount": Decimal(amount)}
            for order, line, category, amount in LINES
        ],
    )
    return facts({"as_of": date(2024, 4, 30)}, sales=sold, order_lines=lines)


def rows(known, name, **asked):
    found = source_rows(kpis()[name], known, Asked("month", MARCH, **asked))
    return {part: part_rows.to_pyarrow().to_pylist() for part, part_rows in found.items()}


def total(part):
    return float(sum(row["adds"] for row in part))


OF_SALES = [name for name, one in kpis().items() if one.members_of in (
    ("sales",), ("sales", "sold_lines"))]  # fmt: skip


def test_numerator_and_denominator_are_the_sums_of_their_rows_for_every_member(known):
    made = compute([kpis()[name] for name in OF_SALES], known, date.min, date.max,
                   ("all", "country", "category"), ("month",))  # fmt: skip
    figures = [row for row in made.to_pyarrow().to_pylist() if row["period_start"] == MARCH]
    assert len(figures) > 40
    # One member of each dimension: every further one takes the engine half a second.
    chosen = {(figure["kpi"], figure["dimension"]): figure for figure in figures}
    for figure in chosen.values():
        found = rows(known, figure["kpi"], dimension=figure["dimension"], member=figure["member"])
        for part, counted in found.items():
            assert total(counted) == pytest.approx(figure[part]), (figure["kpi"], part)


def test_the_rows_are_those_of_the_month_and_name_their_records(known):
    counted = rows(known, "revenue")["numerator"]
    assert [(row["table"], row["record_id"], float(row["adds"])) for row in counted] == [
        ("orders", "2", 60.5),
        ("orders", "3", 40),
        ("orders", "4", 7),
        ("orders", "5", -9),
        ("refunds", "6", -30.25),
    ]


def test_a_member_has_its_own_rows(known):
    assert {row["record_id"] for row in rows(known, "revenue", dimension="country", member="DE")
            ["numerator"]} == {"3", "5"}  # fmt: skip
    unknown = rows(known, "orders", dimension="country", member="unknown")["numerator"]
    assert [row["record_id"] for row in unknown] == ["4"]
    paper = rows(known, "revenue", dimension="category", member="Paper")["numerator"]
    assert sorted(float(row["adds"]) for row in paper) == [40, pytest.approx(40.3333, abs=1e-4)]


def test_of_customers_the_first_row_counts_and_the_others_are_shown(known):
    counted = rows(known, "active_customers")["numerator"]
    assert [(row["customer_id"], row["adds"]) for row in counted] == [("C1", 1), ("C2", 1)]


def test_a_quotient_of_kpis_says_which_to_explain(known):
    with pytest.raises(KpiInvalid, match="payback_months is acquisition_cost / revenue_per_cust"):
        rows(known, "payback_months")


def test_a_dimension_that_a_kpi_is_not_split_by_is_named(known):
    with pytest.raises(KpiInvalid, match="orders is not split by product; it is by all, source"):
        rows(known, "orders", dimension="product", member="x")


def test_of_many_rows_those_that_add_most_in_either_direction_come_first(known):
    found = behind(kpis()["revenue"], known, Asked("month", MARCH), 3)
    assert found.count == 5
    assert [(row.record_id, row.adds) for row in found.largest] == [
        ("2", 60.5), ("3", 40.0), ("6", -30.25)
    ]  # fmt: skip
    assert behind(kpis()["payback_months"], known, Asked("month", MARCH), 3) is None
    assert behind(kpis()["revenue"], known, Asked("month", date(2030, 1, 1)), 3).count == 0
