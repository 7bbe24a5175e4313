"""Oracles of tickets, answers and deals."""

import pandas as pd

from tests.end_to_end.kpi_oracles.oracle import (
    Figures,
    count,
    counted,
    oracle,
    share,
    summed,
    total,
    within,
)


@oracle("tickets", goes_on=True)
def tickets_opened(truth, span, by):
    return counted(count(within(truth.tickets, span), by))


@oracle("tickets", goes_on=True)
def ticket_backlog(truth, span, by):
    rows = truth.tickets
    waits = rows["solved"].isna() | (rows["solved"] >= span.closes)
    return counted(count(rows[(rows["day"] < span.closes) & waits], by))


def quantile(rows, by, hours, at):
    """A quantile of hours; nothing, and not zero, where there are none."""
    timed = rows[rows[hours] >= 0]
    found = timed.groupby(by)[hours].quantile(at).to_dict()
    return Figures(found, None, count(timed, by))


@oracle("tickets", goes_on=True)
def first_response_time(truth, span, by):
    return quantile(within(truth.tickets, span, "replied"), by, "response", 0.5)


@oracle("tickets", goes_on=True)
def first_response_time_p90(truth, span, by):
    return quantile(within(truth.tickets, span, "replied"), by, "response", 0.9)


@oracle("tickets", goes_on=True)
def resolution_time(truth, span, by):
    return quantile(within(truth.tickets, span, "solved"), by, "resolution", 0.5)


@oracle("tickets", goes_on=True)
def resolution_time_p90(truth, span, by):
    return quantile(within(truth.tickets, span, "solved"), by, "resolution", 0.9)


@oracle("tickets", goes_on=True)
def ticket_satisfaction(truth, span, by):
    rows = truth.tickets
    rows = within(rows.assign(told=rows["solved"].fillna(rows["day"])), span, "told")
    return share(count(rows[rows["good"]], by), count(rows[rows["rated"]], by))


@oracle("feedback")
def customer_satisfaction(truth, span, by):
    rows = within(truth.feedback, span)
    return share(count(rows[rows["good"]], by), count(rows[~rows["ten"]], by))


@oracle("feedback")
def net_promoter_score(truth, span, by):
    rows = within(truth.feedback, span)
    rows = rows[rows["ten"]].copy()
    rows["points"] = 100 * (rows["number"] >= 9) - 100 * (rows["number"] <= 6)
    return share(total(rows, by, "points"), count(rows, by))


@oracle("tickets", "feedback", goes_on=True)
def response_rate(truth, span, by):
    """Of tickets alone: no survey of the company tells who did not answer."""
    assert (truth.feedback["score"] != "").all()
    asking = set(truth.tickets.loc[truth.tickets["rated"], "source"])
    rows = within(truth.tickets[truth.tickets["source"].isin(asking)], span, "solved")
    return share(count(rows[rows["rated"]], by), count(rows, by))


def valued(truth, rows, days):
    """Deals with what they are worth at the rates of these days."""
    found = zip(rows["amount"], rows["currency"], days, strict=True)
    return rows.assign(worth=[truth.euros(*one) for one in found])


@oracle("deals", goes_on=True)
def pipeline_value(truth, span, by):
    rows = truth.deals
    is_open = rows["closed"].isna() | (rows["closed"] >= span.closes)
    rows = rows[(rows["opened"] < span.closes) & is_open]
    eve = span.closes - pd.Timedelta(days=1)
    return summed(valued(truth, rows, [eve] * len(rows)), by)


@oracle("deals", goes_on=True)
def won_value(truth, span, by):
    rows = within(truth.deals[truth.deals["won"]], span, "closed")
    return summed(valued(truth, rows, rows["closed"]), by)


@oracle("deals", goes_on=True)
def win_rate(truth, span, by):
    rows = within(truth.deals[truth.deals["ended"]], span, "closed")
    return share(count(rows[rows["won"]], by), count(rows, by))


@oracle("deals", goes_on=True)
def sales_cycle(truth, span, by):
    rows = within(truth.deals[truth.deals["won"]], span, "closed").copy()
    rows["days"] = (rows["closed"] - rows["opened"]).dt.days
    rows = rows[rows["days"] >= 0]
    return share(total(rows, by, "days"), count(rows, by))
