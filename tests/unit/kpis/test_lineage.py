"""Every figure tells the stored columns that it is made from."""

from datetime import date

import ibis
import pytest

from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.lineage import lineage_of, origins_of
from aar_platform.kpis.periods import as_table, overlapping
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.registry import kpis
from aar_platform.tables import catalogue

LAST = date(2024, 6, 30)
COUNTING = [name for name, one in kpis().items() if one.quotient is None]
STORED = {*catalogue.CORE, *catalogue.OUTPUTS}


@pytest.fixture(scope="module")
def lineages():
    """KPI → lineage, over stored tables without rows, the facts kept as in a run."""
    engine = ibis.duckdb.connect()
    tables = {}
    for name in STORED:
        tables[name] = engine.create_table(name, schema=catalogue.ibis_schema(name))
    through = {}

    def kept(name, rows):
        through[f"fact_{name}"] = origins_of(rows, through)
        return engine.create_table(f"fact_{name}", rows)

    given = {
        "reporting_currency": "EUR",
        "timezone": "Europe/Paris",
        "rates": None,
        "as_of": LAST,
        "churn_window": ChurnWindow(90, "stated"),
    }
    known = Facts(tables.__getitem__, given, kept)
    known.within(as_table(overlapping(("month", "quarter", "year"), date(2024, 5, 1), LAST, LAST)))
    yield {name: lineage_of(one, known, through) for name, one in kpis().items()}
    engine.disconnect()


@pytest.mark.parametrize("name", COUNTING)
def test_numerator_and_denominator_are_made_from_stored_columns(lineages, name):
    parts = ["numerator"] + ["denominator"] * (kpis()[name].denominator is not None)
    for part in (*parts, "value"):
        origins = lineages[name][part]
        assert origins, (name, part)
        for table, column in origins:
            assert column in catalogue.column_names(table), (name, part, table, column)


def test_a_count_is_made_of_its_condition_its_column_or_the_ids_of_its_rows(lineages):
    assert lineages["tickets_opened"]["numerator"] == [("tickets", "record_id")]
    assert ("sales", "record_id") in lineages["purchase_frequency"]["numerator"]
    assert lineages["purchase_frequency"]["denominator"] == [("sales", "customer_id")]
    kept = {("sales", "record_id"), ("subscriptions", "record_id")}
    assert kept <= set(lineages["churn_rate"]["denominator"])


def test_sums_of_points_lead_to_those_who_did_what_is_counted(lineages):
    for part in ("numerator", "denominator"):
        assert lineages["engagement_score"][part] == [
            (table, "record_id")
            for table in ("feedback", "messages", "sales", "usage", "web_visits")
        ]
