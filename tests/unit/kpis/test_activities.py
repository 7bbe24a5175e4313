from datetime import date, datetime
from decimal import Decimal

import pytest

from aar_platform.kpis.activities import TITLE_LENGTH, activities
from aar_platform.kpis.exchange import RateMissing
from aar_platform.kpis.sales import sales
from aar_platform.tables import catalogue

AT = datetime(2024, 3, 1, 12)
OWN = {"contact_id": "1"}


@pytest.fixture
def tell(table_of, links_of):
    """The rows of activities, of core tables of shop given by name."""

    def make(timezone="Europe/Paris", **rows):
        core = {name: table_of(name, given) for name, given in rows.items()}
        links = links_of("1", "2")
        sold = table_of("sales", [])
        if {"orders", "refunds"} <= set(core):
            sold = sales(core["orders"], core["refunds"], links, None, "EUR", timezone)
        made = activities(core, sold, links, None, "EUR", timezone)
        assert made.schema() == catalogue.ibis_schema("activities")
        return made.to_pyarrow().to_pylist()

    return make


def test_orders_and_refunds_are_told_with_their_value(tell):
    order = {"ordered_at": AT, **OWN}
    told = tell(
        orders=[
            {"order_id": "A", "total": Decimal(10), **order},
            {"order_id": "B", "total": Decimal(-3), **order},
            {"order_id": "C", "total": Decimal(99), "status": "cancelled", **order},
            {"order_id": "D", "total": Decimal(99), "is_test": True, **order},
            {"order_id": "E", "total": Decimal(99), "is_deleted": True, **order},
            {"order_id": "F", "total": Decimal(5), "ordered_at": AT},
        ],
        refunds=[
            {"refund_id": "R", "order_id": "A", "amount": Decimal(4), "refunded_at": AT},
            {"refund_id": "S", "amount": Decimal(1), "refunded_at": AT, **OWN},
        ],
    )
    assert {
        row["record_id"]: (row["kind"], row["title"], row["amount_reporting"]) for row in told
    } == {
        "A": ("order", "Order A", Decimal(10)),
        "B": ("order", "Credit note B", Decimal(-3)),
        "C": ("order", "Order C, cancelled", None),
        "R": ("refund", "Refund of order A", Decimal(-4)),
        "S": ("refund", "Refund", Decimal(-1)),
    }
    assert {row["customer_id"] for row in told} == {"C1"}


CASES = [
    ("tickets", {"ticket_id": "x", "opened_at": AT, "subject": "Late\n parcel"}, "ticket",
     "Ticket: Late parcel"),
    ("tickets", {"ticket_id": "x", "opened_at": AT, "topic": "delivery"}, "ticket",
     "Ticket: delivery"),
    ("tickets", {"ticket_id": "x", "opened_at": AT}, "ticket", "Ticket: x"),
    ("messages", {"message_id": "x", "occurred_at": AT, "event": "opened", "campaign_id": "k"},
     "message", "Message opened: k"),
    ("messages", {"message_id": "x", "occurred_at": AT, "event": "bounced"}, "message",
     "Message bounced"),
    ("feedback", {"feedback_id": "x", "given_at": AT, "channel": "survey", "score": 9.0,
                  "scale_max": 10.0}, "feedback", "Survey: 9 of 10"),
    ("feedback", {"feedback_id": "x", "given_at": AT, "score": 4.5}, "feedback", "Feedback: 4.5"),
    ("feedback", {"feedback_id": "x", "given_at": AT, "channel": "review", "text": "I am Ada"},
     "feedback", "Review"),
    ("web_visits", {"visit_id": "x", "visited_at": AT, "channel": "email", "page_views": 3},
     "visit", "Website visit by email, 3 pages"),
    ("web_visits", {"visit_id": "x", "visited_at": AT, "page_views": 1}, "visit",
     "Website visit, 1 page"),
    ("usage", {"usage_id": "x", "day": date(2024, 3, 1), "feature": "exports",
               "quantity": Decimal("12")}, "usage", "Used exports, 12 times"),
    ("usage", {"usage_id": "x", "day": date(2024, 3, 1)}, "usage", "Used the product"),
    ("deals", {"deal_id": "x", "created_at": AT, "stage": "offer"}, "deal",
     "Deal open, stage offer"),
    ("deals", {"deal_id": "x", "created_at": AT, "closed_at": AT, "is_won": True}, "deal",
     "Deal won"),
    ("deals", {"deal_id": "x", "created_at": AT, "is_closed": True, "stage": "lost"}, "deal",
     "Deal lost"),
]  # fmt: skip


def cases_by_table(**further):
    """The rows of CASES by table, each with its number as its id."""
    tables = {}
    for number, (table, row, _kind, _title) in enumerate(CASES):
        named = {**row, catalogue.OWN_ID[table]: str(number), **further}
        tables.setdefault(table, []).append(named)
    return tables


def test_every_kind_is_told_in_a_few_words(tell):
    told = {row["record_id"]: row for row in tell(**cases_by_table(**OWN))}
    assert {number: (row["kind"], row["title"]) for number, row in told.items()} == {
        str(number): (kind, title.replace(": x", f": {number}"))
        for number, (_table, _row, kind, title) in enumerate(CASES)
    }
    assert {(row["source"], row["customer_id"]) for row in told.values()} == {("shop", "C1")}


def test_deleted_records_are_not_told(tell):
    assert tell(**cases_by_table(**OWN, is_deleted=True)) == []


def test_records_of_nobody_known_are_not_told(tell):
    assert tell(**cases_by_table()) == []


def test_a_message_is_told_by_the_name_of_its_campaign(tell):
    (told,) = tell(
        messages=[
            {"message_id": "x", "occurred_at": AT, "event": "clicked", "campaign_id": "k", **OWN}
        ],
        campaigns=[
            {"campaign_id": "k", "name": "Spring"},
            {"campaign_id": "k", "name": "Other shop's", "source": "erp"},
        ],
    )
    assert told["title"] == "Message clicked: Spring"


def test_a_long_subject_is_cut(tell):
    (told,) = tell(tickets=[{"ticket_id": "x", "opened_at": AT, "subject": "ab " * 200, **OWN}])
    assert len(told["title"]) == TITLE_LENGTH
    assert told["title"].endswith("…")


def test_usage_begins_with_the_organisations_day(tell):
    used = [{"usage_id": "x", "day": date(2024, 7, 1), **OWN}]
    assert tell(usage=used)[0]["occurred_at"] == datetime(2024, 6, 30, 22)
    assert tell("America/New_York", usage=used)[0]["occurred_at"] == datetime(2024, 7, 1, 4)


def test_a_closed_deal_stands_at_its_close_with_its_value(tell):
    later = datetime(2024, 4, 1)
    deal = {"deal_id": "x", "created_at": AT, "amount": Decimal(500), **OWN}
    (told,) = tell(deals=[{**deal, "closed_at": later, "is_closed": True}])
    assert (told["occurred_at"], told["amount_reporting"]) == (later, Decimal(500))
    with pytest.raises(RateMissing, match="JPY to EUR on 2024-03-01"):
        tell(deals=[{**deal, "currency": "JPY"}])


def test_without_any_core_table_nothing_is_told(tell):
    assert tell() == []
