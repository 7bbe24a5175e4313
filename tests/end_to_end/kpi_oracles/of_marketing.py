"""Oracles of what customers cost and bring back, of messages, and of visits."""

from tests.end_to_end.kpi_oracles.of_sales import revenue_per_customer
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


@oracle("spend")
def marketing_spend(truth, span, by):
    return summed(within(truth.spend, span), by)


@oracle("acquisitions", goes_on=True)
def acquired_customers(truth, span, by):
    return counted(count(within(truth.acquisitions, span), by))


@oracle("spend", "acquisitions", goes_on=True)
def acquisition_cost(truth, span, by):
    return share(total(within(truth.spend, span), by), count(within(truth.acquisitions, span), by))


@oracle("earned", "acquisitions", goes_on=True)
def historic_lifetime_value(truth, span, by):
    earned, won = truth.earned, truth.acquisitions
    so_far = won[won["day"] < span.end]
    return share(total(earned[earned["day"] < span.end], by), count(so_far, by))


def value(figures, member):
    """A figure of one member; None where it is divided by nothing."""
    below = figures.denominator.get(member, 0)
    return figures.numerator.get(member, 0) / below if below else None


def quotient(above, below, months=1):
    """One figure divided by another, a month; its sample is the smaller of theirs."""
    members = {*above.denominator, *above.numerator, *below.denominator, *below.numerator}
    divisors = {one: value(below, one) for one in members}
    return Figures(
        {one: value(above, one) for one in members},
        {one: None if found is None else found / months for one, found in divisors.items()},
        {one: min(above.sample.get(one, 0), below.sample.get(one, 0)) for one in members},
    )


@oracle(made_of=("historic_lifetime_value", "acquisition_cost"))
def lifetime_value_to_cost(truth, span, by):
    return quotient(historic_lifetime_value(truth, span, by), acquisition_cost(truth, span, by))


@oracle(made_of=("acquisition_cost", "revenue_per_customer"))
def payback_months(truth, span, by):
    months = {"month": 1, "quarter": 3, "year": 12}[span.period]
    return quotient(
        acquisition_cost(truth, span, by), revenue_per_customer(truth, span, by), months
    )


@oracle("predictions")
def predicted_lifetime_value(truth, span, by):
    rows = within(truth.predictions, span)
    known = rows[rows["predicted_clv"].notna()]
    return share(total(known, by, "predicted_clv"), count(known, by))


def events(truth, span, by, event):
    rows = within(truth.messages, span)
    return counted(count(rows[rows["event"] == event], by))


@oracle("messages")
def messages_sent(truth, span, by):
    return events(truth, span, by, "sent")


@oracle("messages")
def messages_delivered(truth, span, by):
    rows = within(truth.mailings, span)
    return counted(count(rows[rows["delivered"]], by))


@oracle("messages")
def messages_opened(truth, span, by):
    return events(truth, span, by, "opened")


@oracle("messages")
def messages_clicked(truth, span, by):
    return events(truth, span, by, "clicked")


def of_delivered(truth, span, by, what):
    rows = within(truth.mailings, span)
    return share(count(rows[rows[what]], by), count(rows[rows["delivered"]], by))


@oracle("messages")
def open_rate(truth, span, by):
    return of_delivered(truth, span, by, "opened")


@oracle("messages")
def click_rate(truth, span, by):
    return of_delivered(truth, span, by, "clicked")


@oracle("messages")
def unsubscribe_rate(truth, span, by):
    return of_delivered(truth, span, by, "left")


@oracle("messages")
def bounce_rate(truth, span, by):
    rows = within(truth.mailings, span)
    either = rows[rows["delivered"] | rows["bounced"]]
    return share(count(rows[rows["bounced"]], by), count(either, by))


@oracle("visits")
def visits(truth, span, by):
    return summed(within(truth.visits, span), by, "sessions")


@oracle("visits")
def conversion_rate(truth, span, by):
    rows = within(truth.visits, span)
    return share(total(rows, by, "conversions"), total(rows, by, "sessions"))


@oracle("engagements")
def engagement_score(truth, span, by):
    """The mean of what each customer's points of the period are worth a month, at most 100."""
    months = {"month": 1, "quarter": 3, "year": 12}[span.period]
    did = within(truth.engagements, span)
    points = did.groupby("customer")["points"].sum() / months
    each = did.drop_duplicates("customer").copy()
    each["score"] = each["customer"].map(points).clip(upper=100)
    return share(total(each, by, "score"), count(each, by))
