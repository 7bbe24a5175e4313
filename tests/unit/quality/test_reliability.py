"""How far sources can be relied on: lateness, shares and the score, worked out by hand."""

from datetime import datetime, timedelta

import ibis
import pyarrow as pa
import pytest

from aar_platform.quality.audits import validate
from aar_platform.quality.reach import DATA_TIME, reach
from aar_platform.quality.reliability import Pulled, pulled, source_reliability
from aar_platform.tables import catalogue

NOW = datetime(2024, 7, 1)
PULLED = Pulled(10, 0, datetime(2024, 6, 30, 2))
ENTERED = ibis.schema(
    {"source": "string", "object": "string", "record_id": "string", "is_refused": "boolean",
     "entered_by": "string"}
)  # fmt: skip
FOUND = ibis.schema(
    {"source": "string", "object": "string", "record_id": "string", "is_refused": "boolean",
     "rule": "string", "column_name": "string", "outcome": "string"}
)  # fmt: skip


@pytest.fixture(scope="module")
def connection():
    return ibis.duckdb.connect()


@pytest.fixture
def told(connection):
    """The function that works out the reliability of sources, by (source, table)."""

    def filled(name, rows, schema):
        columns = {
            column: pa.array([row.get(column) for row in rows], kind.to_pyarrow())
            for column, kind in schema.items()
        }
        return connection.create_table(name, pa.table(columns), overwrite=True)

    def work_out(feeds, days=None, entered=(), found=(), quality=(), differing=()):
        core = {
            name: filled(
                name,
                [
                    {"source": source, DATA_TIME[name]: at}
                    for (source, table), moments in (days or {}).items()
                    for at in moments
                    if table == name
                ],
                catalogue.ibis_schema(name),
            )
            for name in ("orders", "tickets")
        }
        core |= {
            name: filled(name, [], catalogue.ibis_schema(name))
            for name in DATA_TIME
            if name not in core
        }
        table = source_reliability(
            feeds,
            reach(core, NOW),
            filled("entered", entered, ENTERED),
            filled("found", found, FOUND),
            filled("entry_quality", quality, catalogue.ibis_schema("entry_quality")),
            filled("disagreements", differing, catalogue.ibis_schema("disagreements")),
            NOW,
        ).cast(dict(catalogue.ibis_schema("source_reliability").items()))
        table = connection.create_table("told", table, overwrite=True)
        assert validate(table, "source_reliability") == []
        return {(row["source"], row["object"]): row for row in table.to_pyarrow().to_pylist()}

    return work_out


def records(count, source="shop", table="orders", refused=0):
    return [
        {
            "source": source, "object": table, "record_id": f"r{n}", "entered_by": "",
            "is_refused": n < refused,
        }
        for n in range(count)
    ]  # fmt: skip


def slip(number, rule="email_form", outcome="repaired"):
    return {
        "source": "shop", "object": "orders", "record_id": f"r{number}", "is_refused": False,
        "rule": rule, "column_name": "email", "outcome": outcome,
    }  # fmt: skip


def days_until(last, gap_days=1, count=5):
    return [last - timedelta(days=gap_days * n) for n in range(count)]


SHOP = ("shop", "orders")


def test_a_source_without_a_fault_scores_100(told):
    row = told({SHOP: PULLED}, {SHOP: days_until(datetime(2024, 6, 30))}, records(4))[SHOP]
    assert row["score"] == 100
    assert (row["pulls"], row["failures"], row["records"]) == (10, 0, 4)
    assert row["data_until"] == datetime(2024, 6, 30)
    assert (row["lateness_hours"], row["refused_share"], row["as_of"]) == (0, 0, NOW)


def test_the_score_is_the_product_of_what_went_right(told):
    side = {"fact": "email", "object_1": "orders", "source_1": "shop", "record_id_1": "r3",
            "value_1": "a", "object_2": "orders", "source_2": "crm", "record_id_2": "r3",
            "value_2": "b", "found_at": NOW}  # fmt: skip
    row = told(
        {SHOP: Pulled(10, 1, None)},
        entered=records(10, refused=2),
        found=[slip(3), slip(3, "stray_blanks"), slip(4), slip(99)],
        differing=[side],
    )[SHOP]
    assert row["refused_share"] == pytest.approx(0.2)
    assert row["repaired_share"] == pytest.approx(0.2)
    assert row["disagreements_share"] == pytest.approx(0.1)
    assert row["score"] == pytest.approx(100 * 0.9 * 0.8 * 0.9 * 0.9)


def test_a_convention_of_the_source_does_not_count_as_repaired(told):
    convention = {"source": "shop", "object": "orders", "rule": "email_form",
                  "column_name": "email", "outcome": "repaired", "records": 2,
                  "records_entered": 4, "share_of_records": 0.5, "is_convention": True}  # fmt: skip
    found = [slip(0), slip(1), slip(2, "stray_blanks")]
    given = {"entered": records(4), "found": found}
    assert told({SHOP: PULLED}, **given)[SHOP]["repaired_share"] == 0.75
    assert told({SHOP: PULLED}, **given, quality=[convention])[SHOP]["repaired_share"] == 0.25


def test_a_source_is_late_by_what_its_silence_exceeds_the_longest_before(told):
    desk = ("desk", "tickets")
    days = {
        SHOP: days_until(datetime(2024, 6, 30, 12)),
        desk: days_until(datetime(2024, 6, 20, 12), gap_days=3),
    }
    rows = told({SHOP: PULLED, desk: PULLED}, days, records(1) + records(1, *desk))
    assert rows[SHOP]["lateness_hours"] == 0
    assert rows[desk]["lateness_hours"] == (10 - 3) * 24
    assert rows[desk]["score"] == 0


def test_a_date_in_the_future_makes_no_other_source_late(told):
    desk = ("desk", "tickets")
    days = {
        SHOP: [*days_until(datetime(2024, 6, 30)), datetime(2034, 6, 30)],
        desk: days_until(datetime(2024, 6, 29)),
    }
    rows = told({SHOP: PULLED, desk: PULLED}, days, records(1))
    assert rows[desk]["lateness_hours"] == 0
    assert rows[SHOP]["data_until"] == datetime(2024, 6, 30)


def test_a_source_that_has_brought_nothing_has_no_score(told):
    row = told({SHOP: Pulled(3, 3, None)})[SHOP]
    assert (row["score"], row["refused_share"], row["data_until"]) == (None, None, None)
    assert (row["failures"], row["last_pulled_at"]) == (3, None)


def test_without_sources_there_is_no_row(told):
    assert told({}) == {}


def test_extracts_are_summed_up():
    first, second = datetime(2024, 6, 1), datetime(2024, 6, 2)
    assert pulled([(first, True), (second, False)]) == Pulled(2, 1, first)
    assert pulled([]) == Pulled(0, 0, None)
