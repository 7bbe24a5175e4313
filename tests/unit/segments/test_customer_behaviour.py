from datetime import date

import pandas as pd
import pytest

YEAR_END = date(2024, 12, 31)


def test_what_a_customer_did_is_counted_day_by_day(behaviour):
    found = behaviour(
        [
            ("a", date(2024, 10, 2), "100"),
            ("a", date(2024, 10, 2), "20"),
            ("a", date(2024, 10, 12), "30"),
            ("a", date(2024, 11, 11), "50"),
            ("a", date(2024, 12, 20), "-40"),
        ]
    ).loc["a"]
    assert found["orders"] == 4
    assert found["value"] == 160.0
    assert found["order_value"] == 50.0
    assert found["inactive_days"] == 50
    assert found["tenure_days"] == 90
    assert found["active_months"] == 2
    assert found["refund_share"] == pytest.approx(0.2)
    # Gaps of 10 and 30 days: standard deviation 10 over a mean of 20.
    assert found["gap_variation"] == pytest.approx(0.5)


def test_clockwork_has_no_variation_and_two_purchases_have_none_to_speak_of(behaviour):
    days = [date(2024, 1, 1), date(2024, 1, 15), date(2024, 1, 29), date(2024, 2, 12)]
    found = behaviour(
        [("clock", day, "5") for day in days] + [("twice", day, "5") for day in days[:2]]
    )
    assert found.loc["clock", "gap_variation"] == 0.0
    assert pd.isna(found.loc["twice", "gap_variation"])


def test_more_refunded_than_bought_is_a_share_of_one(behaviour):
    found = behaviour([("a", YEAR_END, "10"), ("a", YEAR_END, "-25")])
    assert found.loc["a", ["refund_share", "value"]].tolist() == [1.0, -15.0]


def test_who_never_bought_has_no_behaviour(behaviour):
    found = behaviour([("a", YEAR_END, "10"), ("b", YEAR_END, "-5"), (None, YEAR_END, "7")])
    assert found.index.tolist() == ["a"]


def test_purchases_after_the_day_do_not_count(behaviour):
    found = behaviour([("a", YEAR_END, "10"), ("a", date(2025, 1, 1), "99")])
    assert found.loc["a", ["orders", "value", "tenure_days"]].tolist() == [1, 10.0, 0]
