"""Oracles of who stays a customer: by a running subscription, or else by purchases."""

from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

from tests.end_to_end.kpi_oracles.of_sales import last_purchases
from tests.end_to_end.kpi_oracles.oracle import Figures, count, oracle, share, total

DAYS_A_MONTH = Decimal("30.4375")


def running(truth, day):
    """The subscriptions that ran on the day before."""
    rows = truth.subscriptions
    return rows[rows["ran"] & (rows["day"] < day) & (rows["ends"].isna() | (rows["ends"] >= day))]


def customers_on(truth, day):
    """Who is a customer when `day` begins; found once for each day."""
    if day not in truth.customers_on:
        truth.customers_on[day] = found_on(truth, day)
    return truth.customers_on[day]


def found_on(truth, day):
    """Customers when `day` begins, a row each: where they count and what they are worth.

    Who has had a subscription by then is one while one runs; anybody else is one for the churn
    window after a purchase, and worth what they bought in so many days up to the last purchase.
    """
    begun = truth.subscriptions[truth.subscriptions["ran"] & (truth.subscriptions["day"] < day)]
    rows = []
    for _, own in running(truth, day).groupby("customer"):
        newest = own.sort_values(["day", "record_id"], ascending=[False, True]).iloc[0].to_dict()
        eve = day - pd.Timedelta(days=1)
        paid = zip(own["monthly_amount"], own["currency"], strict=True)
        rows.append({**newest, "worth": sum(truth.euros(*one, eve) for one in paid)})
    window = pd.Timedelta(days=truth.churn_days)
    for one in last_purchases(truth, day).to_dict("records"):
        if one["day"] < day - window or one["customer"] in set(begun["customer"]):
            continue
        own = truth.purchases_of[one["customer"]]
        recent = own[(own["day"] > one["day"] - window) & (own["day"] <= one["day"])]["worth"].sum()
        worth = int(recent) * DAYS_A_MONTH / truth.churn_days
        rows.append({**one, "worth": int(worth.quantize(0, ROUND_HALF_UP))})
    return pd.DataFrame(rows, columns=[*truth.purchases.columns])


def at_start_and_lost(truth, span):
    """Who was a customer at the start of a period, and those of them who are none at its end."""
    before = customers_on(truth, span.start)
    stays = set(customers_on(truth, span.closes)["customer"])
    return before, before[~before["customer"].isin(stays)]


@oracle("sold", "subscriptions", goes_on=True)
def churn_rate(truth, span, by):
    before, lost = at_start_and_lost(truth, span)
    return share(count(lost, by), count(before, by))


@oracle("sold", "subscriptions", goes_on=True)
def revenue_churn_rate(truth, span, by):
    before, lost = at_start_and_lost(truth, span)
    return Figures(total(lost, by), total(before, by), count(before, by))


@oracle("subscriptions", goes_on=True)
def recurring_revenue(truth, span, by):
    rows = running(truth, span.closes)
    eve = span.closes - pd.Timedelta(days=1)
    paid = zip(rows["monthly_amount"], rows["currency"], strict=True)
    rows = rows.assign(worth=[truth.euros(*one, eve) for one in paid])
    return Figures(total(rows, by), None, count(rows, by))
