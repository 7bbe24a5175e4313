"""The portfolio's figures, checked against sums done another way."""

from datetime import date
from typing import Any

import pytest

from aar_platform.reports.templates.portfolio.content import portfolio_content


@pytest.fixture(scope="module")
def sales(northwind: Any) -> Any:
    return northwind.tables("sales").execute()


def month_sum(sales: Any, month: str) -> float:
    days = sales.sold_on.astype(str)
    return float(sales[days.str.startswith(month)].amount_reporting.sum())


def test_the_headline_is_the_month_and_its_change_is_on_the_month_before(
    northwind: Any, sales: Any
) -> None:
    content = portfolio_content(northwind.tables, northwind.context)
    revenue = content.headlines[0]
    assert revenue.kpi == "revenue"
    assert revenue.value == pytest.approx(month_sum(sales, "2024-07"))
    assert revenue.before == pytest.approx(month_sum(sales, "2024-06"))
    assert revenue.history[-1] == revenue.value
    assert content.months[-1] == date(2024, 7, 1)


def test_every_kpi_that_is_there_is_shown_and_the_first_questions_come_first(
    northwind: Any,
) -> None:
    content = portfolio_content(northwind.tables, northwind.context)
    names = [headline.kpi for headline in content.headlines]
    assert names[:2] == ["revenue", "orders"]
    assert set(names) == set(northwind.context.kpis)


def test_countries_add_up_to_the_month(northwind: Any, sales: Any) -> None:
    content = portfolio_content(northwind.tables, northwind.context)
    told = [country.revenue for country in content.countries]
    assert sum(told) == pytest.approx(month_sum(sales, "2024-07"))
    assert told == sorted(told, reverse=True)


def test_the_grid_and_the_labels_count_every_customer_once(northwind: Any) -> None:
    content = portfolio_content(northwind.tables, northwind.context)
    buyers = northwind.tables("sales").customer_id.nunique().execute()
    assert sum(cell.customers for cell in content.cells) == buyers
    assert sum(segment.customers for segment in content.rfm) == 300


def test_segments_share_out_all_known_customers_value(northwind: Any, sales: Any) -> None:
    content = portfolio_content(northwind.tables, northwind.context)
    known = sales[sales.customer_id.notna()].amount_reporting.sum()
    assert sum(s.value or 0 for s in content.rfm) == pytest.approx(float(known))
    assert sum(s.value or 0 for s in content.behavioural) == pytest.approx(float(known))


def test_rules_are_counted(northwind: Any) -> None:
    content = portfolio_content(northwind.tables, northwind.context)
    assert next((r.rule, r.records) for r in content.quarantined) == ("required", 40)
    assert next((r.rule, r.records) for r in content.repaired) == ("phone", 130)
