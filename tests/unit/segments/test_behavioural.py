from datetime import date, timedelta
from random import Random

import ibis
import numpy as np
import pandas as pd
import pytest

from aar_platform.segments.behaviour import customer_behaviour
from aar_platform.segments.behavioural import assign_clusters, best_number, scaled_features
from aar_platform.segments.cluster_names import WORDS, cluster_names
from aar_platform.tables import catalogue

AS_OF = date(2024, 12, 31)


def company() -> list[tuple[str, date, str]]:
    """30 who buy every week for much, 30 who came once a year ago, 30 who refund half of it."""
    random = Random(11)
    sales = []
    for i in range(30):
        for week in range(40):
            day = AS_OF - timedelta(days=7 * week + random.randint(0, 1))
            sales.append((f"weekly{i:02}", day, f"{random.randint(180, 220)}"))
        once = AS_OF - timedelta(days=random.randint(350, 365))
        sales.append((f"once{i:02}", once, f"{random.randint(18, 22)}"))
        for month in range(4):
            day = AS_OF - timedelta(days=40 * month + random.randint(5, 9))
            sales.append((f"returns{i:02}", day, "60"))
            sales.append((f"returns{i:02}", day + timedelta(days=2), f"-{random.randint(28, 32)}"))
    return sales


def groups(found: pd.DataFrame) -> dict[str, set[str]]:
    kinds = found.index.str.rstrip("0123456789")
    return {kind: set(found.loc[kinds == kind, "label"]) for kind in kinds.unique()}


def test_customers_who_buy_alike_share_a_segment_named_by_what_sets_them_apart(segmented):
    found = segmented("behavioural", company())
    assert groups(found) == {
        "weekly": {"High value, frequent"},
        "once": {"Long inactive, occasional"},
        "returns": {"Many refunds, new"},
    }


def test_segment_1_is_the_most_valuable(segmented):
    found = segmented("behavioural", company())
    assert set(found.filter(like="weekly", axis=0)["segment"]) == {"1"}
    assert set(found.filter(like="once", axis=0)["segment"]) == {"3"}


def test_the_order_of_the_rows_changes_neither_segment_nor_name(segmented):
    sales = company()
    shuffled = Random(2).sample(sales, len(sales))
    assert segmented("behavioural", shuffled).equals(segmented("behavioural", sales))


def shapeless(rows: int) -> pd.DataFrame:
    """Customers without any groups: here chance alone would draw the borders."""
    random = np.random.default_rng(8)
    values = random.uniform(1, 100, (rows, 4))
    frame = pd.DataFrame(values, columns=["orders", "value", "inactive_days", "tenure_days"])
    return frame.assign(customer_id=[f"c{i}" for i in range(rows)])


def labels_of(frame: pd.DataFrame) -> pd.DataFrame:
    return assign_clusters(frame, 7).set_index("customer_id").sort_index()


def test_borders_in_data_without_groups_are_the_same_every_time():
    assert labels_of(shapeless(400)).equals(labels_of(shapeless(400)))


def test_borders_in_data_without_groups_do_not_depend_on_the_order_of_the_rows():
    frame = shapeless(400)
    shuffled = frame.sample(frac=1, random_state=3)
    assert labels_of(shuffled).equals(labels_of(frame))


def test_borders_do_not_depend_on_what_the_customers_are_called():
    frame = shapeless(400)
    renamed = frame.assign(customer_id=frame["customer_id"].str[::-1])
    found = labels_of(frame).rename(lambda name: name[::-1]).sort_index()
    assert labels_of(renamed).equals(found)


@pytest.mark.parametrize("clusters", [2, 5, 8])
def test_a_stated_number_of_clusters_is_kept_and_names_are_unique(segmented, clusters):
    found = segmented("behavioural", company(), clusters=clusters)
    assert found["segment"].nunique() == clusters
    assert found.groupby("segment")["label"].nunique().eq(1).all()
    assert found["label"].nunique() == clusters


@pytest.mark.parametrize("number", [1, 2, 4, 19])
def test_too_few_customers_are_one_segment(segmented, number):
    sales = [(f"c{i}", AS_OF - timedelta(days=i), f"{10 + i}") for i in range(number)]
    found = segmented("behavioural", sales)
    assert found["segment"].unique().tolist() == ["1"]
    assert found["label"].unique().tolist() == ["All customers"]


@pytest.mark.parametrize("clusters", ["auto", 4])
def test_customers_who_all_behave_alike_are_one_segment(segmented, clusters):
    found = segmented("behavioural", [(f"c{i}", AS_OF, "10") for i in range(40)], clusters=clusters)
    assert found["label"].unique().tolist() == ["All customers"]


def test_two_ways_to_behave_are_two_clusters_even_where_more_are_asked_for(segmented):
    sales = [(f"c{i:02}", AS_OF, "10" if i % 2 else "1000") for i in range(40)]
    found = segmented("behavioural", sales, clusters=6)
    assert found["segment"].nunique() == 2
    assert found.loc["c00", "segment"] == "1"


def test_no_purchase_is_a_segment_of_its_own(segmented):
    sales = [*company(), ("refunds only", AS_OF, "-5")]
    found = segmented("behavioural", sales, also_customers=["unseen"])
    assert found.loc[["refunds only", "unseen"], "segment"].tolist() == ["0", "0"]
    assert (found["label"] == "No purchase yet").sum() == 2


def test_no_customers_give_no_segments(segmented):
    assert segmented("behavioural", []).empty


def test_unknown_and_constant_features_say_nothing():
    frame = pd.DataFrame(
        {
            "orders": [1.0, 2.0, 3.0, 4.0],
            "value": [5.0, 5.0, 5.0, 5.0],
            "gap_variation": [np.nan, np.nan, np.nan, 0.4],
            "refund_share": [0.1, np.nan, 0.3, np.inf],
        }
    )
    scaled = scaled_features(frame)
    assert list(scaled.columns) == ["orders", "refund_share"]
    assert scaled["orders"].tolist() == pytest.approx([-1.3416, -0.4472, 0.4472, 1.3416], abs=1e-4)
    assert scaled["refund_share"].tolist() == pytest.approx([-1, 0, 1, 0])


def test_skewed_and_negative_values_are_taken_by_their_signed_logarithm():
    value = pd.Series([-200.0, 1.0, 2.0, 3.0, 5.0, 8.0, 1e6])
    scaled = scaled_features(pd.DataFrame({"value": value}))["value"]
    log = np.sign(value) * np.log1p(value.abs())
    assert scaled.tolist() == pytest.approx(((log - log.mean()) / log.std(ddof=0)).tolist())


def test_one_giant_stands_no_further_than_three_deviations():
    scaled = scaled_features(pd.DataFrame({"orders": [*range(99), 1e9]}))["orders"]
    assert scaled.max() == 3.0


@pytest.mark.parametrize("number", [2, 3, 5, 7])
def test_the_silhouette_finds_the_number_of_well_separated_groups(number):
    random = np.random.default_rng(1)
    centres = np.array([[10 * np.cos(i), 10 * np.sin(i), 8 * i] for i in range(number)])
    points = np.repeat(centres, 60, axis=0) + random.normal(0, 0.5, (60 * number, 3))
    assert best_number(points) == number


def test_more_than_50_000_customers_are_clustered_alike_in_any_order():
    random = np.random.default_rng(4)
    kind = random.integers(0, 2, 52_000)
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(52_000)],
            "orders": kind * 20 + random.integers(1, 4, 52_000),
            "value": kind * 900 + random.integers(10, 40, 52_000).astype(float),
        }
    )
    found = assign_clusters(frame, 2).set_index("customer_id")["label"]
    assert found.loc[frame["customer_id"]].groupby(kind).nunique().tolist() == [1, 1]
    again = assign_clusters(frame.sample(frac=1, random_state=9), 2).set_index("customer_id")
    assert again["label"].sort_index().equals(found.sort_index())


def test_a_cluster_is_named_by_its_two_furthest_features():
    means = pd.DataFrame(
        {"orders": [1.5, -0.9], "value": [1.2, -1.0], "inactive_days": [-0.3, 0.4]}, index=[1, 2]
    )
    assert cluster_names(means) == {1: "Frequent, high value", 2: "Low value, occasional"}


def test_features_of_one_kind_are_not_told_twice():
    means = pd.DataFrame(
        {"orders": [2.0, 2.0], "active_months": [1.9, -1.9], "tenure_days": [0.5, 0.1]},
        index=[1, 2],
    )
    assert cluster_names(means) == {1: "Frequent, long-standing", 2: "Frequent"}


def test_a_cluster_like_the_whole_is_average():
    means = pd.DataFrame({"orders": [0.1, 2.0], "value": [-0.2, 0.1]}, index=[1, 2])
    assert cluster_names(means) == {1: "Average", 2: "Frequent"}


def test_namesakes_say_more_about_themselves_and_are_numbered_where_words_run_out():
    means = pd.DataFrame(
        {
            "orders": [2.0, 2.0, 2.0],
            "value": [1.0, 1.0, 1.0],
            "tenure_days": [0.2, -0.2, -0.1],
        },
        index=[1, 2, 3],
    )
    assert cluster_names(means) == {
        1: "Frequent, high value, long-standing",
        2: "Frequent, high value, new",
        3: "Frequent, high value, new (2)",
    }


def test_every_feature_has_its_words():
    empty = {
        name: ibis.table(catalogue.ibis_schema(name), name=name)
        for name in ("sales", "customers", "customer_scores")
    }
    features = customer_behaviour(*empty.values(), AS_OF).columns
    assert set(features) - {"customer_id"} == set(WORDS)
