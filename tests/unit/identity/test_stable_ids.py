import random
from datetime import datetime

import ibis
import pandas as pd
import pytest

from aar_platform.identity.history import customer_history
from aar_platform.identity.stable_ids import assign_customer_ids
from aar_platform.tables import catalogue

FIRST, LATER, LAST = datetime(2026, 1, 1), datetime(2026, 2, 1), datetime(2026, 3, 1)


def run(groups: list[str], previous: pd.DataFrame | None, now: datetime) -> pd.DataFrame:
    """Links for clusters written as strings of one-letter record ids."""
    rows = [
        ("person", "crm", "contacts", record, number, "key", 1.0)
        for number, group in enumerate(groups)
        for record in group
    ]
    names = ["kind", "source", "object", "record_id", "cluster", "method", "match_probability"]
    schema = {**dict.fromkeys(names, "string"), "cluster": "int64", "match_probability": "float64"}
    clusters = ibis.memtable(pd.DataFrame(rows, columns=names), schema=schema)
    return assign_customer_ids(clusters, as_table("customer_links", previous), now).to_pandas()


def as_table(name: str, frame: pd.DataFrame | None) -> ibis.Table | None:
    return None if frame is None else ibis.memtable(frame, schema=catalogue.ibis_schema(name))


def ids(links: pd.DataFrame) -> dict[str, str]:
    return dict(zip(links.record_id, links.customer_id, strict=True))


def events(previous: pd.DataFrame, links: pd.DataFrame, now: datetime) -> set[tuple]:
    told = customer_history(None, as_table("customer_links", previous), None, FIRST).to_pandas()
    history = customer_history(
        as_table("customer_links", previous),
        as_table("customer_links", links),
        as_table("customer_history", told),
        now,
    ).to_pandas()
    assert list(history.columns) == catalogue.column_names("customer_history")
    assert len(history.merge(told)) == len(told)
    new = history[history.occurred_at == now]
    return {
        (
            row.customer_id,
            row.event,
            None if pd.isna(row.other_customer_id) else row.other_customer_id,
        )
        for row in new.itertuples()
    }


def test_a_new_customer_id_is_a_c_and_fifteen_hexadecimal_digits_and_always_the_same():
    one, two = run(["ab", "c"], None, FIRST), run(["c", "ab"], None, FIRST)
    assert ids(one) == ids(two)
    assert one.customer_id.str.fullmatch("C[0-9a-f]{15}").all()


def test_a_re_run_on_the_same_records_changes_nothing_and_tells_nothing():
    first = run(["ab", "c"], None, FIRST)
    again = run(["c", "ab"], first, LATER)
    pd.testing.assert_frame_equal(
        again.sort_values("record_id", ignore_index=True),
        first.sort_values("record_id", ignore_index=True),
    )
    assert events(first, again, LATER) == set()


def test_a_new_record_joins_the_customer_it_belongs_to_and_only_its_link_is_new():
    first = run(["bc"], None, FIRST)
    after = run(["abc"], first, LATER).set_index("record_id")
    assert set(after.customer_id) == set(first.customer_id)
    assert after.linked_at["b"] == FIRST
    assert after.linked_at["a"] == LATER


def test_a_merged_customer_goes_on_under_the_id_that_most_records_had():
    first = run(["a", "bc"], None, FIRST)
    after = run(["abc"], first, LATER)
    before = ids(first)
    assert set(after.customer_id) == {before["b"]}
    assert events(first, after, LATER) == {(before["a"], "merged_into", before["b"])}


def test_of_equals_the_oldest_id_goes_on():
    for first, second in ("ab", "ba"):
        before = run([first], None, FIRST)
        both = run([first, second], before, LATER)
        assert ids(run(["ab"], both, LAST))[second] == ids(before)[first]


def test_two_that_were_merged_and_are_parted_again_have_the_ids_they_had():
    before = run(["a", "b"], None, FIRST)
    merged = run(["ab"], before, LATER)
    for order in (["a", "b"], ["b", "a"]):
        assert ids(run(order, merged, LAST)) == ids(before)


def test_the_smaller_part_of_a_split_gets_a_new_id_even_when_it_founded_the_old_one():
    first = run(["abc"], None, FIRST)
    old = first.customer_id[0]
    after = run(["a", "bc"], first, LATER)
    found = ids(after)
    assert found["b"] == found["c"] == old
    assert found["a"] != old
    assert events(first, after, LATER) == {
        (found["a"], "created", None),
        (found["a"], "split_from", old),
    }
    again = run(["a", "b", "c"], after, LAST)
    assert again.customer_id.nunique() == 3
    assert ids(again)["a"] == found["a"]


def test_a_cluster_that_loses_its_first_choice_takes_its_second():
    first = run(["abcd", "ef"], None, FIRST)
    after = run(["ab", "ce"], first, LATER)
    before, found = ids(first), ids(after)
    assert found["a"] == before["a"]
    assert found["c"] == found["e"] == before["e"]


@pytest.mark.parametrize("seed", range(4))
def test_no_id_is_ever_given_twice_and_untouched_clusters_keep_theirs(seed):
    dice = random.Random(seed)
    links, earlier = None, {}
    for _ in range(4):
        groups: dict[int, str] = {}
        for record in "abcdefghijklmnop":
            group = dice.randrange(8)
            groups[group] = groups.get(group, "") + record
        after = run(list(groups.values()), links, FIRST)
        now = {frozenset(rows.record_id): cid for cid, rows in after.groupby("customer_id")}
        assert len(now) == len(groups)
        assert set(now) == {frozenset(group) for group in groups.values()}
        for group in set(now) & set(earlier):
            assert now[group] == earlier[group]
        links, earlier = after, now


def test_a_record_that_leaves_its_customer_twice_gets_a_free_id_each_time():
    first = run(["abc"], None, FIRST)
    left = run(["a", "bc"], first, LATER)
    joined = run(["ade", "bc"], left, LATER)
    again = ids(run(["a", "de", "bc"], joined, LAST))
    assert again["d"] == ids(left)["a"]
    assert len(set(again.values())) == 3
