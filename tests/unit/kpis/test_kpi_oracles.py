"""Every KPI against the same figure computed naively, customer by customer, from random orders."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import ibis
import pandas as pd
import pytest

from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.figures import compute
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import sales
from aar_platform.tables import catalogue

NAMES = (
    "active_customers",
    "average_order_value",
    "churn_rate",
    "dormant_customers",
    "gross_revenue",
    "lost_customers",
    "new_customers",
    "orders",
    "purchase_frequency",
    "reactivated_customers",
    "refund_rate",
    "repeat_rate",
    "retention_rate",
    "revenue",
    "revenue_per_customer",
)
PARIS = "Europe/Paris"
CHURN_DAYS = 45
FIRST_DAY = datetime(2023, 11, 28)
DAYS = 260
# The days at whose ends months end in UTC and in Paris, in winter and in summer.
EDGES = [datetime(2023, 12, 31, 22, 59), datetime(2023, 12, 31, 23, 0),
         datetime(2024, 3, 31, 21, 59), datetime(2024, 3, 31, 22, 0),
         datetime(2024, 4, 30, 22, 30)]  # fmt: skip


def random_core(seed):
    """Orders and refunds of two sources; customers 1 to 30 are known, others are not."""
    dice = random.Random(seed)

    def moment():
        if dice.random() < 0.1:
            return dice.choice(EDGES)
        return FIRST_DAY + timedelta(minutes=dice.randrange(DAYS * 24 * 60))

    orders = [
        {
            "source": dice.choice(["shop", "erp"]),
            "order_id": str(nr),
            "record_id": str(nr),
            "contact_id": dice.choice([None, *map(str, range(1, 36))]),
            "ordered_at": moment(),
            "status": dice.choice([None, "paid", "paid", "paid", "cancelled"]),
            "cancelled_at": FIRST_DAY if dice.random() < 0.02 else None,
            "is_test": dice.choice([None, False, False, False, dice.random() < 0.2]),
            "country": dice.choice([None, "FR", "DE", "CN"]),
            "currency": dice.choice(["EUR", "EUR", "USD"]),
            "total": Decimal(dice.randrange(-3000, 12000)) / 100,
        }
        for nr in range(400)
    ]
    refunds = [
        {
            "source": (order := dice.choice(orders))["source"],
            "refund_id": f"r{nr}",
            "record_id": f"r{nr}",
            "order_id": order["order_id"],
            "refunded_at": moment(),
            "amount": Decimal(dice.randrange(100, 2000)) / 100,
            "currency": order["currency"],
        }
        for nr in range(60)
    ]
    return orders, refunds


def rate_on(day):
    return Decimal(90 + day.day) / 100


def naive_sales(orders, refunds):
    """A pandas frame of what was sold: kind, customer, at, day, month, country, source, amount."""

    def row(kind, record, order, at, amount):
        day = at.replace(tzinfo=UTC).astimezone(ZoneInfo(PARIS)).date()
        if record["currency"] != "EUR":
            amount *= rate_on(day)
        known = order["contact_id"] and int(order["contact_id"]) <= 30
        return {
            "kind": kind,
            "customer": f"C{order['contact_id']}" if known else None,
            "at": (at, order["source"], record["record_id"]),
            "day": day,
            "month": day.replace(day=1),
            "all": "all",
            "country": order["country"] or "unknown",
            "source": order["source"],
            "amount": amount.quantize(Decimal("0.0001"), ROUND_HALF_UP),
        }

    counted = {
        order["order_id"]: order
        for order in orders
        if order["status"] != "cancelled" and not order["cancelled_at"] and not order["is_test"]
    }
    rows = [row("order", o, o, o["ordered_at"], o["total"]) for o in counted.values()]
    rows += [
        row("refund", refund, counted[refund["order_id"]], refund["refunded_at"], -refund["amount"])
        for refund in refunds
        if refund["order_id"] in counted
    ]
    return pd.DataFrame(rows)


PAST = {}


def past(sold):
    """Purchases of known customers, those of each in order, and the first of each."""
    if id(sold) not in PAST:
        bought = sold[(sold.kind == "order") & (sold.amount > 0) & sold.customer.notna()]
        histories = [own.sort_values("at") for _customer, own in bought.groupby("customer")]
        firsts = {own.customer.iloc[0]: own["at"].iloc[0] for own in histories}
        PAST[id(sold)] = bought, histories, firsts
    return PAST[id(sold)]


def next_month(month):
    return (month + timedelta(days=32)).replace(day=1)


def naive_figure(name, sold, dimension, member, month):
    """Numerator and denominator (None where the KPI is no ratio), by loops over customers."""
    here = sold[sold[dimension] == member]
    now = here[here.month == month]
    documents = now[now.kind == "order"]
    bought, histories, firsts = past(sold)
    bought_here = bought[(bought[dimension] == member) & (bought.month == month)]
    active = set(bought_here.customer)
    match name:
        case "revenue":
            return sum(now.amount), None
        case "orders":
            return len(documents), None
        case "average_order_value":
            return sum(documents.amount), len(documents)
        case "active_customers":
            return len(active), None
        case "revenue_per_customer":
            return sum(now[now.customer.notna()].amount), len(active)
        case "gross_revenue":
            return sum(documents[documents.amount > 0].amount), None
        case "refund_rate":
            is_sold = (now.kind == "order") & (now.amount > 0)
            return -sum(now[~is_sold].amount), sum(now[is_sold].amount)
        case "purchase_frequency":
            return len(bought_here), len(active)
    end = min(next_month(month), max(sold.day) + timedelta(days=1))
    back = timedelta(days=CHURN_DAYS)
    match name:
        case "dormant_customers":
            last = [own[own.day < end].iloc[-1] for own in histories if any(own.day < end)]
            return sum(
                row[dimension] == member and end - back <= row.day < month for row in last
            ), None
        case "retention_rate":
            earlier = (month - timedelta(days=1)).replace(day=1)
            before = [own[own.month == earlier] for own in histories]
            here_before = [
                (own, was) for own, was in zip(histories, before, strict=True)
                if len(was) and was[dimension].iloc[-1] == member
            ]  # fmt: skip
            return sum(any(own.month == month) for own, _ in here_before), len(here_before)
        case "lost_customers" | "reactivated_customers":
            lost = back_again = 0
            for own in histories:
                for day, later, place, after in zip(
                    own.day, [*own.day[1:], None], own[dimension], [*own[dimension][1:], None],
                    strict=True,
                ):  # fmt: skip
                    is_gone = later is None or later > day + back
                    lost += is_gone and month <= day + back < end and place == member
                    if later is not None and is_gone:
                        back_again += later.replace(day=1) == month and after == member
            return (lost if name == "lost_customers" else back_again), None
        case "new_customers":
            return sum(at in set(firsts.values()) for at in bought_here["at"]), None
        case "repeat_rate":
            repeat = {
                purchase.customer
                for purchase in bought_here.itertuples()
                if purchase.at != firsts[purchase.customer]
            }
            return len(repeat), len(active)
        case "churn_rate":
            at_start, lost = 0, 0
            for own in histories:
                before = own[(own.day < month) & (own.day >= month - back)]
                if len(before) and before[dimension].iloc[-1] == member:
                    at_start += 1
                    lost += not any((own.day < end) & (own.day >= end - back))
            return lost, at_start
    raise AssertionError(name)


@pytest.fixture(scope="module", params=[1, pytest.param(2, marks=pytest.mark.long)])
def company(request):
    """The platform's sales and the naive ones, of the same random orders."""
    orders, refunds = random_core(request.param)

    def table(name, rows):
        schema = catalogue.ibis_schema(name)
        complete = [{column: row.get(column) for column in schema} for row in rows]
        import pyarrow as pa

        return ibis.memtable(pa.Table.from_pylist(complete, schema=schema.to_pyarrow()))

    links = [
        {"source": source, "object": "contacts", "record_id": str(nr), "customer_id": f"C{nr}"}
        for nr in range(1, 31)
        for source in ("shop", "erp")
    ]
    days = [FIRST_DAY.date() + timedelta(days=nr) for nr in range(-1, DAYS + 2)]
    rates = ibis.memtable(
        {"day": days, "currency": ["USD"] * len(days), "rate": [rate_on(day) for day in days]},
        schema={"day": "date", "currency": "string", "rate": "decimal(20, 12)"},
    )
    made = sales(
        table("orders", orders), table("refunds", refunds), table("customer_links", links),
        rates, "EUR", PARIS,
    )  # fmt: skip
    return made.cache(), naive_sales(orders, refunds)


@pytest.fixture(scope="module")
def every_figure(company):
    """The figures of all months by KPI."""
    table, _sold = company
    return figures(NAMES, table)


def empty(name):
    import pyarrow as pa

    return ibis.memtable(pa.Table.from_pylist([], schema=catalogue.ibis_schema(name).to_pyarrow()))


def figures(names, table, start=date(2000, 1, 1), end=date(2100, 1, 1)):
    known = Facts(
        lambda one: table if one == "sales" else empty(one),
        {
            "reporting_currency": "EUR",
            "timezone": PARIS,
            "rates": None,
            "as_of": table.sold_on.max().to_pyarrow().as_py(),
            "churn_window": ChurnWindow(CHURN_DAYS, "stated"),
        },
    )
    wanted = [kpis()[name] for name in names]
    made = compute(wanted, known, start, end, ("all", "country", "source"), ("month",))
    found = {name: {} for name in names}
    for row in made.to_pyarrow().to_pylist():
        found[row["kpi"]][row["period_start"], row["dimension"], row["member"]] = row
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_kpi_equals_its_naive_twin(company, every_figure, name):
    _table, sold = company
    found = every_figure[name]
    expected = set()
    for dimension in ("all", "country", "source"):
        for member, own in sold.groupby(dimension):
            month = min(own.month)
            while month <= max(sold.month):
                expected.add((month, dimension, member))
                month = next_month(month)
    assert set(found) == expected
    assert len(expected) > 60
    for (month, dimension, member), row in found.items():
        numerator, denominator = naive_figure(name, sold, dimension, member, month)
        assert row["numerator"] == pytest.approx(float(numerator), abs=1e-9)
        assert row["denominator"] == (None if denominator is None else float(denominator))
        if denominator is None:
            assert row["value"] == row["numerator"]
        elif denominator == 0:
            assert row["value"] is None
        else:
            assert row["value"] == pytest.approx(float(numerator) / float(denominator))


def test_a_month_computed_alone_is_the_month_computed_with_all(company, every_figure):
    table, _sold = company
    march = date(2024, 3, 1)
    alone = figures(NAMES, table, march, next_month(march))
    for name in NAMES:
        of_march = {key: row for key, row in every_figure[name].items() if key[0] == march}
        assert alone[name] == of_march, name


def test_what_comes_later_changes_no_month_before(company, every_figure):
    table, sold = company
    last = date(2024, 3, 31)
    assert last in set(sold.day), "the month is complete without what comes later"
    known_then = figures(NAMES, table.filter(table.sold_on <= last))
    for name in NAMES:
        before = {key: row for key, row in every_figure[name].items() if key[0] <= last}
        assert known_then[name] == before, name


def test_members_of_additive_kpis_add_up_to_the_whole(every_figure):
    for name in NAMES:
        if not kpis()[name].additive:
            continue
        found = every_figure[name]
        for dimension in ("country", "source"):
            for month in {key[0] for key in found}:
                members = [
                    row["value"] for key, row in found.items() if key[:2] == (month, dimension)
                ]
                assert sum(members) == pytest.approx(found[month, "all", "all"]["value"])
