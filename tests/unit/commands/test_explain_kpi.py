"""`aar explain KPI` says how long the churn window is, of figures that rest on it."""

import json
from datetime import date

import pytest

from aar_platform.commands import explain_kpi
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.tracing import Asked

FIGURE = {
    "value": 0.1, "unit": "share", "numerator": 1.0, "denominator": 10.0, "sample_size": 10,
    "is_small_sample": True, "is_complete": True,
}  # fmt: skip
WINDOW = ChurnWindow(87, "nine in ten of 300 gaps between purchases are at most 86.5 days", "found")


def told(name, window):
    asked = Asked("month", date(2026, 6, 1), "all", "all")
    return explain_kpi.Explained(kpis()[name], asked, FIGURE, {}, [], window)


def test_people_and_programs_read_the_window_and_where_it_comes_from():
    explained = told("churn_rate", WINDOW)
    assert f"churn window 87 days: {WINDOW.reason}" in explain_kpi._text(explained)
    assert json.loads(explain_kpi._json(explained))["churn_window"] == {
        "days": 87, "reason": WINDOW.reason, "origin": "found",
    }  # fmt: skip


def test_other_figures_say_nothing_of_it():
    explained = told("repeat_rate", None)
    assert "churn window" not in explain_kpi._text(explained)
    assert json.loads(explain_kpi._json(explained))["churn_window"] is None


@pytest.mark.parametrize("name", sorted(kpis()))
def test_definitions_name_no_setting_where_they_mean_the_churn_window(name):
    one = kpis()[name]
    words = [one.question, one.formula, one.numerator, one.denominator or "", one.leaves_out]
    words += [one.in_chinese.formula] if one.in_chinese else []
    assert not any("churn_after_days" in text for text in words)
