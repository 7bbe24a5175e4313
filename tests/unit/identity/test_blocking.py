"""Which pairs are looked at."""

import ibis
import pytest

from aar_platform.identity.model import blocking
from aar_platform.identity.model.features import features
from aar_platform.identity.model.workbench import workbench
from aar_platform.identity.records import identity_records
from tests.unit.identity.conftest import core_of
from tests.unit.identity.ordinary_people import ordinary_people


@pytest.fixture(scope="module")
def rows():
    people = ordinary_people(900, seed=5, twice=0.2)
    records = ibis.memtable(identity_records(core_of(contacts=people), "DE").to_pyarrow())
    return ibis.memtable(features(records, "person").to_pyarrow())


def as_set(pairs):
    return {tuple(row.values()) for row in pairs.to_pyarrow().to_pylist()}


def test_pairs_of_changed_records_are_those_of_all_pairs_that_one_of_them_is_in(rows):
    rules = blocking.chosen_rules(rows, blocking.PEOPLE, rows.count().execute())
    every = as_set(blocking.candidate_pairs(rows, rules))
    changed = set(range(0, 900, 37))
    with workbench(rows) as bench:
        table = ibis.memtable({"unique_id": sorted(changed)})
        found = as_set(blocking.pairs_of_changed(bench, rows, rules, table))
    assert found == {pair for pair in every if changed & set(pair)}
    assert len(changed) < len(found) < len(every)


def test_the_rules_that_find_fewest_pairs_go_first_and_all_stay_within_what_is_allowed(
    rows, monkeypatch
):
    def pairs(rule):
        return len(as_set(blocking.candidate_pairs(rows, [rule])))

    monkeypatch.setattr(blocking, "_PAIRS", 2_000)
    monkeypatch.setattr(blocking, "_PAIRS_PER_RECORD", 0)
    chosen = blocking.chosen_rules(rows, blocking.PEOPLE, 900)
    counts = [pairs(rule) for rule in chosen]
    assert counts == sorted(counts)
    assert sum(counts) <= 2_000
    left = [pairs(rule) for rule in blocking.PEOPLE if rule not in chosen]
    assert max(left) > 2_000 - sum(counts)


def test_of_a_large_table_a_part_of_the_blocks_tells_how_many_pairs_there_are(rows, monkeypatch):
    whole = blocking.chosen_rules(rows, blocking.PEOPLE, 900)
    monkeypatch.setattr(blocking, "_COUNTED", 900 * len(blocking.PEOPLE) // 3)
    part = blocking.chosen_rules(rows, blocking.PEOPLE, 900)
    assert len(set(whole) & set(part)) >= 0.8 * len(whole)
