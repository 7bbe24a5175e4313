"""What the account activity report says of why records are one customer, and to whom."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from aar_platform.identity.explained_links import ComparedPair, LinkedRecord
from aar_platform.identity.explained_values import ChosenValue, Said
from aar_platform.identity.explanation import Explanation
from aar_platform.operations.decisions import Record
from aar_platform.privacy.roles import Role
from aar_platform.reports.templates.account_activity.content import account_contents
from aar_platform.reports.templates.account_activity.origin import RECORDS_SHOWN, origin_section
from aar_platform.reports.templates.account_activity.pages import account_document
from aar_platform.reports.templates.account_activity.texts import TEXTS
from aar_platform.reports.wording import Wording
from aar_platform.tables import catalogue

CRM, SHOP = Record("crm", "contacts", "17"), Record("shop", "contacts", "4711")
ORDER = Record("shop", "orders", "9")


def linked(record, method="rule", probability=1.0, at=datetime(2024, 7, 31, 22, 30)):
    return LinkedRecord(record, record.object, at, method, probability, datetime(2024, 1, 1))


NAME = ChosenValue(
    "name",
    {"full_name": "Ann Lee"},
    CRM,
    "most_recent",
    2,
    (Said({"full_name": "A. Li"}, (SHOP,)),),
)
TOLD = Explanation(
    customer_id="c1",
    kind="person",
    display_name="Ann Lee",
    records=(linked(CRM), linked(ORDER), linked(SHOP, "probabilistic", 0.99996)),
    pairs=(ComparedPair(CRM, SHOP, "probabilistic", 14.6, 0.99996, "linked", "similar", None),),
    values=(
        NAME,
        ChosenValue("address", {"city": "Bonn", "country": "DE"}, SHOP, "only", 1, ()),
        ChosenValue("birth_date", {"birth_date": date(1980, 1, 2)}, SHOP, "only", 1, ()),
        ChosenValue("company_id", {"company_id": "c2"}, CRM, "only", 1, ()),
    ),
    history=(),
)


def tables(told, locale="en"):
    section = origin_section(told, Wording(locale, "EUR", TEXTS), "Europe/Paris")
    assert section is not None
    return section.blocks


def test_records_stand_with_what_links_them_those_that_systems_keep_first():
    records, _ = tables(TOLD)
    # The first of August in Paris.
    day = date(2024, 8, 1)
    assert records.rows == (
        ("crm", "Contact", "17", "Much in common (99.9%)", day),
        ("shop", "Contact", "4711", "Much in common (99.9%)", day),
        ("shop", "Order", "9", "A number or address in common", day),
    )


def test_what_links_a_record_is_the_reason_of_its_strongest_pair():
    pairs = (
        ComparedPair(CRM, ORDER, "rule", 20.0, 1.0, "linked", "same_email", None),
        *TOLD.pairs,
        ComparedPair(SHOP, ORDER, "rule", 25.0, 1.0, "review", "declared_id", None),
    )
    records, _ = tables(replace(TOLD, pairs=pairs))
    linked_by = [row[3] for row in records.rows]
    assert linked_by == ["Same e-mail address", "Much in common (99.9%)", "Same e-mail address"]


def test_values_stand_with_source_reason_and_the_other_values():
    _, values = tables(TOLD)
    assert values.rows == (
        ("Name", "Ann Lee", "crm", "Changed last", "A. Li (shop)"),
        ("Address", "Bonn, Germany", "shop", "No other is known", None),
        ("Date of birth", "Jan 2, 1980", "shop", "No other is known", None),
    )
    _, values = tables(TOLD, "zh")
    assert values.rows[0] == ("姓名", "Ann Lee", "crm", "最近更改", "A. Li（shop）")
    assert values.rows[1][1] == "Bonn, 德国"


def test_where_all_records_agree_there_is_no_column_for_other_values():
    _, values = tables(replace(TOLD, values=TOLD.values[1:]))
    assert len(values.columns) == len(values.rows[0]) == 4


def test_a_value_of_which_nothing_may_be_seen_has_no_row():
    told = replace(TOLD, values=(replace(NAME, parts={}, losing=()), TOLD.values[1]))
    _, values = tables(told)
    assert [row[0] for row in values.rows] == ["Address"]


def test_of_many_records_the_first_are_shown_and_the_rest_counted_and_long_ids_shortened():
    many = tuple(linked(Record("web", "orders", f"{n:060d}")) for n in range(RECORDS_SHOWN + 3))
    records, _ = tables(replace(TOLD, records=many))
    assert (len(records.rows), records.shown, records.more) == (15, 12, "3 more records.")
    assert {len(row[2]) for row in records.rows} == {36}


def test_a_customer_of_one_record_has_no_such_part():
    one = replace(TOLD, records=TOLD.records[:1])
    assert origin_section(one, Wording("en", "EUR", TEXTS), "UTC") is None


def test_every_field_rule_method_and_table_has_words_in_both_languages():
    allowed = {c.name: c.allowed for c in catalogue.columns("customer_values")}
    wanted = [f"choice.{rule}" for rule in allowed["rule"]]
    wanted += [f"field.{field}" for field in allowed["field"] if field != "company_id"]
    methods = {c.name: c.allowed for c in catalogue.columns("customer_links")}["method"]
    wanted += [f"method.{method}" for method in methods]
    for locale in ("en", "zh"):
        assert [key for key in wanted if key not in TEXTS[locale]] == []


@pytest.fixture(scope="module")
def firm(warehouse_of):
    contacts = [
        {"source": "crm", "record_id": "17", "contact_id": "17", "full_name": "Ann Lee",
         "email": "ann@x.org", "birth_date": date(1980, 1, 2)},
        {"source": "shop", "record_id": "4711", "contact_id": "4711", "full_name": "A. Li"},
    ]  # fmt: skip
    customer = {"customer_id": "c1", "kind": "person", "display_name": "Ann Lee",
                "email": "ann@x.org", "birth_date": date(1980, 1, 2), "owner": "ada@example.com",
                "sources": "crm,shop", "record_count": 2}  # fmt: skip
    links = [
        {**record._asdict(), "customer_id": "c1", "method": "rule", "match_probability": 1.0,
         "linked_at": datetime(2024, 1, 1)}
        for record in (CRM, SHOP)
    ]  # fmt: skip
    values = [
        {"customer_id": "c1", "field": field, **CRM._asdict(), "rule": rule, "candidates": 2}
        for field, rule in (("name", "first"), ("email", "only"), ("birth_date", "only"))
    ]
    return warehouse_of(
        {"contacts": contacts, "customers": [customer], "customer_links": links,
         "customer_values": values}
    )  # fmt: skip


def shown_to(firm, *see):
    context = firm.seen_by(account="c1", role=Role(see=see), role_name="reader")
    (content,) = account_contents(firm.tables, [context])
    made = account_document(content, context, Wording("en", "EUR", TEXTS))
    return [one for one in made.sections if one.title == TEXTS["en"]["section.origin"]]


def test_it_is_there_only_for_roles_that_see_contact_data(firm):
    (section,) = shown_to(firm, "aggregate", "contact")
    assert [row[0] for row in section.blocks[1].rows] == ["Name", "E-mail"]
    (section,) = shown_to(firm, "contact", "quasi")
    assert ("Date of birth", "Jan 2, 1980") in [row[:2] for row in section.blocks[1].rows]
    assert section.blocks[1].rows[0][-1] == "A. Li (shop)"
    assert shown_to(firm, "aggregate", "quasi", "financial", "free_text") == []
