from datetime import date, datetime
from typing import Any

import ibis
import pandas as pd
import pytest

from aar_platform.identity.consents import consent_purposes
from aar_platform.identity.golden_record import customers
from aar_platform.tables import catalogue

OLD, NEW = datetime(2025, 1, 1), datetime(2025, 6, 1)


@pytest.fixture
def told(core, link):
    """customers as a frame, of the core tables given as rows."""

    def run(**tables: list[dict[str, Any]]) -> pd.DataFrame:
        records = core(**tables)
        schema = catalogue.ibis_schema("customer_links")
        table = customers(records, ibis.memtable(link(records), schema=schema))
        assert dict(list(table.schema().items())[: len(catalogue.columns("customers"))]) == dict(
            catalogue.ibis_schema("customers").items()
        )
        return table.to_pandas().set_index("customer_id")

    return run


@pytest.fixture
def only(told):
    def run(**tables: list[dict[str, Any]]) -> pd.Series:
        found = told(**tables)
        assert len(found) == 1
        return found.iloc[0]

    return run


def same(number: int, **columns: Any) -> dict[str, Any]:
    """Records that one declared id holds together."""
    return {"contact_id": str(number), "external_ids": '{"erp": "E1"}', **columns}


def test_a_verified_address_goes_before_a_later_one(only):
    people = [
        same(1, email="old@x.org", email_verified=True, updated_at=OLD),
        same(2, email="new@x.org", updated_at=NEW),
    ]
    assert only(contacts=people).email == "old@x.org"


def test_the_record_changed_last_gives_the_value_and_created_at_stands_in_for_updated_at(only):
    people = [
        same(1, phone="+331", gender="f", updated_at=OLD, created_at=NEW),
        same(2, phone="+332", created_at=NEW),
    ]
    winner = only(contacts=people)
    assert winner.phone == "+332"
    assert winner.gender == "f"


def test_of_equally_late_values_the_most_frequent_stands_then_the_first_record(only):
    people = [same(1, phone="+331"), same(2, phone="+332"), same(3, phone="+332")]
    assert only(contacts=people).phone == "+332"
    assert only(contacts=people[:2]).phone == "+331"
    assert only(contacts=people[1::-1]).phone == "+331"


def test_an_address_is_never_a_mixture(only):
    people = [
        same(1, street="1 Rue A", city="Paris", postcode="75001", country="FR", updated_at=OLD),
        same(2, city="Bonn", updated_at=NEW),
        same(3, country="ES", updated_at=datetime(2025, 7, 1)),
    ]
    found = only(contacts=people)
    assert found.city == "Bonn"
    assert pd.isna(found.street) and pd.isna(found.postcode) and pd.isna(found.country)


def test_a_whole_name_goes_before_a_later_part_of_one(only):
    people = [
        same(1, given_name="Ann", family_name="Lee", updated_at=OLD),
        same(2, given_name="Annie", updated_at=NEW),
    ]
    assert only(contacts=people).display_name == "Ann Lee"


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({"full_name": "Dr Ann Lee", "given_name": "Ann"}, "Dr Ann Lee"),
        ({"given_name": "伟", "family_name": "张"}, "张伟"),
        ({"given_name": "Wei", "family_name": "张"}, "Wei 张"),
        ({"given_name": "Zoë", "family_name": "Müller"}, "Zoë Müller"),
        ({"family_name": "Lee", "email": "a@x.org"}, "Lee"),
        ({"email": "a@x.org"}, "a@x.org"),
        ({}, "17850"),
    ],
)
def test_a_customer_is_called_by_name_else_address_else_id(only, columns, shown):
    assert only(contacts=[{"contact_id": "17850", **columns}]).display_name == shown


def test_a_person_belongs_to_the_customer_that_its_company_is(told):
    found = told(
        contacts=[{"contact_id": "1", "company_id": "9", "email": "a@x.org"}],
        companies=[{"company_id": "9", "name": "Acme", "owner": "ada", "city": "Bonn"}],
    )
    company = found[found.kind == "company"]
    assert list(company.display_name) == ["Acme"]
    assert list(company.owner) == ["ada"]
    assert list(company.city) == ["Bonn"]
    assert list(found[found.kind == "person"].company_id) == list(company.index)


def test_the_country_of_most_orders_stands_in_for_a_missing_one(only):
    orders = [
        {"order_id": order, "contact_id": "1", "ordered_at": OLD, "country": country}
        for order, country in (("a", "FR"), ("b", "DE"), ("c", "DE"))
    ]
    lines = [
        {"order_id": "a", "line_id": str(i), "contact_id": "1", "country": "FR"} for i in range(9)
    ]
    assert only(orders=orders, order_lines=lines).country == "DE"
    people = [{"contact_id": "1", "country": "IT"}]
    assert only(orders=orders, contacts=people).country == "IT"


def test_a_guest_is_called_by_the_address_given_last(only):
    orders = [
        {"order_id": "a", "contact_id": "1", "email": "old@x.org", "ordered_at": OLD},
        {"order_id": "b", "contact_id": "1", "email": "new@x.org", "ordered_at": NEW},
    ]
    assert only(orders=orders).display_name == "new@x.org"


def test_first_and_last_sight_cover_all_tables_but_not_mail_that_was_only_sent(only):
    found = only(
        contacts=[{"contact_id": "1", "created_at": datetime(2025, 3, 1), "updated_at": NEW}],
        tickets=[{"ticket_id": "t", "contact_id": "1", "opened_at": datetime(2025, 4, 1)}],
        usage=[{"usage_id": "u", "contact_id": "1", "day": date(2025, 2, 1)}],
        messages=[
            {"message_id": "m", "contact_id": "1", "event": "sent", "occurred_at": NEW},
            {"message_id": "n", "contact_id": "1", "event": "sent", "occurred_at": OLD},
        ],
    )
    assert found.first_seen_at == datetime(2025, 2, 1)
    assert found.last_seen_at == datetime(2025, 4, 1)


def test_a_company_is_seen_when_its_people_order_for_it(told):
    orders = [{"order_id": "a", "contact_id": "1", "company_id": "9", "ordered_at": OLD}]
    assert list(told(orders=orders).first_seen_at) == [OLD, OLD]


def test_sources_and_record_count_tell_who_knows_the_customer(only):
    people = [same(1, source="shop"), same(2, source="crm"), same(3, source="crm")]
    found = only(contacts=people)
    assert (found.sources, found.record_count) == ("crm,shop", 3)


def test_the_latest_word_on_consent_stands_and_silence_is_null(told, core):
    people = [
        same(1, consents='{"E-Mail": {"granted": true, "since": "2025-01-01T00:00:00Z"}}'),
        same(2, consents='{"e_mail": {"granted": false, "since": "2025-02-01"}}', updated_at=OLD),
        {"contact_id": "3", "consents": '{"phone": true, "$odd": {"granted": "yes"}}'},
        {"contact_id": "4", "consents": "{broken"},
    ]
    assert consent_purposes(core(contacts=people)) == ["e_mail", "odd", "phone"]
    found = told(contacts=people).set_index("display_name")
    assert list(found.columns[-3:]) == ["consent_e_mail", "consent_odd", "consent_phone"]
    assert found.consent_e_mail["1"] is False or found.consent_e_mail["1"] == False  # noqa: E712
    assert found.consent_phone["3"] and found.consent_odd["3"]
    assert pd.isna(found.consent_phone["4"]) and pd.isna(found.consent_e_mail["3"])


def test_every_core_table_empty_gives_customers_without_rows(told):
    assert told(**{name: [] for name in catalogue.CORE}).empty
    assert told().empty
