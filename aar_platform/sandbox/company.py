"""The made-up company as a whole: its people, what they do, and its systems' tables."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from aar_platform.sandbox import billing, marketing, records, sales, service
from aar_platform.sandbox.holdings import draw_holdings
from aar_platform.sandbox.mess import some
from aar_platform.sandbox.order_files import COLUMNS, write_lines
from aar_platform.sandbox.people import build_people

UNTIL = date(2026, 6, 30)
# Sets the draws of what was added later apart from all others.
_LATER = 12345
# Shop accounts that orders name but the customers' export no longer holds.
_FORGOTTEN = 0.01


@dataclass(frozen=True)
class Drawn:
    """What a company is made of, before its systems write it their own way.

    `buyers` tell how each person buys (`draw_buyers`), `held` are each system's records of people
    (`draw_records`, with `record_id`), `account_rows` the row of `companies` behind each company
    record, `rows` all lines of the order files with `line` (row of `sold.lines`) and `broken`.
    `acquired` is the advertisement that brought each person, `billing` the contacts of the billing
    system with whose they are.
    """

    people: pd.DataFrame
    companies: pd.DataFrame
    buyers: pd.DataFrame
    held: dict[str, pd.DataFrame]
    account_rows: np.ndarray
    shop_customers: pd.DataFrame
    granted: np.ndarray
    sold: sales.Sales
    rows: pd.DataFrame
    web: pd.DataFrame
    acquired: pd.DataFrame
    billing: pd.DataFrame


@dataclass(frozen=True)
class Company:
    """Everything that `write_exports` writes.

    `tables` hold the content of each export by its file's stem, `order_rows` the rows of the daily
    order files (with `day`, counted from `start`), `drawn` what is true of the company.
    """

    customers: int
    seed: int
    start: date
    until: date
    order_rows: pd.DataFrame
    tables: dict[str, pd.DataFrame]
    rates: pd.DataFrame
    drawn: Drawn


def build_company(customers: int, seed: int, until: date = UNTIL) -> Company:
    """A company of `customers` people and companies, over the two years that end with `until`.

    The same arguments give the same company, byte for byte once written. Raises ValueError for
    fewer than 50 customers, of whom some systems would hold none.
    """
    if customers < 50:
        raise ValueError(f"{customers} customers are too few for a company; 50 at least")
    rng = np.random.default_rng(seed)
    start = date(until.year - 2, until.month, min(until.day, 28) if until.month == 2 else until.day)
    start += timedelta(days=1)
    days = (until - start).days + 1
    end = np.datetime64(until + timedelta(days=1), "s")

    people, companies = build_people(rng, customers, until)
    buyers = sales.draw_buyers(rng, people, days)
    held = draw_holdings(rng, people, companies, buyers, start, end)
    shop, crm, helpdesk, mail = (held[name] for name in ("shop", "crm", "helpdesk", "mail"))

    accounts, account_rows = records.crm_companies(rng, companies, end)
    account_ids = accounts["Compte"].to_numpy(object)
    tables = {"companies": accounts}
    customers_table = records.shop_customers(rng, shop)
    forgotten = some(rng, len(shop), _FORGOTTEN)
    tables["customers"] = customers_table.drop(index=forgotten.tolist()).reset_index(drop=True)
    tables["contacts"] = records.crm_contacts(rng, crm, people, account_ids)
    users = records.helpdesk_users(rng, helpdesk, crm)
    tables["users"] = users
    tables["users-changes"] = records.late_changes(rng, users, end)
    mail["record_id"] = records.member_ids(rng, len(mail))
    mailings = marketing.draw_mailings(rng, mail, buyers, start, days)
    tables["members"] = records.mail_members(rng, mail, mailings.granted)
    tables["campaigns"], tables["messages"] = mailings.campaigns, mailings.messages
    web = marketing.web_accounts(rng, shop)
    tables["experiment"], tested = marketing.draw_experiment(rng, web, start, days)

    prompted = pd.concat([mailings.prompted, tested], ignore_index=True)
    sold = sales.draw_sales(rng, people, buyers, shop, prompted, start, days)
    rows = write_lines(rng, sold.lines, start)
    rates = sales.exchange_rates(rng, start, days)
    tables["refunds"] = records.refunds(sold.refunds, start)
    tables["accounts"] = records.web_users(web)
    tables["visits"] = marketing.draw_visits(rng, web, buyers, start, days)
    tables["spend"] = marketing.draw_spend(rng, customers, start, days)
    tables["tickets"] = service.draw_tickets(rng, helpdesk, buyers, start, days)
    tables["reviews-zh"], tables["reviews-en"] = service.draw_reviews(
        rng, sold.orders, shop, start, days
    )
    tables["deals"] = service.draw_deals(rng, crm, people, companies, account_ids, end, days)
    later = np.random.default_rng([seed, _LATER])
    acquired = billing.draw_acquisitions(later, len(people))
    billed = billing.draw_billing(later, people, buyers, shop, acquired, start, days)
    sold = replace(sold, orders=billing.with_campaigns(later, sold.orders))
    tables["billing-contacts"], tables["usage"] = billed.contacts, billed.usage
    tables["subscriptions"] = billed.subscriptions
    return Company(
        customers=customers,
        seed=seed,
        start=start,
        until=until,
        order_rows=rows[[*COLUMNS, "day"]],
        tables=tables,
        rates=rates,
        drawn=Drawn(
            people=people,
            companies=companies,
            buyers=buyers,
            held=held,
            account_rows=account_rows,
            shop_customers=customers_table,
            granted=mailings.granted,
            sold=sold,
            rows=rows,
            web=web,
            acquired=acquired,
            billing=billed.held,
        ),
    )
