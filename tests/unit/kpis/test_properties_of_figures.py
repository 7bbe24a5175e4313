"""What must not change any figure, and what must change one figure only."""

import math
import random
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from aar_platform.kpis.exchange import RateMissing
from aar_platform.kpis.figures import compute
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import sales
from tests.unit.kpis.made_up_company import (
    LINES_ONLY,
    MOMENTS,
    PARIS,
    company_of,
    facts_made_of,
    rate_of,
    renamed,
)

ALWAYS = (date(2023, 1, 1), date(2025, 1, 1))
# Other periods add up the same rows; to write all of them takes the engine twice as long.
LENGTHS = ("month",)
seeds = st.integers(0, 10**6)
few_examples = settings(
    max_examples=1,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    # A company takes seconds to count: it is told as it was found.
    phases=[Phase.explicit, Phase.generate],
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


@pytest.mark.long
@few_examples
@given(seeds, st.permutations(["x", "y", "z"]))
def test_neither_the_order_of_rows_nor_the_names_of_sources_change_a_figure(seed, others):
    company = company_of(seed)
    names = dict(zip("abc", others, strict=True))
    expected = {
        (*key[:-1], names.get(key[-1], key[-1]) if key[-2] == "source" else key[-1]): row
        for key, row in figures_of(facts_made_of(company)).items()
    }
    told_otherwise = facts_made_of(shuffled(renamed(company, names), seed), names[LINES_ONLY])
    assert_same(figures_of(told_otherwise), expected)


@settings(few_examples, max_examples=2)
# In Paris it is already April.
@example(1, datetime(2024, 3, 31, 22, 15), 12_345, "USD", "of an order")
@given(
    seeds,
    st.sampled_from(MOMENTS),
    st.integers(1, 999_999),
    st.sampled_from(["EUR", "USD", "CNY"]),
    st.sampled_from(["of an order", "of no known order"]),
)
def test_a_refund_lowers_net_revenue_by_its_amount_in_its_month(seed, moment, cents, money, of):
    company = company_of(seed)
    sold = next(row for row in company["orders"] if row["source"] == "a")
    sold.update(status="paid", is_deleted=False)
    refund = {
        "source": "a",
        "record_id": "late",
        "refund_id": "late",
        "order_id": sold["order_id"] if of == "of an order" else "gone",
        "refunded_at": moment,
        "amount": Decimal(cents) / 100,
        "currency": money,
    }
    asked = {"names": {"revenue", "gross_revenue", "orders"}, "dimensions": ("all", "source")}
    before = figures_of(facts_made_of(company), **asked)
    after = figures_of(
        facts_made_of({**company, "refunds": [*company["refunds"], refund]}), **asked
    )
    day = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(PARIS)).date()
    lowered = {
        ("revenue", "month", day.replace(day=1), dimension, member)
        for dimension, member in (("all", "all"), ("source", "a"))
    }
    # Months that began with the refund have no figure before it.
    for key in after.keys() | before.keys():
        old, new = (found[key]["value"] if key in found else 0.0 for found in (before, after))
        if key in lowered:
            worth = refund["amount"] * rate_of(money, day)
            assert round(old - new, 2) == round(float(worth), 2)
            assert abs(Decimal(str(old)) - Decimal(str(new)) - worth) < Decimal("0.0002")
        else:
            assert old == new, key


def test_missing_rates_are_named_with_currency_and_day_whatever_they_are_for(table_of, facts_of):
    noon = datetime(2024, 3, 9, 12)
    money = {"currency": "JPY", "contact_id": "1"}
    rows = {
        "won_value": ("deals", {"deal_id": "1", "is_won": True, "closed_at": noon, "amount": 5}),
        "marketing_spend": ("spend", {"spend_id": "1", "day": noon.date(), "amount": 5}),
        "recurring_revenue": (
            "subscriptions", {"subscription_id": "1", "started_at": noon, "monthly_amount": 5}
        ),
    }  # fmt: skip
    given = {"as_of": date(2024, 3, 9)}
    for kpi, (table, row) in rows.items():
        row = {**row, **({"currency": "JPY"} if table == "spend" else money)}
        known = facts_of(given, **{table: table_of(table, [row])})
        with pytest.raises(RateMissing, match="JPY to EUR on 2024-03-09"):
            figures_of(known, {kpi})
    order = {"order_id": "1", "ordered_at": noon, "total": 5, **money}
    with pytest.raises(RateMissing, match="JPY to EUR on 2024-03-09"):
        sales(table_of("orders", [order]), table_of("refunds", []), table_of("customer_links", []),
              None, "EUR", PARIS)  # fmt: skip
