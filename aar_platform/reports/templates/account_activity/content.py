"""What the account activity report says, as plain values: read for many accounts at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.identity.explanation import Explanation, explanations
from aar_platform.kpis.local_time import local_day
from aar_platform.kpis.purchases import is_purchase
from aar_platform.privacy.masking import hidden_columns, restricted, visible
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.months import data_as_of, month_before, months_until

MONTHS_SHOWN = 13
ACTIVITIES_SHOWN = 50
TICKETS_SHOWN = 10
FEEDBACK_SHOWN = 10
CLOSED = ("solved", "closed", "resolved", "done", "spam", "deleted")


@dataclass(frozen=True)
class Measures:
    """How a customer buys, or how the median customer does; money is None where it is hidden,
    everything is None where nobody has bought."""

    value: float | None
    orders: float | None
    order_value: float | None
    last_on: date | None
    recency_days: float | None
    tenure_days: float | None


@dataclass(frozen=True)
class Activity:
    """One event, on the organisation's clocks."""

    occurred_at: datetime
    kind: str
    source: str
    title: str | None
    amount: Decimal | None


@dataclass(frozen=True)
class Ticket:
    """One open ticket."""

    opened_at: datetime
    subject: str | None
    topic: str | None
    priority: str | None
    status: str | None
    age_days: int


@dataclass(frozen=True)
class Answer:
    """One answer or review, with its scale where it has one."""

    given_at: datetime
    channel: str | None
    score: float | None
    scale_min: float | None
    scale_max: float | None
    text: str | None


@dataclass(frozen=True)
class AccountContent:
    """All that the report says of one customer. `segments` are (scheme, label, day they are of);
    `spent` is net value by month, None where money is hidden; `kinds` are (kind, count by month),
    the most frequent first; `origin` is None where the reader may not see it."""

    customer_id: str
    name: str | None
    kind: str
    email: str | None
    country: str | None
    owner: str | None
    since: date | None
    segments: tuple[tuple[str, str, date | None], ...]
    as_of: date | None
    own: Measures
    median: Measures
    months: tuple[date, ...]
    spent: tuple[float, ...] | None
    kinds: tuple[tuple[str, tuple[int, ...]], ...]
    activities: tuple[Activity, ...]
    activity_count: int
    open_tickets: tuple[Ticket, ...]
    open_ticket_count: int
    answers: tuple[Answer, ...]
    answer_count: int
    has_tickets: bool
    has_feedback: bool
    has_sales: bool
    has_names: bool
    origin: Explanation | None


def account_contents(tables: Tables, contexts: Sequence[ReportContext]) -> Iterator[AccountContent]:
    """The contents of the accounts of the contexts, in order.

    Raises ValueError for an account that does not exist or that the reader may not see.
    """
    context = contexts[0]
    part = restricted(tables, context.role, context.recipient, context.regions)
    ids = [one.account for one in contexts if one.account is not None]
    known = data_as_of(tables)
    end = month_before(context.period_start, -1)
    last_day = end - timedelta(days=1)
    facts = _Facts(part, context, ids, min(known or last_day, last_day), end)
    for one in contexts:
        yield facts.of(str(one.account), known)


class _Facts:
    """What is known of all accounts asked for, each table read once."""

    def __init__(
        self, part: Tables, context: ReportContext, ids: Sequence[str], today: date, end: date
    ) -> None:
        self.part, self.context, self.ids = part, context, ids
        self.today, self.end = today, end
        self.months = months_until(context.period_start, MONTHS_SHOWN)
        self.sees_money = "financial" in context.role.see
        self.customers = {row["customer_id"]: row for row in _rows(self._seen("customers"))}
        self.segments = self._grouped(self._seen("customer_segments").order_by("scheme"))
        self.measures, self.median = self._measures()
        self.spent = self._spent()
        self.kinds = self._kinds()
        self.activities = self._grouped(self._latest(self._events(), ACTIVITIES_SHOWN))
        self.tickets = self._grouped(self._tickets())
        self.answers = self._grouped(self._answers())
        self.origins = self._origins()
        self.has_tickets = _has_rows(part("tickets"))
        self.has_feedback = _has_rows(part("feedback"))
        self.has_sales = _has_rows(part("sales"))
        everyone = part("customers")
        self.has_names = _has_rows(
            everyone.filter(
                everyone.email.notnull()
                | everyone.family_name.notnull()
                | everyone.given_name.notnull()
                | (everyone.kind == "company")
            )
        )

    def of(self, account: str, as_of: date | None) -> AccountContent:
        customer = self.customers.get(account)
        if customer is None:
            raise ValueError(
                f"account {account} does not exist, or the role {self.context.role_name} may not "
                "see it; `select customer_id, display_name from customers` lists them"
            )
        events = self.activities.get(account, [])
        tickets, answers = self.tickets.get(account, []), self.answers.get(account, [])
        own = self.measures.get(account, NOTHING_BOUGHT)
        since = customer["first_seen_at"]
        return AccountContent(
            customer_id=account,
            name=customer["display_name"],
            kind=customer["kind"],
            email=customer["email"],
            country=customer["country"],
            owner=customer["owner"],
            since=self._local(since).date() if since is not None else None,
            segments=tuple(
                (row["scheme"], row["label"], row["as_of"])
                for row in self.segments.get(account, [])
            ),
            as_of=as_of,
            own=own,
            median=self.median,
            months=self.months,
            spent=self.spent.get(account, (0.0,) * MONTHS_SHOWN) if self.sees_money else None,
            kinds=self.kinds.get(account, ()),
            activities=tuple(self._activity(row) for row in events),
            activity_count=events[0]["of"] if events else 0,
            open_tickets=tuple(self._ticket(row) for row in tickets),
            open_ticket_count=tickets[0]["of"] if tickets else 0,
            answers=tuple(self._answer(row) for row in answers),
            answer_count=answers[0]["of"] if answers else 0,
            has_tickets=self.has_tickets,
            has_feedback=self.has_feedback,
            has_sales=self.has_sales,
            has_names=self.has_names,
            origin=self.origins.get(account),
        )

    def _seen(self, name: str) -> ir.Table:
        table = visible(self.part(name), name, self.context.role)
        return table.filter(table.customer_id.isin(self.ids))

    def _origins(self) -> dict[str, Explanation]:
        """Why records are one customer, for roles that see how people are reached."""
        role = self.context.role
        if "contact" not in role.see:
            return {}
        return explanations(self.part, self.ids, hidden_columns("customers", role))

    def _measures(self) -> tuple[dict[str, Measures], Measures]:
        """Of the accounts, and the medians over all customers in sight who have bought."""
        sales = self.part("sales")
        sales = sales.filter(sales.customer_id.notnull(), sales.sold_on < ibis.literal(self.end))
        bought = is_purchase(sales)
        each = sales.group_by("customer_id").aggregate(
            value=sales.amount_reporting.sum().cast("float64"),
            bought=sales.amount_reporting.sum(where=bought).cast("float64"),
            orders=bought.sum(),
            first_on=sales.sold_on.min(where=bought),
            last_on=sales.sold_on.max(where=bought),
        )
        each = each.filter(each.orders > 0)
        today = ibis.literal(self.today)
        each = each.mutate(
            order_value=each.bought / each.orders,
            recency_days=today.delta(each.last_on, unit="day"),
            tenure_days=today.delta(each.first_on, unit="day"),
        )
        names = ("value", "orders", "order_value", "recency_days", "tenure_days")
        medians = each.aggregate(**{name: each[name].median() for name in names})
        rows = _rows(each.filter(each.customer_id.isin(self.ids)))
        own = {row["customer_id"]: self._measured(row) for row in rows}
        return own, self._measured({**_rows(medians)[0], "last_on": None})

    def _measured(self, row: dict[str, Any]) -> Measures:
        return Measures(
            value=_number(row["value"]) if self.sees_money else None,
            orders=_number(row["orders"]),
            order_value=_number(row["order_value"]) if self.sees_money else None,
            last_on=row["last_on"],
            recency_days=_number(row["recency_days"]),
            tenure_days=_number(row["tenure_days"]),
        )

    def _spent(self) -> dict[str, tuple[float, ...]]:
        sales = self.part("sales")
        month = sales.sold_on.truncate("M").cast("date")
        rows = sales.filter(
            sales.customer_id.isin(self.ids), month.isin([ibis.literal(m) for m in self.months])
        )
        sums = rows.group_by(
            "customer_id", month=rows.sold_on.truncate("M").cast("date")
        ).aggregate(total=rows.amount_reporting.sum().cast("float64"))
        found: dict[str, dict[date, float]] = defaultdict(dict)
        for row in _rows(sums):
            found[row["customer_id"]][row["month"]] = row["total"]
        return {
            account: tuple(totals.get(month, 0.0) for month in self.months)
            for account, totals in found.items()
        }

    def _events(self) -> ir.Table:
        """The accounts' activities up to the end of the month, with their local day."""
        events = self._seen("activities")
        on = local_day(events.occurred_at, self.context.timezone)
        events = events.mutate(day=on)
        return events.filter(events.day < ibis.literal(self.end))

    def _kinds(self) -> dict[str, tuple[tuple[str, tuple[int, ...]], ...]]:
        events = self._events()
        month = events.day.truncate("M").cast("date")
        counts = (
            events.filter(events.day >= ibis.literal(self.months[0]))
            .group_by("customer_id", "kind", month=month)
            .aggregate(events=lambda t: t.count())
        )
        found: dict[str, dict[str, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
        for row in _rows(counts):
            found[row["customer_id"]][row["kind"]][row["month"]] = row["events"]
        return {
            account: tuple(
                (kind, tuple(kinds[kind].get(month, 0) for month in self.months))
                for kind in sorted(kinds, key=lambda kind: (-sum(kinds[kind].values()), kind))
            )
            for account, kinds in found.items()
        }

    def _latest(self, events: ir.Table, count: int, moment: str = "occurred_at") -> ir.Table:
        """The latest rows of each customer, with `of`: how many there are."""
        order = [
            ibis.desc(moment),
            *(c for c in ("kind", "source", "record_id") if c in events.columns),
        ]
        numbered = events.mutate(
            place=ibis.row_number().over(group_by="customer_id", order_by=order),
            of=ibis._.count().over(group_by="customer_id"),
        )
        return numbered.filter(numbered.place < count).order_by("customer_id", "place")

    def _records(self, name: str, kind: str) -> ir.Table:
        """Rows of a core table with the customer whom `activities` knows them by."""
        events = self._events()
        mine = events.filter(events.kind == kind).select("customer_id", "source", "record_id")
        return visible(self.part(name), name, self.context.role).inner_join(
            mine, ["source", "record_id"]
        )

    def _tickets(self) -> ir.Table:
        tickets = self._records("tickets", "ticket")
        status = tickets.status.fill_null("").lower()
        is_open = tickets.solved_at.isnull() & ~status.isin(CLOSED)
        return self._latest(tickets.filter(is_open), TICKETS_SHOWN, "opened_at")

    def _answers(self) -> ir.Table:
        return self._latest(self._records("feedback", "feedback"), FEEDBACK_SHOWN, "given_at")

    def _grouped(self, table: ir.Table) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in _rows(table):
            found[row["customer_id"]].append(row)
        return found

    def _local(self, moment: datetime) -> datetime:
        from datetime import UTC
        from zoneinfo import ZoneInfo

        aware = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.context.timezone))
        return aware.replace(tzinfo=None)

    def _activity(self, row: dict[str, Any]) -> Activity:
        return Activity(
            occurred_at=self._local(row["occurred_at"]),
            kind=row["kind"],
            source=row["source"],
            title=row["title"],
            amount=row["amount_reporting"],
        )

    def _ticket(self, row: dict[str, Any]) -> Ticket:
        opened = self._local(row["opened_at"])
        return Ticket(
            opened_at=opened,
            subject=row["subject"],
            topic=row["topic"],
            priority=row["priority"],
            status=row["status"],
            age_days=max((self.today - opened.date()).days, 0),
        )

    def _answer(self, row: dict[str, Any]) -> Answer:
        return Answer(
            given_at=self._local(row["given_at"]),
            channel=row["channel"],
            score=row["score"],
            scale_min=row["scale_min"],
            scale_max=row["scale_max"],
            text=row["text"],
        )


NOTHING_BOUGHT = Measures(None, 0.0, None, None, None, None)


def _has_rows(table: ir.Table) -> bool:
    return bool(table.limit(1).count().execute())


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
    return found


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
