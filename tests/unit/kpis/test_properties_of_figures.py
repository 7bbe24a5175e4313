"""What must not change any figure, and what must change one figure only."""

import math
import random
from datetime import date

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aar_platform.kpis.figures import compute
from aar_platform.kpis.registry import kpis
from tests.unit.kpis.made_up_company import LINES_ONLY, company_of, facts_of, renamed

ALWAYS = (date(2023, 1, 1), date(2025, 1, 1))
# Other periods add up the same rows; to write all of them takes the engine twice as long.
LENGTHS = ("month",)
seeds = st.integers(0, 10**6)
few_examples = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    # A company takes seconds to count: it is told as it was found.
    phases=[Phase.generate],
)


def figures_of(known, names=None, **asked):
    """Figures as {(kpi, period, period_start, dimension, member): the rest of the row}."""
    wanted = [one for name, one in kpis().items() if names is None or name in names]
    rows = compute(wanted, known, *ALWAYS, **{"lengths": LENGTHS, **asked}).to_pyarrow().to_pylist()
    key = ("kpi", "period", "period_start", "dimension", "member")
    found = {tuple(row[name] for name in key): row for row in rows}
    assert len(found) == len(rows)
    return found


def assert_same(found, expected):
    """Doubles may differ by what the order of adding them up leaves over."""
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        for name in row.keys() - {"member"}:
            one, other = found[key][name], row[name]
            if isinstance(one, float) and isinstance(other, float):
                assert math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12), (key, name)
            else:
                assert one == other, (key, name)


def shuffled(company, order):
    dice = random.Random(order)
    return {table: dice.sample(rows, len(rows)) for table, rows in company.items()}


@few_examples
@given(seeds, st.permutations(["x", "y", "z"]))
def test_neither_the_order_of_rows_nor_the_names_of_sources_change_a_figure(seed, others):
    company = company_of(seed)
    names = dict(zip("abc", others, strict=True))
    expected = {
        (*key[:-1], names.get(key[-1], key[-1]) if key[-2] == "source" else key[-1]): row
        for key, row in figures_of(facts_of(company)).items()
    }
    told_otherwise = facts_of(shuffled(renamed(company, names), seed), names[LINES_ONLY])
    assert_same(figures_of(told_otherwise), expected)
