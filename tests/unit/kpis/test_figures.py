from datetime import date, datetime, time
from decimal import Decimal

import ibis.expr.types as ir
import pytest
from ibis import _

from aar_platform.kpis.definition import KpiInvalid, Measure, kpi
from aar_platform.kpis.figures import compute
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.registry import kpis
from aar_platform.tables import catalogue

ALWAYS = (date(2000, 1, 1), date(2100, 1, 1))
JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))


@pytest.fixture
def figure(table_of, facts_of):
    """Figures of a KPI as {(month, member): row}, of sales (day, amount, customer, more…)."""

    def make(name, *sold, by="all", days=60, window=ALWAYS):
        rows = [
            {
                "kind": "order",
                "record_id": str(nr),
                "order_id": str(nr),
                "sold_on": day,
                "sold_at": datetime.combine(day, time(12)),
                "amount_reporting": Decimal(amount),
                "customer_id": customer,
                "currency": "EUR",
                **(further[0] if further else {}),
            }
            for nr, (day, amount, customer, *further) in enumerate(sold)
        ]
        given = {
            "churn_window": ChurnWindow(days, "stated"),
            "as_of": max((row["sold_on"] for row in rows), default=JAN),
        }
        known = facts_of(given, sales=table_of("sales", rows))
        # One computation is mostly the writing of its queries: only what is asked for.
        names = [name] if isinstance(name, str) else name
        made = compute([kpis()[one] for one in names], known, *window, ("all", by), ("month",))
        assert made.schema() == catalogue.ibis_schema("kpis")
        found = made.to_pyarrow().to_pylist()
        keys = [(row["kpi"], row["period_start"], row["dimension"], row["member"]) for row in found]
        assert len(keys) == len(set(keys))
        told = {one: {} for one in names}
        for row in found:
            if row["dimension"] == by:
                told[row["kpi"]][row["period_start"], row["member"]] = row
        return told[name] if isinstance(name, str) else told

    return make


def values(figures):
    return {key: row["value"] for key, row in figures.items()}


REFUND = {"kind": "refund"}
FRANCE, CHINA = {"country": "FR"}, {"country": "CN"}


def test_a_refund_lowers_revenue_in_its_own_month_and_no_order_count(figure):
    sold = [(date(2024, 1, 5), 100, "C1"), (date(2024, 2, 5), -30, "C1", REFUND)]
    assert values(figure("revenue", *sold)) == {(JAN, "all"): 100, (FEB, "all"): -30}
    assert values(figure("orders", *sold)) == {(JAN, "all"): 1, (FEB, "all"): 0}
    assert values(figure("average_order_value", *sold)) == {(JAN, "all"): 100, (FEB, "all"): None}


def test_a_credit_note_is_an_order_document_that_lowers_revenue(figure):
    sold = [(date(2024, 1, 5), 100, "C1"), (date(2024, 1, 6), -40, "C2")]
    assert values(figure("revenue", *sold)) == {(JAN, "all"): 60}
    assert values(figure("orders", *sold)) == {(JAN, "all"): 2}
    assert values(figure("average_order_value", *sold)) == {(JAN, "all"): 30}
    assert values(figure("active_customers", *sold)) == {(JAN, "all"): 1}
    assert values(figure("new_customers", *sold)) == {(JAN, "all"): 1}


# KPIs that only sales make.
OF_SALES = sorted(
    name
    for name, one in kpis().items()
    if set(one.members_of) <= {"sales", "sold_lines", "subscriptions"} and "sales" in one.members_of
)


def test_a_month_without_sales_between_two_others_is_there(figure):
    sold = [(date(2024, 1, 5), 100, "C1"), (date(2024, 3, 5), 100, "C1")]
    for name, found in figure(OF_SALES, *sold).items():
        assert sorted(found) == [(JAN, "all"), (FEB, "all"), (MAR, "all")]
        february = found[FEB, "all"]
        if name in ("churn_rate", "retention_rate"):
            assert (february["numerator"], february["denominator"]) == (0, 1), name
        elif name == "revenue_churn_rate":
            assert february["value"] == 0
        elif name == "dormant_customers":
            assert february["value"] == 1
        else:
            assert (february["numerator"], february["sample_size"]) == (0, 0), name
            assert february["value"] == (None if kpis()[name].denominator else 0), name


def test_without_sales_there_are_no_figures(figure):
    assert set(map(len, figure(OF_SALES).values())) == {0}


def test_without_customers_figures_of_customers_are_zero_and_rates_null(figure):
    expected = {
        "revenue": 100,
        "gross_revenue": 100,
        "orders": 1,
        "average_order_value": 100,
        "refund_rate": 0,
    }
    for name, found in figure(OF_SALES, (date(2024, 1, 5), 100, None)).items():
        nothing = None if kpis()[name].denominator else 0
        assert found[JAN, "all"]["value"] == expected.get(name, nothing), name


def test_a_figure_says_its_unit_and_whether_it_is_a_ratio(figure):
    sold = (date(2024, 1, 5), 100, "C1")
    found = {name: told[JAN, "all"] for name, told in figure(OF_SALES, sold).items()}
    units = {name: row["unit"] for name, row in found.items()}
    assert units["revenue"] == units["revenue_per_customer"] == "EUR"
    assert (units["orders"], units["active_customers"]) == ("orders", "customers")
    assert units["repeat_rate"] == units["churn_rate"] == "share"
    ratios = {name for name, row in found.items() if row["denominator"] is not None}
    assert ratios == {name for name in OF_SALES if kpis()[name].denominator}


def test_a_sale_without_country_is_of_the_member_unknown(figure):
    sold = [(date(2024, 1, 5), 100, "C1", FRANCE), (date(2024, 1, 6), 1, "C2")]
    expected = {(JAN, "FR"): 100, (JAN, "unknown"): 1}
    assert values(figure("revenue", *sold, by="country")) == expected


def test_a_member_has_figures_from_its_first_month_on(figure):
    sold = [
        (date(2024, 1, 5), 1, "C1", FRANCE),
        (date(2024, 2, 5), 2, "C2", CHINA),
        (date(2024, 3, 5), 3, "C1", FRANCE),
    ]
    assert values(figure("revenue", *sold, by="country")) == {
        (JAN, "FR"): 1,
        (FEB, "FR"): 0,
        (FEB, "CN"): 2,
        (MAR, "FR"): 3,
        (MAR, "CN"): 0,
    }


def test_a_customer_of_two_countries_is_active_in_both_and_once_in_all(figure):
    sold = [(date(2024, 1, 5), 1, "C1", FRANCE), (date(2024, 1, 6), 9, "C1", CHINA)]
    by_country = values(figure("active_customers", *sold, by="country"))
    assert by_country == {(JAN, "FR"): 1, (JAN, "CN"): 1}
    assert values(figure("active_customers", *sold)) == {(JAN, "all"): 1}
    assert values(figure("new_customers", *sold, by="country")) == {(JAN, "FR"): 1, (JAN, "CN"): 0}
    assert values(figure("repeat_rate", *sold, by="country")) == {(JAN, "FR"): 0, (JAN, "CN"): 1}
    assert values(figure("repeat_rate", *sold)) == {(JAN, "all"): 1}
    per_customer = values(figure("revenue_per_customer", *sold, by="country"))
    assert per_customer == {(JAN, "FR"): 1, (JAN, "CN"): 9}


def test_a_repeat_customer_bought_before_or_twice(figure):
    sold = [
        (date(2024, 1, 5), 1, "before"),
        (date(2024, 2, 5), 1, "before"),
        (date(2024, 2, 6), 1, "twice"),
        (date(2024, 2, 6), 1, "twice"),
        (date(2024, 2, 7), 1, "once"),
        (date(2024, 3, 7), 1, "once"),
    ]
    february = figure("repeat_rate", *sold)[FEB, "all"]
    assert (february["numerator"], february["denominator"]) == (2, 3)
    assert february["sample_size"] == 3


def test_sales_without_a_customer_do_not_swell_revenue_per_customer(figure):
    sold = [
        (date(2024, 1, 5), 100, "C1"),
        (date(2024, 1, 6), 50, "C2"),
        (date(2024, 1, 7), 999, None),
        (date(2024, 1, 8), -30, "C1", REFUND),
    ]
    assert values(figure("revenue_per_customer", *sold)) == {(JAN, "all"): 60}


def test_a_customer_silent_for_longer_than_the_window_at_the_end_of_the_month_is_lost(figure):
    sold = [
        (date(2024, 1, 31), 1, "gone"),  # 60 days before 31 March
        (date(2024, 2, 1), 1, "kept"),  # exactly 60 days before 1 April
        (date(2024, 1, 2), 1, "back"),
        (date(2024, 3, 20), 1, "back"),
        (date(2024, 3, 31), 1, "new"),
    ]
    march = figure("churn_rate", *sold)[MAR, "all"]
    assert (march["numerator"], march["denominator"], march["sample_size"]) == (1, 3, 3)
    assert march["value"] == pytest.approx(1 / 3)


def test_the_month_that_still_runs_counts_only_what_has_happened(figure):
    early = [(date(2024, 1, 10), 1, "C1"), (date(2024, 3, 5), 1, "C2")]
    assert figure("churn_rate", *early)[MAR, "all"]["numerator"] == 0
    later = [*early, (date(2024, 3, 20), 1, "C2")]
    assert figure("churn_rate", *later)[MAR, "all"]["numerator"] == 1


def test_a_lost_customer_counts_where_the_last_purchase_was(figure):
    sold = [
        (date(2024, 1, 10), 1, "C1", FRANCE),
        (date(2024, 1, 20), 1, "C1", CHINA),
        (date(2024, 3, 31), 1, "C2", FRANCE),
    ]
    found = figure("churn_rate", *sold, by="country")
    march = {
        member: (row["numerator"], row["denominator"])
        for (month, member), row in found.items()
        if month == MAR
    }
    assert march == {"FR": (0, 0), "CN": (1, 1)}


def test_refunds_and_credit_notes_keep_nobody_active(figure):
    sold = [
        (date(2024, 1, 10), 1, "C1"),
        (date(2024, 3, 10), -1, "C1", REFUND),
        (date(2024, 3, 11), -1, "C1"),
        (date(2024, 3, 31), 1, "C2"),
    ]
    assert figure("churn_rate", *sold)[MAR, "all"]["numerator"] == 1


def test_only_months_that_share_a_day_with_the_window_are_computed(figure):
    sold = [(date(2024, month, 5), month, "C1") for month in range(1, 6)]
    assert values(figure("revenue", *sold, window=(FEB, APR))) == {
        (FEB, "all"): 2,
        (MAR, "all"): 3,
    }
    assert values(figure("revenue", *sold, window=(date(2024, 1, 2), FEB))) == {(JAN, "all"): 1}


WORDS = {
    "question": "?",
    "unit": "orders",
    "formula": "f",
    "numerator": "n",
    "leaves_out": "l",
    "split": "s",
    "direction": "up",
    "additive": True,
}


def test_a_new_kpi_is_a_few_lines(table_of, facts_of):
    @kpi(**WORDS, dimensions=("all", "channel"))
    def large_orders(sales: ir.Table) -> Measure:
        return Measure(sales, numerator=_.count(where=_.amount_reporting > 100))

    sold = {"kind": "order", "currency": "EUR", "sold_at": datetime(2024, 1, 5), "sold_on": JAN}
    rows = [
        {**sold, "record_id": "1", "amount_reporting": Decimal(500), "channel": "web"},
        {**sold, "record_id": "2", "amount_reporting": Decimal(5), "channel": "shop"},
    ]
    known = facts_of(sales=table_of("sales", rows))
    found = compute([large_orders], known, *ALWAYS, lengths=("month",))
    assert {
        (row["dimension"], row["member"], row["value"]) for row in found.to_pyarrow().to_pylist()
    } == {
        ("all", "all", 1),
        ("channel", "web", 1),
        ("channel", "shop", 0),
    }


def test_a_dimension_that_the_rows_do_not_have_is_named(table_of, facts_of):
    @kpi(**WORDS, dimensions=("all", "weekday_hour"))
    def wrong(sales: ir.Table) -> Measure:
        return Measure(sales, numerator=_.count())

    sold = {"kind": "order", "currency": "EUR", "sold_at": datetime(2024, 1, 5), "sold_on": JAN,
            "record_id": "1", "amount_reporting": Decimal(500)}  # fmt: skip
    with pytest.raises(KpiInvalid, match="KPI wrong: its rows have no column weekday_hour"):
        compute([wrong], facts_of(sales=table_of("sales", [sold])), *ALWAYS)
