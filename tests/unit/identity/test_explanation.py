from datetime import date, datetime
from typing import Any

import ibis
import pyarrow as pa
import pytest

from aar_platform.identity.explanation import Explanation, explanations
from aar_platform.identity.golden_record import golden_record
from aar_platform.operations.decisions import Record
from aar_platform.tables import catalogue

OLD, NEW = datetime(2025, 1, 1), datetime(2025, 6, 1)
ANN = {
    "crm/contacts/1": "CANN",
    "shop/contacts/2": "CANN",
    "shop/contacts/3": "CANN",
    "desk/tickets/t": "CANN",
    "crm/contacts/9": "CBOB",
}
CONTACTS = [
    {"source": "crm", "contact_id": "1", "full_name": "Ann Lee", "email": "ann@x.org",
     "email_verified": True, "city": "Bonn", "street": "Weg 1", "updated_at": OLD},
    {"source": "shop", "contact_id": "2", "given_name": "Ann", "family_name": "Lee",
     "email": "a.lee@y.org", "birth_date": date(1980, 1, 2), "updated_at": NEW},
    {"source": "crm", "contact_id": "9", "full_name": "Bob"},
]  # fmt: skip
ORDERS = [
    {"source": "shop", "order_id": "o", "contact_id": "3", "ordered_at": OLD, "country": "FR"},
    {"source": "shop", "order_id": "p", "contact_id": "3", "ordered_at": NEW, "country": "FR"},
]
TICKETS = [{"source": "desk", "ticket_id": "t", "email": "ann@x.org", "opened_at": NEW}]


def named(text: str) -> Record:
    return Record(*text.split("/"))


def stored(name: str, rows: list[dict[str, Any]]) -> ibis.Table:
    schema = catalogue.ibis_schema(name)
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema.to_pyarrow()))


def linked(customers: dict[str, str]) -> ibis.Table:
    rows = [
        {**named(text)._asdict(), "customer_id": customer, "method": "rule",
         "match_probability": 1.0, "linked_at": OLD}
        for text, customer in customers.items()
    ]  # fmt: skip
    return stored("customer_links", rows)


def paired(*pairs: tuple[Any, ...]) -> ibis.Table:
    """identity_pairs of (left, right, weight, state)."""
    rows = [
        {
            "kind": "person",
            **{f"left_{name}": part for name, part in named(left)._asdict().items()},
            **{f"right_{name}": part for name, part in named(right)._asdict().items()},
            "method": "probabilistic" if weight else "rule",
            "match_weight": weight,
            "match_probability": 0.99,
            "state": state,
            "reason": "similar",
        }
        for left, right, weight, state in pairs
    ]
    return ibis.memtable(pa.Table.from_pylist(rows))


@pytest.fixture
def explained(core):
    """What is said of the customers of some core tables."""

    def run(
        customers: dict[str, str], hidden: tuple[str, ...] = (), further: Any = (), **rows: Any
    ) -> dict[str, Explanation]:
        tables = core(**rows)
        links = linked(customers)
        golden = golden_record(tables, links)._asdict()
        every = {**tables, "customer_links": links, **golden, **dict(further)}
        return explanations(every.__getitem__, sorted({*customers.values()}), hidden)

    return run


@pytest.fixture
def ann(explained):
    def run(**given: Any) -> Explanation:
        return explained(ANN, contacts=CONTACTS, orders=ORDERS, tickets=TICKETS, **given)["CANN"]

    return run


def test_every_record_is_told_with_the_table_that_knows_it_and_its_last_change(ann):
    told = [(str(one.record), one.known_from, one.changed_at) for one in ann().records]
    assert told == [
        ("crm/contacts/1", "contacts", OLD),
        ("desk/tickets/t", "tickets", NEW),
        ("shop/contacts/2", "contacts", NEW),
        # A contact that only its orders know.
        ("shop/contacts/3", "orders", NEW),
    ]


def test_each_value_names_its_record_and_those_that_did_not_win(ann):
    values = {one.field: one for one in ann().values}
    email = values["email"]
    assert (email.parts, email.record, email.rule) == (
        {"email": "ann@x.org"}, named("crm/contacts/1"), "verified",
    )  # fmt: skip
    assert [(one.parts, one.records) for one in email.losing] == [
        ({"email": "a.lee@y.org"}, (named("shop/contacts/2"),))
    ]
    assert values["address"].parts == {"street": "Weg 1", "city": "Bonn"}
    assert values["birth_date"].parts == {"birth_date": date(1980, 1, 2)}


def test_a_name_in_parts_is_no_other_value_than_the_same_name_as_a_whole(ann):
    (name,) = [one for one in ann().values if one.field == "name"]
    assert (name.rule, name.candidates, name.losing) == ("only", 1, ())
    assert name.parts["full_name"] == "Ann Lee"


def test_hidden_columns_are_in_no_value_winning_or_losing(ann):
    told = ann(hidden=("email", "city", "display_name", "given_name", "family_name"))
    assert told.display_name is None
    values = {one.field: one for one in told.values}
    assert (values["email"].parts, values["name"].parts) == ({}, {})
    assert [one.parts for one in values["email"].losing] == [{}]
    assert values["address"].parts == {"street": "Weg 1"}
    assert "ann" not in repr(values["email"]).replace("CANN", "")


def test_what_only_events_tell_is_explained_by_them_with_the_values_that_lost(explained):
    orders = [
        {"order_id": order, "contact_id": "1", "ordered_at": at, "country": country, "email": mail}
        for order, at, country, mail in (
            ("a", OLD, "FR", "old@x.org"),
            ("b", NEW, "DE", "new@x.org"),
            ("c", NEW, "DE", None),
        )
    ]
    told = explained({"crm/contacts/1": "C1"}, orders=orders)["C1"]
    values = {one.field: one for one in told.values}
    assert values["email"].record == named("crm/orders/b")
    assert [str(one.records[0]) for one in values["email"].losing] == ["crm/orders/a"]
    assert values["address"].parts == {"country": "DE"}
    assert [one.parts for one in values["address"].losing] == [{"country": "FR"}]


def test_pairs_come_strongest_first_and_say_whose_the_other_record_is(ann):
    pairs = paired(
        ("crm/contacts/1", "crm/contacts/9", 1.5, "review"),
        ("crm/contacts/1", "shop/contacts/2", 9.0, "linked"),
        ("desk/tickets/t", "crm/contacts/1", None, "linked"),
        ("crm/contacts/9", "erp/contacts/5", 2.0, "review"),
        ("shop/contacts/2", "crm/contacts/9", -9.0, "unlikely"),
    )
    told = ann(further={"identity_pairs": pairs}).pairs
    assert [(one.match_weight, one.state, one.other_customer_id) for one in told] == [
        (None, "linked", None),
        (9.0, "linked", None),
        (1.5, "review", "CBOB"),
    ]


def test_the_history_tells_of_customers_that_went_into_it(ann):
    rows = [
        {"customer_id": one, "event": event, "other_customer_id": other, "occurred_at": at}
        for one, event, other, at in (
            ("CANN", "created", None, OLD),
            ("COLD", "merged_into", "CANN", NEW),
            ("CBOB", "created", None, OLD),
        )
    ]
    history = stored("customer_history", rows)
    told = ann(further={"customer_history": history}).history
    assert [(one.customer_id, one.event) for one in told] == [
        ("CANN", "created"),
        ("COLD", "merged_into"),
    ]


def test_without_pairs_and_history_and_for_ids_that_are_none_it_says_what_there_is(explained):
    told = explained({"crm/contacts/9": "CBOB"}, contacts=CONTACTS)
    assert [*told] == ["CBOB"]
    assert (told["CBOB"].pairs, told["CBOB"].history) == ((), ())
    assert [one.rule for one in told["CBOB"].values] == ["only"]
