"""The engagement score of each customer: points a month, by stated weights, at most 100."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from aar_platform.models.engagement import engagement_scores
from aar_platform.models.purchase_history import customer_scores
from tests.unit.kpis.conftest import table

AS_OF = date(2024, 6, 30)


def sale(number, customer, day, amount="10"):
    return {"kind": "order", "record_id": number, "order_id": number, "customer_id": customer,
            "sold_on": day, "sold_at": datetime(day.year, day.month, day.day), "currency": "EUR",
            "amount_reporting": Decimal(amount)}  # fmt: skip


@pytest.fixture
def made():
    sales = table(
        "sales",
        [sale("1", "C1", date(2024, 6, 1)), sale("2", "C1", date(2024, 4, 1)),
         *(sale(f"b{n}", "C2", date(2024, 5, 5)) for n in range(20))],
    )  # fmt: skip
    core = {
        "messages": table(
            "messages",
            [
                {"message_id": f"{event}{n}", "event": event, "contact_id": "3",
                 "occurred_at": datetime(2024, 6, n)}
                for event, n in (("sent", 1), ("opened", 1), ("opened", 2), ("clicked", 2))
            ],
        ),
        "feedback": table(
            "feedback",
            [
                {"feedback_id": "1", "contact_id": "3", "score": 4,
                 "given_at": datetime(2024, 6, 5)},
                {"feedback_id": "2", "contact_id": "3", "given_at": datetime(2024, 6, 6)},
            ],
        ),
        # 22:30 in UTC on the last day is the next one in Paris.
        "web_visits": table(
            "web_visits",
            [{"visit_id": "1", "contact_id": "3", "visited_at": datetime(2024, 6, 30, 22, 30)}],
        ),
        "usage": table("usage", [{"usage_id": "1", "contact_id": "3", "day": date(2024, 6, 7)}]),
    }  # fmt: skip
    links = table(
        "customer_links",
        [{"object": "contacts", "record_id": n, "customer_id": f"C{n}"} for n in "123"],
    )
    scores = engagement_scores(sales, core, links, "Europe/Paris", AS_OF)
    return sales, scores


def test_signs_of_the_last_90_days_count_by_their_weights(made):
    _sales, scores = made
    found = {row["customer_id"]: row["engagement_score"] for row in scores.to_pyarrow().to_pylist()}
    # C1: one purchase, the other is 91 days old. C3: two opens, a click, an answer, a use.
    assert found == {
        "C1": pytest.approx(30 / 3),
        "C2": 100,
        "C3": pytest.approx((3 + 3 + 6 + 10 + 5) / 3),
    }


def test_who_never_bought_has_a_score_and_no_purchase(made):
    sales, scores = made
    rows = customer_scores(sales, AS_OF, scores).to_pyarrow().to_pylist()
    found = {row["customer_id"]: row for row in rows}
    assert set(found) == {"C1", "C2", "C3"}
    assert found["C3"]["engagement_score"] == pytest.approx(9)
    assert (found["C3"]["frequency"], found["C3"]["historic_clv"]) == (0, None)
    assert found["C1"]["frequency"] == 1
