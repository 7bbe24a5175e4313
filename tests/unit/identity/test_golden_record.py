from datetime import date, datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from aar_platform.identity.consents import consent_purposes
from aar_platform.identity.customers_of import REFERRING, named_record
from aar_platform.identity.field_choice import BLOCKS
from aar_platform.identity.golden_record import golden_record
from aar_platform.tables import catalogue

OLD, NEW = datetime(2025, 1, 1), datetime(2025, 6, 1)


def links_of(core: dict[str, ibis.Table]) -> ibis.Table:
    """customer_links as told: contacts made by `same` are one customer, every
    other record is one of its own."""
    rows: dict[tuple[str, str, str], str] = {}
    for name, table in core.items():
        if name not in ("contacts", "companies", *REFERRING):
            continue
        where, which = named_record(table, name)
        named = [(where, which)]
        if name in REFERRING and "company_id" in table.columns:
            named.append((ibis.literal("companies"), table.company_id))
        for place, record_id in named:
            found = table.select(
                source="source", object=place, record_id=record_id,
                is_together=(ibis.literal(name) == "contacts")
                & table.attributes.like("%together%").fill_null(False),
            )  # fmt: skip
            for row in found.filter(found.record_id.notnull()).to_pyarrow().to_pylist():
                record = (row["source"], row["object"], row["record_id"])
                own = "C1" if row["is_together"] else f"C-{row['object']}-{row['record_id']}"
                rows.setdefault(record, own)
    schema = catalogue.ibis_schema("customer_links")
    told = [
        {**dict(zip(("source", "object", "record_id"), record, strict=True)), "customer_id": own,
         "method": "key", "match_probability": 1.0, "linked_at": OLD}
        for record, own in rows.items()
    ]  # fmt: skip
    return ibis.memtable(pa.Table.from_pylist(told, schema=schema.to_pyarrow()))


@pytest.fixture
def told(core):
    """customers as a frame, of the core tables given as rows."""

    def run(**tables: list[dict[str, Any]]) -> pd.DataFrame:
        records = core(**tables)
        table = golden_record(records, links_of(records)).customers
        assert dict(list(table.schema().items())[: len(catalogue.columns("customers"))]) == dict(
            catalogue.ibis_schema("customers").items()
        )
        return table.to_pandas().set_index("customer_id")

    return run


@pytest.fixture
def why(core):
    """field → (source, object, record_id, rule, candidates) of the one customer there is."""

    def run(*trusted: str, **tables: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
        records = core(**tables)
        values = golden_record(records, links_of(records), trusted).customer_values
        assert values.schema() == catalogue.ibis_schema("customer_values")
        frame = values.to_pandas()
        assert frame.customer_id.nunique() <= 1
        told = ["source", "object", "record_id", "rule", "candidates"]
        rows = frame[told].itertuples(index=False, name=None)
        found = dict(zip(frame.field, rows, strict=True))
        assert len(found) == len(frame)
        return found

    return run


@pytest.fixture
def only(told):
    def run(**tables: list[dict[str, Any]]) -> pd.Series:
        found = told(**tables)
        assert len(found) == 1
        return found.iloc[0]

    return run


def same(number: int, **columns: Any) -> dict[str, Any]:
    """Records that are one customer's."""
    return {"contact_id": str(number), "attributes": '{"who": "together"}', **columns}


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


def test_a_verified_date_of_birth_goes_before_a_later_one(only, why):
    people = [
        same(1, birth_date=date(1980, 1, 2), birth_date_verified=True, updated_at=OLD),
        same(2, birth_date=date(1980, 2, 1), updated_at=NEW),
    ]
    assert only(contacts=people).birth_date == pd.Timestamp(1980, 1, 2)
    assert why(contacts=people)["birth_date"] == ("crm", "contacts", "1", "verified", 2)


def test_of_equally_late_values_the_more_trusted_source_stands_however_frequent_the_other(why):
    people = [
        same(1, source="shop", phone="+331", updated_at=NEW),
        same(2, source="shop", phone="+331", updated_at=NEW),
        same(3, source="desk", phone="+332", updated_at=NEW),
        same(4, source="crm", phone="+333", updated_at=OLD),
    ]
    assert why("crm", "desk", contacts=people)["phone"] == (
        "desk", "contacts", "3", "most_trusted", 3,
    )  # fmt: skip
    # Sources that nobody named are equal, and come after those named.
    assert why("crm", contacts=people)["phone"][2:] == ("1", "most_frequent", 3)
    assert why("shop", contacts=people)["phone"][2:] == ("1", "most_trusted", 3)


def test_without_times_trust_decides_too(why):
    people = [same(1, source="shop", gender="f"), same(2, source="crm", gender="m")]
    assert why("shop", contacts=people)["gender"][2:] == ("1", "most_trusted", 2)
    assert why(contacts=people)["gender"][2:] == ("2", "first", 2)


def test_a_record_with_a_time_is_later_than_one_without(why):
    people = [same(1, gender="f"), same(2, gender="m", created_at=OLD)]
    assert why(contacts=people)["gender"][2:] == ("2", "most_recent", 2)


def test_the_rule_told_is_the_one_that_beat_the_next_best_value(why):
    people = [
        same(1, email="a@x.org", email_verified=True, updated_at=NEW),
        same(2, email="b@x.org", email_verified=True, updated_at=OLD),
        same(3, email="c@x.org", updated_at=NEW),
    ]
    # c is not verified, but b is: what a has before b is the time.
    assert why(contacts=people)["email"] == ("crm", "contacts", "1", "most_recent", 3)


def test_records_that_agree_have_one_value_and_the_latest_of_them_stands_for_it(why):
    people = [same(1, phone="+331", updated_at=OLD), same(2, phone="+331", updated_at=NEW)]
    assert why(contacts=people)["phone"] == ("crm", "contacts", "2", "only", 1)


def test_a_whole_name_or_address_is_told_to_be_the_more_complete_one(why):
    people = [
        same(1, given_name="Ann", family_name="Lee", city="Bonn", updated_at=OLD),
        same(2, given_name="Annie", country="ES", updated_at=NEW),
    ]
    found = why(contacts=people)
    assert found["name"][2:] == ("1", "most_complete", 2)
    assert found["address"][2:] == ("1", "most_complete", 2)


def test_a_customer_of_one_record_has_a_row_for_each_field_that_says_something(why):
    person = {"contact_id": "7", "full_name": "Ann Lee", "country": "FR", "phone": "", "owner": "o"}
    assert why(contacts=[person]) == dict.fromkeys(
        ("name", "address", "owner"), ("crm", "contacts", "7", "only", 1)
    )


def test_what_only_events_tell_names_the_order_it_is_from(why):
    orders = [
        {"order_id": order, "contact_id": "1", "ordered_at": at, "country": country, "email": email}
        for order, at, country, email in (
            ("a", OLD, "FR", "old@x.org"),
            ("b", OLD, "DE", None),
            ("c", NEW, "DE", None),
            ("d", NEW, "IT", "new@x.org"),
        )
    ]
    lines = [{"order_id": "c", "line_id": "9", "contact_id": "1", "country": "DE"}]
    assert why(orders=orders, order_lines=lines) == {
        "email": ("crm", "orders", "d", "most_recent", 2),
        "address": ("crm", "orders", "c", "most_frequent", 3),
    }


def test_the_country_of_orders_does_not_complete_an_address(only, why):
    orders = [{"order_id": "a", "contact_id": "1", "ordered_at": OLD, "country": "FR"}]
    people = [{"contact_id": "1", "city": "Bonn"}]
    found = only(orders=orders, contacts=people)
    assert found.city == "Bonn" and pd.isna(found.country)
    assert why(orders=orders, contacts=people)["address"][1] == "contacts"


def test_every_value_of_customers_has_its_row_and_no_other(core):
    records = core(
        contacts=[
            same(1, given_name="Ann", family_name="Lee", email="a@x.org", company_id="9"),
            same(2, source="shop", full_name="Ann Lee", phone="+331", owner="ada"),
            {"contact_id": "3", "city": "Bonn", "birth_date": date(1980, 1, 2), "gender": "f"},
        ],
        companies=[{"company_id": "9", "name": "Acme", "phone": "+332"}],
        tickets=[{"ticket_id": "t", "contact_id": "4", "email": "t@x.org", "opened_at": OLD}],
    )
    customers, values = (t.to_pandas() for t in golden_record(records, links_of(records)))
    expected = {
        (row.customer_id, block)
        for _, row in customers.iterrows()
        for block, fields in BLOCKS.items()
        # A company's name, and a person's only as a whole, are found in display_name.
        if any(pd.notna(row.get(field)) for field in fields)
        or (block == "name" and row.display_name in ("Acme", "Ann Lee"))
    }
    assert {*zip(values.customer_id, values.field, strict=True)} == expected


def test_the_order_of_records_changes_nothing(core):
    people = [
        same(n, source=source, phone=f"+33{n % 3}", city=f"City {n % 2}", updated_at=at)
        for n, (source, at) in enumerate(
            [(source, at) for source in ("crm", "shop") for at in (OLD, NEW, None)] * 2
        )
    ]
    told = []
    for rows in (people, people[::-1]):
        records = core(contacts=rows)
        values = golden_record(records, links_of(records)).customer_values.to_pandas()
        told.append(values.sort_values(["customer_id", "field"]).reset_index(drop=True))
    pd.testing.assert_frame_equal(*told)
