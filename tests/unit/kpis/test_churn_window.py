from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from aar_platform.kpis.policy import KpiPolicy
from aar_platform.kpis.purchases import ChurnWindow, churn_window

START = date(2024, 1, 1)


@pytest.fixture
def window(table_of):
    """The window found from customers who each bought on the days given, counted from START."""

    def find(*customers, policy=None, **further):
        rows = [
            {
                "kind": "order",
                "record_id": f"{customer}-{nr}",
                "customer_id": f"C{customer}",
                "sold_on": START + timedelta(days=day),
                "sold_at": datetime(2024, 1, 1) + timedelta(days=day),
                "amount_reporting": Decimal(10),
                "currency": "EUR",
                **further,
            }
            for customer, days in enumerate(customers)
            for nr, day in enumerate(days)
        ]
        return churn_window(table_of("sales", rows), policy or KpiPolicy())

    return find


def test_a_number_in_the_policy_is_the_window(window):
    found = window(*[[0, 50]] * 40, policy=KpiPolicy(churn_after_days=45))
    assert found == ChurnWindow(45, "set as churn_after_days in aar.yaml")


def test_auto_is_the_ninetieth_percentile_of_gaps_rounded_up(window):
    # Gaps of 31, 32, … 130 days: the 90th percentile lies between 120 and 121.
    found = window(*([0, gap] for gap in range(31, 131)))
    assert found.days == 121
    assert found.reason == "nine in ten of 100 gaps between purchases are at most 120.1 days"
    assert found.origin == "found"


def test_several_orders_of_one_day_are_no_gap(window):
    assert window(*[[0, 0, 60]] * 40).reason.startswith("nine in ten of 40 gaps")


def test_a_gap_is_between_neighbouring_purchases_of_one_customer(window):
    assert window(*[[0, 40, 80]] * 20).days == 40


def test_auto_stays_within_a_month_and_a_year(window):
    short, long = window(*[[0, 2]] * 40), window(*[[0, 700]] * 40)
    assert (short.days, long.days) == (30, 365)
    assert short.reason.endswith("never under 30")
    assert long.reason.endswith("never over 365")


def test_with_too_few_gaps_the_window_is_ninety_days_and_says_why(window):
    found = window(*[[0, 40]] * 29)
    assert found.days == 90
    assert "29 gaps" in found.reason and found.origin == "customary"
    assert window().days == 90


def test_refunds_credit_notes_and_unknown_buyers_make_no_gaps(window):
    for further in ({"kind": "refund"}, {"amount_reporting": Decimal(-1)}, {"customer_id": None}):
        assert window(*[[0, 40]] * 40, **further).days == 90
