"""What the made-up customers subscribe to: a planning service, billed by a system of its own.

Everything is drawn from a generator of its own, so that nothing else of the company moves with it.
"""

import json
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox.marketing import ADS
from aar_platform.sandbox.records import stamp

SUBSCRIBER_SHARE = 0.08  # of those who buy
# So few that even the smallest company has each mishap.
FEWEST_SUBSCRIBERS = 8
ACQUIRED_BY_ADS_SHARE = 0.5
CAMPAIGN_SHARE = 0.3  # of orders
TILL_SHARE = 0.08
SECOND_CONTACT_SHARE = 0.3  # of those who subscribe again

_PLANS = ("Basic", "Plus", "Atelier")
_EURO_CENTS = np.array([990, 1990, 4990])
_LEVEL = {"EUR": 1.0, "GBP": 0.88, "USD": 1.12}
_CURRENCY = {"GB": "GBP", "US": "USD", "BR": "USD"}
_FEATURES = ("room_planner", "wish_list", "delivery_dates")
_DAY = 86400
_UTC = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Billing:
    """`held` are the contacts with whose they are (person, record_id, external, country);
    `contacts`, `subscriptions` and `usage` the tables as exported."""

    held: pd.DataFrame
    contacts: pd.DataFrame
    subscriptions: pd.DataFrame
    usage: pd.DataFrame


def draw_acquisitions(rng: np.random.Generator, people: int) -> pd.DataFrame:
    """The advertisement that brought each person: channel and campaign, "" for none."""
    ad = rng.integers(0, len(ADS), people)
    ad = np.where(rng.random(people) < ACQUIRED_BY_ADS_SHARE, ad, len(ADS))
    names = {"channel": [one for one, _, _ in ADS], "campaign": [one for _, one, _ in ADS]}
    return pd.DataFrame({key: np.array([*said, ""], object)[ad] for key, said in names.items()})


def with_campaigns(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    """Orders with `campaign`, the advertisement clicked before ("" for none), and `channel`: web,
    or pos for a few of those that no advertisement brought."""
    n = len(orders)
    ad = np.where(rng.random(n) < CAMPAIGN_SHARE, rng.integers(0, len(ADS), n), len(ADS))
    at_till = (ad == len(ADS)) & (rng.random(n) < TILL_SHARE)
    campaigns = np.array([*(one for _, one, _ in ADS), ""], object)
    return orders.assign(campaign=campaigns[ad], channel=np.where(at_till, "pos", "web"))


def draw_billing(
    rng: np.random.Generator,
    people: pd.DataFrame,
    buyers: pd.DataFrame,
    shop: pd.DataFrame,
    acquired: pd.DataFrame,
    start: date,
    days: int,
) -> Billing:
    """Contacts, subscriptions and usage of some of those who have a shop account.

    `shop` are the shop's records, `acquired` the advertisement behind each of `people`.
    """
    since = buyers["acquired"].to_numpy()
    accounts = shop[~shop["is_second"]].drop_duplicates("person")
    accounts = accounts[since[accounts["person"]] < days - 120]
    wanted = max(FEWEST_SUBSCRIBERS, round(len(accounts) * SUBSCRIBER_SHARE))
    chosen = np.sort(rng.choice(len(accounts), min(wanted, len(accounts)), replace=False))
    accounts = accounts.iloc[chosen].reset_index(drop=True)
    terms = _draw_terms(rng, np.maximum(since[accounts["person"]], 0), start, days)
    held, terms["contact"] = _contacts_of(rng, accounts, terms)
    person = held["person"].to_numpy()
    first = terms.groupby("contact")["begin"].min().to_numpy()
    base, why = people.iloc[person], acquired.iloc[person]
    contacts = pd.DataFrame(
        {
            "customer": held["record_id"],
            "name": base["full_name"].to_numpy(object),
            "email": base["email"].to_numpy(object),
            "country": held["country"],
            "external_ids": held["external"],
            "acquired_at": _moments(first, start),
            "acquisition_channel": why["channel"].to_numpy(object),
            "acquisition_campaign": why["campaign"].to_numpy(object),
            "created_at": _moments(first - 60, start),
        }
    )
    return Billing(held, contacts, _subscriptions(held, terms, start), _usage(rng, held, terms,
                   start, days))  # fmt: skip


def _moments(seconds: np.ndarray, start: date) -> np.ndarray:
    """Seconds from the start as text; "" for negative ones."""
    moments = np.datetime64(start, "s") + seconds.astype("timedelta64[s]")
    return np.where(seconds >= 0, stamp(pd.Series(moments), _UTC), "")


def _draw_terms(
    rng: np.random.Generator, since: np.ndarray, start: date, days: int
) -> pd.DataFrame:
    """subscriber, begin, end (seconds from the start; -1 while it runs), plan, is_replaced and
    is_second.

    Of six, one is replaced by a dearer plan as it ends, and one is followed by another some weeks
    later. The first subscriber leaves before the month is over, the second on the same day.
    """
    n = len(since)
    begin = ((since + 2 + rng.random(n) * (days - 40 - since)) * _DAY).astype(np.int64)
    end = begin + (rng.exponential(260, n) * _DAY).astype(np.int64) + 5 * _DAY
    # The first four begin early enough for what befalls them to come to pass.
    begin[:4] = (since[:4] + 2) * _DAY + 12 * 3600
    begin[0] = _next_month(start, int(begin[0] // _DAY)) * _DAY + 9 * 3600
    end[:4] = begin[:4] + np.array([10 * _DAY, 3 * 3600, 12 * _DAY, 12 * _DAY])
    kind = rng.choice(3, n, p=(4 / 6, 1 / 6, 1 / 6))
    kind[:4] = (0, 0, 1, 2)
    plan = rng.choice(3, n, p=(0.5, 0.35, 0.15))
    is_replaced = (kind == 1) & (end < days * _DAY)
    plan[is_replaced] = np.minimum(plan[is_replaced], 1)
    pause = np.where(kind == 2, (rng.uniform(20, 120, n) * _DAY).astype(np.int64), 0)
    again = np.flatnonzero((kind > 0) & (end + pause < (days - 1) * _DAY))
    is_replaced &= np.isin(np.arange(n), again)
    later = end[again] + pause[again]
    first = pd.DataFrame({"subscriber": np.arange(n), "begin": begin, "end": end, "plan": plan,
                          "is_replaced": is_replaced, "is_second": False})  # fmt: skip
    second = pd.DataFrame(
        {
            "subscriber": again,
            "begin": later,
            "end": later + (rng.exponential(260, len(again)) * _DAY).astype(np.int64) + _DAY,
            "plan": np.where(is_replaced[again], plan[again] + 1, plan[again]),
            "is_replaced": False,
            "is_second": True,
        }
    )
    both = pd.concat([first, second], ignore_index=True)
    both["end"] = np.where(both["end"] < days * _DAY, both["end"], -1)
    return both.sort_values(["begin", "subscriber"], kind="stable", ignore_index=True)


def _next_month(start: date, day: int) -> int:
    """The third of the month that follows a day, as a day from the start."""
    first = np.datetime64(start, "D")
    month = (first + np.timedelta64(day, "D")).astype("datetime64[M]") + np.timedelta64(1, "M")
    return int((month.astype("datetime64[D]") - first).astype(int)) + 2


def _contacts_of(
    rng: np.random.Generator, accounts: pd.DataFrame, terms: pd.DataFrame
) -> tuple[pd.DataFrame, np.ndarray]:
    """The contacts, and which of them each term is of: some subscribe again as somebody new."""
    subscriber = terms["subscriber"].to_numpy()
    is_again = terms["is_second"].to_numpy() & ~np.isin(
        subscriber, subscriber[terms["is_replaced"]]
    )
    is_new = is_again & (rng.random(len(terms)) < SECOND_CONTACT_SHARE)
    is_new[np.flatnonzero(is_again)[:1]] = True
    contact = subscriber.copy()
    contact[is_new] = len(accounts) + np.arange(is_new.sum())
    row = np.concatenate([np.arange(len(accounts)), subscriber[is_new]])
    base = accounts.iloc[row]
    held = pd.DataFrame(
        {
            "person": base["person"].to_numpy(),
            "record_id": [f"B{4_001 + 3 * i}" for i in range(len(row))],
            "external": [json.dumps({"shop": one}) for one in base["record_id"]],
            "country": base["country"].to_numpy(object),
        }
    )
    return held, contact


def _subscriptions(held: pd.DataFrame, terms: pd.DataFrame, start: date) -> pd.DataFrame:
    """`billing/subscriptions.csv`: one of them is sent three times over."""
    contact = terms["contact"].to_numpy()
    country = held["country"].to_numpy(object)[contact]
    currency = np.array([_CURRENCY.get(one, "EUR") for one in country], object)
    level = np.array([_LEVEL[one] for one in currency])
    plan, end = terms["plan"].to_numpy(), terms["end"].to_numpy()
    cents = np.round(_EURO_CENTS[plan] * level / 10).astype(np.int64) * 10
    status = np.where(terms["is_replaced"], "replaced", np.where(end < 0, "active", "cancelled"))
    table = pd.DataFrame(
        {
            "subscription": [f"SUB-{i + 1:05d}" for i in range(len(terms))],
            "customer": held["record_id"].to_numpy(object)[contact],
            "plan": np.array(_PLANS, object)[plan],
            "started_at": _moments(terms["begin"].to_numpy(), start),
            "ended_at": _moments(end, start),
            "monthly_amount": [f"{one / 100:.2f}" for one in cents],
            "currency": currency,
            "status": status,
        }
    )
    again = table.iloc[[len(table) // 2] * 2]
    return pd.concat([table, again], ignore_index=True)


def _usage(
    rng: np.random.Generator, held: pd.DataFrame, terms: pd.DataFrame, start: date, days: int
) -> pd.DataFrame:
    """`billing/usage.csv`: what a subscriber used on a day, on one day in nine."""
    begin = terms["begin"].to_numpy() // _DAY
    end = np.where(terms["end"] < 0, days - 1, terms["end"] // _DAY)
    habit = rng.gamma(2.0, 1 / 18, len(terms))
    row = np.repeat(np.arange(len(terms)), rng.poisson(habit * (end - begin + 1)))
    used = pd.DataFrame(
        {
            "contact": terms["contact"].to_numpy()[row],
            "day": begin[row] + (rng.random(len(row)) * (end - begin + 1)[row]).astype(np.int64),
            "feature": rng.choice(len(_FEATURES), len(row), p=(0.5, 0.3, 0.2)),
        }
    ).drop_duplicates()
    used = used.sort_values(["day", "contact", "feature"], ignore_index=True)
    times = 1 + rng.poisson(1.5, len(used))
    day = np.datetime64(start, "D") + used["day"].to_numpy().astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "entry": [f"U{i + 1:07d}" for i in range(len(used))],
            "customer": held["record_id"].to_numpy(object)[used["contact"]],
            "day": np.datetime_as_string(day),
            "feature": np.array(_FEATURES, object)[used["feature"]],
            "quantity": times,
            "duration_seconds": times * rng.integers(20, 600, len(used)),
        }
    )
