"""Metrics of experiments are the key figures of the same names, customer by customer."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from aar_platform.models.experiments.assignments import assigned
from aar_platform.models.experiments.metrics import DEFAULT_METRICS, MetricRefused, refuse_unknown
from aar_platform.models.experiments.moments import per_customer
from tests.unit.models.experiments.conftest import AS_OF, metrics_out_of, whole

SALES = [
    ("C1", "order", date(2024, 6, 5), "100"),
    ("C1", "order", date(2024, 6, 5), "50"),
    ("C1", "refund", date(2024, 6, 9), "-30"),
    ("C1", "order", date(2024, 5, 20), "8"),
    ("C2", "order", date(2024, 6, 6), "0"),
    ("C2", "order", date(2024, 6, 7), "-20"),
    (None, "order", date(2024, 6, 8), "500"),
]


@pytest.fixture
def figures(experiment):
    sales = experiment.table(
        whole(
            "sales",
            [
                {
                    "source": "shop", "kind": kind, "record_id": str(number), "customer_id": who,
                    "sold_at": datetime(day.year, day.month, day.day), "sold_on": day,
                    "amount_reporting": Decimal(amount), "currency": "EUR",
                }
                for number, (who, kind, day, amount) in enumerate(SALES)
            ],
        )
    )  # fmt: skip
    rows = [(contact, "a") for contact in "123"]
    who = assigned(experiment.assignments(rows), experiment.links("123"), "UTC", {}, AS_OF)

    def of(name):
        found = per_customer(who, metrics_out_of(sales, [name])[name]).to_pyarrow().to_pylist()
        return sorted(
            (row["numerator"], row["denominator"], row["numerator_before"]) for row in found
        )

    return of


def test_every_metric_has_its_rows_and_the_defaults_are_among_them(experiment):
    names = [*DEFAULT_METRICS, "average_order_value", "refund_rate", "new_customers"]
    metrics = metrics_out_of(experiment.table(whole("sales", [])), names)
    assert list(metrics) == names
    for metric in metrics.values():
        assert metric.rows.columns == ("customer_id", "day", "numerator", "denominator")


def test_money_per_customer_has_a_currency_and_counts_have_none(experiment):
    names = [*DEFAULT_METRICS, "average_order_value"]
    metrics = metrics_out_of(experiment.table(whole("sales", [])), names)
    currencies = {name: metric.currency for name, metric in metrics.items()}
    assert currencies == {
        "conversion": None, "orders": None, "revenue": "EUR", "average_order_value": "EUR",
    }  # fmt: skip


def test_conversion_is_an_order_of_positive_value(figures):
    assert figures("conversion") == [(0, 1, 0), (0, 1, 0), (1, 1, 1)]


def test_orders_are_counted_credit_notes_too_and_refunds_not(figures):
    assert figures("orders") == [(0, 1, 0), (2, 1, 0), (2, 1, 1)]


def test_revenue_is_net_of_refunds(figures):
    assert figures("revenue") == [(-20, 1, 0), (0, 1, 0), (120, 1, 8)]


def test_the_order_value_is_a_sum_of_values_over_a_number_of_orders(figures):
    assert figures("average_order_value") == [(-20, 2, 0), (0, 0, 0), (150, 2, 8)]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("churn_rate", "is not a sum over rows of single days"),
        ("payback_months", "is not a sum over rows of single days"),
        ("first_response_time", "is not a sum or a count of rows"),
        ("repeat_rate", "is not a sum or a count of rows"),
        ("acquisition_cost", "counts rows that name no customer"),
    ],
)
def test_a_kpi_that_cannot_be_told_by_customer_is_refused_and_says_why(experiment, name, why):
    with pytest.raises(MetricRefused, match=f"metric {name} cannot be told .* it {why}"):
        metrics_out_of(experiment.table(whole("sales", [])), [name])


def test_a_misspelt_metric_is_named_with_what_was_meant():
    with pytest.raises(MetricRefused, match="'revenu' is no KPI; did you mean revenue"):
        refuse_unknown(["conversion", "revenu"], ["revenue", "orders"])
