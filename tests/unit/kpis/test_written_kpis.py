"""A KPI can be a few lines of YAML in the organisation's folder: sums and ratios over facts."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from aar_platform.kpis.definition import KpiInvalid
from aar_platform.kpis.figures import compute
from aar_platform.kpis.registry import kpis
from tests.unit.kpis.conftest import facts, table

WORDS = """
question: How large is the share of large orders?
unit: share
formula: Value of orders above 100 / value of all orders
"""
COUNTED = WORDS.replace("unit: share", "unit: rows")
LARGE_SHARE = (
    WORDS
    + """
of: sales
numerator: {sum: amount_reporting, where: {kind: order, amount_reporting: {above: 100}}}
denominator: {sum: amount_reporting, where: {kind: order}}
leaves_out: Refunds
direction: up
"""
)
SALES = [
    ("order", date(2024, 1, 5), "300", "FR"),
    ("order", date(2024, 1, 6), "100", "DE"),
    ("refund", date(2024, 1, 7), "-50", "FR"),
]


@pytest.fixture
def folder(tmp_path):
    def write(text, name="large_share.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def figures(folder, name, known):
    one = kpis(folder)[name]
    rows = compute([one], known, date.min, date.max, ("all", "country"), ("month",))
    return {(row["dimension"], row["member"]): row for row in rows.to_pyarrow().to_pylist()}


@pytest.fixture
def known():
    rows = [
        {"kind": kind, "record_id": str(number), "order_id": str(number), "sold_on": day,
         "sold_at": datetime(day.year, day.month, day.day, 12), "currency": "EUR",
         "amount_reporting": Decimal(amount), "country": country, "customer_id": f"C{number}"}
        for number, (kind, day, amount, country) in enumerate(SALES)
    ]  # fmt: skip
    return facts({"as_of": date(2024, 1, 31)}, sales=table("sales", rows))


def test_a_ratio_in_yaml_is_a_kpi(folder, known):
    found = figures(folder(LARGE_SHARE), "large_share", known)
    assert (found["all", "all"]["numerator"], found["all", "all"]["denominator"]) == (300, 400)
    assert found["country", "FR"]["value"] == 1
    assert found["country", "DE"]["value"] == 0
    assert found["all", "all"]["unit"] == "share"
    defined = kpis(folder(LARGE_SHARE))["large_share"]
    assert defined.divides_money
    counted = LARGE_SHARE.replace("sum: amount_reporting", "count: rows")
    assert not kpis(folder(counted))["large_share"].divides_money
    assert defined.numerator == (
        "Sum of amount_reporting of sales where kind is order and amount_reporting above 100"
    )
    assert not defined.additive and "segment" in defined.dimensions


def test_the_share_of_the_how_to_is_at_most_1_where_there_are_credit_notes(folder):
    page = (Path(__file__).parents[3] / "docs/how-to/add-a-kpi.md").read_text(encoding="utf-8")
    text = page.split("```yaml\n", 1)[1].split("```", 1)[0]
    rows = [
        {"kind": "order", "record_id": str(number), "order_id": str(number),
         "sold_on": date(2024, 1, 5), "sold_at": datetime(2024, 1, 5, 12), "currency": "EUR",
         "amount_reporting": Decimal(amount), "customer_id": "C1"}
        for number, amount in enumerate(("300", "60", "-100", "0"))
    ]  # fmt: skip
    known = facts({"as_of": date(2024, 1, 31)}, sales=table("sales", rows))
    found = figures(folder(text), "large_share", known)["all", "all"]
    assert (found["numerator"], found["denominator"]) == (300, 360)
    assert "Credit notes" in kpis(folder(text))["large_share"].leaves_out


def test_rows_and_different_values_are_counted(folder, known):
    rows = COUNTED + "of: sales\nnumerator: {count: rows, where: {kind: {in: [order, refund]}}}\n"
    assert figures(folder(rows), "large_share", known)["all", "all"]["value"] == 3
    people = (
        COUNTED + "of: sales\nnumerator: {count: customer_id, where: {kind: {is_not: order}}}\n"
    )
    assert figures(folder(people), "large_share", known)["all", "all"]["value"] == 1


def test_another_day_of_the_row_can_decide_the_period(folder):
    solved = COUNTED + "of: tickets\nday: solved_on\nnumerator: {count: rows}\n"
    tickets = table(
        "tickets",
        [
            {
                "ticket_id": "1",
                "opened_at": datetime(2024, 1, 5),
                "solved_at": datetime(2024, 2, 5),
            },
            {"ticket_id": "2", "opened_at": datetime(2024, 1, 6)},
        ],
    )
    one = kpis(folder(solved))["large_share"]
    made = compute([one], facts({"as_of": date(2024, 2, 29)}, tickets=tickets), date.min, date.max,
                   ("all",), ("month",))  # fmt: skip
    rows = made.order_by("period_start").to_pyarrow().to_pylist()
    assert [row["value"] for row in rows] == [0, 1]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [", "large_share.yaml, line 1: is no YAML: expected the node content, but found"),
        (
            LARGE_SHARE + "unit: EUR\n",
            "large_share.yaml, line 11: is no YAML: the key 'unit' is there twice",
        ),
        (WORDS, "large_share.yaml: of: Field required"),
        (
            LARGE_SHARE.replace("of: sales", "of: sale"),
            "of: there is no fact 'sale'; there are acq",
        ),
        (LARGE_SHARE + "colour: red\n", "large_share.yaml: colour: Extra inputs are not permitted"),
        (WORDS + "of: sales\nnumerator: {}\n", "numerator: Value error, needs either sum: COLUMN"),
        (LARGE_SHARE + "dimensions: [county]\n", "dimensions.0: Input should be 'all', 'source'"),
        (
            "",
            "large_share.yaml: says nothing; it needs the keys question, unit, formula, of and nu",
        ),
        (LARGE_SHARE + "periods: []\n", "large_share: periods names none of day, week, month"),
        (WORDS + "of: sales\nnumerator: {count: rows}\n", "large_share: a share needs a denomin"),
        (
            LARGE_SHARE.replace("{above: 100}", "{over: 100}"),
            "large_share.yaml: numerator.where.amount_reporting.over: needs a value (text, number",
        ),
        (
            LARGE_SHARE.replace("{kind: order}", "{channel: null}"),
            "denominator.where.channel: needs a value (text, number, date, true or false) or one",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(folder, text, problem):
    with pytest.raises(KpiInvalid) as error:
        kpis(folder(text))
    assert problem in str(error.value)
    assert "\n" not in str(error.value)


def test_a_column_that_there_is_not_is_named_with_those_there_are(folder, known):
    wrong = LARGE_SHARE.replace("{sum: amount_reporting, where: {kind: order}}", "{sum: amount}")
    with pytest.raises(KpiInvalid, match=r"sales has no column 'amount'; it has .*currency"):
        figures(folder(wrong), "large_share", known)


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("{sum: amount_reporting, where: {kind: order}}", "{sum: country}",
         "denominator: country is text and cannot be added up; count it"),
        ("{kind: order}", "{kind: {above: 5}}", "denominator.where.kind: it is text, which 5 is"),
        ("{above: 100}", "{above: many}",
         "numerator.where.amount_reporting: it is a number, which 'many' is not"),
        ("of: sales", "of: sales\nday: country", "day: country is text and no date"),
    ],
)  # fmt: skip
def test_what_does_not_fit_its_column_is_named(folder, known, before, after, problem):
    with pytest.raises(KpiInvalid) as error:
        figures(folder(LARGE_SHARE.replace(before, after)), "large_share", known)
    assert str(error.value).startswith(f"large_share.yaml: {problem}")


def test_a_day_can_be_a_condition_and_the_whole_is_always_told(folder, known):
    since = LARGE_SHARE.replace("{kind: order}", "{kind: order, day: {above: 2024-01-05}}")
    found = figures(folder(since + "dimensions: [country]\n"), "large_share", known)
    assert found["all", "all"]["denominator"] == 100


def test_a_name_that_is_taken_is_refused(folder):
    with pytest.raises(KpiInvalid, match=r"revenue\.yaml: a KPI revenue exists already"):
        kpis(folder(LARGE_SHARE, "revenue.yaml"))
