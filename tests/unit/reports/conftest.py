"""A made-up company's warehouse for the tests of reports: seeded, in DuckDB, by the catalogue."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
import pytest

from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.figures import compute
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import last_day
from aar_platform.models.purchase_history import customer_scores
from aar_platform.privacy.roles import DEFAULT_ROLES
from aar_platform.reports.context import ReportContext, SourceState
from aar_platform.segments.policy import SegmentPolicy
from aar_platform.segments.rfm import rfm
from aar_platform.tables import catalogue

NAMES = (
    "王伟",
    "Анна Каренина",
    "Žofie Dvořáková",
    "Sinéad O'Brien",
    "<script>alert(1)</script>",
    '=HYPERLINK("x")',
    "Łukasz Brzęczyszczykiewicz",
    "李娜",
    "Ξένια Παπαδοπούλου",
    "José Nuñez",
    "Société Anonyme des Manufactures de Glaces et Verres Spéciaux du Nord de la France et Fils",
    "#show: $rm -rf$ *bold* @home",
    "Ørsted & Søn",
    "Müller GmbH",
    "O’Neil {{ 7*7 }}",
    "张伟有限公司",
)
COUNTRIES = ("FR", "DE", "GB", "CN", "CZ", "IE", "RU", "US", "BE", "IT", "ES", "PL", "GR", None)
OWNERS = ("ada@example.com", "grace@example.com", None)
LAST = date(2024, 7, 31)


@dataclass
class Company:
    """Tables by name, and the context of a reader who may see everything."""

    tables: Callable[[str], ir.Table]
    context: ReportContext

    def seen_by(self, **changes: Any) -> ReportContext:
        return replace(self.context, **changes)


def stored(rows: dict[str, list[dict[str, Any]]]) -> Callable[[str], ir.Table]:
    """All tables of the catalogue in a new DuckDB, with these rows; columns left out are null."""
    connection = ibis.duckdb.connect()

    @functools.cache
    def table(name: str) -> ir.Table:
        schema = catalogue.ibis_schema(name)
        some = rows.get(name, [])
        columns = {
            column: pa.array([row.get(column) for row in some], kind.to_pyarrow())
            for column, kind in schema.items()
        }
        return connection.create_table(name, pa.table(columns), schema=schema)

    return table


def figures(tables: Callable[[str], ir.Table], currency: str = "EUR") -> ir.Table:
    """The table kpis, as the platform's own KPIs compute it."""
    sales = tables("sales")
    known = Facts(
        tables,
        {
            "reporting_currency": currency,
            "timezone": "UTC",
            "rates": None,
            "as_of": last_day(sales, tables("customers")),
            "churn_window": ChurnWindow(90, "stated"),
        },
    )
    months = date(2000, 1, 1), date(2100, 1, 1)
    return compute(kpis().values(), known, *months, ("all", "country", "source"), ("month",))


def company(
    customers: int = 300,
    months: int = 24,
    seed: int = 7,
    size: float = 80.0,
    countries: tuple[str | None, ...] = COUNTRIES,
    refund_share: float = 0.06,
    refund_size: int = 1,
    busy: int = 0,
) -> Company:
    """A company with sales until 31 July 2024. `size` is the usual order; `busy` is how many
    messages the first customer has."""
    random = np.random.default_rng(seed)
    people, sales, activities, links = [], [], [], []
    tickets: list[dict[str, Any]] = []
    feedback: list[dict[str, Any]] = []
    first_day = LAST - timedelta(days=int(30.4 * months) - 1)
    if months == 1:
        first_day = LAST.replace(day=1)
    for number in range(customers):
        customer = f"c{number:05d}"
        country = countries[int(random.zipf(1.6)) % len(countries)]
        people.append(
            {
                "customer_id": customer,
                "kind": "company" if number % 7 == 0 else "person",
                "display_name": NAMES[number % len(NAMES)],
                "email": f"customer{number}@example.org",
                "country": country,
                "region": ("North", "South")[number % 2],
                "owner": OWNERS[number % 3],
                "sources": "shop,crm",
                "record_count": 2,
                "first_seen_at": datetime(2022, 8, 1),
                "last_seen_at": datetime(2024, 7, 31),
            }
        )
        begin = int(random.integers(0, (LAST - first_day).days + 1))
        loyalty = random.exponential(5.0) + (30 if number == 0 else 0)
        for order in range(int(loyalty)):
            day = first_day + timedelta(
                days=int(random.integers(begin, (LAST - first_day).days + 1))
            )
            amount = Decimal(str(round(float(random.lognormal(0, 0.7)) * size, 2)))
            record = f"o{number}-{order}"
            sale = {
                "source": ("shop", "erp")[order % 2],
                "kind": "order",
                "record_id": record,
                "order_id": record,
                "customer_id": customer,
                "sold_at": datetime(day.year, day.month, day.day, 10),
                "sold_on": day,
                "country": country,
                "region": ("North", "South")[number % 2],
                "channel": "web",
                "amount_reporting": amount,
                "currency": "EUR",
            }
            sales.append(sale)
            activities.append(_activity(sale, f"Order {record}"))
            if random.random() < refund_share:
                back = {
                    **sale,
                    "kind": "refund",
                    "record_id": f"r{record}",
                    "amount_reporting": -amount * refund_size,
                }
                sales.append(back)
                activities.append(_activity(back, f"Refund of {record}"))
        if number % 4 == 0:
            _service(number, customer, tickets, feedback, activities)
    for sale_number in range(customers // 5):
        sales.append(
            {
                "source": "erp",
                "kind": "order",
                "record_id": f"x{sale_number}",
                "order_id": None,
                "customer_id": None,
                "sold_at": datetime(2024, 7, 2),
                "sold_on": date(2024, 7, 2),
                "country": None,
                "amount_reporting": Decimal("12.50"),
                "currency": "EUR",
            }
        )
    for number in range(busy):
        moment = datetime(2024, 7, 31, 20) - timedelta(hours=5 * number)
        activities.append(
            {
                "customer_id": "c00000",
                "occurred_at": moment,
                "kind": "message",
                "source": "mail",
                "record_id": f"m{number}",
                "title": f"Newsletter {number} 新闻 opened",
                "amount_reporting": None,
            }
        )
    rows = {
        "customers": people,
        "sales": sales,
        "activities": activities,
        "tickets": tickets,
        "feedback": feedback,
        "customer_links": links,
        "quarantine": _quarantine(),
        "repairs": _repairs(),
    }
    return _with_figures(rows)


def _with_figures(rows: dict[str, list[dict[str, Any]]]) -> Company:
    base = stored(rows)
    as_of = LAST
    scores = customer_scores(base("sales"), as_of)
    segments = rfm(base("sales"), base("customers"), scores, as_of, SegmentPolicy())
    found = segments.to_pyarrow().to_pylist()
    labels = ("Frequent, high value", "Occasional, long inactive", "New, small orders")
    found += [
        {**row, "scheme": "behavioural", "segment": str(n % 3), "label": labels[n % 3]}
        for n, row in enumerate(found)
    ]
    computed = figures(base).to_pyarrow().to_pylist() if rows.get("sales") else []
    made = {
        "customer_segments": found,
        "customer_scores": scores.to_pyarrow().to_pylist(),
        "kpis": computed,
    }
    return Company(stored({**rows, **made}), CONTEXT)


def _activity(sale: dict[str, Any], title: str) -> dict[str, Any]:
    return {
        "customer_id": sale["customer_id"],
        "occurred_at": sale["sold_at"],
        "kind": sale["kind"],
        "source": sale["source"],
        "record_id": sale["record_id"],
        "title": title,
        "amount_reporting": sale["amount_reporting"],
    }


def _service(
    number: int,
    customer: str,
    tickets: list[dict[str, Any]],
    feedback: list[dict[str, Any]],
    activities: list[dict[str, Any]],
) -> None:
    opened = datetime(2024, 6, 1 + number % 28, 22, 30)
    tickets.append(
        {
            "source": "desk",
            "record_id": f"t{number}",
            "ticket_id": f"t{number}",
            "contact_id": customer,
            "subject": "Where is my parcel? 包裹在哪里",
            "status": "open",
            "priority": "high",
            "topic": "delivery",
            "opened_at": opened,
            "solved_at": None if number % 8 == 0 else opened,
        }
    )
    feedback.append(
        {
            "source": "survey",
            "record_id": f"f{number}",
            "feedback_id": f"f{number}",
            "contact_id": customer,
            "channel": "survey",
            "question": "Would you recommend us?",
            "score": 9.0,
            "scale_min": 0.0,
            "scale_max": 10.0,
            "text": "Très bien, merci <b>!</b>",
            "given_at": opened,
        }
    )
    for kind, record in (("ticket", f"t{number}"), ("feedback", f"f{number}")):
        source = "desk" if kind == "ticket" else "survey"
        activities.append(
            {
                "customer_id": customer,
                "occurred_at": opened,
                "kind": kind,
                "source": source,
                "record_id": record,
                "title": "Where is my parcel?",
                "amount_reporting": None,
            }
        )


def _quarantine() -> list[dict[str, Any]]:
    rules = (
        ("required", "ordered_at", 40),
        ("unreadable", "total", 7),
        ("not_allowed", "status", 2),
    )
    return [
        {
            "source": "erp",
            "object": "orders",
            "record_id": f"q{rule}{n}",
            "rule": rule,
            "column_name": column,
            "reason": "cannot be read",
            "payload": "{}",
            "first_seen_at": datetime(2024, 7, 1),
            "state": "open",
        }
        for rule, column, count in rules
        for n in range(count)
    ]


def _repairs() -> list[dict[str, Any]]:
    rules = (("phone", "phone", 130), ("country", "country", 61), ("trim", "full_name", 12))
    return [
        {
            "source": "crm",
            "object": "contacts",
            "record_id": f"p{rule}{n}",
            "rule": rule,
            "column_name": column,
            "old_value": "old",
            "new_value": "new",
            "repaired_at": datetime(2024, 7, 1),
        }
        for rule, column, count in rules
        for n in range(count)
    ]


SOURCES = (
    SourceState(
        "crm", "contacts", date(2024, 7, 30), datetime(2024, 8, 1, 2), 8_210, 0, 203, False
    ),
    SourceState("desk", "tickets", date(2024, 6, 28), datetime(2024, 7, 2, 2), 75, 0, 0, True),
    SourceState("erp", "orders", date(2024, 7, 31), datetime(2024, 8, 1, 2), 12_034, 49, 0, False),
    SourceState("shop", "orders", None, None, 0, 0, 0, True),
)
CONTEXT = ReportContext(
    organisation="Northwind",
    currency="EUR",
    timezone="Europe/Paris",
    period_start=date(2024, 7, 1),
    role=DEFAULT_ROLES["engineer"],
    role_name="engineer",
    source_states=SOURCES,
    kpis=kpis(),
    figures=figures,
)


@pytest.fixture(scope="session")
def northwind() -> Company:
    return company()


@pytest.fixture(scope="session")
def company_with() -> Callable[..., Company]:
    """The function that makes a company of another kind."""
    return company


@pytest.fixture(scope="session")
def newcomer() -> Company:
    """A company whose warehouse is empty."""
    return Company(stored({}), replace(CONTEXT, source_states=()))


@pytest.fixture(scope="session")
def warehouse_of() -> Callable[[dict[str, list[dict[str, Any]]]], Company]:
    """The function that makes a company of the rows of some tables."""
    return lambda rows: Company(stored(rows), CONTEXT)
