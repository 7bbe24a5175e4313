"""Cohorts: the customers of each month, and what became of them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from aar_platform.kpis.cohorts import customer_cohorts
from aar_platform.tables import catalogue
from tests.unit.kpis.conftest import table

SALES = [
    ("order", date(2024, 1, 5), "100", "C1", "FR"),
    ("order", date(2024, 1, 9), "50", "C2", "DE"),
    ("order", date(2024, 3, 9), "30", "C1", "DE"),
    ("refund", date(2024, 2, 9), "-20", "C2", "DE"),
    ("order", date(2024, 2, 3), "10", "C3", None),
    ("order", date(2024, 3, 3), "999", None, "FR"),
]


@pytest.fixture
def cohorts():
    sold = table(
        "sales",
        [
            {"kind": kind, "record_id": str(number), "order_id": str(number), "sold_on": day,
             "sold_at": datetime(day.year, day.month, day.day, 12), "currency": "EUR",
             "amount_reporting": Decimal(amount), "customer_id": customer, "country": country}
            for number, (kind, day, amount, customer, country) in enumerate(SALES)
        ],
    )  # fmt: skip
    made = customer_cohorts(sold, date(2024, 3, 20))
    assert made.schema() == catalogue.ibis_schema("customer_cohorts")
    return {
        (row["cohort"].month, row["dimension"], row["member"], row["months_since"]): row
        for row in made.to_pyarrow().to_pylist()
    }


def test_a_cohort_is_told_in_every_month_up_to_the_last(cohorts):
    january = [key[3] for key in cohorts if key[:3] == (1, "all", "all")]
    assert sorted(january) == [0, 1, 2]
    assert sorted(key[3] for key in cohorts if key[:3] == (2, "all", "all")) == [0, 1]


def test_retention_is_the_share_that_bought_and_refunds_lower_revenue_alone(cohorts):
    told = [cohorts[1, "all", "all", since] for since in (0, 1, 2)]
    assert [(row["customers"], row["active_customers"], row["retention"]) for row in told] == [
        (2, 2, 1.0),
        (2, 0, 0.0),
        (2, 1, 0.5),
    ]
    assert [row["revenue"] for row in told] == [150, -20, 30]
    assert [row["is_complete"] for row in told] == [True, True, False]


def test_a_customer_belongs_to_the_country_of_the_first_purchase(cohorts):
    assert cohorts[1, "country", "FR", 2]["active_customers"] == 1
    assert cohorts[1, "country", "DE", 2]["active_customers"] == 0
    assert cohorts[2, "country", "unknown", 0]["customers"] == 1
