"""Figures of subscriptions, deals, messages, visits and answers, case by case."""

from datetime import date, datetime, time
from decimal import Decimal

import ibis
import pytest

from aar_platform.kpis.figures import compute
from aar_platform.kpis.registry import kpis

ALWAYS = (date(2000, 1, 1), date(2100, 1, 1))
JAN, FEB, MAR, APR, MAY = (date(2024, month, 1) for month in (1, 2, 3, 4, 5))


def on(day):
    return datetime.combine(day, time(12))


@pytest.fixture
def figures(table_of, facts_of):
    """Months of a KPI as {(first day, member): row}, of the rows of tables."""

    def make(name, by="all", as_of=date(2024, 4, 30), rates=None, window=ALWAYS, **rows):
        tables = {table: table_of(table, listed) for table, listed in rows.items()}
        known = facts_of({"as_of": as_of, "rates": rates}, **tables)
        made = compute([kpis()[name]], known, *window, lengths=("month",))
        found = made.to_pyarrow().to_pylist()
        return {
            (row["period_start"], row["member"]): row for row in found if row["dimension"] == by
        }

    return make


def values(found):
    return {key: row["value"] for key, row in found.items()}


def shares(found):
    """Numerator and denominator of every month of the whole."""
    return {start: (row["numerator"], row["denominator"]) for (start, _), row in found.items()}


def sale(number, day, amount, customer="C1", **more):
    return {
        "kind": "order",
        "record_id": str(number),
        "order_id": str(number),
        "sold_on": day,
        "sold_at": on(day),
        "amount_reporting": Decimal(amount),
        "customer_id": customer,
        "currency": "EUR",
        **more,
    }


def subscription(number, started, ended=None, amount="10", currency="EUR", contact="1"):
    return {
        "subscription_id": str(number),
        "contact_id": contact,
        "started_at": on(started),
        "ended_at": ended and on(ended),
        "monthly_amount": amount and Decimal(amount),
        "currency": currency,
    }


@pytest.fixture
def links(links_of):
    """Contact 1 of the shop is customer C1, contact 2 is C2."""
    return links_of("1", "2").to_pyarrow().to_pylist()


def test_a_later_subscription_changes_no_month_before_it(figures, links):
    sold = [sale(1, date(2024, 1, 5), 50), sale(2, date(2024, 2, 5), 50)]
    sold.append(sale(3, date(2024, 4, 20), 50, customer="C2"))
    before = figures("churn_rate", sales=sold, customer_links=links)
    after = figures(
        "churn_rate", sales=sold, customer_links=links,
        subscriptions=[subscription(1, date(2024, 4, 2))],
    )  # fmt: skip
    assert shares(before)[MAR] == (0, 1)
    assert [shares(after)[month] for month in (FEB, MAR)] == [
        shares(before)[month] for month in (FEB, MAR)
    ]


def test_a_buyer_who_subscribes_stays_a_customer_without_another_purchase(figures, links):
    sold = [sale(1, date(2024, 1, 5), 50), sale(2, date(2024, 4, 20), 50, customer="C2")]
    running = [subscription(1, date(2024, 2, 10))]
    found = figures("churn_rate", sales=sold, customer_links=links, subscriptions=running)
    # The purchase of January is more than sixty days old when March ends.
    assert shares(found) == {JAN: (0, 0), FEB: (0, 1), MAR: (0, 1), APR: (0, 1)}


def test_a_subscriber_is_lost_with_the_subscription_however_much_is_bought(figures, links):
    sold = [sale(1, date(2024, 2, 5), 50), sale(2, date(2024, 3, 5), 50)]
    ended = [subscription(1, date(2024, 1, 10), date(2024, 3, 10))]
    found = figures("churn_rate", sales=sold, customer_links=links, subscriptions=ended)
    assert shares(found) == {JAN: (0, 0), FEB: (0, 1), MAR: (1, 1), APR: (0, 0)}


def test_a_subscription_that_never_ran_makes_nobody_a_subscriber(figures, links):
    sold = [sale(1, date(2024, 1, 5), 50), sale(2, date(2024, 3, 5), 50)]
    never = [subscription(1, date(2024, 1, 9), date(2024, 1, 9))]
    found = figures("churn_rate", sales=sold, customer_links=links, subscriptions=never)
    assert shares(found) == {JAN: (0, 0), FEB: (0, 1), MAR: (0, 1), APR: (0, 1)}


def test_a_free_subscription_without_amount_and_currency_is_worth_nothing(figures, links):
    both = [
        subscription(1, date(2024, 1, 10)),
        subscription(2, date(2024, 2, 10), amount=None, currency=None, contact="2"),
    ]
    worth = figures("recurring_revenue", customer_links=links, subscriptions=both)
    assert values(worth) == {(month, "all"): 10 for month in (JAN, FEB, MAR, APR)}
    lost = figures("revenue_churn_rate", customer_links=links, subscriptions=both)
    assert shares(lost)[MAR] == (0, 10)


def test_channel_and_campaign_of_a_customer_are_of_one_contact(figures, links):
    contacts = [
        {"contact_id": "1", "created_at": on(JAN), "acquisition_channel": "fair",
         "acquired_at": on(JAN)},
        {"contact_id": "9", "created_at": on(FEB), "acquisition_campaign": "brand",
         "acquisition_channel": "ads"},
    ]  # fmt: skip
    links = [*links, {**links[0], "record_id": "9"}]
    given = {"contacts": contacts, "customer_links": links}
    assert values(figures("acquired_customers", "channel", **given)) == {
        (JAN, "fair"): 1, (FEB, "fair"): 0, (MAR, "fair"): 0, (APR, "fair"): 0
    }  # fmt: skip
    assert values(figures("acquired_customers", "campaign", **given))[JAN, "unknown"] == 1


def test_lifetime_value_keeps_what_was_bought_before_and_after_the_last_customer_was_won(
    figures, links
):
    sold = [sale(1, date(2024, 1, 5), 50), sale(2, date(2024, 4, 5), 30)]
    won_later = [{"contact_id": "1", "acquired_at": on(date(2024, 3, 3))}]
    found = figures("historic_lifetime_value", sales=sold, contacts=won_later, customer_links=links)
    assert shares(found) == {MAR: (50, 1), APR: (80, 1)}


def test_what_a_customer_won_later_brought_changes_no_month_before(figures, links):
    back = {**sale(1, date(2024, 1, 5), -40, "C2"), "kind": "refund"}
    sold = [sale(2, date(2024, 1, 6), 100), sale(3, date(2024, 3, 5), 20, "C2")]
    found = figures("historic_lifetime_value", sales=[back, *sold], customer_links=links)
    assert shares(found) == {JAN: (100, 1), FEB: (100, 1), MAR: (80, 2), APR: (80, 2)}


def test_customers_are_not_won_for_nothing_where_no_source_tells_what_was_spent(figures, links):
    sold = [sale(1, date(2024, 1, 5), 50)]
    given = {"sales": sold, "customer_links": links}
    assert figures("acquisition_cost", **given) == figures("payback_months", **given) == {}
    spent = [{"spend_id": "1", "day": FEB, "amount": Decimal(8), "currency": "EUR"}]
    cost = shares(figures("acquisition_cost", spend=spent, **given))
    assert cost[JAN] == (0, 1) and cost[FEB] == (8, 0)


DOLLARS = [(date(2024, 1, 31), 1), (date(2024, 2, 29), 2), (date(2024, 3, 31), 3),
           (date(2024, 4, 10), 4)]  # fmt: skip


def test_an_open_deal_is_worth_its_amount_at_the_rate_of_each_months_last_day(figures):
    rates = ibis.memtable(
        [{"day": day, "currency": "USD", "rate": Decimal(rate)} for day, rate in DOLLARS],
        schema={"day": "date", "currency": "string", "rate": "decimal(20, 12)"},
    )
    deal = {"deal_id": "1", "amount": Decimal(10), "currency": "USD", "owner": "a",
            "created_at": on(date(2024, 1, 9)), "closed_at": on(date(2024, 4, 10)),
            "is_won": True, "is_closed": True}  # fmt: skip
    for by, member in (("all", "all"), ("owner", "a")):
        worth = values(figures("pipeline_value", by, rates=rates, deals=[deal]))
        assert worth == {
            (JAN, member): 10, (FEB, member): 20, (MAR, member): 30, (APR, member): 0
        }  # fmt: skip
    assert values(figures("won_value", rates=rates, deals=[deal]))[APR, "all"] == 40


def test_tickets_go_on_until_the_last_one_is_solved(figures):
    tickets = [
        {"ticket_id": str(number), "opened_at": on(JAN), "solved_at": on(solved)}
        for number, solved in ((1, date(2024, 1, 3)), (2, date(2024, 3, 9)))
    ]
    given = {"tickets": tickets, "as_of": JAN}
    assert values(figures("resolution_time", **given))[MAR, "all"] == 68 * 24
    assert values(figures("ticket_backlog", **given)) == {
        (JAN, "all"): 1, (FEB, "all"): 1, (MAR, "all"): 0
    }  # fmt: skip


def test_a_subscription_runs_until_it_ends_and_a_planned_end_has_not_come(figures):
    ends = (date(2024, 3, 10), date(2090, 1, 1))
    running = [subscription(number, JAN, end) for number, end in enumerate(ends)]
    found = values(figures("recurring_revenue", subscriptions=running, as_of=JAN))
    assert found == {(JAN, "all"): 20, (FEB, "all"): 20, (MAR, "all"): 10}


def test_only_known_words_are_ratings(figures):
    said = ["Excellent", "5/5", "4.0", "neutral", "2 out of 5", "whatever", "100%", "offered"]
    tickets = [
        {"ticket_id": str(number), "opened_at": on(JAN), "solved_at": on(JAN), "satisfaction": word}
        for number, word in enumerate(said)
    ]
    assert shares(figures("ticket_satisfaction", tickets=tickets))[JAN] == (3, 5)


def test_goods_and_the_voucher_that_paid_for_them_are_shared_out_by_their_size(figures):
    lines = [
        {"order_id": "1", "line_id": name, "product": name, "amount": Decimal(amount)}
        for name, amount in (("A", "100"), ("Voucher", "-99.99"))
    ]
    found = figures("revenue", "product", sales=[sale(1, JAN, "5.01")], order_lines=lines)
    assert found[JAN, "A"]["value"] == pytest.approx(2.505, abs=1e-3)
    assert found[JAN, "Voucher"]["value"] == pytest.approx(2.505, abs=1e-3)


def test_a_small_discount_line_lowers_what_it_is_of(figures):
    lines = [
        {"order_id": "1", "line_id": name, "product": name, "amount": Decimal(amount)}
        for name, amount in (("A", "100"), ("Discount", "-5"))
    ]
    found = figures("revenue", "product", sales=[sale(1, JAN, "95")], order_lines=lines)
    assert {member: row["value"] for (start, member), row in found.items() if start == JAN} == {
        "A": 100, "Discount": -5
    }  # fmt: skip


def test_the_sample_of_a_conversion_rate_are_sessions_and_not_rows(figures):
    visit = {"visit_id": "1", "visited_at": on(JAN), "sessions": 50, "conversions": 2}
    row = figures("conversion_rate", web_visits=[visit])[JAN, "all"]
    assert (row["value"], row["sample_size"], row["is_small_sample"]) == (0.04, 50, False)


def test_who_unsubscribes_got_the_message(figures):
    events = [("1", "sent"), ("1", "unsubscribed"), ("2", "sent"), ("2", "delivered"),
              ("3", "sent")]  # fmt: skip
    messages = [
        {"message_id": f"{contact}{event}", "contact_id": contact, "campaign_id": "c",
         "event": event, "occurred_at": on(JAN)}
        for contact, event in events
    ]  # fmt: skip
    assert shares(figures("unsubscribe_rate", messages=messages)) == {JAN: (1, 2)}


def test_what_a_source_without_word_of_deliveries_sent_and_got_not_back_is_delivered(figures):
    events = [("tells", "1", "sent"), ("tells", "1", "delivered"), ("tells", "2", "sent"),
              ("silent", "1", "sent"), ("silent", "2", "sent"), ("silent", "2", "bounced"),
              ("silent", "3", "sent"), ("silent", "3", "opened")]  # fmt: skip
    messages = [
        {"message_id": f"{contact}{event}", "source": source, "contact_id": contact,
         "campaign_id": "c", "event": event, "occurred_at": on(JAN)}
        for source, contact, event in events
    ]  # fmt: skip
    assert values(figures("messages_delivered", messages=messages)) == {(JAN, "all"): 3}
    assert shares(figures("open_rate", messages=messages)) == {JAN: (1, 3)}


def test_events_of_no_campaign_are_no_message(figures):
    messages = [
        {"message_id": str(number), "contact_id": "1", "campaign_id": campaign, "event": event,
         "occurred_at": on(day)}
        for number, (campaign, event, day) in enumerate(
            [("c", "sent", JAN), ("c", "opened", FEB), (None, "sent", JAN), (None, "opened", FEB)]
        )
    ]  # fmt: skip
    assert shares(figures("open_rate", messages=messages)) == {JAN: (1, 1), FEB: (0, 0)}


def test_visits_after_the_last_sale_are_told_and_the_month_still_runs(figures):
    visits = [
        {"visit_id": str(number), "visited_at": on(day), "sessions": number}
        for number, day in ((1, date(2024, 4, 2)), (2, date(2024, 5, 3)))
    ]
    found = figures("visits", sales=[sale(1, date(2024, 4, 30), 50)], web_visits=visits)
    assert values(found) == {(APR, "all"): 1, (MAY, "all"): 2}
    assert [found[key]["is_complete"] for key in sorted(found)] == [True, False]


def test_what_is_dated_in_the_future_is_told_in_no_period(figures):
    visits = [
        {"visit_id": "1", "visited_at": on(date(2024, 4, 2)), "sessions": 1},
        {"visit_id": "2", "visited_at": on(date(2090, 4, 2)), "sessions": 1},
    ]
    found = figures("visits", web_visits=visits)
    assert max(found)[0] <= date.today()


def test_tickets_are_told_and_wait_after_the_last_sale_too(figures):
    tickets = [{"ticket_id": str(day), "opened_at": on(day)} for day in (APR, date(2024, 5, 3))]
    opened = figures("tickets_opened", tickets=tickets)
    assert values(opened) == {(APR, "all"): 1, (MAY, "all"): 1}
    waiting = figures("ticket_backlog", tickets=tickets)
    assert values(waiting) == {(APR, "all"): 1, (MAY, "all"): 2}
    assert [waiting[month, "all"]["is_complete"] for month in (APR, MAY)] == [True, False]


def test_who_still_is_a_customer_is_told_as_of_the_last_sale_whatever_else_is_known(figures):
    known = {
        "sales": [sale(1, JAN, "9"), sale(2, date(2024, 4, 2), "9")],
        "tickets": [{"ticket_id": "1", "opened_at": on(date(2024, 6, 3))}],
        "as_of": date(2024, 4, 2),
    }
    for name in ("dormant_customers", "churn_rate", "retention_rate"):
        told = {month: row for (month, _), row in figures(name, **known).items()}
        assert max(told) == APR, name
        assert [told[month]["is_complete"] for month in (MAR, APR)] == [True, False], name


def answer(number, score, low=0, high=10, channel="survey"):
    return {
        "feedback_id": str(number),
        "channel": channel,
        "given_at": on(JAN),
        "score": score,
        "scale_min": low,
        "scale_max": high,
    }


def test_promoters_less_detractors_of_all_who_answered_from_0_to_10(figures):
    scores = [10, 9, 9, 8, 7, 6, None]
    answers = [answer(number, score) for number, score in enumerate(scores)]
    answers += [answer(90, 5, 1, 5), answer(91, 4, 1, 5), answer(92, 3, 1, 5)]
    row = figures("net_promoter_score", feedback=answers)[JAN, "all"]
    assert (row["numerator"], row["denominator"], row["sample_size"]) == (200, 6, 6)
    row = figures("customer_satisfaction", feedback=answers)[JAN, "all"]
    assert (row["numerator"], row["denominator"]) == (2, 3)


def test_surveys_count_as_requests_where_their_source_tells_who_did_not_answer(figures):
    answers = [answer(1, 9), answer(2, None), answer(3, None, channel="review")]
    assert shares(figures("response_rate", feedback=answers)) == {JAN: (1, 2)}
    assert shares(figures("response_rate", feedback=answers[:1])) == {JAN: (0, 0)}


def test_the_cost_of_a_mailing_is_spend_where_its_source_tells_no_other(figures):
    campaigns = [
        {"source": source, "campaign_id": "1", "sent_at": on(JAN), "cost": Decimal(5),
         "currency": "EUR", "name": "Spring"}
        for source in ("mail", "ads")
    ]  # fmt: skip
    spent = [{"source": "ads", "spend_id": "1", "day": JAN, "amount": Decimal(7),
              "currency": "EUR"}]  # fmt: skip
    found = figures("marketing_spend", "source", spend=spent, campaigns=campaigns)
    assert values(found) == {(JAN, "mail"): 5, (JAN, "ads"): 7}
