import itertools
import random
from pathlib import Path

import ibis
import pytest

from aar_platform.identity.evaluation import Counts, TruthUnfit, evaluate
from aar_platform.identity.truth import read_truth
from aar_platform.sources.files.refusal import FileRefused

TRUTH = {"source": "string", "object": "string", "record_id": "string", "entity": "string"}
LINKS = {"source": "string", "object": "string", "record_id": "string", "customer_id": "string"}


def truth_of(*rows: tuple[str | None, ...]) -> ibis.Table:
    return ibis.memtable([dict(zip(TRUTH, row, strict=True)) for row in rows], schema=TRUTH)


def links_of(*rows: tuple[str, ...]) -> ibis.Table:
    return ibis.memtable([dict(zip(LINKS, row, strict=True)) for row in rows], schema=LINKS)


def people(**customers: str) -> ibis.Table:
    """Links of contacts: record → customer."""
    return links_of(*(("crm", "contacts", name, who) for name, who in customers.items()))


def entities(**told: str) -> ibis.Table:
    return truth_of(*(("crm", None, name, who) for name, who in told.items()))


def test_pairs_are_those_that_a_double_loop_counts():
    draw = random.Random(4)
    entity = {f"r{i}": f"E{draw.randrange(40)}" for i in range(150)}
    customer = {f"r{i}": f"C{draw.randrange(40)}" for i in range(150)}
    pairs = list(itertools.combinations(entity, 2))
    is_true = {pair for pair in pairs if entity[pair[0]] == entity[pair[1]]}
    is_found = {pair for pair in pairs if customer[pair[0]] == customer[pair[1]]}
    total = evaluate(entities(**entity), people(**customer)).total
    assert (total.true_pairs, total.found_pairs) == (len(is_true), len(is_found))
    assert total.right_pairs == len(is_true & is_found) > 0
    assert total.precision == pytest.approx(len(is_true & is_found) / len(is_found))
    assert total.recall == pytest.approx(len(is_true & is_found) / len(is_true))
    assert total.f1 == pytest.approx(
        2 * total.precision * total.recall / (total.precision + total.recall)
    )


def test_without_a_pair_found_precision_is_unknown_rather_than_perfect():
    total = evaluate(entities(a="1", b="1"), people(a="C1", b="C2")).total
    assert (total.precision, total.recall, total.f1) == (None, 0, 0)


def test_where_nobody_is_there_twice_only_the_precision_can_be_wrong():
    assert evaluate(entities(a="1", b="2"), people(a="C1", b="C2")).total.f1 is None
    wrong = evaluate(entities(a="1", b="2"), people(a="C1", b="C1")).total
    assert (wrong.precision, wrong.recall, wrong.f1) == (0, None, 0)


def test_a_customer_is_exactly_right_when_nobody_lacks_and_nobody_is_too_many():
    told = entities(a="1", b="1", c="2", d="3", e="3", f="4")
    found = people(a="C1", b="C1", c="C2", d="C3", e="C4", f="C4")
    total = evaluate(told, found).total
    assert (total.entities, total.customers, total.exactly_right) == (4, 4, 2)


def test_records_that_only_one_side_knows_are_counted_and_left_out():
    found = evaluate(entities(a="1", b="1", gone="1"), people(a="C1", b="C1", unknown="C1"))
    assert found.total == Counts(2, 1, 1, 1, 1, 1, 1)
    assert (found.truth_records, found.not_found, found.not_told) == (3, {"crm": 1}, {"crm": 1})


def test_people_and_companies_are_told_apart_in_the_figures():
    told = truth_of(
        ("crm", None, "a", "1"),
        ("crm", None, "b", "1"),
        ("crm", None, "x", "2"),
        ("crm", None, "y", "2"),
    )
    links = links_of(
        ("crm", "contacts", "a", "C1"),
        ("crm", "contacts", "b", "C1"),
        ("crm", "companies", "x", "C2"),
        ("crm", "companies", "y", "C3"),
    )
    found = evaluate(told, links)
    assert {kind: counts.recall for kind, counts in found.kinds.items()} == {
        "person": 1,
        "company": 0,
    }
    assert found.total.recall == 0.5


SAME_ID = links_of(("crm", "contacts", "5", "C1"), ("crm", "companies", "5", "C2"))


def test_a_contact_and_a_company_of_one_id_need_their_object():
    with pytest.raises(TruthUnfit, match="1 ids of crm are a contact's and a company's"):
        evaluate(truth_of(("crm", None, "5", "1")), SAME_ID)
    told = truth_of(("crm", "contacts", "5", "P"), ("crm", "companies", "5", "F"))
    assert evaluate(told, SAME_ID).total == Counts(2, 2, 2, 2, 0, 0, 0)


def test_an_id_is_a_contacts_before_it_is_a_guests():
    links = links_of(
        ("shop", "contacts", "5", "C1"),
        ("shop", "contacts", "6", "C1"),
        ("shop", "a_guest_table", "5", "C2"),
        ("shop", "orders", "7", "C1"),
    )
    told = truth_of(("shop", None, "5", "1"), ("shop", None, "6", "1"), ("shop", None, "7", "1"))
    found = evaluate(told, links)
    assert (found.total.precision, found.total.recall) == (1, 1)
    assert found.not_told == {"shop": 1}


def test_a_truth_about_other_sources_is_refused_and_both_are_named():
    with pytest.raises(TruthUnfit, match="its sources are erp, those of customer_links crm"):
        evaluate(truth_of(("erp", None, "1", "1")), people(a="C1"))


def test_a_customer_of_many_records_and_many_of_one_are_counted_at_once():
    """Pair by pair, either half would take minutes."""
    ids = [f"r{i}" for i in range(100_000)]
    who = ["C1" if i < 50_000 else f"C{i}" for i in range(100_000)]
    links = ibis.memtable(
        {"source": ["crm"] * 100_000, "object": ["contacts"] * 100_000, "record_id": ids,
         "customer_id": who}
    )  # fmt: skip
    told = links.select("source", "record_id", object=ibis.null("string"), entity="customer_id")
    total = evaluate(told, links).total
    assert total.right_pairs == 50_000 * 49_999 // 2
    assert total.exactly_right == 50_001


def file(folder: Path, text: str, encoding: str = "utf-8", name: str = "truth.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as refused:
        read_truth(path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("source,record_id,entity\ncrm,1,Müller\ncrm,2,Müller\n", "utf-8"),
        ("source;record_id;entity\ncrm;1;Müller\ncrm;2;Müller\n", "cp1252"),
        (
            "\ufeffentity\trecord_id\tsource\textra\nMüller\t 1 \tcrm\tx\nMüller\t2\tcrm\t\n",
            "utf-8",
        ),
        ("source,record_id,entity\r\ncrm,1,Müller\r\ncrm,2,Müller\r\ncrm,2,Müller\r\n", "utf-16"),
    ],
)
def test_a_truth_is_read_whatever_its_encoding_and_delimiter(tmp_path, text, encoding):
    rows = read_truth(file(tmp_path, text, encoding)).order_by("record_id").to_pyarrow().to_pylist()
    assert rows == [
        {"source": "crm", "object": None, "record_id": number, "entity": "Müller"}
        for number in ("1", "2")
    ]


def test_what_a_truth_lacks_is_told(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.csv")
    assert "is empty" in refusal(file(tmp_path, ""))
    assert "has no rows" in refusal(file(tmp_path, "source,record_id,entity\n"))
    missing = refusal(file(tmp_path, "source,id,entity\ncrm,1,2\n"))
    assert "has no column record_id" in missing
    assert "row 3" in refusal(file(tmp_path, "source,record_id,entity\ncrm,1,2\ncrm,,2\n"))


def test_a_record_under_two_entities_is_told_by_its_rows_and_not_by_its_id(tmp_path):
    text = "source,record_id,entity\ncrm,secret,1\ncrm,2,1\ncrm,secret,2\n"
    said = refusal(file(tmp_path, text))
    assert "rows 2 and 4" in said
    assert "secret" not in said


def test_a_contact_and_a_company_of_one_id_stand_side_by_side(tmp_path):
    text = "source,object,record_id,entity\ncrm,contacts,5,P\ncrm,companies,5,F\n"
    assert read_truth(file(tmp_path, text)).count().to_pyarrow().as_py() == 2
