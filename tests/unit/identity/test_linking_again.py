"""A day later: most records are as they were, some are new and some have changed."""

import random
from collections import Counter
from datetime import datetime

import pytest

from aar_platform.identity import records
from tests.unit.identity.conftest import Rows
from tests.unit.identity.linking_runs import Run, run_linking
from tests.unit.identity.ordinary_people import ordinary_people

MONDAY, TUESDAY, WEDNESDAY = datetime(2026, 1, 5), datetime(2026, 1, 6), datetime(2026, 1, 7)


def as_on_tuesday(people: Rows) -> tuple[Rows, set[str]]:
    """The people with 2 % of them changed and 5 % new, and the ids of those that changed: new
    second records of people who are there, people who were not, other phones, other towns, other
    e-mails and records that are given to somebody else, new or known."""
    mix = random.Random(5)
    changed = {row["contact_id"] for row in mix.sample(people, len(people) // 50)}
    strangers = iter(ordinary_people(200, seed=6, first=10_000))
    after = []
    for row in people:
        if row["contact_id"] in changed:
            whole = [name for name in row if name not in ("contact_id", "source")]
            new, known = next(strangers), mix.choice(people)
            address = ["street", "city", "postcode"]
            other, columns = mix.choice(
                [(new, ["phone"]), (new, address), (new, ["email"]), (new, whole), (known, whole)]
            )
            row = row | {name: other[name] for name in columns}
        after.append(row)
    count = len(people) // 40
    again = [
        row | {"contact_id": "n" + row["contact_id"], "source": "desk", "street": None}
        for row in mix.sample(people, count)
    ]
    return [*after, *again, *ordinary_people(count, seed=7, first=20_000)], changed


@pytest.fixture(scope="module")
def people() -> Rows:
    return ordinary_people(2600, seed=3, twice=0.15)


@pytest.fixture(scope="module")
def monday(people) -> Run:
    return run_linking(contacts=people, now=MONDAY)


@pytest.fixture(scope="module")
def tuesday(people, monday) -> Run:
    return run_linking(monday, contacts=as_on_tuesday(people)[0], now=TUESDAY)


@pytest.fixture(scope="module")
def tuesday_in_full(people) -> Run:
    return run_linking(contacts=as_on_tuesday(people)[0], now=TUESDAY)


def rows_of(run: Run, name: str) -> Counter:
    return Counter(tuple(row.values()) for row in run.tables[name].to_pylist())


def linked_pairs(run: Run) -> set[frozenset[str]]:
    return {
        frozenset((one, other))
        for group in run.groups()
        for one in group
        for other in group
        if one < other
    }


def members(run: Run) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for record, customer in run.customers.items():
        found.setdefault(customer, set()).add(record)
    return found


def test_most_second_records_are_found_and_next_to_no_strangers_are_merged(people, monday):
    again = [row["contact_id"] for row in people if row["contact_id"][0] == "b"]
    found = [one for one in again if monday.are_one(one, "a" + one[1:])]
    assert len(found) >= 0.97 * len(again), (len(found), len(again))
    mixed = [group for group in monday.groups() if len({one[1:] for one in group}) > 1]
    assert len(mixed) <= 3, mixed


def test_every_customer_whose_records_have_not_changed_keeps_its_id(people, monday, tuesday):
    changed = as_on_tuesday(people)[1]
    untouched = {
        customer: records for customer, records in members(monday).items() if not records & changed
    }
    moved = {
        customer: {tuesday.customers[one] for one in records}
        for customer, records in untouched.items()
        if {tuesday.customers[one] for one in records} != {customer}
    }
    # A new record may show that two customers are one: then history says so.
    history = tuesday.frame("customer_history")
    merged = set(history[history.event == "merged_into"].customer_id)
    assert len(untouched) > 2400
    assert set(moved) <= merged, moved
    assert len(moved) <= 3, moved


def test_new_second_records_join_the_customer_they_belong_to(people, monday, tuesday):
    changed = as_on_tuesday(people)[1]
    new = [one for one in tuesday.customers if one[0] == "n" and one[1:] not in changed]
    joined = [one for one in new if tuesday.customers[one] == tuesday.customers[one[1:]]]
    assert len(new) > 60
    assert len(joined) >= 0.97 * len(new), sorted(set(new) - set(joined))


def test_history_tells_every_merge_and_split_and_nothing_else(monday, tuesday):
    before, after = members(monday), members(tuesday)
    history = tuesday.frame("customer_history")
    assert len(history.merge(monday.frame("customer_history"))) == len(before)
    new = history[history.occurred_at == TUESDAY]
    events = {
        name: list(zip(rows.customer_id, rows.other_customer_id, strict=True))
        for name, rows in new.groupby("event")
    }
    founded = set(after) - set(before)
    assert sorted(one for one, _ in events.pop("created")) == sorted(founded)
    gone = {
        (customer, tuesday.customers[next(iter(records))])
        for customer, records in before.items()
        if customer not in after and len({tuesday.customers[one] for one in records}) == 1
    }
    assert gone <= set(events.get("merged_into", [])), gone
    assert {one for one, _ in events.pop("merged_into", [])} == set(before) - set(after)
    parted = {
        (customer, monday.customers[one])
        for customer in founded
        for one in after[customer]
        if one in monday.customers and monday.customers[one] in after
    }
    assert set(events.pop("split_from", [])) == parted
    assert parted, "the changes of Tuesday were to split somebody"
    assert gone, "the changes of Tuesday were to merge somebody"
    assert not events


def test_linking_what_is_new_gives_what_linking_everything_gives(tuesday, tuesday_in_full):
    one, other = linked_pairs(tuesday), linked_pairs(tuesday_in_full)
    differing = one ^ other
    assert len(differing) <= 0.01 * len(other), (len(differing), len(other), differing)


def test_the_model_is_kept_while_few_records_change(monday, tuesday):
    model = tuesday.frame("identity_model")
    assert set(model.fitted_at) == {MONDAY}
    assert set(model.parameters) == set(monday.frame("identity_model").parameters)
    assert (model.changed_since > 0).all()


def test_a_run_on_unchanged_records_changes_nothing_and_tells_nothing(people, tuesday):
    again = run_linking(tuesday, contacts=as_on_tuesday(people)[0], now=WEDNESDAY)
    for name in (
        "customer_links",
        "customer_history",
        "identity_pairs",
        "identity_records",
        "identity_model",
        "identity_terms",
    ):
        assert rows_of(again, name) == rows_of(tuesday, name), name


def test_records_are_read_anew_where_the_country_or_the_code_that_reads_them_is_another(
    monkeypatch,
):
    people = [{"contact_id": "1", "full_name": "Nguyen Van An"}]
    german = run_linking(contacts=people, country="DE")
    assert german.frame("identity_records").family.tolist() == ["van an"]
    vietnamese = run_linking(german, contacts=people, country="VN")
    assert vietnamese.frame("identity_records").family.tolist() == ["nguyen"]
    german.tables["identity_records"] = german.tables["identity_records"].set_column(
        german.tables["identity_records"].column_names.index("family"), "family", [["old"]]
    )
    kept = run_linking(german, contacts=people, country="DE")
    assert kept.frame("identity_records").family.tolist() == ["old"]
    monkeypatch.setattr(records, "_way_of_reading", lambda: "another version")
    anew = run_linking(german, contacts=people, country="DE")
    assert anew.frame("identity_records").family.tolist() == ["van an"]
    assert anew.customers == german.customers


def test_a_table_of_another_version_is_made_anew_and_ids_and_history_stay():
    people = ordinary_people(60, seed=8, twice=0.3)
    first = run_linking(contacts=people, now=MONDAY)
    older = Run({**first.tables, "identity_records": first.tables["identity_records"].drop("han")})
    second = run_linking(older, contacts=people, now=TUESDAY)
    for name in ("customer_links", "customer_history", "identity_records"):
        assert rows_of(second, name) == rows_of(first, name), name


def test_few_records_changed_and_linked_again_keep_their_ids_too():
    people = ordinary_people(60, seed=8, twice=0.3)
    first = run_linking(contacts=people, now=MONDAY)
    people[3] = people[3] | {"phone": "+4922155512345"}
    second = run_linking(first, contacts=people[::-1], now=TUESDAY)
    assert second.customers == first.customers
    assert rows_of(second, "customer_history") == rows_of(first, "customer_history")


def test_records_that_are_gone_leave_neither_pairs_nor_links(people, tuesday):
    left = [row for row in people if row["contact_id"][0] == "a"]
    run = run_linking(tuesday, contacts=left, now=WEDNESDAY)
    assert set(run.customers) == {row["contact_id"] for row in left}
    pairs = run.frame("identity_pairs")
    assert {*pairs.left_record_id, *pairs.right_record_id} <= set(run.customers)
