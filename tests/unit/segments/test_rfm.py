from datetime import date, timedelta
from random import Random

import ibis
import pandas as pd
import pytest

from aar_platform.segments.rfm import LABELS, quintile, rfm

AS_OF = date(2024, 12, 31)
GROWING = [
    (f"c{i:02}", AS_OF - timedelta(days=300 - 10 * i + k), f"{10 + i}.50")
    for i in range(25)
    for k in range(i + 1)
]


def scores_of(values):
    table = ibis.memtable({"row": range(len(values)), "value": values})
    found = table.mutate(score=quintile(table.value)).order_by("row").to_pandas()
    return found["score"].tolist()


def test_25_customers_in_a_row_are_five_of_each_score(segmented):
    found = segmented("rfm", GROWING)
    expected = {f"c{i:02}": f"{i // 5 + 1}-{i // 5 + 1}-{i // 5 + 1}" for i in range(25)}
    assert found["segment"].to_dict() == expected
    assert found.loc["c00", "label"] == "Lost"
    assert found.loc["c24", "label"] == "Champions"


def test_who_bought_long_ago_but_often_cannot_be_lost_and_who_bought_just_now_once_is_new(
    segmented,
):
    sales = [*GROWING]
    sales += [("star", AS_OF - timedelta(days=600 + k), "30.00") for k in range(60)]
    sales += [("fresh", AS_OF, "30.00")]
    found = segmented("rfm", sales)
    assert found.loc["star", "label"] == "Cannot lose"
    assert found.loc["fresh", "label"] == "New"


@pytest.mark.parametrize(
    ("values", "scores"),
    [
        ([], []),
        ([7], [3]),
        ([7, 9], [1, 5]),
        ([1, 2, 3], [1, 3, 5]),
        ([4, 1, 3, 2], [5, 1, 4, 2]),
        ([5, 5, 5, 5, 5, 5], [3, 3, 3, 3, 3, 3]),
        ([1] * 6 + [2, 3, 4, 5], [1] * 6 + [4, 4, 5, 5]),
        ([1] * 9 + [2], [1] * 9 + [5]),
        ([1] + [2] * 9, [1] + [5] * 9),
    ],
)
def test_equal_values_score_alike_and_the_ends_reach_1_and_5(values, scores):
    assert scores_of(values) == scores


def test_without_ties_the_fifths_are_those_of_pandas():
    values = Random(3).sample(range(10_000), 1_000)
    expected = pd.qcut(pd.Series(values), 5, labels=False) + 1
    assert scores_of(values) == expected.tolist()


def test_a_higher_value_never_scores_lower():
    random = Random(5)
    values = [random.randint(0, 12) ** 2 for _ in range(300)]
    ranked = sorted(zip(values, scores_of(values), strict=True))
    assert [score for _, score in ranked] == sorted(score for _, score in ranked)


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_handful_of_customers_is_divided_without_error(segmented, number):
    sales = [(f"c{i}", AS_OF - timedelta(days=i), f"{10 + i}") for i in range(number)]
    found = segmented("rfm", sales)
    assert len(found) == number
    assert set(found["label"]) <= {label for row in LABELS.values() for label in row}


def test_customers_with_refunds_only_or_nothing_at_all_have_no_purchase_yet(segmented):
    found = segmented(
        "rfm", [("a", AS_OF, "5"), ("b", AS_OF, "-5"), (None, AS_OF, "9")], also_customers=["c"]
    )
    assert found.loc[["b", "c"], "segment"].tolist() == ["0-0-0", "0-0-0"]
    assert found.loc[["b", "c"], "label"].tolist() == ["No purchase yet", "No purchase yet"]
    assert found.loc["a", "segment"] == "3-3-3"


def test_no_customers_give_no_segments(segmented):
    assert segmented("rfm", []).empty


def test_a_refund_lowers_the_monetary_score_but_is_no_purchase(segmented):
    sales = [(f"c{i}", AS_OF - timedelta(days=9), "100") for i in range(5)]
    found = segmented("rfm", [*sales, ("c0", AS_OF, "-60")])
    assert found.loc["c0", "segment"] == "3-3-1"


def test_the_order_of_the_rows_changes_no_cell(segmented):
    shuffled = Random(1).sample(GROWING, len(GROWING))
    assert segmented("rfm", shuffled).equals(segmented("rfm", GROWING))


def test_the_documented_map_is_the_one_in_use():
    rows = [line.split("|")[1:-1] for line in rfm.__doc__.splitlines() if "| " in line][1:]
    documented = {int(row[0]): tuple(cell.strip() for cell in row[1:]) for row in rows}
    assert documented == LABELS
    assert len({label for row in LABELS.values() for label in row}) == 11
