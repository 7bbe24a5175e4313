"""Whatever systems hand over, normalising neither fails nor takes long."""

import time

import pytest

from aar_platform.identity.normalise.words import LONGEST
from aar_platform.identity.records import SCHEMA
from aar_platform.tables import catalogue

HOSTILE = [
    "\x00\x01\x1f\x7f",
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "😀👩‍👩‍👧🏽",
    "\u202eabc\u202c \u200fשלום\u200f",
    "\u200b\u200c\u200d\ufeff",
    "Z̷̗͌a̸l̴g̵o̶",
    "')); drop table x; --",
    "%s {0} \\1 \\p{Han}",
    ",,,,",
    "- , -",
    "\U00020000\U0002a6df",
    "ﷺ",
    "　　",
    "()[]",
    "m",
    "Dr.",
    "1" * 500,
    "张" * 500,
    "é" * 10_000,
    "a " * 5_000,
    "a" * 10_000,
    "(" * 3_000,
    "+" * 1_000 + "@" + "." * 1_000,
]
TEXTS = {
    table: [
        column.name
        for column in catalogue.columns(table)
        if column.dtype.is_string()
        and column.name not in ("source", "record_id", catalogue.OWN_ID[table])
    ]
    for table in ("contacts", "companies")
}


def test_hostile_text_in_every_column_gives_short_plain_values(normalised):
    tables = {
        table: [
            {catalogue.OWN_ID[table]: str(i), **dict.fromkeys(TEXTS[table], text)}
            for i, text in enumerate(HOSTILE)
        ]
        for table in TEXTS
    }
    began = time.perf_counter()
    rows = normalised(**tables)
    assert time.perf_counter() - began < 20
    assert len(rows) == 2 * len(HOSTILE)
    for column in ("given", "family", "name", "given_root", "street", "city", "region", "company"):
        values = rows[column].dropna()
        assert values.str.fullmatch("[a-z0-9]+( [a-z0-9]+)*").all(), column
        assert values.str.len().max() <= 6 * LONGEST


def test_a_very_long_name_is_compared_by_its_beginning(normalised):
    people = [{"contact_id": str(i), "full_name": "b" * 10_000 + str(i)} for i in range(2)]
    assert set(normalised(contacts=people).given) == {"b" * LONGEST}


@pytest.mark.parametrize("tables", [{}, {"contacts": []}, {"companies": []}, {"orders": []}])
def test_nothing_gives_a_table_of_the_right_columns(normalised, tables):
    rows = normalised(**tables)
    assert rows.empty
    assert [*rows.columns] == [name for name in SCHEMA.names if name != "record_id"]


def test_a_record_that_says_nothing_has_a_row_of_nulls(normalised):
    row = normalised(contacts=[{"contact_id": "1"}]).loc["1"]
    kept = ("record", "kind", "source", "object", "known_from")
    assert row.drop([*kept]).isna().all()
    assert list(row[[*kept]]) == [0, "person", "crm", "contacts", "contacts"]


def test_a_guest_has_an_address_and_no_name(normalised):
    row = normalised(orders=[{"order_id": "o", "email": "Ann+x@Gmail.com"}]).loc["o"]
    assert (row.kind, row.object, row.known_from) == ("person", "orders", "orders")
    assert (row.email, row.email_box) == ("ann+x@gmail.com", "ann@gmail.com")
    assert row["name"] is None


def test_records_are_numbered_in_the_order_of_their_keys(normalised):
    rows = normalised(
        contacts=[{"contact_id": n} for n in ("b", "a")], companies=[{"company_id": "c"}]
    )
    assert list(rows.sort_values("record").index) == ["c", "a", "b"]
    assert list(rows.sort_values("record").record) == [0, 1, 2]
