from typing import Any

import ibis
import pytest

from aar_platform.identity.policy import IdentityPolicy
from aar_platform.identity.quality import identity_quality, linking_verdicts
from aar_platform.identity.suspicions import WEAK, identity_suspicions
from aar_platform.identity.threshold import least_probability
from aar_platform.quality.audits import validate
from aar_platform.tables import catalogue

RECORDS = {
    "kind": "string",
    "source": "string",
    "object": "string",
    "record_id": "string",
    "given": "string",
    "given_root": "string",
    "family": "string",
    "birth_date": "date",
    "national_id": "string",
}


def record(name: str, customer: str, method: str = "rule", **said: Any) -> dict[str, Any]:
    given = said.get("given")
    key = {"kind": "person", "source": "crm", "object": "contacts", "record_id": name}
    return {**dict.fromkeys(RECORDS), **key, "given_root": given, **said} | {
        "customer_id": customer,
        "method": method,
    }


def pair(
    left: str,
    right: str,
    probability: float | None,
    state: str = "linked",
    method: str = "probabilistic",
    is_linkable: bool = True,
) -> dict[str, Any]:
    ends = {
        f"{side}_{column}": value
        for side, name in (("left", left), ("right", right))
        for column, value in (("source", "crm"), ("object", "contacts"), ("record_id", name))
    }
    told = {"method": method, "match_probability": probability, "state": state}
    return {"kind": "person", **ends, **told, "is_linkable": is_linkable}


def tables_of(
    records: list[dict[str, Any]],
    pairs: list[dict[str, Any]] = (),  # type: ignore[assignment]
    threshold: float = 5.0,
) -> dict[str, ibis.Table]:
    links = catalogue.ibis_schema("customer_links")
    known = catalogue.ibis_schema("identity_pairs")
    ends = {name: known[name] for name in pair("", "", 1)}
    model = ibis.memtable({"kind": ["person"], "threshold": [threshold]})
    named = ("source", "object", "record_id", "customer_id", "method")
    made = {
        "identity_records": ibis.memtable(
            [{name: row[name] for name in RECORDS} for row in records], schema=RECORDS
        ),
        "customer_links": ibis.memtable(
            [{name: row[name] for name in named} for row in records],
            schema={name: links[name] for name in named},
        ),
        "identity_pairs": ibis.memtable(list(pairs), schema=ends),
        "identity_model": model,
    }
    return {**made, "identity_suspicions": identity_suspicions(made)}


def suspected(tables: dict[str, ibis.Table]) -> set[tuple[str, str]]:
    rows = identity_suspicions(tables).to_pyarrow().to_pylist()
    return {(row["customer_id"], row["reason"]) for row in rows}


def figures(
    tables: dict[str, ibis.Table], policy: IdentityPolicy | None = None
) -> dict[tuple[str, str], float]:
    quality = identity_quality(tables, policy or IdentityPolicy())
    rows = quality.to_pyarrow().to_pylist()
    return {(row["measure"], row["bucket"]): row["value"] for row in rows}


def test_customers_are_counted_by_the_number_of_their_records():
    sizes = {"A": 1, "B": 1, "C": 2, "D": 3, "E": 5, "F": 6, "G": 10, "H": 20, "I": 21, "J": 40}
    records = [record(f"{name}{i}", name) for name, size in sizes.items() for i in range(size)]
    told = figures(tables_of(records))
    by_size = {bucket: value for (name, bucket), value in told.items() if "by_records" in name}
    assert by_size == {"1": 2, "2": 1, "3": 1, "4-5": 1, "6-10": 2, "11-20": 1, "21+": 2}
    assert (told["customers", ""], told["records", ""]) == (10, 109)
    assert told["largest_customer", ""] == 40
    assert told["suspicious_customers", "too_many_records"] == 2
    assert told["suspicious_share", ""] == 2 / 8, "of those of several records"


def test_the_model_matches_what_is_told():
    records = [record("1", "A"), record("2", "A"), *(record(f"b{i}", "B") for i in range(21))]
    tables = tables_of(records, [pair("1", "2", 0.95)])
    for name, rows in (
        ("identity_suspicions", tables["identity_suspicions"]),
        ("identity_quality", identity_quality(tables, IdentityPolicy())),
    ):
        schema = dict(catalogue.ibis_schema(name).items())
        assert validate(rows.cast(schema), name) == []


def test_records_are_counted_by_how_they_were_found():
    methods = ["key", "key", "rule", "probabilistic", "probabilistic", "probabilistic", "manual"]
    told = figures(tables_of([record(str(i), str(i), name) for i, name in enumerate(methods)]))
    found = {bucket: value for (name, bucket), value in told.items() if name.endswith("_method")}
    assert found == {"key": 2, "rule": 1, "probabilistic": 3, "manual": 1}


def test_people_and_companies_are_told_apart():
    records = [record("1", "A"), record("2", "A"), record("9", "B", kind="company")]
    rows = identity_quality(tables_of(records), IdentityPolicy()).to_pyarrow().to_pylist()
    counted = {row["kind"]: row["value"] for row in rows if row["measure"] == "records"}
    assert counted == {"person": 2, "company": 1}


def test_precision_and_recall_are_what_the_probabilities_sum_to():
    pairs = [
        pair("1", "2", 0.98),
        pair("3", "4", 0.97),
        pair("2", "3", 0.5),
        pair("1", "3", 0.99, is_linkable=False),
        pair("5", "6", 0.7, "review"),
        pair("7", "8", 0.4, "unlikely"),
        pair("1", "9", 0.99, "apart"),
        pair("3", "9", 1.0, method="rule"),
    ]
    told = figures(tables_of([record(str(i), str(i)) for i in range(10)], pairs))
    assert told["threshold", ""] > 0.96, "so the model by itself links two of these pairs"
    assert told["expected_precision", ""] == pytest.approx((0.98 + 0.97) / 2)
    found = 0.98 + 0.97 + 0.5 + 0.99
    assert told["expected_recall", ""] == pytest.approx(found / (found + 0.7 + 0.4))


def test_a_pair_found_in_two_ways_counts_once():
    pairs = [
        pair("1", "2", 0.99),
        pair("1", "2", 1.0, method="rule"),
        pair("3", "4", 0.8, "review"),
        pair("3", "4", 1.0, "apart", method="rule"),
        pair("5", "6", 0.8, "review"),
        pair("5", "6", None, "related", method="rule"),
    ]
    told = figures(tables_of([record(str(i), str(i)) for i in range(7)], pairs))
    counted = {bucket: value for (name, bucket), value in told.items() if name == "pairs"}
    assert counted == {"linked": 1, "apart": 1, "review": 1, "related": 0, "unlikely": 0}
    assert told["review_share", ""] == 0.5


def test_what_nothing_can_be_said_of_has_no_row():
    told = figures(tables_of([record("1", "A")]))
    unknown = {"expected_precision", "expected_recall", "review_share", "suspicious_share"}
    assert unknown.isdisjoint(name for name, _ in told)
    assert told["pairs", "linked"] == 0
    assert identity_quality(tables_of([]), IdentityPolicy()).count().execute() == 0


@pytest.mark.parametrize("threshold", [1.0, 6.0])
@pytest.mark.parametrize("policy", [IdentityPolicy(), IdentityPolicy(match_probability=0.8)])
def test_the_threshold_told_is_the_one_that_links(threshold, policy):
    told = figures(tables_of([record("1", "A")], threshold=threshold), policy)
    assert told["threshold", ""] == pytest.approx(least_probability(threshold, policy))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"given": "ann"}, {"given": "robert"}),
        ({"given": "ann", "family": "lee"}, {"given": "bob", "family": "lee"}),
    ],
)
def test_two_quite_different_given_names_are_suspicious(one, other):
    found = suspected(tables_of([record("1", "A", **one), record("2", "A", **other)]))
    assert found == {("A", "different_given_names")}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"given": "margaret"}, {"given": "margret"}),
        ({"given": "robert"}, {"given": "bob", "given_root": "robert"}),
        ({"given": "anna"}, {"given": "anna maria"}),
        ({"given": "ann", "family": "lee"}, {"given": "lee", "family": "ann"}),
        ({"given": "ann"}, {}),
    ],
)
def test_spellings_of_one_name_are_not_suspicious(one, other):
    assert suspected(tables_of([record("1", "A", **one), record("2", "A", **other)])) == set()


@pytest.mark.parametrize(
    ("column", "one", "other", "is_suspicious"),
    [
        ("birth_date", "1990-03-12", "1974-11-30", True),
        ("birth_date", "1990-03-12", "1990-03-13", False),
        ("birth_date", "1990-03-12", "1990-12-03", False),
        ("national_id", "123456789", "987650001", True),
        ("national_id", "123456789", "123456798", False),
    ],
)
def test_facts_are_suspicious_that_no_typing_error_explains(column, one, other, is_suspicious):
    import datetime as dt

    read = dt.date.fromisoformat if column == "birth_date" else str
    records = [record(str(i), "A", **{column: read(text)}) for i, text in enumerate((one, other))]
    assert suspected(tables_of(records)) == (
        {("A", f"different_{column}s")} if is_suspicious else set()
    )


def test_parts_that_one_weak_pair_ties_are_suspicious():
    records = [record(str(i), "A") for i in range(3)]
    weak = WEAK - 0.01
    chain = [pair("0", "1", 1.0, method="rule"), pair("1", "2", weak)]
    assert suspected(tables_of(records, chain)) == {("A", "held_by_a_weak_pair")}
    confirmed = [*chain, pair("0", "2", weak)]
    assert suspected(tables_of(records, confirmed)) == set()
    ruled = [*chain, pair("1", "2", 1.0, method="rule")]
    assert suspected(tables_of(records, ruled)) == set(), "the surest way of finding it counts"
    waiting = [*chain[:1], pair("1", "2", weak, "review")]
    assert suspected(tables_of(records, waiting)) == set()
    assert suspected(tables_of(records[:2], [pair("0", "1", weak)])) == set(), "two by themselves"


def quality_of(**shares: tuple[float, float]) -> ibis.Table:
    """identity_quality with shares of people and of how many customers or pairs."""
    suspicious, several = shares.get("suspicious_share", (0.0, 100))
    review, shown = shares.get("review_share", (0.0, 100))
    precision, linked = shares.get("expected_precision", (1.0, 100))
    linked = min(linked, shown * (1 - review))
    told = {
        ("customers", ""): several + 10,
        ("customers_by_records", "1"): 10,
        ("suspicious_share", ""): suspicious,
        ("pairs", "linked"): linked,
        ("pairs", "review"): shown - linked,
        ("review_share", ""): review,
        ("expected_precision", ""): precision,
    }
    rows = [
        {"kind": "person", "measure": name, "bucket": bucket, "value": value, "unit": ""}
        for (name, bucket), value in told.items()
    ]
    return ibis.memtable(rows, schema=catalogue.ibis_schema("identity_quality"))


def failed(quality: ibis.Table) -> set[str]:
    return {name for name, verdict in linking_verdicts(quality).items() if not verdict.passed}


def test_each_figure_has_its_own_warning():
    assert failed(quality_of()) == set()
    assert failed(quality_of(suspicious_share=(0.03, 100))) == {"few_are_suspicious"}
    assert failed(quality_of(review_share=(0.3, 100))) == {"few_wait_for_a_person"}
    assert failed(quality_of(expected_precision=(0.98, 100))) == {"links_are_expected_right"}
    verdicts = linking_verdicts(quality_of(expected_precision=(0.98, 100)))
    assert {verdict.severity for verdict in verdicts.values()} == {"warn"}
    assert "person 98.00%; wanted at least 99%" in verdicts["links_are_expected_right"].message


def test_a_share_of_a_handful_warns_of_nothing():
    assert failed(quality_of(suspicious_share=(0.5, 10))) == set()
    assert failed(quality_of(review_share=(0.5, 10), expected_precision=(0.5, 10))) == set()
