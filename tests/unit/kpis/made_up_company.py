"""Small made-up companies of three sources, with everything that KPIs count and many ties."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from aar_platform.kpis.derived_orders import derived_orders
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.purchases import ChurnWindow
from aar_platform.kpis.sales import located, sales
from aar_platform.tables import catalogue

Rows = list[dict[str, Any]]
Company = dict[str, Rows]

PARIS = "Europe/Paris"
AS_OF = date(2024, 6, 20)
# Few moments, so that many rows share one; those around the ends of months in Paris and in UTC, in
# winter and in summer.
MOMENTS = [
    datetime(2023, 12, 31, 22, 59), datetime(2023, 12, 31, 23, 0), datetime(2024, 1, 1),
    datetime(2024, 1, 31, 23, 30), datetime(2024, 2, 14, 9, 15), datetime(2024, 2, 29, 22, 0),
    datetime(2024, 3, 31, 0, 59), datetime(2024, 3, 31, 21, 59), datetime(2024, 3, 31, 22, 0),
    datetime(2024, 4, 30, 22, 30), datetime(2024, 6, 3, 8, 0),
]  # fmt: skip
SOURCES = ("a", "b", "c")
PEOPLE = 3
# Lines make the orders of this source.
LINES_ONLY = "b"
# This one never states a currency.
WITHOUT_CURRENCY = "c"

PERSON = [None, *range(PEOPLE + 1)]
MAYBE = [None, None, *MOMENTS]
DAYS = [moment.date() for moment in MOMENTS]
CHANNEL = [None, "web", "mail"]
CAMPAIGN = [None, "spring", "autumn"]
COUNTRY = [None, "FR", "DE"]
CURRENCY = ["EUR", "USD", "CNY"]
FLAG = [None, True, False]
EUROS = range(-20, 120)
# Per table how many rows, and what each column of a row is one of.
DRAWN: dict[str, tuple[int, dict[str, Sequence[Any]]]] = {
    "orders": (16, {
        "person": PERSON, "ordered_at": MOMENTS, "total": EUROS, "currency": CURRENCY,
        "country": COUNTRY, "channel": CHANNEL, "campaign": CAMPAIGN,
        "status": [None, "paid", "paid", "cancelled"], "is_deleted": [None, False, False, True]}),
    "order_lines": (16, {
        "person": PERSON, "order": range(8), "ordered_at": MOMENTS, "amount": EUROS,
        "currency": CURRENCY, "category": [None, "tea", "cups"],
        "product": [None, "green", "black"]}),
    "refunds": (6, {
        "person": PERSON, "order": range(12), "refunded_at": MOMENTS, "amount": range(1, 50),
        "currency": CURRENCY}),
    "subscriptions": (8, {
        "person": PERSON, "started_at": MOMENTS, "ended_at": MAYBE, "monthly_amount": range(1, 90),
        "currency": CURRENCY}),
    "deals": (10, {
        "person": PERSON, "created_at": MAYBE, "closed_at": MAYBE, "is_won": FLAG,
        "is_closed": FLAG, "amount": [None, *EUROS], "currency": CURRENCY, "channel": CHANNEL,
        "stage": [None, "Won", "perdu", "offer"], "owner": [None, "Ada", "Bo"]}),
    "tickets": (8, {
        "person": PERSON, "opened_at": MOMENTS, "first_replied_at": MAYBE, "solved_at": MAYBE,
        "channel": CHANNEL, "satisfaction": [None, "good", "bad", "offered"]}),
    "messages": (24, {
        "person": PERSON, "occurred_at": MOMENTS, "campaign_id": ["1", "2"],
        "event": ["sent", "delivered", "opened", "clicked", "bounced", "unsubscribed"]}),
    "feedback": (8, {
        "person": PERSON, "given_at": MOMENTS, "score": [None, 1, 4, 9, 10],
        "scale_max": [5, 10], "channel": ["survey", "call"]}),
    "web_visits": (8, {
        "person": PERSON, "visited_at": MOMENTS, "channel": CHANNEL, "campaign": CAMPAIGN,
        "country": COUNTRY, "sessions": [None, *range(5)], "conversions": [None, 0, 1, 2]}),
    "usage": (6, {"person": PERSON, "day": DAYS}),
    "spend": (8, {
        "day": DAYS, "channel": CHANNEL, "campaign": CAMPAIGN, "amount": range(1, 60),
        "currency": CURRENCY}),
}  # fmt: skip


def company_of(seed: int) -> Company:
    """The core tables of a company as rows, and whose they are (`customer_links`)."""
    dice = random.Random(seed)
    moments = dice.sample(MOMENTS, 4)

    def one(among: Sequence[Any]) -> Any:
        # Most rows share one of few moments.
        if among in (MOMENTS, MAYBE) and dice.random() < 0.7:
            return dice.choice(moments)
        return dice.choice(among)

    def row(columns: dict[str, Sequence[Any]], **known: Any) -> dict[str, Any]:
        return {**known, **{name: one(among) for name, among in columns.items()}}

    drawn = {
        table: [row({"source": SOURCES, **columns}) for _ in range(size)]
        for table, (size, columns) in DRAWN.items()
    }
    said = {"country": COUNTRY, "created_at": MAYBE, "updated_at": MAYBE, "acquired_at": MAYBE,
            "acquisition_channel": CHANNEL, "acquisition_campaign": CAMPAIGN}  # fmt: skip
    drawn["contacts"] = [
        row(said, source=name, contact_id=f"{name}{nr}") for name in SOURCES for nr in range(PEOPLE)
    ]
    sent = {"name": CAMPAIGN, "channel": CHANNEL, "sent_at": MAYBE, "cost": EUROS,
            "currency": CURRENCY}  # fmt: skip
    drawn["campaigns"] = [
        row(sent, source=name, campaign_id=nr) for name in SOURCES for nr in ("1", "2")
    ]
    found = {table: _finished(table, rows) for table, rows in drawn.items()}
    found["customer_links"] = [
        {"source": person["source"], "object": "contacts", "record_id": person["contact_id"],
         "customer_id": f"C{dice.randint(1, 3)}"}
        for person in found["contacts"]
    ]  # fmt: skip
    return found


def _finished(table: str, drawn: Rows) -> Rows:
    """Drawn rows as those of the table: ids that come again in other sources, amounts that do not,
    so that only a source's name could be all that tells two rows apart."""
    own, rows = catalogue.OWN_ID[table], []
    counts: Counter[str] = Counter()
    for number, row in enumerate(drawn):
        row = dict(row)
        if table in ("orders", "order_lines") and (row["source"] == LINES_ONLY) == (
            table == "orders"
        ):
            row["source"] = "a" if table == "orders" else LINES_ONLY
        name = row["source"]
        counts[name] += 1
        if (who := row.pop("person", None)) is not None:
            row["contact_id"] = f"{name}{who}"
        if (order := row.pop("order", None)) is not None:
            row["order_id"] = str(order)
        for money in ("total", "amount", "monthly_amount", "cost"):
            if row.get(money) is not None:
                row[money] = Decimal(row[money]) + Decimal(number) / 100
        if "currency" in row and name == WITHOUT_CURRENCY:
            row["currency"] = None
        if "scale_max" in row:
            row["scale_min"] = 0 if row["scale_max"] == 10 else 1
        row.setdefault(own, str(counts[name]))
        rows.append({"record_id": row[own], **row})
    return rows


def renamed(company: Company, names: dict[str, str]) -> Company:
    """The same company, its sources called otherwise."""
    return {
        table: [{**row, "source": names[row["source"]]} for row in rows]
        for table, rows in company.items()
    }


def facts_made_of(company: Company, lines_only: str = LINES_ONLY) -> Facts:
    """Everything that KPIs count, made of a company's rows as the platform makes it."""
    tables = {name: _table(name, rows) for name, rows in {**_KNOWN, **company}.items()}
    rates, of = _rates(), tables.__getitem__
    derived = derived_orders(of("order_lines"), [lines_only], rates, "EUR", PARIS)
    sold = sales(of("orders").union(derived), of("refunds"), of("customer_links"), rates, "EUR",
                 PARIS)  # fmt: skip
    companies = _table("companies", [])
    tables["sales"] = _stored(
        located(sold, of("contacts"), companies, of("customer_links")), "sales"
    )
    given = {
        "reporting_currency": "EUR",
        "timezone": PARIS,
        "rates": rates,
        "as_of": AS_OF,
        "churn_window": ChurnWindow(45, "stated"),
    }
    return Facts(lambda name: tables[name] if name in tables else _table(name, []), given, _keep())


def _keep() -> Callable[[str, ir.Table], ir.Table]:
    """Facts are computed once, as in the warehouse."""
    return lambda _, rows: rows.cache()


# What the platform makes of customers before it counts: the same whatever sources are called.
_KNOWN: Company = {
    "customers": [
        {"customer_id": f"C{nr}", "kind": "person", "sources": "a", "record_count": 1,
         "city": city, "country": land, "owner": owner, "birth_date": birth}
        for nr, (city, land, owner, birth) in enumerate(
            [("Lyon", "FR", "Ada", date(1990, 6, 20)), ("Lyon", None, "Bo", date(1990, 6, 21)),
             (None, "DE", None, None), ("Bonn", "DE", "Ada", date(1950, 1, 1))], 1)
    ],
    "customer_segments": [
        {"customer_id": f"C{nr}", "scheme": "rfm", "label": label}
        for nr, label in enumerate(["Champions", "Lost", "Champions"], 1)
    ],
    "customer_scores": [
        {"customer_id": f"C{nr}", "as_of": date(2024, 6, 1), "predicted_clv": 10.5 * nr}
        for nr in (1, 2)
    ],
}  # fmt: skip


def _quotes() -> Rows:
    days = [date(2023, 11, 1) + timedelta(days=5 * nr) for nr in range(70)]
    return [
        {"day": day, "currency": name, "rate": Decimal(rate) + Decimal(nr) / 1000}
        for nr, day in enumerate(days)
        for name, rate in (("USD", "0.9"), ("CNY", "0.125"))
    ]


def rate_of(currency: str, day: date) -> Decimal:
    """What one of the currency is worth in euros on a day: the last quote up to then."""
    quoted = [one for one in _quotes() if one["currency"] == currency and one["day"] <= day]
    return max(quoted, key=lambda one: one["day"])["rate"] if quoted else Decimal(1)


def _rates() -> ir.Table:
    schema = pa.schema(
        [("day", pa.date32()), ("currency", pa.string()), ("rate", pa.decimal128(20, 12))]
    )
    return ibis.memtable(pa.Table.from_pylist(_quotes(), schema=schema))


def _table(name: str, rows: Rows) -> ir.Table:
    schema = catalogue.ibis_schema(name)
    complete = [{column: row.get(column) for column in schema} for row in rows]
    return ibis.memtable(pa.Table.from_pylist(complete, schema=schema.to_pyarrow()))


def _stored(table: ir.Table, name: str) -> ir.Table:
    return ibis.memtable(table.to_pyarrow().cast(catalogue.ibis_schema(name).to_pyarrow()))
