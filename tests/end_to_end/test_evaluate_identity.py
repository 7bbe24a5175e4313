"""`aar evaluate-identity` on the small shop, whose 20 help desk users are people of the shop."""

import json

import pytest

TRUTH = "\n".join(
    ["source,record_id,entity"]
    + [f"shop,C{i:03d},P{i}" for i in range(1, 121)]
    + [f"desk,u{i},P{i}" for i in range(1, 21)]
)


def refused(answer, *words):
    """One line on stderr, exit status 1."""
    assert answer.status == 1, answer.said
    assert answer.out == ""
    assert len(answer.lines) == 1, answer.said
    for word in words:
        assert word in answer.err, answer.err


@pytest.fixture
def truth(tmp_path):
    def write(text):
        path = tmp_path / "truth.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_figures_come_as_json_and_as_a_table(small_shop, truth):
    path = truth(TRUTH)
    found = json.loads(small_shop.aar("evaluate-identity", path, "--format", "json").out)
    assert (found["precision"], found["recall"], found["f1"]) == (1, 1, 1)
    assert (found["true_pairs"], found["records"], found["not_found"]) == (20, 140, {})
    answer = small_shop.aar("evaluate-identity", path)
    assert answer.status == 0, answer.said
    assert "precision" in answer.out and "1.0000" in answer.out


def test_wrong_and_missing_pairs_lower_the_figures(small_shop, truth):
    wrong = TRUTH.replace("desk,u1,P1\n", "desk,u1,Q\n").replace("shop,C120,P120", "shop,C120,P119")
    found = json.loads(small_shop.aar("evaluate-identity", truth(wrong), "--format", "json").out)
    assert found["precision"] == pytest.approx(19 / 20)
    assert found["recall"] == pytest.approx(19 / 20)


def test_records_of_other_systems_are_told_without_their_ids(small_shop, truth):
    answer = small_shop.aar("evaluate-identity", truth(TRUTH + "\nerp,ada@example.org,P1\n"))
    assert answer.status == 0, answer.said
    assert "customer_links lack 1 (erp 1)" in answer.out
    assert "ada" not in answer.said


def test_what_cannot_be_judged_is_refused_in_one_line(small_shop, truth, tmp_path):
    missing = str(tmp_path / "none.csv")
    refused(small_shop.aar("evaluate-identity", missing), "none.csv", "no such file")
    refused(small_shop.aar("evaluate-identity", truth("source,id,entity\na,1,1\n")), "record_id")
    other = truth("source,record_id,entity\nerp,1,1\nerp,2,1\n")
    refused(small_shop.aar("evaluate-identity", other), "erp", "desk, shop")


def test_before_the_first_run_it_says_what_to_do(new_shop, truth):
    place = new_shop()
    refused(place.aar("evaluate-identity", truth(TRUTH)), "there is no warehouse yet", "aar run")
    assert place.aar("run", "--select", "key:extract_shop__contacts").status == 0
    with place.warehouse(read_only=False) as opened:
        opened.backend.raw_sql("create table other as select 1 as x")
    refused(place.aar("evaluate-identity", truth(TRUTH)), "no customer_links yet", "aar run")
