"""The data entry report: what it counts, and what it keeps from whom."""

import re
from datetime import datetime

import pytest

from aar_platform.privacy.roles import DEFAULT_ROLES, Role
from aar_platform.quality.rules import rules_of
from aar_platform.reports.render import render
from aar_platform.reports.rules import kind_of_rule
from aar_platform.reports.templates.data_entry.content import data_entry_content
from aar_platform.reports.templates.data_entry.texts import TEXTS
from aar_platform.tables import catalogue

AT = datetime(2024, 7, 2)


def entry(person, rule, column, outcome, records, of=200, is_convention=False, source="crm"):
    return {
        "source": source, "object": "contacts", "entered_by": person, "rule": rule,
        "column_name": column, "outcome": outcome, "records": records, "records_entered": of,
        "share_of_records": records / of, "is_convention": is_convention,
    }  # fmt: skip


def disagreement(fact, customer, one, other):
    return {
        "fact": fact, "customer_id": customer, "object_1": "contacts", "source_1": "crm",
        "record_id_1": f"a{customer}", "value_1": one, "object_2": "contacts", "source_2": "shop",
        "record_id_2": f"b{customer}", "value_2": other, "found_at": AT,
    }  # fmt: skip


def reliability(source, table, score, records, failures=0):
    return {
        "source": source, "object": table, "as_of": AT, "pulls": 30, "failures": failures,
        "last_pulled_at": AT, "data_until": AT, "lateness_hours": 5.0, "records": records,
        "refused_share": 0.01, "repaired_share": 0.02, "disagreements_share": 0.03, "score": score,
    }  # fmt: skip


@pytest.fixture(scope="module")
def firm(warehouse_of):
    """Ada makes more slips than Grace; two systems disagree on two customers and an order."""
    return warehouse_of(
        {
            "entry_quality": [
                entry("ada@example.com", "impossible_email", "email", "left_out", 8),
                entry("ada@example.com", "missing_day", "day", "refused", 2),
                entry("grace@example.com", "impossible_email", "email", "left_out", 3),
                entry(None, "stray_blanks", "email", "repaired", 40, 1000, source="shop"),
                entry(None, "phone_e164", "phone", "repaired", 900, 1000, True, source="shop"),
            ],
            "source_reliability": [
                reliability("ads", "campaigns", None, 0),
                reliability("crm", "contacts", 61.5, 400, failures=2),
                reliability("shop", "contacts", 97.0, 1000),
            ],
            "disagreements": [
                disagreement("email", "c1", "secret1@example.org", "secret2@example.org"),
                disagreement("email", "c2", "secret3@example.org", "secret4@example.org"),
                disagreement("order_total", None, "123.45 EUR", "67.89 EUR"),
            ],
            "customers": [
                {"customer_id": "c1", "kind": "person", "owner": "ada@example.com"},
                {"customer_id": "c2", "kind": "person", "owner": "grace@example.com"},
            ],
        }
    )


def said(page):
    return re.sub(r"(?s)<style.*?</style>|<[^>]+>", " ", page.decode())


def test_slips_of_all_people_add_up_by_rule_and_refusals_come_first(firm):
    content = data_entry_content(firm.tables, firm.context)
    told = [(one.rule, one.source, one.outcome, one.records) for one in content.lessons]
    assert told == [
        ("missing_day", "crm", "refused", 2),
        ("impossible_email", "crm", "left_out", 11),
        ("stray_blanks", "shop", "repaired", 40),
    ]
    assert content.lessons[1].share == pytest.approx(11 / 400)


def test_what_a_system_writes_throughout_is_set_apart(firm):
    content = data_entry_content(firm.tables, firm.context)
    assert [(one.rule, one.records) for one in content.conventions] == [("phone_e164", 900)]
    assert all(person.rule != "phone_e164" for person in content.people)


def test_who_makes_most_slips_comes_first_with_the_most_frequent_one(firm):
    people = data_entry_content(firm.tables, firm.context).people
    assert [(one.name, one.slips) for one in people] == [
        ("ada@example.com", 10), ("grace@example.com", 3), (None, 40),
    ]  # fmt: skip
    assert (people[0].rule, people[0].refused, people[0].left_out) == ("impossible_email", 2, 8)


def test_the_least_reliable_source_comes_first_and_one_that_brought_nothing_last(firm):
    sources = data_entry_content(firm.tables, firm.context).sources
    assert [(one.source, one.failures) for one in sources] == [("crm", 2), ("shop", 0), ("ads", 0)]


def test_an_engineer_reads_names_and_both_values(firm):
    page = said(render("data_entry", firm.tables, firm.context, ["html"])["html"])
    for text in ("ada@example.com", "secret1@example.org", "secret4@example.org", "123.45 EUR"):
        assert text in page


def test_an_executive_reads_counts_by_source_and_no_name_nor_value(firm):
    context = firm.seen_by(role=DEFAULT_ROLES["executive"], role_name="executive")
    made = render("data_entry", firm.tables, context, ["html", "xlsx", "pdf"])
    page = said(made["html"])
    assert "Impossible e-mail" in page
    assert not re.search(r"\S+@\S+|EUR", page)
    content = data_entry_content(firm.tables, context)
    assert (content.people, content.disagreements) == ((), ())
    assert [(one.fact, one.count) for one in content.differing] == [
        ("email", 2),
        ("order_total", 1),
    ]


def test_who_may_see_no_amounts_reads_no_order_totals(firm):
    role = Role(see=("aggregate", "contact"))
    told = data_entry_content(firm.tables, firm.seen_by(role=role)).disagreements
    assert {one.fact for one in told} == {"email"}


def test_an_account_manager_reads_the_own_slips_and_the_own_customers(firm):
    context = firm.seen_by(
        role=DEFAULT_ROLES["account_manager"],
        role_name="account_manager",
        recipient="Ada@example.com",
    )
    content = data_entry_content(firm.tables, context)
    assert {one.name for one in content.people} == {"ada@example.com"}
    assert (content.sources, content.is_whole) == ((), False)
    context = firm.seen_by(role=DEFAULT_ROLES["account_manager"], recipient="ada@example.com")
    told = data_entry_content(firm.tables, context).disagreements
    assert [one.value_1 for one in told] == ["secret1@example.org"]
    page = said(render("data_entry", firm.tables, context, ["html"])["html"])
    assert "grace@example.com" not in page
    assert "secret3@example.org" not in page


def test_a_partner_reads_nothing_of_the_organisations_entries(firm):
    partner = Role(see=("aggregate",), rows="region in recipient.regions", smallest_group=10)
    context = firm.seen_by(role=partner, recipient="p@example.com", regions=("North",))
    content = data_entry_content(firm.tables, context)
    assert (content.lessons, content.sources, content.disagreements) == ((), (), ())


@pytest.mark.parametrize("locale", ["en", "zh", "de"])
def test_it_is_rendered_in_every_format_and_language(firm, locale):
    made = render("data_entry", firm.tables, firm.seen_by(locale=locale), ["html", "pdf", "xlsx"])
    assert made["pdf"].startswith(b"%PDF")
    assert made["xlsx"].startswith(b"PK")
    assert ("数据录入报告" in made["html"].decode()) == (locale == "zh")
    again = render("data_entry", firm.tables, firm.seen_by(locale=locale), ["html", "pdf", "xlsx"])
    assert made == again


def test_without_data_it_says_what_is_missing(newcomer):
    page = said(render("data_entry", newcomer.tables, newcomer.context, ["html"])["html"])
    assert "No source has been read yet" in page
    assert "Nothing was refused" in page


def test_every_rule_has_an_advice_in_both_languages():
    for language, texts in TEXTS.items():
        for table in catalogue.CORE:
            for rule in rules_of(table):
                kind = kind_of_rule(rule.name, rule.column)
                assert f"advice.{kind}" in texts, (language, kind)


def test_both_languages_have_the_same_texts():
    assert TEXTS["en"].keys() == TEXTS["zh"].keys()
