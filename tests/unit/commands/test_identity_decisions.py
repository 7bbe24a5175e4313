"""`aar identity merge|split|apart|undo`: what is decided, what is refused, and why."""

import getpass

import pytest

from aar_platform.commands import identity
from aar_platform.commands.identity import apart, merge, split, undo_decision
from aar_platform.tables import catalogue


def pairs(decision):
    return {tuple(sorted(map(str, pair))) for pair in decision.pairs}


def test_a_merge_is_kept_between_a_lasting_record_of_each_customer(linked_company):
    linked_company.link(
        CADA=["shop/orders/o/7", "shop/contacts/1"], CBEA=["crm/contacts/2"],
        CCEO=["desk/contacts/3"],
    )  # fmt: skip
    said = merge(linked_company.settings, ["CADA", "CBEA", "CCEO"], "same passport", None)
    (decision,) = linked_company.decided()
    assert (decision.decision_id, decision.verdict, decision.kind) == ("D0001", "same", "person")
    assert pairs(decision) == {
        ("crm/contacts/2", "shop/contacts/1"),
        ("crm/contacts/2", "desk/contacts/3"),
    }
    assert (decision.reason, decision.decided_by) == ("same passport", getpass.getuser())
    assert "aar run" in said[0] and "CADA goes on" in said[0]
    assert "aar identity undo D0001" in said[1]


def test_who_decides_can_be_said(linked_company):
    merge(linked_company.settings, ["CADA", "CBEA"], None, "ada@example.com")
    assert linked_company.decided()[0].decided_by == "ada@example.com"


def test_where_the_system_knows_nobody_it_is_asked_who_decides(
    linked_company, refused, monkeypatch
):
    def nobody():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert "--by" in refused(merge, linked_company.settings, ["CADA", "CBEA"], None, None)


def test_a_split_keeps_each_record_named_apart_from_each_of_the_rest(linked_company):
    said = split(linked_company.settings, "CADA", ["shop/orders/o/7"], None, None)
    (decision,) = linked_company.decided()
    assert decision.verdict == "different"
    assert pairs(decision) == {
        ("crm/contacts/1", "shop/orders/o/7"),
        ("shop/contacts/1", "shop/orders/o/7"),
    }
    assert "CADA (3 records) is without shop/orders/o/7" in said[0]


def test_records_split_off_together_are_not_told_apart_from_each_other(linked_company):
    split(linked_company.settings, "CADA", ["shop/contacts/1", "shop/o/7"], None, None)
    assert pairs(linked_company.decided()[0]) == {
        ("crm/contacts/1", "shop/contacts/1"),
        ("crm/contacts/1", "shop/orders/o/7"),
    }


def test_a_record_may_be_named_without_its_table_where_that_is_clear(linked_company, refused):
    linked_company.link(CADA=["shop/contacts/1", "shop/orders/1", "crm/contacts/1"])
    said = refused(split, linked_company.settings, "CADA", ["shop/1"], None, None)
    assert "shop/contacts/1 or shop/orders/1" in said
    split(linked_company.settings, "CADA", ["crm/1"], None, None)
    assert len(linked_company.decided()[0].pairs) == 2


def test_an_unknown_customer_is_refused_with_the_nearest_id(linked_company, refused):
    said = refused(merge, linked_company.settings, ["CADA", "CBEE"], None, None)
    assert "CBEE" in said and "did you mean CBEA?" in said
    said = refused(split, linked_company.settings, "somebody", ["crm/1"], None, None)
    assert "did you mean" not in said
    assert linked_company.decided() == []


def test_a_customer_that_was_merged_is_refused_with_the_one_it_is_part_of_now(
    linked_company, refused
):
    linked_company.history(
        ("COLD", "created", None), ("COLD", "merged_into", "CMID"),
        ("CMID", "merged_into", "CADA"), ("CGONE", "created", None), ("CERA", "erased", None),
    )  # fmt: skip
    command = (merge, linked_company.settings)
    assert "merged into CADA" in refused(*command, ["COLD", "CBEA"], None, None)
    assert "no source has its records" in refused(*command, ["CGONE", "CBEA"], None, None)
    assert "erased" in refused(*command, ["CERA", "CBEA"], None, None)


def test_a_customer_named_twice_is_refused(linked_company, refused):
    assert "twice" in refused(merge, linked_company.settings, ["CADA", "CBEA", "CADA"], None, None)
    assert "two customers" in refused(merge, linked_company.settings, ["CADA"], None, None)


def test_a_person_and_a_company_are_neither_merged_nor_told_apart(linked_company, refused):
    said = refused(merge, linked_company.settings, ["CADA", "CORG"], None, None)
    assert "CADA is a person" in said and "CORG is a company" in said
    assert "company" in refused(apart, linked_company.settings, "CADA", "CORG", None, None)


def test_a_contact_may_be_known_as_a_company(linked_company, refused):
    schema = catalogue.ibis_schema("customers")
    facts = {"customer_id": "CBEA", "kind": "company"}
    linked_company.write("customers", schema, [{name: facts.get(name) for name in schema}])
    said = refused(merge, linked_company.settings, ["CADA", "CBEA"], None, None)
    assert "CBEA is a company" in said
    merge(linked_company.settings, ["CBEA", "CORG"], None, None)
    assert linked_company.decided()[0].kind == "company"


def test_one_record_cannot_be_apart_from_itself(linked_company, refused):
    same = "crm/contacts/3"
    said = refused(apart, linked_company.settings, same, same, None, None)
    assert said == f"{same} and {same} are one and the same; name two"


def test_a_merge_against_a_decision_names_the_one_to_undo(linked_company, refused):
    apart(linked_company.settings, "shop/contacts/1", "CBEA", None, None)
    said = refused(merge, linked_company.settings, ["CADA", "CBEA"], None, None)
    assert "D0001 keeps shop/contacts/1 and crm/contacts/2 apart" in said
    assert "aar identity undo D0001" in said
    undo_decision(linked_company.settings, "d0001", None)
    merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    assert [one.decision_id for one in linked_company.decided()] == ["D0001", "D0002"]


def test_a_merge_against_a_decision_through_a_third_customer_is_refused(linked_company, refused):
    merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    apart(linked_company.settings, "crm/contacts/1", "crm/contacts/3", None, None)
    said = refused(merge, linked_company.settings, ["CBEA", "CCEO"], None, None)
    assert "aar identity undo D0002" in said


def test_a_split_against_a_merge_names_the_one_to_undo(linked_company, refused):
    merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    linked_company.link(CADA=["crm/contacts/1", "shop/contacts/1", "crm/contacts/2"])
    said = refused(split, linked_company.settings, "CADA", ["crm/contacts/2"], None, None)
    assert "aar identity undo D0001" in said
    split(linked_company.settings, "CADA", ["shop/contacts/1"], None, None)


def test_a_split_against_two_merges_names_both(linked_company, refused):
    merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    merge(linked_company.settings, ["CBEA", "CCEO"], None, None)
    linked_company.link(CADA=["crm/contacts/1", "crm/contacts/3"])
    said = refused(split, linked_company.settings, "CADA", ["crm/contacts/3"], None, None)
    assert "D0001" in said and "D0002" in said and "undo one of them" in said


def test_what_was_decided_already_is_refused(linked_company, refused):
    merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    assert "D0001" in refused(merge, linked_company.settings, ["CBEA", "CADA"], None, None)
    apart(linked_company.settings, "CADA", "CCEO", None, None)
    said = refused(apart, linked_company.settings, "crm/contacts/3", "crm/contacts/1", None, None)
    assert "D0002" in said and "already" in said
    # What holds for one part of a merged customer holds for the other.
    said = refused(apart, linked_company.settings, "CBEA", "desk/contacts/3", None, None)
    assert "D0002" in said and "already" in said
    assert len(linked_company.decided()) == 2


def test_a_customer_that_the_next_run_splits_is_not_merged_before_it(linked_company, refused):
    split(linked_company.settings, "CADA", ["crm/contacts/1"], None, None)
    said = refused(merge, linked_company.settings, ["CADA", "CBEA"], None, None)
    assert "D0001 splits it" in said and "aar run" in said


def test_a_split_of_all_records_or_of_strange_ones_is_refused(linked_company, refused):
    command = (split, linked_company.settings)
    said = refused(*command, "CCEO", ["crm/contacts/3", "desk/contacts/3"], None, None)
    assert "all of its records" in said
    said = refused(*command, "CCEO", ["crm/contacts/1"], None, None)
    assert "crm/contacts/3, desk/contacts/3" in said
    assert linked_company.decided() == []


def test_more_pairs_than_a_run_should_read_are_refused(linked_company, refused, monkeypatch):
    monkeypatch.setattr(identity, "MOST_PAIRS", 1)
    said = refused(split, linked_company.settings, "CADA", ["crm/1"], None, None)
    assert "at most 1" in said


def test_records_of_one_customer_are_told_apart_by_a_split(linked_company, refused):
    said = refused(apart, linked_company.settings, "crm/contacts/1", "shop/o/7", None, None)
    assert "aar identity split CADA shop/orders/o/7" in said


def test_an_unknown_record_is_refused(linked_company, refused):
    assert "crm/contacts/9" in refused(
        apart, linked_company.settings, "crm/contacts/9", "CBEA", None, None
    )


def test_undoing_is_once_and_tells_who_did_it(linked_company, refused):
    merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    said = undo_decision(linked_company.settings, "D0001", "grace")
    assert "aar run" in said[0] and "crm/contacts/1, crm/contacts/2" in said[0]
    assert "by grace" in refused(undo_decision, linked_company.settings, "D0001", None)
    assert "D0009" in refused(undo_decision, linked_company.settings, "D0009", None)
    (decision,) = linked_company.decided()
    assert decision.undone_by == "grace" and decision.undone_at >= decision.decided_at


def test_before_the_first_run_there_is_nothing_to_decide(company, refused):
    company.history()
    assert "aar run" in refused(merge, company.settings, ["CADA", "CBEA"], None, None)


@pytest.mark.parametrize("command", [merge, split])
def test_a_command_writes_nothing_into_the_warehouse(linked_company, command):
    path = linked_company.settings.folder / "data" / "warehouse.duckdb"
    before = path.read_bytes()
    if command is merge:
        merge(linked_company.settings, ["CADA", "CBEA"], None, None)
    else:
        split(linked_company.settings, "CADA", ["crm/1"], None, None)
    assert path.read_bytes() == before
