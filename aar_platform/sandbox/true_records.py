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

from aar_platform.sandbox import true_files, true_marketing
from aar_platform.sandbox.company import Company
from aar_platform.sandbox.departments import Departments
from aar_platform.sandbox.local_time import ZONE
from aar_platform.sandbox.true_files import money, stamps
from aar_platform.sandbox.true_system import System

Tables = dict[str, pd.DataFrame]
_RATINGS = ("extremely unhappy", "neutral", "extremely happy")


def true_records(
    company: Company, dealt: Departments, left: Company, modules: Mapping[str, ModuleType]
) -> Tables:
    """The records of all systems of a company, by core table, as it was dealt out.

    `left` is the company whose tables are those left for files, as written.
    """
    drawn, written = company.drawn, company.tables["reviews-en"].set_index("id")["order"]
    reviewers = written.map(true_files.entity_by_order(drawn))
    sources = []
    for kind, part in dealt.parts.items():
        answers = dealt.keys.get((kind, "feedback"), np.array([], object))
        system = System(kind, part, modules[kind], drawn.people)
        sources.append(_tables(system, reviewers.reindex(answers)))
    rows, tables = left.order_rows, left.tables
    sources.append(true_files.of_files(drawn, rows, tables, "erp", left.start))
    names = {name: None for source in sources for name in source}
    return {
        name: pd.concat([source[name] for source in sources if name in source], ignore_index=True)
        for name in names
    }


def _tables(system: System, reviewers: pd.Series) -> Tables:
    """All that a system holds; `reviewers` are the people behind its answers."""
    part = system.part
    found: Tables = {}
    if len(part.people):
        found["contacts"] = _contacts(system)
    if len(part.orders):
        found |= {"orders": _orders(system), "order_lines": _lines(system)}
        found["refunds"] = _refunds(system)
    if len(part.deals):
        found["deals"] = _deals(system)
    if len(part.tickets):
        found |= {"tickets": _tickets(system), "feedback": _ratings(system)}
    if len(part.messages):
        found["campaigns"] = true_marketing.campaigns(system)
        found["messages"] = true_marketing.messages(system)
    if len(part.feedback):
        found["feedback"] = _answers(system, reviewers)
    if len(part.visits):
        found["web_visits"] = true_marketing.visits(system)
    if len(part.spend):
        found |= true_marketing.spend(system)
    return found


def _contacts(system: System) -> pd.DataFrame:
    people, orders = system.part.people, system.part.orders
    channel: Any = people["channel"].to_numpy(object)
    campaign: Any = ""
    first = np.full(len(people), np.datetime64("NaT"), "datetime64[s]")
    if system.kind == "shopify":
        # Shopify tells of the first order; Magento tells nothing.
        since = orders[orders["person"] >= 0].groupby("person")["ordered_at"].min()
        first[since.index] = since.to_numpy().astype("datetime64[s]")
        channel = np.where(np.isnat(first), "", channel)
        campaign = np.where(np.isnat(first), "", people["campaign"].to_numpy(object))
    elif system.kind == "magento":
        channel = ""
    elif system.kind == "mailchimp":
        channel = "import"
    known = system.table(
        system.ids("contacts", len(people)),
        people["number"].to_numpy(),
        acquired_at=stamps(first),
        acquisition_channel=channel,
        acquisition_campaign=campaign,
    )
    return known[~people["is_deleted"].to_numpy(bool)]


def _orders(system: System) -> pd.DataFrame:
    orders, lines = system.part.orders, system.part.order_lines
    off = lines.groupby("order")["discount"].sum().reindex(orders["number"], fill_value=0)
    total = orders["total"].to_numpy()
    is_told = system.kind == "shopify"
    return system.table(
        system.ids("orders", len(orders)),
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


def _lines(system: System) -> pd.DataFrame:
    lines, order = (
        system.part.order_lines,
        system.part.orders.iloc[system.part.order_lines["order"]],
    )
    own = system.ids("orders", len(system.part.orders))[lines["order"]]
    is_shopify = system.kind == "shopify"
    # Of a configurable article Magento has a row of its own before each number.
    number = lines["number"] + 10_000_000_000_000 if is_shopify else 2 * lines["number"] + 1
    quantity, price, off = (lines[name].to_numpy() for name in ("quantity", "price",
                                                                "discount"))  # fmt: skip
    return system.table(
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


def _refunds(system: System) -> pd.DataFrame:
    refunds = system.part.refunds
    person = system.part.orders["person"].to_numpy()[refunds["order"]]
    table = system.table(
        system.ids("refunds", len(refunds)),
        person,
        order_id=system.ids("orders", len(system.part.orders))[refunds["order"]],
        refunded_at=stamps(refunds["refunded_at"]),
        amount=money(refunds["amount"]),
        currency=refunds["currency"].to_numpy(object),
        reason=refunds["reason"].to_numpy(object),
    )
    return table if system.kind == "shopify" else table.assign(contact_id="")


def _deals(system: System) -> pd.DataFrame:
    deals = system.part.deals
    closed = deals["closed_at"]
    # Two CRMs tell the day alone: of one it is read as its midnight, of the other as its noon.
    if system.kind == "salesforce":
        local = closed.dt.normalize().dt.tz_localize(ZONE)
        closed = local.dt.tz_convert("UTC").dt.tz_localize(None)
    elif system.kind == "zoho_crm":
        closed = closed.dt.normalize() + pd.Timedelta(hours=12)
    companies = np.append(system.ids("companies", len(system.part.companies)), "")
    return system.table(
        system.ids("deals", len(deals)),
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


def _tickets(system: System) -> pd.DataFrame:
    tickets = system.part.tickets
    is_zendesk = system.kind == "zendesk"
    opened, replied = tickets["opened_at"], tickets["first_replied_at"]
    if is_zendesk:
        # It counts whole minutes until the reply.
        replied = opened + (replied - opened).dt.floor("min")
    mood = _moods(system)
    said = np.array([*(("bad", "good", "good") if is_zendesk else _RATINGS), ""], object)
    return system.table(
        system.ids("tickets", len(tickets)),
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


def _moods(system: System) -> np.ndarray:
    """Of each ticket 0 (one or two stars), 1, 2 (four or five), or -1 where it is not rated."""
    score = system.part.tickets["score"].to_numpy()
    return np.where(np.isnan(score), -1, np.digitize(score, (3, 4)))


def _ratings(system: System) -> pd.DataFrame:
    """The ratings of tickets as answers, each on its system's scale."""
    tickets, mood = system.part.tickets, _moods(system)
    is_zendesk = system.kind == "zendesk"
    scale = np.array([0, 1, 1] if is_zendesk else [1, 4, 7])
    table = system.table(
        system.ids("feedback", len(tickets)),
        tickets["person"].to_numpy(),
        channel="survey",
        score=scale[mood],
        scale_min=scale[0],
        scale_max=scale[2],
        given_at=stamps(tickets["solved_at"]),
    )
    return table[mood >= 0]


def _answers(system: System, reviewers: pd.Series) -> pd.DataFrame:
    answers = system.part.feedback
    return system.table(
        system.ids("feedback", len(answers)),
        None,
        entity=reviewers.to_numpy(object),
        contact_id="",
        channel="survey",
        score=answers["score"].to_numpy(),
        scale_min=answers["scale_min"].to_numpy(),
        scale_max=answers["scale_max"].to_numpy(),
        given_at=stamps(answers["given_at"]),
    )


def _flags(values: pd.Series) -> np.ndarray:
    return np.where(values.to_numpy(bool), "true", "false")
