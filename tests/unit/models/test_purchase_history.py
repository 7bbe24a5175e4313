from datetime import date
from pathlib import Path
from random import Random

import ibis
import pandas as pd
import pytest

from aar_platform.models.purchase_history import customer_scores
from aar_platform.tables import catalogue

CDNOW = Path(__file__).resolve().parents[4] / "shared" / "data" / "cdnow_sample"
AS_OF = date(2024, 12, 31)


def sales_table(rows):
    """Sales from (customer_id, day, value[, kind])."""
    schema = catalogue.ibis_schema("sales")
    frame = pd.DataFrame(
        [(row[0], row[1], row[2], row[3] if len(row) > 3 else "order") for row in rows],
        columns=["customer_id", "sold_on", "amount_reporting", "kind"],
    ).reset_index(names="record_id")
    frame["record_id"] = frame["record_id"].astype(str)
    known = ibis.memtable(
        frame,
        schema={
            "record_id": "string",
            "customer_id": "string",
            "sold_on": "date",
            "amount_reporting": "string",
            "kind": "string",
        },
    )
    known = known.mutate(source=ibis.literal("shop"), currency=ibis.literal("EUR"))
    known = known.mutate(sold_at=known.sold_on.cast("timestamp"), order_id=known.record_id)
    columns = {
        name: known[name].cast(dtype) if name in known.columns else ibis.null(dtype)
        for name, dtype in schema.items()
    }
    return ibis.duckdb.connect().create_table("sales", known.select(**columns))


def scored(rows, as_of=AS_OF):
    return customer_scores(sales_table(rows), as_of).to_pandas().set_index("customer_id")


def test_the_table_is_that_of_the_catalogue():
    found = customer_scores(sales_table([("a", AS_OF, "5")]), AS_OF)
    assert found.schema() == catalogue.ibis_schema("customer_scores")
    assert found.to_pandas()["as_of"].tolist() == [pd.Timestamp(AS_OF)]


def test_purchases_of_one_day_are_one_and_the_first_day_is_no_repeat():
    found = scored(
        [
            ("a", date(2024, 1, 1), "100"),
            ("a", date(2024, 1, 1), "50"),
            ("a", date(2024, 1, 11), "20"),
            ("a", date(2024, 1, 11), "10"),
            ("a", date(2024, 3, 1), "60"),
        ]
    ).loc["a"]
    assert found["frequency"] == 2
    assert found["recency_days"] == 60
    assert found["age_days"] == 365
    assert found["monetary_value"] == 45.0
    assert found["historic_clv"] == 240.0


def test_one_purchase_has_no_repeat_value():
    found = scored([("a", date(2024, 12, 1), "100")]).loc["a"]
    assert (found["frequency"], found["recency_days"], found["age_days"]) == (0, 0, 30)
    assert pd.isna(found["monetary_value"])


def test_refunds_credit_notes_and_gifts_are_no_purchases_but_refunds_lower_the_net_value():
    found = scored(
        [
            ("a", date(2024, 1, 1), "100"),
            ("a", date(2024, 2, 1), "-30", "refund"),
            ("a", date(2024, 3, 1), "-20"),
            ("a", date(2024, 4, 1), "0"),
            ("a", date(2024, 1, 1), "-10", "refund"),
        ]
    ).loc["a"]
    assert (found["frequency"], found["recency_days"]) == (0, 0)
    assert found["historic_clv"] == 40.0


def test_a_positive_correction_of_a_refund_is_no_purchase():
    found = scored([("a", date(2024, 1, 1), "9"), ("a", date(2024, 1, 9), "5", "refund")]).loc["a"]
    assert (found["frequency"], found["historic_clv"]) == (0, 14.0)


def test_customers_with_refunds_only_have_no_age():
    found = scored([("a", date(2024, 1, 1), "-5", "refund"), ("b", date(2024, 1, 1), "5")])
    assert found.loc["a", "frequency"] == 0
    assert found.loc["a", ["recency_days", "age_days", "monetary_value"]].isna().all()
    assert found.loc["a", "historic_clv"] == -5.0


def test_sales_after_the_day_and_sales_to_nobody_known_do_not_count():
    found = scored(
        [
            ("a", date(2024, 1, 1), "5"),
            ("a", date(2024, 2, 1), "7"),
            (None, date(2024, 1, 1), "9"),
            ("late", date(2024, 2, 1), "3"),
        ],
        as_of=date(2024, 1, 31),
    )
    assert found.index.tolist() == ["a"]
    assert found.loc["a", ["frequency", "historic_clv"]].tolist() == [0, 5.0]


def test_predictions_are_left_to_the_models():
    predicted = [
        "probability_alive",
        "expected_orders_365d",
        "predicted_clv",
        "churn_probability",
        "engagement_score",
    ]
    assert scored([("a", AS_OF, "5")])[predicted].isna().all(axis=None)


def test_no_sales_give_no_scores():
    assert scored([]).empty


def test_the_order_of_the_rows_changes_no_digit():
    random = Random(7)
    rows = [
        (
            f"c{random.randint(1, 40)}",
            date(2024, random.randint(1, 12), random.randint(1, 28)),
            f"{random.randint(-50, 900)}.{random.randint(0, 99):02}",
        )
        for _ in range(800)
    ]
    pd.testing.assert_frame_equal(
        scored(rows).sort_index(), scored(random.sample(rows, len(rows))).sort_index()
    )


@pytest.mark.skipif(not CDNOW.exists(), reason="no folder shared/data/cdnow_sample beside it")
def test_the_published_summary_of_cdnow_is_met_customer_by_customer():
    bought = pd.read_csv(
        CDNOW / "CDNOW_sample.txt",
        sep=r"\s+",
        header=None,
        names=["master", "customer", "day", "cds", "value"],
        dtype=str,
    )
    days = pd.to_datetime(bought["day"], format="%Y%m%d").dt.date
    found = scored(
        zip(bought["customer"].astype(int).astype(str), days, bought["value"], strict=True),
        as_of=date(1997, 9, 30),
    )
    published = pd.read_csv(CDNOW / "cdnow_customers_summary_with_transactions.csv")
    published = published.set_index(published["ID"].astype(str))
    found = found.loc[published.index]
    assert len(found) == 2357
    assert found["frequency"].tolist() == published["x"].tolist()
    # Eight customers got their only order for nothing: the summary takes that for a purchase.
    paid = (bought["value"].astype(float) > 0).groupby(bought["customer"].astype(int)).any()
    paid = paid.set_axis(paid.index.astype(str)).loc[published.index]
    assert (~paid).sum() == 8
    assert found["age_days"].isna().tolist() == (~paid).tolist()
    found, published = found[paid], published[paid]
    assert (found["recency_days"] / 7).tolist() == pytest.approx(
        published["t_x"].tolist(), abs=0.006
    )
    assert (found["age_days"] / 7).tolist() == pytest.approx(published["T"].tolist(), abs=0.006)
    # The summary says 0 for customers without a repeat purchase, the platform says unknown.
    assert found["monetary_value"].isna().tolist() == (published["x"] == 0).tolist()
    repeat_value = found["monetary_value"].fillna(0.0)
    assert repeat_value.tolist() == pytest.approx(published["zbar"].tolist(), abs=0.0051)
    assert (found["frequency"] > 0).sum() == 946
