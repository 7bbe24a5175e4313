"""A small company of five systems that export files: sales in three currencies, deals,
subscriptions, advertising and a help desk."""

from collections.abc import Iterable
from typing import Any

Rows = list[tuple[Any, ...]]

# Object → the source that exports it, core table, and the file's columns by those of the core.
EXPORTS = {
    "people": ("shop", "contacts", "contact_id: Id, email: Mail, country: Land, "
                                   "acquisition_channel: Way, acquisition_campaign: Campaign"),
    "orders": ("shop", "orders", "order_id: Id, contact_id: Who, ordered_at: At, total: Total, "
                                 "currency: Money, country: Land, status: Status, channel: Way"),
    "refunds": ("shop", "refunds", "refund_id: Id, order_id: Order, refunded_at: At, "
                                   "amount: Amount, currency: Money"),
    "lines": ("till", "order_lines", "order_id: Order, line_id: Line, ordered_at: At, sku: Sku, "
                                     "amount: Amount, currency: Money, contact_id: Who"),
    "members": ("till", "contacts", "contact_id: Id, email: Mail"),
    "deals": ("crm", "deals", "deal_id: Id, contact_id: Who, stage: Stage, owner: Owner, "
                              "created_at: Begun, closed_at: Ended, amount: Amount, "
                              "currency: Money"),
    "contracts": ("crm", "subscriptions", "subscription_id: Id, contact_id: Who, "
                                          "started_at: Begun, ended_at: Ended, "
                                          "monthly_amount: Amount, currency: Money"),
    "spend": ("ads", "spend", "spend_id: Id, day: Day, channel: Way, campaign: Campaign, "
                              "amount: Amount, currency: Money"),
    "tickets": ("desk", "tickets", "ticket_id: Id, contact_id: Who, opened_at: Opened, "
                                   "first_replied_at: Replied, solved_at: Solved, "
                                   "satisfaction: Rating"),
}  # fmt: skip
SOURCES = ("shop", "till", "crm", "ads", "desk")
MONEY = ("EUR", "USD", "CNY")
# Half of all moments are shared by several records; some are of one month in UTC and of the next in
# Paris.
MOMENTS = ("2024-01-10 09:00:00", "2024-01-31T23:30:00Z", "2024-02-14 12:00:00",
           "2024-03-05 08:30:00", "2024-03-31T22:15:00Z", "2024-04-20 10:00:00")  # fmt: skip
RATES = ["date,currency,rate"] + [
    f"2024-{month:02d}-{day:02d},{money},{rate}{month}{day:02d}"
    for month in range(1, 5)
    for day in (1, 6, 11, 16, 21, 26)
    for money, rate in (("USD", "0.9"), ("CNY", "0.12"))
]


def exports() -> dict[str, Rows]:
    """The rows of every export, the first of them with the names of the columns."""
    rows: dict[str, Rows] = {
        name: [tuple(part.split(": ")[1] for part in columns.split(", "))]
        for name, (_, _, columns) in EXPORTS.items()
    }
    for i in range(12):
        campaign = ("spring", "autumn", "")[i % 3]
        mail = f"p{i}@example.org"
        rows["members"].append((f"m{i}", mail))
        rows["people"].append(
            (f"p{i}", mail, ("FR", "DE", "")[i % 3], ("web", "")[i % 2], campaign)
        )
    for i in range(40):
        at = MOMENTS[i * 5 % 6]
        rows["orders"].append(
            (
                f"o{i}",
                f"p{i * 7 % 13}",
                at,
                f"{20 + i * 13 % 70}.{i:02d}",
                MONEY[i % 3],
                ("FR", "DE", "")[i % 3],
                "cancelled" if i % 11 == 5 else "paid",
                ("web", "shop")[i % 2],
            )
        )
        rows["lines"].append(
            (
                f"b{i // 3}",
                f"l{i}",
                at,
                f"S{i % 4}",
                f"{5 + i * 7 % 40}.{i:02d}",
                MONEY[i // 3 % 3],
                f"m{i // 3 % 12}",
            )
        )
    for i in range(8):
        rows["refunds"].append(
            (f"r{i}", f"o{i * 4}", MOMENTS[-i % 6], f"{1 + i}.{i}5", MONEY[i * 4 % 3])
        )
        ended = "" if i % 3 == 0 else MOMENTS[i % 6]
        rows["deals"].append(
            (
                f"d{i}",
                f"p{i}",
                ("Won", "perdu", "offer")[i % 3],
                f"seller {i % 2}",
                MOMENTS[0],
                "" if i % 3 == 2 else MOMENTS[2 + i % 4],
                f"{100 + i}.00",
                MONEY[i % 3],
            )
        )
        rows["contracts"].append(
            (f"c{i}", f"p{i}", MOMENTS[i % 2], ended, f"{10 + i}.50", MONEY[i % 3])
        )
        rows["tickets"].append(
            (
                f"t{i}",
                f"p{i}",
                MOMENTS[i % 6],
                "" if i % 4 == 3 else "2024-04-21 10:00:00",
                ended,
                ("good", "bad", "")[i % 3],
            )
        )
        rows["spend"].append(
            (
                f"s{i}",
                MOMENTS[i % 6][:10],
                ("web", "mail")[i % 2],
                ("spring", "autumn", "")[i % 3],
                f"{7 + i}.10",
                MONEY[i % 3],
            )
        )
    return rows  # fmt: skip


def csv_of(rows: Iterable[tuple[Any, ...]]) -> str:
    return "".join(",".join(str(value) for value in row) + "\n" for row in rows)


def configuration(names: dict[str, str] | None = None) -> str:
    """aar.yaml; every export may come in several files. `names` calls sources otherwise."""
    called = names or {name: name for name in SOURCES}
    text = """\
organisation: {name: Trader, currency: EUR, timezone: Europe/Paris, locale: en, country: FR}
start: 2024-01-01
exchange_rates: rates.csv
kpis: {churn_after_days: 45}
sources:
"""
    for source in sorted(SOURCES, key=called.__getitem__):
        text += f"  - name: {called[source]}\n    kind: files\n    tables:\n"
        for name, (of, table, columns) in EXPORTS.items():
            if of == source:
                text += (
                    f"      - path: exports/{name}*.csv\n        into: {table}\n"
                    f"        columns: {{{columns}}}\n"
                )
    return text
