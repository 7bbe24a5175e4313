"""What must not change any figure, and what must change one, from files to the table `kpis`."""

import math

import pytest

from tests.end_to_end.trader import RATES, SOURCES, configuration, csv_of, exports

OF_SALES = ("revenue", "gross_revenue", "orders", "new_customers")
FIGURES = " or ".join(f"+key:kpi_{name}" for name in (*OF_SALES, "tickets_opened"))
# With these every kind of fact that the company has is counted; all KPIs together take twice as
# long, and are proven on made-up rows.
OTHERS = ("acquisition_cost", "churn_rate", "first_response_time", "historic_lifetime_value",
          "pipeline_value", "recurring_revenue", "win_rate")  # fmt: skip
ALL_FACTS = " or ".join([FIGURES, *(f"+key:kpi_{name}" for name in OTHERS)])
KEY = "kpi, period, cast(period_start as varchar) as period_start, dimension, member"


@pytest.fixture(scope="module")
def trader(once):
    def build(place):
        place.write("aar.yaml", configuration())
        place.write("rates.csv", "\n".join(RATES) + "\n")
        for name, rows in exports().items():
            place.write(f"exports/{name}.csv", csv_of(rows))
        assert place.run(ALL_FACTS) == []

    return once("trader", build)


def figures(place, where="true"):
    """The rows of `kpis` as {(kpi, period, period_start, dimension, member): the rest}."""
    rows = place.query(
        f"select {KEY}, value, numerator, denominator, unit, sample_size, is_small_sample, "
        f"is_complete from kpis where {where}"
    )
    return {tuple(row.values())[:5]: tuple(row.values())[5:] for row in rows}


def assert_same(found, expected):
    """Doubles may differ by what the order of adding them up leaves over."""
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        for one, other in zip(found[key], row, strict=True):
            if isinstance(one, float) and isinstance(other, float):
                assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12), key
            else:
                assert one == other, key


@pytest.mark.long
def test_files_split_reversed_and_sent_again_under_other_names_change_no_figure(trader, place):
    names = dict(zip(SOURCES, ("zebra", "yak", "ant", "mole", "bee"), strict=True))
    place.write("aar.yaml", configuration(names))
    place.write("rates.csv", "\n".join(RATES) + "\n")
    for name, (header, *rows) in exports().items():
        middle = len(rows) // 3
        place.write(f"exports/{name}-1.csv", csv_of([header, *rows[:middle:-1]]))
        place.write(f"exports/{name}-2.csv", csv_of([header, *rows[middle::-1]]))
        place.write(f"exports/{name}-again.csv", csv_of([header, *rows[1:6]]))
    assert place.run(ALL_FACTS) == []
    expected = {
        (*key[:4], names.get(key[4], key[4]) if key[3] == "source" else key[4]): row
        for key, row in figures(trader).items()
    }
    assert {key[0] for key in expected} == {*OF_SALES, "tickets_opened", *OTHERS}
    assert_same(figures(place), expected)


@pytest.fixture(scope="module")
def refunded(trader, tmp_path_factory):
    """The same after a refund of 10 dollars for February, told late."""
    place = trader.copy(tmp_path_factory.mktemp("refunded") / "trader")
    late = ("late", "o0", "2024-01-31T23:30:00Z", "10.00", "USD")
    place.write("exports/refunds-late.csv", csv_of([exports()["refunds"][0], late]))
    assert place.run(FIGURES) == []
    return place


WORTH = 10 * 0.9201  # The rate of 1 February, which it is in Paris.


def test_a_late_refund_lowers_revenue_in_its_month_by_its_amount_and_nothing_else(trader, refunded):
    names = ", ".join(f"'{name}'" for name in (*OF_SALES, "tickets_opened"))
    months = f"period = 'month' and dimension in ('all', 'source') and kpi in ({names})"
    before, after = figures(trader, months), figures(refunded, months)
    assert before.keys() == after.keys()
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {
        ("revenue", "month", "2024-02-01", "all", "all"),
        ("revenue", "month", "2024-02-01", "source", "shop"),
    }
    for key in changed:
        assert before[key][0] - after[key][0] == pytest.approx(WORTH, abs=1e-9)


def test_a_restatement_holds_the_old_and_the_new_value_of_that_month_and_of_no_other(
    trader, refunded
):
    rows = refunded.query(
        f"select {KEY}, old_value, new_value from kpi_restatements where period = 'month' "
        "and dimension = 'all' and kpi in "
        f"({', '.join(repr(name) for name in (*OF_SALES, 'tickets_opened'))})"
    )
    key = ("revenue", "month", "2024-02-01", "all", "all")
    assert [tuple(row.values()) for row in rows] == [
        (*key, figures(trader)[key][0], figures(refunded)[key][0])
    ]
    periods = refunded.query(
        "select distinct period, cast(period_start as varchar) as start from kpi_restatements "
        "where kpi = 'revenue' order by period"
    )
    # The year still runs: its figure was never a final one.
    assert periods == [
        {"period": "day", "start": "2024-02-01"},
        {"period": "month", "start": "2024-02-01"},
        {"period": "quarter", "start": "2024-01-01"},
        {"period": "week", "start": "2024-01-29"},
    ]


@pytest.mark.long
def test_a_month_computed_anew_changes_that_month_and_what_it_is_a_part_of(refunded, tmp_path):
    place = refunded.copy(tmp_path / "trader")
    before = figures(place)
    place.spoil(
        "insert into sales (source, kind, record_id, sold_at, sold_on, amount_reporting, currency) "
        "select 'shop', 'refund', 'n' || day, day, day, -7, 'EUR' "
        "from unnest([date '2024-01-15', date '2024-03-15']) as refunded(day)"
    )
    kpis = " or ".join(f"key:kpi_{name}" for name in (*OF_SALES, "tickets_opened"))
    assert place.run(kpis, first="2024-03-01", last="2024-03-31") == []
    after = figures(place)
    lowered_by = {
        ("month", "2024-03-01"): 7,
        ("quarter", "2024-01-01"): 14,
        ("year", "2024-01-01"): 14,
    }
    for (period, start), lowered in lowered_by.items():
        key = ("revenue", period, start, "all", "all")
        assert before[key][0] - after[key][0] == pytest.approx(lowered, abs=1e-9)
    for key, row in before.items():
        if key[1] == "month" and key[2] != "2024-03-01":
            assert after[key] == row


@pytest.mark.long
def test_a_missing_rate_ends_the_run_and_leaves_all_figures_as_they_were(trader, tmp_path):
    place = trader.copy(tmp_path / "trader")
    place.spoil("update subscriptions set currency = 'JPY' where subscription_id = 'c0'")
    failures = place.run("key:kpi_revenue or key:kpi_recurring_revenue")
    assert len(failures) == 1
    assert "exchange rate missing: JPY to EUR on 2024-01-31" in failures[0]
    assert figures(place) == figures(trader)
