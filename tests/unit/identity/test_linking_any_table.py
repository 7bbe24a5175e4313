"""Tables as they come: in any order, under any names of sources, empty, huge values, hostile."""

import time

import pytest

from aar_platform.tables import catalogue
from tests.unit.identity.linking_runs import run_linking
from tests.unit.identity.ordinary_people import ordinary_people

HOSTILE = [
    "O'Brien",
    'Robert"); drop table contacts; --',
    "\\x41\\' or 1=1",
    "100% _any_ %s {0} $1 :x ?",
    "\x00\x01\x1f\x7f\x1b[31m",
    "line\nbreak\ttab\rreturn",
    "👩‍👩‍👧‍👦🧑🏽‍🚀",
    "\u202eמשה\u202c محمد",
    "\ud7ff\ue000\ufffd\ufeff",
    "e" + "\u0301" * 200,
    "(((((",
    "[a-z]{1,999}+*",
    "null",
    "   ",
    "",
]
TEXTS = (
    "full_name",
    "given_name",
    "family_name",
    "email",
    "phone",
    "street",
    "city",
    "region",
    "postcode",
    "country",
    "national_id",
    "external_ids",
)


@pytest.mark.long
def test_neither_the_order_of_rows_nor_the_names_of_sources_change_who_is_who():
    people = ordinary_people(1750, seed=31, twice=0.15)
    groups = run_linking(contacts=people).groups()
    assert len(groups) < len(people)
    assert run_linking(contacts=people[::-1]).groups() == groups
    names = {"crm": "zeta", "shop": "alpha"}
    renamed = [row | {"source": names[row["source"]]} for row in people]
    assert run_linking(contacts=renamed).groups() == groups


def test_without_tables_there_are_no_customers():
    run = run_linking()
    for name, rows in run.tables.items():
        assert rows.num_rows == 0, name
        assert rows.column_names == catalogue.column_names(name)


@pytest.mark.parametrize(
    "names", [["contacts"], ["companies"], ["contacts", "companies", "orders"]]
)
def test_empty_tables_have_no_customers(names):
    run = run_linking(**{name: [] for name in names})
    assert all(rows.num_rows == 0 for rows in run.tables.values())


def test_a_record_alone_is_a_customer_and_one_more_run_leaves_it_so():
    rows = [{"contact_id": "1", "full_name": "Ann Lee", "email": "ann@lee.example"}]
    first = run_linking(contacts=rows)
    assert len(first.customers) == 1
    assert run_linking(first, contacts=rows).customers == first.customers


def test_a_table_that_has_become_empty_has_no_customers_and_one_that_was_empty_can_fill():
    rows = [
        {"contact_id": str(number), "full_name": "Ann Lee", "phone": "+4922112345690"}
        for number in (1, 2)
    ]
    empty = run_linking(contacts=[])
    filled = run_linking(empty, contacts=rows)
    assert len(filled.customers) == 2
    assert run_linking(filled, contacts=[]).customers == {}


def test_two_identical_records_are_one_customer():
    (row,) = ordinary_people(1, seed=32)
    run = run_linking(contacts=[row | {"email": None}, row | {"contact_id": "z", "email": None}])
    assert run.are_one("a0", "z"), run.pairs_of("a0", "z")


@pytest.mark.parametrize("column", ["phone", "family_name", "country"])
def test_a_column_that_is_wholly_null_does_no_harm(column):
    people = [row | {column: None} for row in ordinary_people(80, seed=33, twice=0.3)]
    run = run_linking(contacts=people)
    again = [one for one in run.customers if one[0] == "b"]
    assert len([one for one in again if run.are_one(one, "a" + one[1:])]) >= 0.8 * len(again)


def test_records_that_say_nothing_are_nobody_else():
    rows = [{"contact_id": str(number)} for number in range(50)]
    assert run_linking(contacts=rows).are_all_apart(*(row["contact_id"] for row in rows))


def test_ten_thousand_records_with_one_phone_neither_link_nor_take_long():
    people = ordinary_people(10_000, seed=34)
    rows = [
        {name: row[name] for name in ("contact_id", "source", "given_name", "family_name")}
        | {"phone": "+498001234567"}
        for row in people
    ]
    start = time.process_time()
    run = run_linking(contacts=rows)
    assert time.process_time() - start < 15
    # The same name and a number that everybody has are no identity.
    assert len(run.groups()) > 9_900, len(run.groups())


def test_names_of_ten_thousand_characters_neither_fail_nor_take_long():
    rows = [
        {
            "contact_id": str(number),
            "full_name": letter * 10_000,
            "street": f"{letter} {number} " * 2_000,
            "email": f"{letter * 5_000}@long.example",
            "phone": "1" * 10_000,
        }
        for number, letter in enumerate(["a", "b ", "张", "é", "🧑", "'", "\\", "a "] * 3)
    ]
    companies = [{"company_id": f"k{row['contact_id']}", "name": row["full_name"]} for row in rows]
    start = time.process_time()
    run = run_linking(contacts=rows, companies=companies)
    assert time.process_time() - start < 20
    assert len(run.customers) == 2 * len(rows)


def test_hostile_text_is_text():
    rows = [
        {"contact_id": f"{number}", **dict.fromkeys(TEXTS, text)}
        for number, text in enumerate(HOSTILE)
    ]
    strange = [
        {"contact_id": text + "!", "source": text or "s", "full_name": "Ann Lee", "city": "Ulm"}
        for text in HOSTILE
    ]
    companies = [
        {"company_id": f"k{number}", "name": text, "domain": text, "phone": text}
        for number, text in enumerate(HOSTILE)
    ]
    people = ordinary_people(40, seed=35) + rows + strange
    first = run_linking(contacts=people, companies=companies)
    assert len(first.customers) == len(people) + len(companies)
    assert run_linking(first, contacts=people, companies=companies).customers == first.customers
