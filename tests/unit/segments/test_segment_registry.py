from datetime import date

import ibis
import pytest

from aar_platform.segments import definition
from aar_platform.segments.definition import customer_segments, schemes, segment_scheme
from aar_platform.segments.policy import SegmentPolicy
from aar_platform.tables import catalogue


@pytest.fixture(autouse=True)
def _registry_as_it_was(monkeypatch):
    schemes()
    monkeypatch.setattr(definition, "_registered", dict(definition._registered))


def test_every_scheme_file_is_found_without_being_listed():
    assert set(schemes()) >= {"behavioural", "rfm"}
    assert schemes()["rfm"].description.startswith("How recently, how often")


def test_all_schemes_make_one_table_of_the_catalogues_shape():
    connection = ibis.duckdb.connect()
    tables = [
        connection.create_table(name, schema=catalogue.ibis_schema(name))
        for name in ("sales", "customers", "customer_scores")
    ]
    sales, customers, scores = tables
    found = customer_segments(sales, customers, scores, date(2024, 1, 1), SegmentPolicy())
    assert found.schema() == catalogue.ibis_schema("customer_segments")
    assert connection.to_pandas(found).empty


def test_a_new_scheme_registers_itself():
    @segment_scheme("by_first_letter")
    def by_first_letter(sales, customers, scores, as_of, policy):
        """The first letter of the customer's id."""

    assert schemes()["by_first_letter"].assign is by_first_letter
    assert schemes()["by_first_letter"].description == "The first letter of the customer's id."


def test_two_files_cannot_both_define_a_scheme():
    def other(sales, customers, scores, as_of, policy):
        """Something else."""

    with pytest.raises(ValueError, match="'rfm' is defined in both"):
        segment_scheme("rfm")(other)


def test_a_scheme_without_a_description_is_refused():
    def silent(sales, customers, scores, as_of, policy):
        return None

    with pytest.raises(ValueError, match=r"'silent' .* has no docstring"):
        segment_scheme("silent")(silent)
