"""`aar identity review` and `aar identity decisions`."""

import csv
import io
import json

from aar_platform.commands.identity import apart, merge, undo_decision
from aar_platform.commands.identity_review import decisions_listed, review
from aar_platform.tables import catalogue

ADA_BEA = {"left": "crm/contacts/1", "right": "crm/contacts/2", "match_probability": 0.7}
BEA_CEO = {"left": "crm/contacts/2", "right": "desk/contacts/3", "match_probability": 0.9}
COMPANIES = {
    "left": "crm/companies/1", "right": "crm/companies/2", "kind": "company",
    "state": "related", "match_probability": None, "match_weight": None, "method": "rule",
    "reason": "same_company_name",
}  # fmt: skip


def waiting(company, kind=None, limit=20):
    return json.loads(review(company.settings, kind, limit, "json"))


def test_pairs_wait_strongest_first_with_the_commands_that_decide_them(linked_company):
    linked_company.pairs(ADA_BEA, COMPANIES, BEA_CEO, {**ADA_BEA, "state": "linked"})
    rows = waiting(linked_company)
    assert [(row["left_customer_id"], row["right_customer_id"]) for row in rows] == [
        ("CBEA", "CCEO"), ("CADA", "CBEA"), ("CORG", "CSUB"),
    ]  # fmt: skip
    assert rows[0]["merge"] == "aar identity merge CBEA CCEO"
    assert rows[0]["apart"] == "aar identity apart crm/contacts/2 desk/contacts/3"
    assert (rows[2]["state"], rows[2]["reason"]) == ("related", "same_company_name")


def test_kind_and_limit_choose_among_them(linked_company):
    linked_company.pairs(ADA_BEA, COMPANIES, BEA_CEO)
    assert [row["kind"] for row in waiting(linked_company, "company")] == ["company"]
    assert len(waiting(linked_company, limit=1)) == 1
    assert "and 2 more" in review(linked_company.settings, None, 1, "table")


def test_a_pair_that_was_decided_since_waits_no_more(linked_company):
    linked_company.pairs(ADA_BEA, BEA_CEO)
    apart(linked_company.settings, "crm/contacts/1", "CBEA", None, None)
    assert [row["left_customer_id"] for row in waiting(linked_company)] == ["CBEA"]
    merge(linked_company.settings, ["CBEA", "CCEO"], None, None)
    assert waiting(linked_company) == []
    assert "no pair waits" in review(linked_company.settings, None, 20, "table")
    undo_decision(linked_company.settings, "D0001", None)
    assert [row["left_customer_id"] for row in waiting(linked_company)] == ["CADA"]


def test_a_pair_that_was_found_twice_waits_once(linked_company):
    linked_company.pairs(ADA_BEA, {**ADA_BEA, "method": "rule", "match_probability": 0.9})
    assert [row["method"] for row in waiting(linked_company)] == ["rule"]


def test_a_pair_within_one_customer_waits_for_nobody(linked_company):
    linked_company.pairs({**ADA_BEA, "right": "shop/contacts/1"})
    assert waiting(linked_company) == []


def test_a_person_reads_names_and_commands_that_a_shell_takes(linked_company):
    linked_company.link(CADA=["crm/contacts/1"], CBEA=["crm/contacts/B 2"])
    linked_company.pairs({**ADA_BEA, "right": "crm/contacts/B 2"})
    schema = catalogue.ibis_schema("customers")
    facts = {"customer_id": "CADA", "kind": "person", "display_name": "Ada Lovelace"}
    linked_company.write("customers", schema, [{name: facts.get(name) for name in schema}])
    said = review(linked_company.settings, None, 20, "table")
    assert "review 0.700  similar" in said
    assert "CADA  crm/contacts/1  Ada Lovelace" in said
    assert "aar identity apart crm/contacts/1 'crm/contacts/B 2'" in said


def test_before_pairs_were_made_it_says_so(linked_company, refused):
    assert "nothing has been linked yet" in refused(
        review, linked_company.settings, None, 20, "table"
    )


def test_decisions_are_listed_undone_ones_only_when_asked_for(linked_company):
    assert "nothing" in decisions_listed(linked_company.settings, False, "table")
    merge(linked_company.settings, ["CADA", "CBEA"], "same passport", "grace")
    apart(linked_company.settings, "CADA", "CCEO", None, "grace")
    undo_decision(linked_company.settings, "D0001", "ada")
    said = decisions_listed(linked_company.settings, False, "table")
    assert "D0002" in said and "D0001" not in said
    rows = json.loads(decisions_listed(linked_company.settings, True, "json"))
    assert [(row["decision_id"], row["state"], row["undone_by"]) for row in rows] == [
        ("D0001", "undone", "ada"), ("D0002", "active", None),
    ]  # fmt: skip
    assert rows[0]["reason"] == "same passport"
    (row,) = csv.DictReader(io.StringIO(decisions_listed(linked_company.settings, False, "csv")))
    assert row["left"] == "crm/contacts/1, shop/contacts/1, shop/orders/o/7"
    assert row["right"] == "crm/contacts/3, desk/contacts/3"
