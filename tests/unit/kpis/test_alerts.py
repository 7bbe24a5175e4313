"""A month outside of what its past leads one to expect raises an alert that names what moved it."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from aar_platform.kpis.alerts import alerts, judgements, last_complete_months, rows_of
from aar_platform.kpis.expectations import expected
from aar_platform.kpis.figures import compute
from aar_platform.kpis.registry import kpis

MONTHS = [date(2022 + n // 12, n % 12 + 1, 1) for n in range(36)]
LAST = date(2024, 12, 1)


def wave(n):
    """Growth, and more in winter than in summer."""
    return 1000 + 20 * n + 150 * (1 if MONTHS[n].month in (11, 12, 1, 2) else -1)


def test_growth_and_season_are_expected_to_go_on():
    dice = random.Random(4)
    values = [wave(n) + dice.gauss(0, 20) for n in range(35)]
    found = expected(MONTHS[:35], values, LAST, 0.0)
    assert found.holds(wave(35))
    assert not found.holds(wave(35) + 500) and not found.holds(wave(35) - 500)
    assert found.low < found.value < found.high


def test_one_month_in_a_hundred_is_outside_where_nothing_changed():
    dice, outside = random.Random(11), 0
    for _ in range(1000):
        values = [100 + 2 * n + dice.gauss(0, 10) for n in range(24)]
        outside += not expected(MONTHS[:23], values[:23], MONTHS[23], None).holds(values[23])
    assert 3 <= outside <= 20


def test_a_few_months_teach_nothing():
    assert expected(MONTHS[:7], [5.0] * 7, MONTHS[7], 0.0) is None


def test_what_never_was_negative_is_not_expected_to_be():
    falling = [100.0 - 10 * n for n in range(10)]
    found = expected(MONTHS[:10], falling, MONTHS[14], 0.0)
    assert (found.low, found.value) == (0.0, 0.0)


def test_what_never_moved_may_move_by_a_rounding():
    found = expected(MONTHS[:12], [50.0] * 12, MONTHS[12], 0.0)
    assert found.holds(50.0) and not found.holds(51.0)


@pytest.fixture(scope="module")
def figures():
    """Three years of steady sales in two countries; in the last month Germany buys nothing."""
    from tests.unit.kpis.conftest import facts, table

    dice, rows = random.Random(2), []
    for month in MONTHS:
        for country in ("FR", "DE"):
            for day in range(28):
                if month == LAST and country == "DE":
                    continue
                on = month + timedelta(days=day)
                rows.append(
                    {"kind": "order", "record_id": str(len(rows)), "order_id": str(len(rows)),
                     "sold_on": on, "sold_at": datetime(on.year, on.month, on.day, 12),
                     "amount_reporting": Decimal(100 + dice.randrange(20)), "country": country,
                     "customer_id": f"C{dice.randrange(200)}", "currency": "EUR"}
                )  # fmt: skip
    known = facts({"as_of": date(2024, 12, 31)}, sales=table("sales", rows))
    wanted = [kpis()[name] for name in ("revenue", "orders", "average_order_value", "refund_rate")]
    made = compute(
        wanted, known, date(2000, 1, 1), date(2100, 1, 1), ("all", "country"), ("month",)
    )
    return made.cache()


def test_a_country_that_stops_buying_raises_an_alert_that_names_it(figures):
    months = last_complete_months(figures, ["revenue", "orders", "average_order_value"])
    assert months == dict.fromkeys(("revenue", "orders", "average_order_value"), LAST)
    found = {one.kpi: one for one in alerts(kpis().values(), figures, judgements(figures, months))}
    assert set(found) == {"revenue", "orders"}, "an order is worth what it was"
    revenue = found["revenue"]
    assert revenue.value < revenue.expected.low
    first = revenue.movers[0]
    assert (first.dimension, first.member) == ("country", "DE")
    assert first.effect == pytest.approx(-28 * 110, rel=0.03)
    assert "revenue of 2024-12 is" in revenue.sentence and "country DE (-3," in revenue.sentence


def test_a_month_as_any_other_raises_none(figures):
    november = {"revenue": date(2024, 11, 1), "orders": date(2024, 11, 1)}
    assert alerts(kpis().values(), figures, judgements(figures, november)) == []


def test_each_kpi_is_judged_by_its_own_last_complete_month(figures):
    months = {"revenue": date(2024, 11, 1), "orders": LAST}
    assert [one.kpi for one in alerts(kpis().values(), figures, judgements(figures, months))] == [
        "orders"
    ]


def test_an_alert_says_whether_it_is_good(figures):
    directions = {name: one.direction for name, one in kpis().items()}
    of_last = {"revenue": LAST, "orders": LAST}
    rows = rows_of(alerts(kpis().values(), figures, judgements(figures, of_last)), directions)
    assert [row["is_good"] for row in rows] == [False, False]
    assert rows[0]["moved_by"].startswith("country DE -")


def test_a_month_as_expected_tells_its_figure_and_the_range(figures):
    november = judgements(figures, {"revenue": date(2024, 11, 1)})["revenue"]
    low, high = november.expected.low, november.expected.high
    assert november.range == {
        "month": "2024-11", "value": november.value, "expected low": low, "expected high": high,
    }  # fmt: skip
    assert november.figure == {"month": "2024-11", "value": november.value}
    value = f"{november.value:,.0f}"
    assert november.sentence == f"2024-11: {value} EUR, expected {low:,.2f} to {high:,.2f}"


def test_a_month_with_few_before_it_tells_its_figure_alone(figures):
    april = judgements(figures, {"orders": date(2022, 4, 1)})["orders"]
    assert april.range == {"month": "2022-04", "value": 56}
    assert april.sentence == "2022-04: 56 orders; too few months to expect anything"


def test_a_small_sample_is_told_and_neither_judged_nor_learned_from(figures):
    small = figures.mutate(is_small_sample=figures.period_start < LAST)
    last = judgements(small, {"orders": LAST})["orders"]
    assert (last.value, last.expected, last.is_small_sample) == (28, None, False)
    may = judgements(small, {"orders": date(2024, 5, 1)})["orders"]
    assert may.sentence == "2024-05: 56 orders; too small a sample to expect anything"


def test_a_month_without_a_figure_has_no_number(figures):
    empty = figures.mutate(value=figures["value"].nullif(figures["value"]))
    last = judgements(empty, {"orders": LAST})["orders"]
    assert (last.range, last.sentence) == ({}, "2024-12: no figure")
