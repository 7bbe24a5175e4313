from pathlib import Path

import ibis.expr.types as ir
import pytest
from ibis import _

from aar_platform.kpis.definition import KpiInvalid, Measure, kpi
from aar_platform.kpis.dimensions import DIMENSIONS
from aar_platform.kpis.handbook import kpis_markdown
from aar_platform.kpis.periods import ALL_PERIODS
from aar_platform.kpis.registry import kpis
from aar_platform.tables import catalogue

WORDS = {
    "question": "?",
    "unit": "orders",
    "formula": "f",
    "numerator": "n",
    "leaves_out": "l",
    "split": "s",
    "direction": "up",
    "additive": True,
}
LARGE_ORDERS = """
import ibis.expr.types as ir
from ibis import _
from aar_platform.kpis.definition import Measure, kpi

@kpi(question="How many large orders?", unit="orders", formula="f", numerator="n", leaves_out="l",
     split="s", direction="up", additive=True)
def large_orders(sales: ir.Table) -> Measure:
    return Measure(sales, numerator=_.count(where=_.amount_reporting > 1000))
"""


def test_every_kpi_says_what_it_means():
    for name, defined in kpis().items():
        words = (defined.question, defined.formula, defined.numerator, defined.leaves_out)
        assert all((*words, defined.split, defined.unit, defined.definition_from)), name
        assert defined.table == f"kpi_{name}"
        assert defined.tables and set(defined.tables) <= {*catalogue.CORE, *catalogue.OUTPUTS}
        assert defined.dimensions[0] == "all" and set(defined.dimensions) <= set(DIMENSIONS)
        assert set(defined.periods) <= set(ALL_PERIODS)


def test_shares_name_their_denominator_and_sums_have_none():
    for name, defined in kpis().items():
        if defined.unit == "share":
            assert defined.denominator, name
        assert not (defined.additive and defined.denominator), name


def test_the_handbook_tells_every_kpi():
    text = kpis_markdown()
    for defined in kpis().values():
        for words in (f"## {defined.name}\n", defined.question, defined.formula, defined.split):
            assert words in text


def test_a_file_in_the_organisations_folder_is_a_kpi(tmp_path):
    (tmp_path / "large_orders.py").write_text(LARGE_ORDERS)
    (tmp_path / "_shared.py").write_text("nonsense(")
    assert "large_orders" not in kpis()
    found = kpis(tmp_path)
    assert found["large_orders"].question == "How many large orders?"
    assert len(found) == len(kpis()) + 1


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        (
            "large_orders.py",
            "import nothing_known",
            "large_orders.py: cannot be imported: ModuleNotFo",
        ),
        ("large_orders.py", "x = 1", "one KPI called large_orders.* it defines none"),
        ("big.py", LARGE_ORDERS, "big.py: must define one KPI called big,.* defines large_orders"),
        ("revenue.py", LARGE_ORDERS.replace("large_orders", "revenue"), "KPI revenue exists"),
        (
            "large_orders.py",
            LARGE_ORDERS.replace("(sales:", "(sale:"),
            "asks for 'sale', which is no fact; did you mean sales?",
        ),
    ],
)
def test_a_file_that_defines_no_kpi_is_refused_in_a_line(tmp_path, file, text, problem):
    (tmp_path / file).write_text(text)
    with pytest.raises(KpiInvalid, match=problem) as error:
        kpis(tmp_path)
    assert "\n" not in str(error.value)


def test_a_missing_folder_is_named():
    with pytest.raises(KpiInvalid, match="nowhere: no such folder"):
        kpis(Path("nowhere"))


def test_a_kpi_can_ask_for_any_table_of_the_catalogue():
    @kpi(**WORDS)
    def won_deals(deals: ir.Table, churn_window: object) -> Measure:
        return Measure(deals, numerator=_.count())

    assert won_deals.needs == ("deals", "churn_window")
    assert set(won_deals.tables) == {
        "deals", "customer_links", "customers", "customer_segments", "sales"
    }  # fmt: skip
