"""Oracles of what was sold, and to whom."""

import pandas as pd

from tests.end_to_end.kpi_oracles.oracle import (
    Figures,
    count,
    counted,
    oracle,
    people,
    share,
    summed,
    total,
    within,
)


def rows_of(truth, span, by):
    """What was sold in the period: by products, or as whole orders and refunds."""
    return within(truth.lines if by in ("category", "product") else truth.sold, span)


def is_sold(rows):
    """Orders of more than nothing."""
    worth = rows["whole"] if "whole" in rows else rows["worth"]
    return (rows["kind"] == "order") & (worth > 0)


@oracle("sold", "lines")
def revenue(truth, span, by):
    return summed(rows_of(truth, span, by), by)


@oracle("sold", "lines")
def gross_revenue(truth, span, by):
    rows = rows_of(truth, span, by)
    return summed(rows[is_sold(rows)], by)


@oracle("sold", "lines")
def refund_rate(truth, span, by):
    rows = rows_of(truth, span, by)
    sold, back = rows[is_sold(rows)], rows[~is_sold(rows)]
    returned = {one: -value for one, value in total(back, by).items()}
    return Figures(returned, total(sold, by), count(sold, by))


@oracle("sold")
def orders(truth, span, by):
    rows = within(truth.sold, span)
    return counted(count(rows[rows["kind"] == "order"], by))


@oracle("sold")
def average_order_value(truth, span, by):
    rows = within(truth.sold, span)
    documents = rows[rows["kind"] == "order"]
    return share(total(documents, by), count(documents, by))


@oracle("sold")
def active_customers(truth, span, by):
    return counted(people(within(truth.purchases, span), by))


@oracle("sold")
def new_customers(truth, span, by):
    bought = within(truth.purchases, span)
    return counted(count(bought[bought["nth"] == 0], by))


@oracle("sold")
def purchase_frequency(truth, span, by):
    bought = within(truth.purchases, span)
    return share(count(bought, by), people(bought, by))


@oracle("sold")
def repeat_rate(truth, span, by):
    bought = within(truth.purchases, span)
    return share(people(bought[bought["nth"] > 0], by), people(bought, by))


@oracle("sold")
def revenue_per_customer(truth, span, by):
    rows = within(truth.sold, span)
    known = rows[rows["customer"] != ""]
    return share(total(known, by), people(within(truth.purchases, span), by))


@oracle("sold")
def lost_customers(truth, span, by):
    """By the day on which the churn window of a purchase ends, where none followed until then."""
    bought = truth.purchases.copy()
    bought["over"] = bought["day"] + pd.Timedelta(days=truth.churn_days)
    gone = bought[bought["after"].isna() | (bought["after"] > bought["over"])]
    gone = gone[gone["over"] <= truth.last]
    return counted(count(within(gone, span, "over"), by))


@oracle("sold")
def reactivated_customers(truth, span, by):
    bought = within(truth.purchases, span)
    gap = (bought["day"] - bought["before"]).dt.days
    return counted(count(bought[gap > truth.churn_days], by))


def last_purchases(truth, before):
    """The last purchase of each customer before a day."""
    bought = truth.purchases
    return bought[bought["day"] < before].groupby("customer").tail(1)


@oracle("sold")
def dormant_customers(truth, span, by):
    newest = last_purchases(truth, span.closes)
    oldest = span.closes - pd.Timedelta(days=truth.churn_days)
    silent = newest[(newest["day"] < span.start) & (newest["day"] >= oldest)]
    return counted(count(silent, by))


@oracle("sold")
def retention_rate(truth, span, by):
    """Those who bought in the period before, where they did so last."""
    months = {"month": 1, "quarter": 3, "year": 12}[span.period]
    begin = span.start - pd.DateOffset(months=months)
    before = last_purchases(truth, span.start)
    before = before[before["day"] >= begin]
    again = set(within(truth.purchases, span)["customer"])
    return share(count(before[before["customer"].isin(again)], by), count(before, by))
