"""Up to which day the data of all systems go."""

from datetime import date, datetime
from decimal import Decimal

from aar_platform.kpis.data_days import counted_days, last_data_day
from tests.unit.kpis.conftest import table


def tables(**rows):
    return lambda name: table(name, rows.get(name, []))


def sold(*days):
    return [
        {"kind": "order", "record_id": str(day), "order_id": str(day), "sold_on": day,
         "sold_at": datetime(day.year, day.month, day.day, 12), "amount_reporting": Decimal(1),
         "currency": "EUR"}
        for day in days
    ]  # fmt: skip


def test_an_order_dated_in_the_future_moves_no_day():
    given = tables(sales=sold(date(2025, 6, 30), date(2090, 6, 1)))
    assert last_data_day(given, "Europe/Paris") == date(2025, 6, 30)
    assert counted_days(given, "Europe/Paris") == (date(2025, 6, 30), date(2025, 6, 30))


def test_without_sales_and_customers_the_last_thing_counted_says_the_day():
    visits = [
        {"visit_id": str(day), "visited_at": datetime(2025, 5, day, 12), "sessions": 1}
        for day in (3, 31)
    ]
    assert last_data_day(tables(web_visits=visits), "Europe/Paris") == date(2025, 5, 31)
    spend = [{"spend_id": "1", "day": date(2025, 4, 2), "amount": Decimal(1), "currency": "EUR"}]
    assert last_data_day(tables(spend=spend), "Europe/Paris") == date(2025, 4, 2)


def test_a_planned_end_of_a_subscription_has_not_come():
    ends = [
        {
            "subscription_id": "1",
            "started_at": datetime(2025, 1, 2),
            "ended_at": datetime(2090, 1, 1),
        }
    ]
    assert counted_days(tables(subscriptions=ends), "UTC") == (date(2025, 1, 2), date(2025, 1, 2))
