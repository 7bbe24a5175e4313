"""Whether a KPI can be computed is known before a system was asked for anything."""

import pytest
from ibis import _

from aar_platform.kpis.definition import Measure, kpi
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.trial import uncountable

WORDS = {
    "question": "?", "unit": "orders", "formula": "Number", "numerator": "Orders",
    "leaves_out": "Nothing", "split": "Where it happened", "direction": "up", "additive": True,
}  # fmt: skip


def tried(measure):
    return [str(error) for error in uncountable([kpi(**WORDS)(measure)], "EUR", "Europe/Paris")]


def test_the_platforms_own_kpis_can_be_computed():
    of_all_kinds = ("revenue", "churn_rate", "pipeline_value", "acquisition_cost", "open_rate")
    some = [kpis()[name] for name in of_all_kinds]
    assert list(uncountable(some, "EUR", "Europe/Paris")) == []


def of_a_missing_column(sales):
    return Measure(sales, numerator=_.margin.sum())


def of_text(sales):
    return Measure(sales, numerator=_.country.sum())


def of_a_mistake(sales):
    raise LookupError("no such thing\nsecond line")


def of_nothing(sales):
    return sales


def of_no_sum(sales):
    return Measure(sales, numerator=_.amount_reporting)


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (of_a_missing_column, "margin"),
        (of_text, "KPI of_text cannot be computed: "),
        (of_a_mistake, "KPI of_a_mistake cannot be computed: LookupError: no such thing"),
        (of_nothing, "KPI of_nothing: its function gives a Table and not a Measure"),
        (of_no_sum, "KPI of_no_sum: its numerator is not one sum, count"),
    ],
)
def test_one_that_cannot_is_told_in_a_line_that_names_it(measure, said):
    (line,) = tried(measure)
    assert said in line and measure.__name__ in line and "\n" not in line
