"""People and companies that everybody would tell apart, or know for one: each case alone in a
table, and all of them among two thousand ordinary people."""

from datetime import date
from typing import Any

import pytest

from tests.unit.identity.conftest import Rows
from tests.unit.identity.linking_runs import Run, run_linking
from tests.unit.identity.ordinary_people import ordinary_people

Case = list[dict[str, Any]]
BORN = date(1984, 7, 21)
HOME = {"street": "Tannenstrasse 12", "postcode": "50667", "city": "Koeln", "country": "DE"}

ONE_CUSTOMER: dict[str, Case] = {
    "a Chinese name and its pinyin with one phone": [
        {"full_name": "张伟", "phone": "+8613812345671"},
        {"full_name": "Zhang Wei", "phone": "+8613812345671"},
    ],
    "a Chinese name and its pinyin in parts with one phone and country": [
        {"family_name": "李", "given_name": "娜", "phone": "+8613912345672", "country": "CN"},
        {"given_name": "Na", "family_name": "Li", "phone": "+8613912345672", "country": "CN"},
    ],
    "an umlaut written out with one birth date": [
        {"family_name": "Müller", "given_name": "Jürgen", "birth_date": BORN},
        {"family_name": "Mueller", "given_name": "Juergen", "birth_date": BORN},
        {"family_name": "MULLER", "given_name": "JURGEN", "birth_date": BORN},
    ],
    "a family name in three spellings with one birth date and no given name": [
        {"family_name": "Müller", "birth_date": date(1991, 3, 30)},
        {"family_name": "Mueller", "birth_date": date(1991, 3, 30)},
        {"family_name": "MULLER", "birth_date": date(1991, 3, 30)},
    ],
    "a nickname with one phone": [
        {"given_name": "Bob", "family_name": "Whitfield", "phone": "+441632960123"},
        {"given_name": "Robert", "family_name": "Whitfield", "phone": "+441632960123"},
    ],
    "a short form of another language with one e-mail and phone": [
        {
            "given_name": name,
            "family_name": "Barrientos",
            "email": "jose.barrientos@correo.example",
            "phone": "+34911234567",
        }
        for name in ("José", "Pepe")
    ],
    "an address in one line and the same in parts": [
        {"full_name": "Mira Oelze", "street": "Tannenstraße 12, 50667 Köln", "country": "DE"},
        {"given_name": "Mira", "family_name": "Oelze", **HOME},
    ],
    "a woman's name in two spellings with one birth date and phone": [
        {
            "given_name": name,
            "family_name": "Ostrowsky",
            "birth_date": BORN,
            "phone": "+4922112345681",
            **HOME,
        }
        for name in ("Helen", "Helena")
    ],
    "given and family name exchanged with one e-mail": [
        {"given_name": "Torben", "family_name": "Ahlers", "email": "t99@posteo.example"},
        {"given_name": "Ahlers", "family_name": "Torben", "email": "t99@posteo.example"},
    ],
    "a changed e-mail with one phone and address": [
        {
            "given_name": "Mira",
            "family_name": "Oelze",
            "email": "mira.oelze@uni.example",
            "phone": "+4922112345673",
            **HOME,
        },
        {
            "given_name": "Mira",
            "family_name": "Oelze",
            "email": "moelze@firma.example",
            "phone": "+4922112345673",
            **HOME,
        },
    ],
}

SEVERAL_CUSTOMERS: dict[str, Case] = {
    "one name and nothing else": [
        {"full_name": "王伟"},
        {"full_name": "王伟"},
    ],
    "one name in one country": [
        {"full_name": "李伟", "country": "CN"},
        {"full_name": "李伟", "country": "CN"},
    ],
    "one name with different phones": [
        {"full_name": "王芳", "phone": "+8613512345674"},
        {"full_name": "王芳", "phone": "+8613698765432"},
    ],
    "one name with different e-mails": [
        {"full_name": "李秀英", "email": "plum88@qq.com"},
        {"full_name": "李秀英", "email": "tiger@163.com"},
    ],
    "one name in different cities": [
        {"full_name": "张敏", "city": "上海", "country": "CN"},
        {"full_name": "张敏", "city": "成都", "country": "CN"},
    ],
    "one name in one big city": [
        {"full_name": "刘洋", "city": "北京", "country": "CN"},
        {"full_name": "刘洋", "city": "北京", "country": "CN"},
    ],
    "info@ and a switchboard": [
        {"full_name": "Nadja Petrosyan", "email": "info@werk.example", "phone": "+493012345675"},
        {"full_name": "Ruben Oduya", "email": "info@werk.example", "phone": "+493012345675"},
    ],
    "a family": [
        {"given_name": name, "family_name": "Brinkmann", "phone": "+4922112345676", **HOME}
        for name in ("Karin", "Dieter", "Svenja", "Malte")
    ],
    "twins": [
        {
            "given_name": name,
            "family_name": "Osterloh",
            "birth_date": date(2001, 5, 17),
            "phone": "+4922112345677",
        }
        for name in ("Tabea", "Ronja")
    ],
    "father and son of one name": [
        {
            "given_name": "Eckhard",
            "family_name": "Wiesinger",
            "birth_date": born,
            "street": "Amselgrund 3",
            "postcode": "34117",
            "city": "Kassel",
        }
        for born in (date(1951, 2, 3), date(1983, 11, 28))
    ],
    "one initial and family names alike in one city": [
        {"full_name": "K. Smnth", "email": "katherine78@one.example", "city": "Koeln"},
        {"full_name": "K. Smsith", "email": "karsten293@two.example", "city": "Koeln"},
    ],
    "Chinese names that are read alike, with one phone": [
        {"full_name": "赵娟", "phone": "+8613712345675"},
        {"full_name": "周军", "phone": "+8613712345675"},
    ],
    "a couple whose names are two forms of one": [
        {"given_name": name, "family_name": "Brinkmann", "birth_date": born, **HOME}
        for name, born in (("Mario", BORN), ("Maria", None))
    ],
    "senior and junior at one address": [
        {"full_name": f"Eckhard Wiesinger {which}", "phone": "+4922112345680", **HOME}
        for which in ("Sr.", "Jr.")
    ],
    "one phone and city and unlike names": [
        {"full_name": name, "phone": "+4922112345678", "city": "Koeln"}
        for name in ("Bettina Haferkamp", "Lorenzo Quast")
    ],
}

RELATED_COMPANIES = [
    {"name": "阿里巴巴集团控股有限公司"},
    {"name": "阿里巴巴(中国)有限公司"},
    {"name": "Alibaba Group Holding Ltd."},
]
FULL = [
    {**RELATED_COMPANIES[0], "domain": "alibabagroup.com", "country": "CN", "city": "杭州"},
    {**RELATED_COMPANIES[1], "domain": "alibaba.cn", "country": "CN", "city": "杭州"},
    {**RELATED_COMPANIES[2], "domain": "alibabaholding.ky", "country": "KY", "city": "George Town"},
]


def named(case: Case, key: str, where: str = "c") -> Rows:
    """The records of a case, each from a system of its own."""
    return [
        {"contact_id": f"{where}-{key}-{number}", "source": ("crm", "shop")[number % 2], **row}
        for number, row in enumerate(case)
    ]


def ids(case: Case, key: str) -> list[str]:
    return [row["contact_id"] for row in named(case, key)]


@pytest.fixture(scope="module")
def among_many() -> Run:
    cases = ONE_CUSTOMER | SEVERAL_CUSTOMERS
    people = [row for key, case in cases.items() for row in named(case, key)]
    companies = [{"company_id": f"k{number}", **row} for number, row in enumerate(FULL)]
    return run_linking(contacts=ordinary_people(2000, seed=11) + people, companies=companies)


def _long_but(cases: dict, told: set) -> list:
    return [key if key in told else pytest.param(key, marks=pytest.mark.long) for key in cases]


@pytest.mark.parametrize(
    "key",
    _long_but(
        ONE_CUSTOMER,
        {
            "a Chinese name and its pinyin with one phone",
            "an umlaut written out with one birth date",
            "a family name in three spellings with one birth date and no given name",
            "a short form of another language with one e-mail and phone",
            "an address in one line and the same in parts",
        },
    ),
)
def test_alone_in_a_table_they_are_one_customer(key):
    case = ONE_CUSTOMER[key]
    run = run_linking(contacts=named(case, key))
    assert run.are_one(*ids(case, key)), run.pairs_of(*ids(case, key))


# A family name and a date of birth without a given name are too little in a crowd: of two thousand
# people some share both, and the three wait for a person.
@pytest.mark.parametrize(
    "key",
    [key for key in ONE_CUSTOMER if not key.endswith("no given name")],
)
def test_among_two_thousand_people_they_are_one_customer(key, among_many):
    records = ids(ONE_CUSTOMER[key], key)
    assert among_many.are_one(*records), among_many.pairs_of(*records)


@pytest.mark.parametrize(
    "key",
    _long_but(
        SEVERAL_CUSTOMERS,
        {"one name and nothing else", "one name with different phones", "info@ and a switchboard"},
    ),
)
def test_alone_in_a_table_they_stay_several_customers(key):
    case = SEVERAL_CUSTOMERS[key]
    run = run_linking(contacts=named(case, key))
    assert run.are_all_apart(*ids(case, key)), run.pairs_of(*ids(case, key))


@pytest.mark.parametrize("key", SEVERAL_CUSTOMERS)
def test_among_two_thousand_people_they_stay_several_customers(key, among_many):
    records = ids(SEVERAL_CUSTOMERS[key], key)
    assert among_many.are_all_apart(*records), among_many.pairs_of(*records)


def test_two_thousand_strangers_stay_two_thousand_customers(among_many):
    strangers = {one for one in among_many.customers if one.startswith("a")}
    merged = [group for group in among_many.groups() if len(group) > 1 and group & strangers]
    assert len(merged) <= 2, merged


@pytest.mark.parametrize("companies", [RELATED_COMPANIES, FULL], ids=["names alone", "more"])
def test_companies_of_one_group_are_related_with_a_reason_and_not_merged(companies):
    rows = [{"company_id": f"k{number}", **row} for number, row in enumerate(companies)]
    assert_related(run_linking(companies=rows))


def test_companies_of_one_group_are_related_among_many_people_too(among_many):
    assert_related(among_many)


def assert_related(run: Run) -> None:
    records = ["k0", "k1", "k2"]
    assert run.are_all_apart(*records), run.pairs_of(*records)
    pairs = run.pairs_of(*records)
    related = [row for row in pairs if row["state"] == "related"]
    assert {row["left_record_id"] for row in related} | {
        row["right_record_id"] for row in related
    } == set(records), pairs
    assert all(row["reason"] in ("legal_form", "same_company_name") for row in related), pairs


def test_colleagues_of_one_name_wait_for_a_person():
    name = {"full_name": "Thomas Mueller"}
    people = [
        {
            "contact_id": "h1",
            "company_id": "k1",
            "email": "thomas.mueller1@haferkamp.example",
            **name,
        },
        {
            "contact_id": "h2",
            "company_id": "k1",
            "email": "thomas.mueller2@haferkamp.example",
            **name,
        },
        {"contact_id": "t1", "email": "t.mueller.40@haferkamp.example", **name},
    ]
    companies = [{"company_id": "k1", "name": "Haferkamp AG"}]
    run = run_linking(contacts=[*people, *ordinary_people(400, seed=17)], companies=companies)
    assert run.are_all_apart("h1", "h2", "t1"), run.pairs_of("h1", "h2", "t1")


def test_a_providers_domain_is_no_employer():
    name = {"given_name": "Joanna", "family_name": "Trzaska"}
    people = [
        {"contact_id": "employee", "company_id": "k1", **name},
        {"contact_id": "writer", "email": "jt44@orange.example", **name},
    ]
    crowd = [
        {**row, "email": f"{row['contact_id']}@orange.example"} if number % 4 == 0 else row
        for number, row in enumerate(ordinary_people(400, seed=17))
    ]
    run = run_linking(
        contacts=[*people, *crowd], companies=[{"company_id": "k1", "name": "Orange AG"}]
    )
    assert not run.are_one("employee", "writer"), run.pairs_of("employee", "writer")


def test_a_mailbox_of_the_same_domain_does_not_make_a_couple_one():
    couple = [
        {"contact_id": "m", "given_name": "Mario", "email": "info@brinkmann-koeln.example"},
        {"contact_id": "f", "given_name": "Maria", "email": "mb77@brinkmann-koeln.example"},
    ]
    shared = {"family_name": "Brinkmann", "phone": "+4922112345682", **HOME}
    run = run_linking(contacts=[{**row, **shared} for row in couple])
    assert run.are_all_apart("m", "f"), run.pairs_of("m", "f")


@pytest.mark.parametrize(
    "names",
    [
        ("Zentrax GmbH", "Zentrax Gesellschaft mit beschränkter Haftung"),
        ("Zentrax Ltd.", "Zentrax Limited"),
        ("Zentrax AG", "Zentrax Group"),
        ("ООО Зентракс", "Zentrax LLC"),
    ],
)
def test_a_legal_form_written_out_or_translated_is_no_other_company(names):
    shared = {"domain": "zentrax.example", "phone": "+4922112345683", "city": "Koeln"}
    rows = [{"company_id": f"k{n}", "name": name, **shared} for n, name in enumerate(names)]
    run = run_linking(companies=rows)
    assert run.are_one("k0", "k1"), run.pairs_of("k0", "k1")


@pytest.mark.parametrize(
    "names",
    [
        ("Zentrax GmbH", "Zentrax Immobilien AG"),
        ("Zentrax Holding GmbH", "Zentrax Immobilien GmbH"),
    ],
)
def test_companies_of_a_group_that_share_a_domain_are_several(names):
    shared = {"domain": "zentrax.example", "phone": "+4922112345684", "city": "Koeln"}
    group = [
        {"company_id": key, "name": name, **shared}
        for key, name in zip(("a", "b"), names, strict=True)
    ]
    run = run_linking(companies=group)
    assert run.are_all_apart("a", "b"), run.pairs_of("a", "b")


def test_who_writes_from_a_companys_domain_works_for_that_company():
    name = {"given_name": "Joanna", "family_name": "Trzaska"}
    people = [
        {"contact_id": "employee", "company_id": "k1", **name},
        {"contact_id": "writer", "email": "jt44@haferkamp-optik.example", **name},
        {"contact_id": "namesake", "email": "pxq@lindenhof-reisen.example", **name},
    ]
    companies = [{"company_id": "k1", "name": "Haferkamp Optik GmbH"}]
    crowd = ordinary_people(400, seed=17)
    run = run_linking(contacts=[*people, *crowd], companies=companies)
    assert run.are_one("employee", "writer"), run.pairs_of("employee", "writer")
    assert not run.are_one("employee", "namesake"), run.pairs_of("employee", "namesake")
