"""What was refused and repaired of whose entries, against the same counted naively in pandas."""

from datetime import datetime

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from aar_platform.quality.audits import validate
from aar_platform.quality.entry_quality import entry_quality, faults, records_entered
from aar_platform.tables import catalogue

NOW = datetime(2024, 7, 1)
PEOPLE = ("ann@x.org", "Bob", None)


@pytest.fixture(scope="module")
def made():
    """The function that makes core tables, quarantine and repairs of people who make mistakes."""
    connection = ibis.duckdb.connect()
    schemas = {name: catalogue.ibis_schema(name) for name in (*catalogue.CORE, "repairs")}
    schemas["quarantine"] = catalogue.ibis_schema("quarantine")
    schemas["refused"] = ibis.schema({**schemas["quarantine"], "entered_by": "string"})
    for name, schema in schemas.items():
        connection.create_table(name, schema=schema)

    def filled(name, rows):
        columns = {
            column: pa.array([row.get(column) for row in rows], kind.to_pyarrow())
            for column, kind in schemas[name].items()
        }
        return connection.create_table(name, pa.table(columns), overwrite=True)

    def make(contacts, quarantined=(), repaired=()):
        filled("contacts", contacts)
        core = {name: connection.table(name) for name in catalogue.CORE}
        entered = records_entered(core, {"contacts": filled("refused", quarantined)})
        found = faults(filled("quarantine", quarantined), filled("repairs", repaired))
        table = entry_quality(entered, found).cast(
            dict(catalogue.ibis_schema("entry_quality").items())
        )
        table = connection.create_table("told", table, overwrite=True)
        assert validate(table, "entry_quality") == []
        return table.to_pyarrow().to_pylist()

    return make


def contact(number, owner=None, source="crm"):
    return {"source": source, "record_id": f"c{number}", "contact_id": f"c{number}", "owner": owner}


def repair(number, rule="email_form", column="email", new="a", source="crm"):
    return {
        "source": source, "object": "contacts", "record_id": f"c{number}", "rule": rule,
        "column_name": column, "old_value": "A", "new_value": new, "repaired_at": NOW,
    }  # fmt: skip


def refusal(number, entered_by=None, state="open", source="crm"):
    return {
        "source": source, "object": "contacts", "record_id": f"q{number}", "rule": "missing_x",
        "column_name": "x", "reason": "x is missing", "payload": "{}", "first_seen_at": NOW,
        "state": state, "entered_by": entered_by,
    }  # fmt: skip


def test_counts_and_shares_equal_a_naive_count(made):
    random = np.random.default_rng(3)
    contacts = [contact(n, PEOPLE[random.integers(3)], ("crm", "shop")[n % 2]) for n in range(400)]
    rules = (("email_form", "email", "a"), ("unreadable_day", "birth_date", None))
    repaired = [
        repair(n, *rules[random.integers(2)], source=("crm", "shop")[n % 2])
        for n in range(0, 400, 7)
    ]
    refused = [refusal(n, PEOPLE[random.integers(3)]) for n in range(23)]
    told = pd.DataFrame(made(contacts, refused, repaired))

    entered = pd.DataFrame(
        [(c["source"], c["record_id"], c["owner"] or "") for c in contacts]
        + [(q["source"], q["record_id"], q["entered_by"] or "") for q in refused],
        columns=["source", "record_id", "who"],
    )
    totals = entered.groupby(["source", "who"]).size()
    slips = pd.DataFrame(
        [(r["source"], r["record_id"], r["rule"]) for r in [*repaired, *refused]],
        columns=["source", "record_id", "rule"],
    ).merge(entered, on=["source", "record_id"])
    expected = slips.groupby(["source", "who", "rule"]).record_id.nunique().to_dict()
    told["who"] = told.entered_by.fillna("")
    assert told.set_index(["source", "who", "rule"]).records.to_dict() == expected
    for row in told.itertuples():
        assert row.records_entered == totals[row.source, row.who]
        assert row.share_of_records == pytest.approx(row.records / row.records_entered)


def test_a_refused_record_counts_for_the_person_and_among_what_they_entered(made):
    (row,) = made([contact(n, "Bob") for n in range(3)], [refusal(1, "Bob")])
    assert (row["entered_by"], row["outcome"], row["records"]) == ("Bob", "refused", 1)
    assert row["records_entered"] == 4


def test_what_was_dismissed_is_nobodys_mistake(made):
    assert made([contact(1)], [refusal(1, "Bob", state="dismissed")]) == []


def test_a_value_that_was_lost_is_left_out_and_one_in_another_form_is_repaired(made):
    contacts = [contact(n, "Bob") for n in range(20)]
    lost = repair(2, "impossible_email", new=None)
    outcomes = {row["rule"]: row["outcome"] for row in made(contacts, [], [repair(1), lost])}
    assert outcomes == {"email_form": "repaired", "impossible_email": "left_out"}


def test_what_a_fifth_of_a_source_has_in_common_is_a_convention(made):
    contacts = [contact(n, "Bob") for n in range(10)]
    one = made(contacts, [], [repair(1)])
    two = made(contacts, [], [repair(1), repair(2)])
    assert [row["is_convention"] for row in one] == [False]
    assert [row["is_convention"] for row in two] == [True]


def test_lost_values_are_never_a_convention(made):
    contacts = [contact(n, "Bob") for n in range(4)]
    lost = [repair(n, "impossible_email", new=None) for n in range(4)]
    assert [row["is_convention"] for row in made(contacts, [], lost)] == [False]


def test_repairs_of_a_version_that_was_replaced_count_for_nobody(made):
    assert made([contact(1, "Bob")], [], [repair(99)]) == []


def test_without_records_there_is_nothing_to_tell(made):
    assert made([]) == []


def test_a_refused_record_keeps_who_entered_it(sifted):
    outcome = sifted(
        "deals",
        [
            {"deal_id": "1", "owner": "Ann@X.org", "amount": "many"},
            {"deal_id": "2", "owner": "x", "attributes": '{"created_by": "Bob"}', "amount": "no"},
            {"deal_id": "3", "amount": "5"},
        ],
    )
    people = {row["record_id"]: row["entered_by"] for row in outcome.quarantined}
    assert people == {"1": "ann@x.org", "2": "Bob"}
