"""What the account activity report says of a customer, to whom, and what it says is missing."""

from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from string import Formatter

import pytest

from aar_platform.privacy.masking import NotVisible
from aar_platform.privacy.roles import DEFAULT_ROLES, Role
from aar_platform.reports.accounts import accounts_for
from aar_platform.reports.blocks import Figures, Note, Pair, Table, Timeline
from aar_platform.reports.render import render
from aar_platform.reports.templates.account_activity.content import account_contents
from aar_platform.reports.templates.account_activity.pages import HUE_OF, account_document
from aar_platform.reports.templates.account_activity.texts import TEXTS
from aar_platform.reports.wording import Wording
from aar_platform.tables import catalogue

NAMES = {"wang": "王伟", "anna": "Анна Каренина", "zofie": "Žofie Dvořáková"}
COUNTRIES = {"wang": "CN", "anna": "RU", "zofie": "CZ"}
OWNERS = {"wang": "ada@example.com", "anna": "ada@example.com", "zofie": "grace@example.com"}


def sale(customer, day, amount, kind="order"):
    return {
        "source": "shop", "kind": kind, "record_id": f"{customer}-{day}", "order_id": day,
        "customer_id": customer, "sold_at": datetime.fromisoformat(day),
        "sold_on": date.fromisoformat(day), "amount_reporting": Decimal(amount), "currency": "EUR",
    }  # fmt: skip


def event(customer, moment, kind, record, amount=None, source="shop"):
    return {
        "customer_id": customer, "occurred_at": datetime.fromisoformat(moment), "kind": kind,
        "source": source, "record_id": record, "title": f"About {record}",
        "amount_reporting": None if amount is None else Decimal(amount),
    }  # fmt: skip


def ticket(record, opened, status, solved=None, subject="Paket fehlt"):
    return {
        "source": "desk", "record_id": record, "ticket_id": record, "subject": subject,
        "topic": "delivery", "status": status, "priority": "high", "assignee": "g@example.com",
        "opened_at": datetime.fromisoformat(opened),
        "solved_at": solved and datetime.fromisoformat(solved),
    }  # fmt: skip


def answer(record, given, score, text="Très bien"):
    return {
        "source": "survey", "record_id": record, "feedback_id": record, "channel": "survey",
        "score": score, "scale_min": 0.0, "scale_max": 10.0, "text": text,
        "given_at": datetime.fromisoformat(given),
    }  # fmt: skip


PEOPLE = [
    {
        "customer_id": customer, "kind": "person", "display_name": name,
        "email": f"{customer}@example.org", "country": COUNTRIES[customer],
        "owner": OWNERS[customer],
        # Paris is two hours ahead: the first of June there.
        "first_seen_at": datetime(2023, 5, 31, 22, 30),
    }
    for customer, name in NAMES.items()
]  # fmt: skip
SALES = [
    sale("wang", "2023-06-30", "1000"),
    sale("wang", "2024-03-10", "100"),
    sale("wang", "2024-07-20", "50.50"),
    sale("wang", "2024-07-25", "-20.50", "refund"),
    sale("wang", "2024-07-28", "0"),
    sale("wang", "2024-08-03", "999"),
    sale("wang", "2999-01-01", "7"),
    sale("anna", "2024-07-01", "200"),
    sale("zofie", "2024-05-31", "10"),
    sale("zofie", "2024-06-30", "30"),
]
EVENTS = [
    event("wang", "2024-08-03 10:00", "order", "wang-2024-08-03", "999"),
    event("wang", "2024-07-31 22:30", "visit", "august in Paris"),
    event("wang", "2024-07-31 21:30", "visit", "july in Paris"),
    event("wang", "2024-07-25 10:00", "refund", "wang-2024-07-25", "-20.50"),
    event("wang", "2024-07-20 10:00", "order", "wang-2024-07-20", "50.50"),
    event("wang", "2024-06-30 22:30", "visit", "july too"),
    event("wang", "2023-06-30 10:00", "order", "wang-2023-06-30", "1000"),
    event("anna", "2024-07-01 10:00", "order", "anna-2024-07-01", "200"),
]
TICKETS = [
    ticket("t1", "2024-07-10 22:30", "open"),
    ticket("t2", "2024-07-11 08:00", "Closed"),
    ticket("t3", "2024-07-12 08:00", "pending", solved="2024-07-13"),
    ticket("t4", "2024-07-14 08:00", None, subject=None),
    ticket("t5", "2024-08-02 08:00", "open"),
    ticket("t6", "2024-07-15 08:00", "open", subject="Anna's"),
]
OF_TICKETS = {"t6": "anna"}
ANSWERS = [answer("f1", "2024-07-02 09:00", 9.0), answer("f2", "2024-07-05 09:00", None, None)]
SEGMENTS = [
    {
        "customer_id": "wang", "scheme": scheme, "segment": "1", "label": label,
        "as_of": date(2024, 7, 31),
    }
    for scheme, label in (("rfm", "Champions"), ("behavioural", "Frequent, high value"))
]  # fmt: skip


@pytest.fixture(scope="module")
def firm(warehouse_of):
    """Three customers of two account managers; August's events are known already, and a sale
    has a slip in its year."""
    events = [
        event(OF_TICKETS.get(t["record_id"], "wang"), str(t["opened_at"]), "ticket",
              t["record_id"], source="desk")
        for t in TICKETS
    ] + [
        event("wang", str(f["given_at"]), "feedback", f["record_id"], source="survey")
        for f in ANSWERS
    ]  # fmt: skip
    return warehouse_of(
        {
            "customers": PEOPLE, "sales": SALES, "activities": EVENTS + events,
            "tickets": TICKETS, "feedback": ANSWERS, "customer_segments": SEGMENTS,
        }
    )  # fmt: skip


def contents(firm, *accounts, **reader):
    contexts = [firm.seen_by(account=account, **reader) for account in accounts]
    return dict(zip(accounts, account_contents(firm.tables, contexts), strict=True))


@pytest.fixture(scope="module")
def told(firm):
    """What an engineer reads."""
    return contents(firm, *NAMES)


@pytest.fixture(scope="module")
def ada_asks(firm):
    """What the account manager of Wang and Anna reads of them, and is told who asks for Žofie."""
    contexts = [firm.seen_by(account=account, **ADA) for account in NAMES]
    each = account_contents(firm.tables, contexts)
    found = {"wang": next(each), "anna": next(each)}
    with pytest.raises(ValueError) as refusal:
        next(each)
    return found, str(refusal.value)


@pytest.fixture(scope="module")
def told_to_ada(ada_asks):
    return ada_asks[0]


ADA = {
    "role": DEFAULT_ROLES["account_manager"],
    "role_name": "account_manager",
    "recipient": "ada@example.com",
}


def document(firm, content, locale="en", **reader):
    context = firm.seen_by(account=content.customer_id, locale=locale, **reader)
    return account_document(content, context, Wording(locale, "EUR", TEXTS))


def blocks(made, kind):
    every = []
    for section in made.sections:
        for block in section.blocks:
            every += [block.left, block.right] if isinstance(block, Pair) else [block]
    return [block for block in every if isinstance(block, kind)]


def notes(made):
    return [note.text for note in blocks(made, Note)]


def words(value):
    """Every text within a document, whatever block it stands in."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return words([getattr(value, field.name) for field in fields(value)])
    if isinstance(value, list | tuple):
        return [word for one in value for word in words(one)]
    return []


def test_names_in_all_scripts_head_their_reports(firm, told):
    assert {account: content.name for account, content in told.items()} == NAMES
    for account, name in NAMES.items():
        made = document(firm, told[account])
        assert made.title == name
        assert made.footer == f"Northwind · {name} · July 2024"


def test_the_customers_facts_stand_below_the_name_in_the_readers_words(firm, told):
    assert document(firm, told["wang"]).facts == (
        ("Country", "China"),
        ("Looked after by", "ada@example.com"),
        ("Known since", "Jun 1, 2023"),
        ("E-mail", "wang@example.org"),
        ("Segment: Behaviour", "Frequent, high value"),
        ("Segment: RFM", "Champions"),
        ("Customer", "wang"),
    )
    chinese = dict(document(firm, told["wang"], "zh").facts)
    assert chinese["国家"] == "中国"
    assert chinese["RFM分群"] == "冠军客户"
    assert chinese["行为分群"] == "购买频繁、高价值"


def test_segments_of_a_later_day_than_the_month_say_their_day(firm, told):
    for day, english, chinese in (
        (date(2024, 8, 3), "Champions (as of Aug 3, 2024)", "冠军客户（截至2024年8月3日）"),
        (date(2024, 7, 31), "Champions", "冠军客户"),
    ):
        of_day = replace(told["wang"], segments=(("rfm", "Champions", day),))
        assert dict(document(firm, of_day).facts)["Segment: RFM"] == english
        assert dict(document(firm, of_day, "zh").facts)["RFM分群"] == chinese


def test_figures_count_what_was_bought_until_the_end_of_the_month(told):
    own = told["wang"].own
    assert (own.value, own.orders) == (1130.0, 3)
    assert own.order_value == pytest.approx(1150.5 / 3)
    assert own.last_on == date(2024, 7, 20)
    assert (own.recency_days, own.tenure_days) == (11, 397)


def test_figures_stand_beside_the_median_of_all_who_bought(firm, told):
    median = told["anna"].median
    assert (median.value, median.orders, median.order_value) == (200, 2, 200)
    assert (median.recency_days, median.tenure_days) == (30, 61)
    figures = blocks(document(firm, told["anna"]), Figures)[0].figures
    assert [(one.label, one.note) for one in figures] == [
        ("Net value", "Median customer: €200.00"),
        ("Orders", "Median customer: 2"),
        ("Average order", "Median customer: €200.00"),
        ("Last purchase", ""),
        ("Since last purchase", "Median customer: 30 days"),
        ("Customer for", "Median customer: 61 days"),
    ]


def test_the_course_is_thirteen_months_of_net_value_the_last_being_the_reports(told):
    wang = told["wang"]
    spent = {month: value for month, value in zip(wang.months, wang.spent, strict=True) if value}
    assert spent == {date(2024, 3, 1): 100.0, date(2024, 7, 1): 30.0}
    assert (wang.months[0], wang.months[-1], len(wang.months)) == (
        date(2023, 7, 1), date(2024, 7, 1), 13,
    )  # fmt: skip


def test_the_timeline_is_latest_first_on_the_organisations_clocks_and_ends_with_the_month(told):
    wang = told["wang"]
    assert [(one.occurred_at, one.kind) for one in wang.activities[:2]] == [
        (datetime(2024, 7, 31, 23, 30), "visit"),
        (datetime(2024, 7, 25, 12, 0), "refund"),
    ]
    moments = [one.occurred_at for one in wang.activities]
    assert moments == sorted(moments, reverse=True)
    # Three sales, two visits, four tickets and two answers; none of August.
    assert wang.activity_count == len(moments) == 3 + 2 + 4 + 2
    assert wang.activities[1].amount == Decimal("-20.50")
    assert wang.activities[-1].title == "About wang-2023-06-30"
    assert dict(wang.kinds)["visit"][-2:] == (0, 2)


def test_open_tickets_are_the_customers_own_that_nobody_solved_or_closed(told):
    wang = told["wang"]
    assert [(one.subject, one.age_days) for one in wang.open_tickets] == [
        (None, 17),
        ("Paket fehlt", 20),
    ]
    assert wang.open_ticket_count == 2
    assert [one.subject for one in told["anna"].open_tickets] == ["Anna's"]


def test_a_ticket_without_a_subject_shows_its_topic_and_a_score_its_scale(firm, told):
    tickets, answers = blocks(document(firm, told["wang"]), Table)
    assert [row[1] for row in tickets.rows] == ["delivery", "Paket fehlt"]
    assert [row[2:] for row in answers.rows] == [(None, None), ("9 on 0 to 10", "Très bien")]
    assert answers.columns[-1].title == "What was said"


def test_an_account_manager_reads_no_country_and_no_free_text(firm, told_to_ada):
    wang = told_to_ada["wang"]
    assert (wang.name, wang.email, wang.country) == ("王伟", "wang@example.org", None)
    assert wang.own.value == 1130.0
    assert {one.title for one in wang.activities} == {None}
    assert {one.subject for one in wang.open_tickets} == {None}
    assert {one.text for one in wang.answers} == {None}
    made = document(firm, wang, **ADA)
    assert "Country" not in dict(made.facts)
    said = " ".join(words(made))
    for hidden in ("China", "About ", "Paket", "Très bien", "What was said"):
        assert hidden not in said, hidden
    assert (
        "Not shown to the role account_manager: country and other personal traits, "
        "what customers wrote and titles of activities."
    ) in notes(made)


def test_a_timeline_knows_whether_any_event_has_a_text(firm, told, told_to_ada):
    assert blocks(document(firm, told["wang"]), Timeline)[0].has_texts
    assert not blocks(document(firm, told_to_ada["wang"], **ADA), Timeline)[0].has_texts


def test_an_account_managers_medians_are_of_the_own_customers(told_to_ada):
    # Wang's 1130 and Anna's 200, without Grace's Žofie.
    assert told_to_ada["anna"].median.value == 665


def test_who_may_not_see_money_reads_none_at_all(firm):
    reader = {"role": Role(see=("contact", "free_text")), "role_name": "desk"}
    wang = contents(firm, "wang", **reader)["wang"]
    assert (wang.own.value, wang.own.order_value, wang.spent) == (None, None, None)
    assert (wang.median.value, wang.median.order_value) == (None, None)
    assert {one.amount for one in wang.activities} == {None}
    made = document(firm, wang, **reader)
    assert [one.label for one in blocks(made, Figures)[0].figures] == [
        "Orders", "Last purchase", "Since last purchase", "Customer for",
    ]  # fmt: skip
    assert not [word for word in words(made) if "€" in word]
    assert "Net value by month" not in words(made)


def test_who_may_not_see_contacts_reads_a_number_for_a_name(firm):
    reader = {"role": Role(see=("financial",)), "role_name": "ledger"}
    wang = contents(firm, "wang", **reader)["wang"]
    assert (wang.name, wang.email, wang.owner) == (None, None, None)
    made = document(firm, wang, **reader)
    assert made.title == "Customer wang"
    assert not [word for word in words(made) if "@" in word or "王" in word]


def test_an_account_of_somebody_else_is_refused_as_one_that_does_not_exist(ada_asks):
    assert ada_asks[1].startswith(
        "account zofie does not exist, or the role account_manager may not see it"
    )
    assert "Dvořáková" not in ada_asks[1]


def test_a_role_that_sees_aggregates_gets_no_report_about_an_account(firm):
    executive = DEFAULT_ROLES["executive"]
    context = firm.seen_by(account="wang", role=executive, role_name="executive")
    with pytest.raises(NotVisible, match="executive sees aggregates only"):
        render("account_activity", firm.tables, context, ["html"])
    with pytest.raises(ValueError, match="name its customer_id"):
        render("account_activity", firm.tables, firm.context, ["html"])


def test_accounts_are_picked_by_value_or_by_an_expression(firm):
    assert accounts_for(None, firm.tables) == ["wang", "anna", "zofie"]
    assert accounts_for("segment == 'Champions'", firm.tables) == ["wang"]
    assert accounts_for("country in ['RU', 'CZ']", firm.tables) == ["anna", "zofie"]


def test_data_of_the_future_move_no_day(firm, told):
    assert told["wang"].as_of == date(2024, 8, 3)
    made = document(firm, told["wang"])
    assert made.as_of == date(2024, 8, 3)
    assert "2999" not in made.as_of_text


def test_a_company_with_nothing_but_an_id_says_what_each_part_lacks(warehouse_of):
    firm = warehouse_of({"customers": [{"customer_id": "x1", "kind": "person"}]})
    content = contents(firm, "x1")["x1"]
    made = document(firm, content)
    assert (made.title, made.facts) == ("Customer x1", (("Customer", "x1"),))
    assert made.as_of_text == "No data yet"
    told = " ".join(notes(made))
    for lacking in (
        "No names and e-mail addresses yet", "No orders yet", "No tickets yet", "No feedback yet",
        "No activity is known of this customer",
    ):  # fmt: skip
        assert lacking in told, lacking
    assert not blocks(made, (Figures, Table, Timeline))
    assert "尚无订单" in " ".join(notes(document(firm, content, "zh")))


@pytest.fixture(scope="module")
def shop(warehouse_of):
    """Data end on 16 July. Anna did nothing, Wang bought long ago, Žofie is in touch all day."""
    busy = [
        event("zofie", f"2024-07-{1 + n % 28:02d} {n // 28:02d}:00", "message", f"m{n}")
        for n in range(60)
    ]
    tickets = [ticket(f"t{n}", f"2024-07-{n + 1:02d} 08:00", "open") for n in range(12)]
    busy += [
        event("zofie", str(t["opened_at"]), "ticket", t["record_id"], source="desk")
        for t in tickets
    ]
    sales = [
        sale("wang", "2022-01-01", "9"), sale("zofie", "2024-07-10", "9"),
        sale(None, "2024-07-16", "9"),
    ]  # fmt: skip
    return warehouse_of(
        {
            "customers": PEOPLE, "sales": sales, "activities": busy, "tickets": tickets,
            "feedback": ANSWERS,
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def told_of_shop(shop):
    return contents(shop, *NAMES)


def test_a_customer_who_did_nothing_is_told_apart_from_data_that_are_missing(shop, told_of_shop):
    wang, anna = (notes(document(shop, told_of_shop[account])) for account in ("wang", "anna"))
    assert "This customer has not bought anything yet." in anna
    assert "Nothing was bought between July 2023 and July 2024." in wang
    for told in (wang, anna):
        assert "No ticket is open." in told
        assert "This customer has given no feedback." in told
        assert not [one for one in told if one.startswith("No orders yet")]


def test_of_a_busy_customer_the_latest_are_shown_and_the_rest_counted(shop, told_of_shop):
    made = document(shop, told_of_shop["zofie"])
    timeline, table = blocks(made, Timeline)[0], blocks(made, Table)[0]
    assert len(timeline.entries) == 50
    assert timeline.more == "The latest 50 of 72 activities; 22 earlier ones are not shown."
    assert len(table.rows) == 10
    assert table.more == "2 more open tickets."
    assert table.rows[0][0] == date(2024, 7, 12)


def test_days_are_counted_to_the_last_day_of_data_where_the_month_is_not_over(told_of_shop):
    zofie = told_of_shop["zofie"]
    assert (zofie.as_of, zofie.own.recency_days) == (date(2024, 7, 16), 6)
    assert zofie.open_tickets[0].age_days == 4


def test_every_kind_of_activity_has_a_name_a_colour_and_a_place_in_the_chart(firm, told):
    column = next(one for one in catalogue.columns("activities") if one.name == "kind")
    assert set(HUE_OF) == set(column.allowed)
    for language in ("en", "zh"):
        wording = Wording(language, "EUR", TEXTS)
        assert all(wording.optional(f"kind.{kind}") for kind in column.allowed), language
    chart = blocks(document(firm, told["wang"]), object)
    chart = next(one for one in chart if getattr(one, "title", "") == "Activity by month")
    totals = {one.name: sum(one.values) for one in chart.series}
    # Ordered by count; the fifth kind keeps its name, as it is the only one left.
    assert totals == {"Ticket": 4, "Feedback": 2, "Visit": 2, "Order": 1, "Refund": 1}


def test_both_languages_have_the_same_texts_with_the_same_gaps():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
    for key, text in TEXTS["en"].items():
        assert gaps(text) == gaps(TEXTS["zh"][key]), key


def gaps(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}
