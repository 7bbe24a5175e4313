"""Which decisions hold where they contradict each other."""

from datetime import datetime, timedelta

import pytest

from aar_platform.identity.decisions import active_decisions, decision_rows, in_force
from aar_platform.operations.decisions import Decision, Record, decide, undo
from aar_platform.operations.store import Operations
from aar_platform.quality.audits import validate

A, B, C, D = (Record("crm", "contacts", name) for name in "abcd")
NOW = datetime(2026, 1, 1)


def made(number, verdict, *pairs, undone=False):
    at = NOW + timedelta(days=number)
    undone_by, undone_at = ("ada", at) if undone else (None, None)
    return Decision(
        f"D{number:04d}", verdict, "person", pairs, None, "ada", at, undone_by, undone_at
    )


def holding(*decisions):
    return [one.number for one in in_force(decisions)]


def test_decisions_that_agree_all_hold():
    assert holding(made(1, "same", (A, B)), made(2, "different", (A, C), (B, C))) == [1, 2]


def test_of_two_that_contradict_the_later_holds():
    assert holding(made(1, "same", (A, B)), made(2, "different", (B, A))) == [2]
    assert holding(made(1, "different", (A, B)), made(2, "same", (B, A))) == [2]


def test_a_contradiction_through_a_chain_costs_the_earliest_its_effect():
    chain = made(1, "same", (A, B)), made(2, "same", (B, C)), made(3, "different", (A, C))
    assert holding(*chain) == [2, 3]
    chain = made(1, "different", (A, C)), made(2, "same", (A, B)), made(3, "same", (B, C))
    assert holding(*chain) == [2, 3]


def test_groups_that_are_told_apart_stay_so_when_they_grow():
    decisions = (
        made(1, "same", (B, D)),
        made(2, "same", (A, B)),
        made(3, "same", (C, D)),
        made(4, "different", (A, C)),
    )
    assert holding(*decisions) == [2, 3, 4]


def test_a_decision_that_cannot_hold_has_no_effect_at_all():
    assert holding(made(1, "different", (A, B), (A, C)), made(2, "same", (A, B))) == [2]
    assert holding(made(1, "same", (A, B), (B, C)), made(2, "different", (A, C))) == [2]


def test_what_was_undone_neither_holds_nor_outranks():
    assert holding(made(1, "same", (A, B)), made(2, "different", (A, B), undone=True)) == [1]


def test_the_order_in_which_they_are_read_does_not_matter():
    decisions = [made(1, "same", (A, B)), made(2, "same", (B, C)), made(3, "different", (A, C))]
    assert in_force(decisions) == in_force(decisions[::-1])


@pytest.fixture
def operations(tmp_path):
    return Operations(f"sqlite:///{tmp_path}/operations.db")


def test_the_pipeline_gets_the_pairs_of_what_holds(operations):
    decide(operations, "same", "person", [(A, B), (B, C)], None, "ada", NOW)
    decide(operations, "different", "person", [(A, D)], "no", "ada", NOW)
    decide(operations, "same", "person", [(C, D)], None, "ada", NOW)
    undo(operations, "D0003", "ada", NOW)
    rows = active_decisions(operations).to_pylist()
    assert [(row["decision_id"], row["verdict"]) for row in rows] == [
        ("D0001", "same"), ("D0001", "same"), ("D0002", "different"),
    ]  # fmt: skip
    assert rows[2] == {
        "verdict": "different",
        "left_source": "crm", "left_object": "contacts", "left_record_id": "a",
        "right_source": "crm", "right_object": "contacts", "right_record_id": "d",
        "decided_at": NOW, "decision_id": "D0002",
    }  # fmt: skip


def test_without_decisions_the_pipeline_gets_the_same_columns(operations):
    empty = active_decisions(operations)
    decide(operations, "same", "person", [(A, B)], None, "ada", NOW)
    assert empty.num_rows == 0
    assert empty.schema == active_decisions(operations).schema


def test_the_table_has_every_decision_and_says_which_holds():
    import ibis

    rows = decision_rows(
        [made(1, "same", (A, B)), made(2, "different", (A, B)), made(3, "same", (C, D))]
    )
    assert rows.column("is_active").to_pylist() == [False, True, True]
    assert validate(ibis.memtable(rows), "identity_decisions") == []
