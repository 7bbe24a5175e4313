"""What no likeness outweighs: two national ids, two verified dates of birth, a person's word."""

from datetime import date, datetime
from typing import Any

import pytest

from aar_platform.identity.policy import IdentityPolicy
from tests.unit.identity.conftest import Rows
from tests.unit.identity.linking_runs import Run, decided, run_linking
from tests.unit.identity.ordinary_people import ordinary_people

AGNES = {
    "given_name": "Agnes",
    "family_name": "Thorwald",
    "email": "agnes@thorwald.example",
    "phone": "+4922112345681",
}


def two(one: dict[str, Any], other: dict[str, Any]) -> Rows:
    """Two records alike but for these columns."""
    return [
        {"contact_id": "1", **AGNES, **one},
        {"contact_id": "2", "source": "shop", **AGNES, **other},
    ]


def among(rows: Rows) -> Rows:
    """With people who have all columns, many of them twice."""
    people = ordinary_people(200, seed=21, twice=0.2)
    told = {
        f"{row['contact_id'][1:]}": f"{7_654_321 * (int(row['contact_id'][1:]) + 11) % 10**9:09}"
        for row in people
    }
    return [row | {"national_id": told[row["contact_id"][1:]]} for row in people] + rows


def apart_because(run: Run) -> set[str]:
    pairs = run.pairs_of("1", "2")
    assert pairs
    assert {pair["state"] for pair in pairs} <= {"apart"}, pairs
    return {pair["reason"] for pair in pairs}


IDS = {"national_id": "830412-4471"}, {"national_id": "917755-0236"}
VERIFIED = (
    {"birth_date": date(1961, 4, 12), "birth_date_verified": True},
    {"birth_date": date(1988, 9, 30), "birth_date_verified": True},
)


@pytest.mark.parametrize("where", ["alone", "among others"])
def test_two_national_ids_are_two_customers_whatever_else_is_alike(where):
    rows = two(*IDS)
    run = run_linking(contacts=among(rows) if where == "among others" else rows)
    assert run.are_all_apart("1", "2"), run.pairs_of("1", "2")
    assert apart_because(run) == {"national_id"}


@pytest.mark.parametrize("where", ["alone", "among others"])
def test_national_ids_one_digit_apart_are_one_mistyped(where):
    rows = two({"national_id": "8304124471"}, {"national_id": "8304124477"})
    run = run_linking(contacts=among(rows) if where == "among others" else rows)
    assert run.are_one("1", "2"), run.pairs_of("1", "2")


@pytest.mark.parametrize("where", ["alone", "among others"])
def test_two_verified_birth_dates_are_two_customers(where):
    rows = two(*VERIFIED)
    run = run_linking(contacts=among(rows) if where == "among others" else rows)
    assert run.are_all_apart("1", "2"), run.pairs_of("1", "2")
    assert apart_because(run) == {"birth_date"}


def test_birth_dates_that_nobody_verified_prove_nothing():
    one, other = VERIFIED
    rows = two(one | {"birth_date_verified": None}, other)
    assert run_linking(contacts=rows).are_one("1", "2")


def test_a_third_record_does_not_join_what_hard_evidence_keeps_apart():
    rows = [*two(*IDS), {"contact_id": "3", "source": "desk", **AGNES}]
    run = run_linking(contacts=rows)
    assert run.are_all_apart("1", "2"), run.pairs_of("1", "2")
    assert run.are_one("1", "3") or run.are_one("2", "3"), run.pairs_of("1", "2", "3")


def test_two_records_of_one_national_id_are_one_whichever_record_comes_first():
    """The first of an address is what the others are tied to; being apart from it parts nobody."""
    for first in ("930412", "617755"):
        rows = [
            {"contact_id": str(number), "email": "desk@thorwald.example", "national_id": number_of}
            for number, number_of in enumerate([first, "617755", "617755", "930412"])
        ]
        run = run_linking(contacts=rows)
        groups = {
            tuple(row["national_id"] for row in rows if row["contact_id"] in group)
            for group in run.groups()
        }
        assert {frozenset(group) for group in groups} == {
            frozenset(["930412"]),
            frozenset(["617755"]),
        }
        assert len(run.groups()) == 2, run.groups()


@pytest.fixture(scope="module")
def decisions() -> tuple:
    return decided(
        ("same", "s1", "s2"),
        ("different", "d1", "shop:d2"),
        ("different", "g1", "g2"),
        ("different", "g1", "g3"),
    )


def decided_people() -> Rows:
    strangers = [
        {"contact_id": "s1", "given_name": "Ottokar", "family_name": "Lindqvist", "city": "Malmoe"},
        {"contact_id": "s2", "given_name": "Wanda", "family_name": "Ferrante", "phone": "+390212"},
    ]
    alike = [
        {"contact_id": "d1", **AGNES, "city": "Bonn", "birth_date": date(1971, 1, 2)},
        {"contact_id": "d2", "source": "shop", **AGNES, "birth_date": date(1971, 1, 2)},
    ]
    nameless = [
        {"contact_id": name, "email": "gast@herberge.example"} for name in ("g1", "g2", "g3")
    ]
    return strangers + alike + nameless


@pytest.fixture(scope="module")
def runs(decisions) -> list[Run]:
    """A first run and three more, each from the tables that the one before left."""
    people = ordinary_people(310, seed=22, twice=0.1) + decided_people()
    runs: list[Run] = []
    for day in range(1, 5):
        before = runs[-1] if runs else None
        new = [
            {"contact_id": f"new{day}", "source": "desk", "full_name": f"Newcomer{day} Sandberg"}
        ]
        if day == 3:
            # It resembles both d1 and d2, and everybody who looks at the three would join them.
            new.append(
                {
                    "contact_id": "d3",
                    "source": "desk",
                    **AGNES,
                    "city": "Bonn",
                    "birth_date": date(1971, 1, 2),
                }
            )
        people = people + new
        now = datetime(2026, 2, day)
        runs.append(run_linking(before, decisions=decisions, now=now, contacts=people))
    return runs


def test_a_manual_merge_joins_two_strangers_in_every_run(runs):
    for run in runs:
        assert run.are_one("s1", "s2")
        links = run.frame("customer_links")
        assert set(links[links.record_id.isin(["s1", "s2"])].method) == {"manual"}
        (pair,) = [one for one in run.pairs_of("s1", "s2") if one["method"] == "manual"]
        assert (pair["state"], pair["reason"]) == ("linked", "decision")


def test_a_manual_split_stays_split_in_three_further_runs(runs):
    assert [run.are_all_apart("d1", "d2") for run in runs] == [True] * 4
    for run in runs:
        assert run.customers["d1"] == runs[0].customers["d1"]
        assert run.customers["d2"] == runs[0].customers["d2"]


def test_what_a_person_declared_different_is_apart_by_that_decision(runs):
    for run in runs:
        assert apart_of(run, "d1", "d2") == {("apart", "decision")}


def apart_of(run: Run, *records: str) -> set[tuple[str, str]]:
    return {(pair["state"], pair["reason"]) for pair in run.pairs_of(*records)}


def test_a_later_record_that_resembles_both_sides_does_not_join_them(runs):
    for run in runs[2:]:
        assert run.are_all_apart("d1", "d2")
        assert run.are_one("d3", "d1") or run.are_one("d3", "d2")


def test_parting_one_record_from_its_address_leaves_the_others_of_it_together(runs):
    for run in runs:
        assert run.are_all_apart("g1", "g2")
        assert run.are_one("g2", "g3"), run.pairs_of("g1", "g2", "g3")


def test_a_decision_undone_lets_the_evidence_speak_again(runs):
    people = decided_people()
    parted = run_linking(decisions=decided(("different", "d1", "shop:d2")), contacts=people)
    assert parted.are_all_apart("d1", "d2")
    assert run_linking(parted, decisions=decided(), contacts=people).are_one("d1", "d2")


def test_a_decision_about_records_that_are_gone_does_no_harm():
    decisions = decided(("same", "1", "gone"), ("different", "away:1", "shop:2"))
    assert run_linking(decisions=decisions, contacts=two({}, {})).are_one("1", "2")


def test_a_manual_merge_outranks_neither_two_national_ids_silently_nor_without_saying_so():
    run = run_linking(decisions=decided(("same", "1", "shop:2")), contacts=two(*IDS))
    pairs = [pair for pair in run.pairs_of("1", "2") if pair["method"] == "manual"]
    assert [pair["state"] for pair in pairs] in (["linked"], ["apart"])
    if pairs[0]["state"] == "apart":
        assert pairs[0]["reason"] == "national_id"


@pytest.fixture(scope="module")
def by_policy() -> dict[str, Run]:
    """Runs over the same pairs with the same probabilities: the later ones start from the first."""
    people = ordinary_people(340, seed=23, twice=0.3)
    mangled = [
        row
        | {
            "contact_id": "m" + row["contact_id"][1:],
            "source": "desk",
            "given_name": row["given_name"][:1],
            **dict.fromkeys(["email", "birth_date", "street", ("phone", "city")[number % 2]]),
        }
        for number, row in enumerate(people[:150])
    ]
    people = people + mangled
    auto = run_linking(policy=IdentityPolicy(review_band=(0.5, 0.5)), contacts=people)
    policies = {
        "sure": IdentityPolicy(match_probability=0.9999, review_band=(0.5, 0.9999)),
        "even": IdentityPolicy(match_probability=0.5, review_band=(0.9, 0.99)),
        "careful": IdentityPolicy(review_band=(0.5, 0.9999)),
    }
    return {"auto": auto} | {
        name: run_linking(auto, policy=policy, contacts=people) for name, policy in policies.items()
    }


def weighed(run: Run) -> list[dict[str, Any]]:
    """The pairs that more than the name speaks for, by the model."""
    pairs = run.tables["identity_pairs"].to_pylist()
    return [pair for pair in pairs if pair["method"] == "probabilistic" and pair["is_linkable"]]


def linked_by(run: Run) -> set[tuple[str, str]]:
    return {
        (pair["left_record_id"], pair["right_record_id"])
        for pair in weighed(run)
        if pair["state"] == "linked"
    }


@pytest.mark.long
def test_a_stricter_probability_links_less(by_policy):
    sure, even = linked_by(by_policy["sure"]), linked_by(by_policy["even"])
    assert sure < even
    assert sure <= linked_by(by_policy["auto"]) <= even


@pytest.mark.long
def test_pairs_of_the_review_band_wait_for_a_person(by_policy):
    run = by_policy["careful"]
    waiting = [
        pair
        for pair in weighed(run)
        if 0.5 <= pair["match_probability"] < 0.9999
        and not run.are_one(pair["left_record_id"], pair["right_record_id"])
    ]
    assert waiting
    assert {(pair["state"], pair["reason"]) for pair in waiting} == {("review", "review_band")}
    assert not [pair for pair in weighed(by_policy["even"]) if pair["state"] == "review"]


@pytest.mark.long
def test_a_probability_stated_below_the_band_wins(by_policy):
    certain = [pair for pair in weighed(by_policy["even"]) if pair["match_probability"] >= 0.5]
    assert {pair["state"] for pair in certain} == {"linked"}
    assert any(pair["match_probability"] < 0.99 for pair in certain)


@pytest.mark.long
def test_the_threshold_chosen_from_the_data_links_the_pair_it_was_chosen_at(by_policy):
    """The weakest pair that is worth linking is itself linked."""
    run = by_policy["auto"]
    (threshold,) = set(run.frame("identity_model").threshold)
    states = {pair["state"] for pair in weighed(run) if pair["match_weight"] >= max(threshold, 0.0)}
    assert states == {"linked"}
