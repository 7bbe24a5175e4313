"""What every system of the made-up company says, record by record, as it is to be found again.

One table for each core table: source, record_id, the person behind it (entity, "" for nobody known)
and the values of the core table's columns, money in units of its currency, moments in UTC. Rows
that no reader can read are absent, and a record that was sent again is there once. record_id is ""
where the source gives no id of its own.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from aar_platform.sandbox import true_files
from aar_platform.sandbox.apis.ga4 import GROUPS
from aar_platform.sandbox.company import Company
from aar_platform.sandbox.departments import PAID, ZONE, Departments
from aar_platform.sandbox.parts import Part
from aar_platform.sandbox.true_files import money, stamps

Tables = dict[str, pd.DataFrame]
_RATINGS = ("extremely unhappy", "neutral", "extremely happy")


def true_records(
    company: Company,
    dealt: Departments,
    tables: Mapping[str, pd.DataFrame],
    modules: Mapping[str, ModuleType],
) -> Tables:
    """The records of all systems of a company, by core table, as it was dealt out.

    `tables` are those left for files, as written.
    """
    drawn, reviews = company.drawn, company.tables["reviews-en"].set_index("id")["order"]
    reviewers = reviews.map(true_files.entity_by_order(drawn))
    sources = [
        _Served(kind, part, dealt, modules[kind], reviewers).tables()
        for kind, part in dealt.parts.items()
    ]
    left = dealt.company
    sources.append(true_files.of_files(drawn, left.order_rows, tables, "erp", left.start))
    names = {name: None for source in sources for name in source}
    return {
        name: pd.concat([source[name] for source in sources if name in source], ignore_index=True)
        for name in names
    }


class _Served:
    """The records of one API."""

    def __init__(
        self,
        kind: str,
        part: Part,
        dealt: Departments,
        module: ModuleType,
        reviewers: pd.Series,
    ) -> None:
        self.kind, self.part, self.keys, self.reviewers = kind, part, dealt.keys, reviewers
        self.named = getattr(module, "IDS", {})
        entities = dealt.company.drawn.people["entity"].to_numpy(object)
        rows = part.people["person"].to_numpy() if len(part.people) else np.array([], int)
        # The last one stands for nobody, whose number is -1.
        self.entities = np.append(entities[rows], "")
        self.contacts = np.append(self._ids("contacts", len(rows)), "")

    def tables(self) -> Tables:
        """All that the system holds."""
        part = self.part
        found = {}
        if len(part.people):
            found["contacts"] = self._contacts()
        if len(part.orders):
            found |= {"orders": self._orders(), "order_lines": self._lines(),
                      "refunds": self._refunds()}  # fmt: skip
        if len(part.deals):
            found["deals"] = self._deals()
        if len(part.tickets):
            found |= {"tickets": self._tickets(), "feedback": self._ratings()}
        if len(part.messages):
            found |= {"campaigns": self._campaigns(), "messages": self._messages()}
        if len(part.feedback):
            found["feedback"] = self._answers()
        if len(part.visits):
            found["web_visits"] = self._visits()
        if len(part.spend):
            found |= self._spend()
        return found

    def _ids(self, table: str, count: int) -> np.ndarray:
        return np.array([self.named[table](number) for number in range(count)], object)

    def _table(self, record_id: Any, person: np.ndarray | None, **columns: Any) -> pd.DataFrame:
        """A table of records, of the persons with these numbers."""
        table = {"source": self.kind, "record_id": record_id}
        if person is not None:
            table |= {"entity": self.entities[person], "contact_id": self.contacts[person]}
        return pd.DataFrame(table | columns)

    def _contacts(self) -> pd.DataFrame:
        people, orders = self.part.people, self.part.orders
        channel: Any = people["channel"].to_numpy(object)
        campaign: Any = ""
        first = np.full(len(people), np.datetime64("NaT"), "datetime64[s]")
        if self.kind == "shopify":
            # Shopify tells of the first order; Magento tells nothing.
            since = orders[orders["person"] >= 0].groupby("person")["ordered_at"].min()
            first[since.index] = since.to_numpy().astype("datetime64[s]")
            channel = np.where(np.isnat(first), "", channel)
            campaign = np.where(np.isnat(first), "", people["campaign"].to_numpy(object))
        elif self.kind == "magento":
            channel = ""
        elif self.kind == "mailchimp":
            channel = "import"
        known = self._table(
            self.contacts[:-1],
            people["number"].to_numpy(),
            acquired_at=stamps(first),
            acquisition_channel=channel,
            acquisition_campaign=campaign,
        )
        return known[~people["is_deleted"].to_numpy(bool)]

    def _orders(self) -> pd.DataFrame:
        orders, lines = self.part.orders, self.part.order_lines
        off = lines.groupby("order")["discount"].sum().reindex(orders["number"], fill_value=0)
        total = orders["total"].to_numpy()
        is_told = self.kind == "shopify"
        return self._table(
            self._ids("orders", len(orders)),
            orders["person"].to_numpy(),
            ordered_at=stamps(orders["ordered_at"]),
            channel=orders["channel"].to_numpy(object) if is_told else "",
            campaign=orders["campaign"].to_numpy(object) if is_told else "",
            country=orders["country"].to_numpy(object),
            currency=orders["currency"].to_numpy(object),
            gross=money(total + off.to_numpy()),
            discount=money(off.to_numpy()),
            total=money(total),
            is_test="false",
            cancelled_at="",
        )

    def _lines(self) -> pd.DataFrame:
        lines, order = self.part.order_lines, self.part.orders.iloc[self.part.order_lines["order"]]
        own = self._ids("orders", len(self.part.orders))[lines["order"]]
        is_shopify = self.kind == "shopify"
        # Of a configurable article Magento has a row of its own before each number.
        number = lines["number"] + 10_000_000_000_000 if is_shopify else 2 * lines["number"] + 1
        quantity, price, off = (lines[name].to_numpy() for name in ("quantity", "price",
                                                                    "discount"))  # fmt: skip
        return self._table(
            own + "-" + number.astype(str).to_numpy(object),
            order["person"].to_numpy(),
            order_id=own,
            sku=lines["sku"].to_numpy(object),
            product=lines["product"].to_numpy(object),
            category=lines["category"].to_numpy(object) if is_shopify else "",
            quantity=quantity,
            unit_price=money(price),
            discount=money(off),
            amount=money(quantity * price - off),
            currency=order["currency"].to_numpy(object),
            ordered_at=stamps(order["ordered_at"]),
            country=order["country"].to_numpy(object),
        )

    def _refunds(self) -> pd.DataFrame:
        refunds = self.part.refunds
        person = self.part.orders["person"].to_numpy()[refunds["order"]]
        table = self._table(
            self._ids("refunds", len(refunds)),
            person,
            order_id=self._ids("orders", len(self.part.orders))[refunds["order"]],
            refunded_at=stamps(refunds["refunded_at"]),
            amount=money(refunds["amount"]),
            currency=refunds["currency"].to_numpy(object),
            reason=refunds["reason"].to_numpy(object),
        )
        return table if self.kind == "shopify" else table.assign(contact_id="")

    def _deals(self) -> pd.DataFrame:
        deals = self.part.deals
        closed = deals["closed_at"]
        # Two CRMs tell the day alone: of one it is read as its midnight, of the other as its noon.
        if self.kind == "salesforce":
            local = closed.dt.normalize().dt.tz_localize(ZONE)
            closed = local.dt.tz_convert("UTC").dt.tz_localize(None)
        elif self.kind == "zoho_crm":
            closed = closed.dt.normalize() + pd.Timedelta(hours=12)
        companies = np.append(self._ids("companies", len(self.part.companies)), "")
        return self._table(
            self._ids("deals", len(deals)),
            deals["person"].to_numpy(),
            company_id=companies[deals["company"]],
            owner=deals["owner"].to_numpy(object),
            is_won=_flags(deals["is_won"]),
            is_closed=_flags(deals["is_closed"]),
            amount=money(deals["amount"]),
            currency=deals["currency"].to_numpy(object),
            created_at=stamps(deals["created_at"]),
            closed_at=np.where(deals["is_closed"], stamps(closed), ""),
            channel=deals["channel"].to_numpy(object),
        )

    def _tickets(self) -> pd.DataFrame:
        tickets = self.part.tickets
        is_zendesk = self.kind == "zendesk"
        opened, replied = tickets["opened_at"], tickets["first_replied_at"]
        if is_zendesk:
            # It counts whole minutes until the reply.
            replied = opened + (replied - opened).dt.floor("min")
        mood = self._moods()
        said = np.array([*(("bad", "good", "good") if is_zendesk else _RATINGS), ""], object)
        return self._table(
            self._ids("tickets", len(tickets)),
            tickets["person"].to_numpy(),
            topic="question" if is_zendesk else tickets["topic"].to_numpy(object),
            # What others call normal is medium to Freshdesk.
            priority=tickets["priority"]
            .replace({} if is_zendesk else {"normal": "medium"})
            .to_numpy(object),
            channel=tickets["channel"].to_numpy(object),
            assignee=tickets["assignee"].to_numpy(object),
            opened_at=stamps(opened),
            first_replied_at=stamps(replied),
            solved_at=stamps(tickets["solved_at"]),
            satisfaction=said[mood],
        )

    def _moods(self) -> np.ndarray:
        """Of each ticket 0 (one or two stars), 1, 2 (four or five), or -1 where it is not rated."""
        score = self.part.tickets["score"].to_numpy()
        return np.where(np.isnan(score), -1, np.digitize(score, (3, 4)))

    def _ratings(self) -> pd.DataFrame:
        """The ratings of tickets as answers, each on its system's scale."""
        tickets, mood = self.part.tickets, self._moods()
        is_zendesk = self.kind == "zendesk"
        scale = np.array([0, 1, 1] if is_zendesk else [1, 4, 7])
        table = self._table(
            self._ids("feedback", len(tickets)),
            tickets["person"].to_numpy(),
            channel="survey",
            score=scale[mood],
            scale_min=scale[0],
            scale_max=scale[2],
            given_at=stamps(tickets["solved_at"]),
        )
        return table[mood >= 0]

    def _answers(self) -> pd.DataFrame:
        answers = self.part.feedback
        return self._table(
            self._ids("feedback", len(answers)),
            None,
            entity=self.reviewers.loc[self.keys[self.kind, "feedback"]].to_numpy(object),
            contact_id="",
            channel="survey",
            score=answers["score"].to_numpy(),
            scale_min=answers["scale_min"].to_numpy(),
            scale_max=answers["scale_max"].to_numpy(),
            given_at=stamps(answers["given_at"]),
        )

    def _campaigns(self) -> pd.DataFrame:
        """Mailings; neither of the two systems knows what they cost."""
        campaigns = self.part.campaigns
        return self._table(
            self._ids("campaigns", len(campaigns)),
            None,
            name=campaigns["name"].to_numpy(object),
            channel="email",
            sent_at=stamps(campaigns["sent_at"]),
            cost="",
            currency="",
        )

    def _messages(self) -> pd.DataFrame:
        campaigns, messages = self.part.campaigns, self.part.messages
        at, event = messages["occurred_at"].to_numpy(), messages["event"]
        if self.kind == "mailchimp":
            # That a message was sent and arrived is dated as its campaign.
            sent = campaigns["sent_at"].to_numpy()[messages["campaign"]]
            at = np.where(event.isin(("sent", "delivered")), sent, at)
        number = messages["campaign"].to_numpy()
        table = self._table(
            "",
            messages["person"].to_numpy(),
            campaign_id=self._ids("campaigns", len(campaigns))[number],
            campaign=campaigns["name"].to_numpy(object)[number],
            event=event.to_numpy(object),
            occurred_at=stamps(at),
        )
        # Constant Contact does not tell that a message arrived.
        return table[event.ne("delivered").to_numpy()] if self.kind == "constant_contact" else table

    def _visits(self) -> pd.DataFrame:
        visits = self.part.visits
        group = visits["channel"].map(GROUPS)
        keys = [visits["day"], group, visits["campaign"], visits["country"], visits["device"]]
        record_id = keys[0].str.cat(keys[1:], sep="|")
        days = pd.to_datetime(visits["day"]).dt.tz_localize(ZONE)
        return self._table(
            record_id.to_numpy(object),
            None,
            visited_at=stamps(days.dt.tz_convert("UTC").dt.tz_localize(None)),
            channel=group.str.lower().str.replace(" ", "_").to_numpy(object),
            campaign=visits["campaign"].replace("(not set)", "").to_numpy(object),
            **{name: visits[name].to_numpy() for name in ("country", "device", "sessions",
                                                          "page_views", "conversions")},
        )  # fmt: skip

    def _spend(self) -> Tables:
        """What was spent, and the campaigns it was spent on, numbered as they come."""
        spend, is_google = self.part.spend, self.kind == "google_ads"
        number = spend.groupby(["channel", "campaign"], sort=False).ngroup()
        own = (number + (17_000_000_000 if is_google else 23_850_000_000_000_000)).astype(str)
        channel = spend["channel"].replace(PAID).to_numpy(object)
        costs = self._table(
            (own + "|" + spend["day"]).to_numpy(object),
            None,
            day=spend["day"].to_numpy(object),
            channel=channel,
            campaign=spend["campaign"].to_numpy(object),
            amount=money(spend["amount"]),
            currency=spend["currency"].to_numpy(object),
            impressions=spend["impressions"].to_numpy(),
            clicks=spend["clicks"].to_numpy(),
        )
        campaigns = self._table(
            own.to_numpy(object),
            None,
            name=spend["campaign"].to_numpy(object),
            channel=channel,
            sent_at="" if is_google else "2023-11-30T23:00:00Z",
            cost="",
            currency="USD" if is_google else "",
        )
        return {"spend": costs, "campaigns": campaigns.drop_duplicates()}


def _flags(values: pd.Series) -> np.ndarray:
    return np.where(values.to_numpy(bool), "true", "false")
