"""The share of the made-up company that one system keeps, before it is written in its own way."""

from dataclasses import dataclass, field

import pandas as pd


def _none() -> pd.DataFrame:
    return pd.DataFrame()


@dataclass(frozen=True)
class Part:
    """Tables of one system; those that the system has not are empty, without columns.

    Every table has `number`, a whole number from 0 that is unique in it; the system makes its own
    ids from it. Moments are naive timestamps in UTC, to the second; money is in whole cents; a
    missing text is "", a missing moment NaT, a missing number NaN; -1 stands for no person or
    company.

    people: number, given, family, full_name, email, phone (as typed), street, city, region,
    postcode, country (ISO), birth_date (text as typed, may be impossible), gender ("f", "m", ""),
    language, job_title, owner (e-mail), stage, channel, campaign (in shops alone), has_consent,
    company (number or -1), other_id (the same person's id in another system, ""), created_at,
    updated_at, is_deleted.
    companies: number, name, domain, phone, street, city, region, postcode, country, industry,
    employees, owner, created_at, updated_at.
    deals: number, person, company, owner, stage (Qualified, Proposal, Negotiation, Won, Lost),
    is_won, is_closed, amount (cents), currency, channel, created_at, closed_at, updated_at.
    orders: number, person (-1: a guest), email, ordered_at, currency, country, channel, campaign,
    total (cents, what the lines sum to), is_test, updated_at.
    order_lines: number, order (number), sku, product, category, quantity, price, discount (cents,
    of the whole line).
    refunds: number, order (number), refunded_at, amount (cents), currency, reason.
    tickets: number, person, subject, text, topic, priority (low, normal, high), channel (email,
    web, chat, phone), status (open, solved), assignee (e-mail), opened_at, first_replied_at,
    solved_at, score (1 to 5, NaN unrated), updated_at.
    campaigns: number, name, sent_at, cost (cents), currency.
    messages: number, campaign (number), person (number), event (sent, delivered, bounced, opened,
    clicked, unsubscribed), occurred_at, url ("" unless clicked).
    feedback: number, email, score, scale_min, scale_max, text, language, question, given_at.
    visits: number, day (text YYYY-MM-DD), channel, campaign, country (ISO), device, sessions,
    page_views, conversions: already summed, one row per day, channel, campaign, country, device.
    spend: number, day (text), channel, campaign, amount (cents), currency, impressions, clicks.
    """

    people: pd.DataFrame = field(default_factory=_none)
    companies: pd.DataFrame = field(default_factory=_none)
    deals: pd.DataFrame = field(default_factory=_none)
    orders: pd.DataFrame = field(default_factory=_none)
    order_lines: pd.DataFrame = field(default_factory=_none)
    refunds: pd.DataFrame = field(default_factory=_none)
    tickets: pd.DataFrame = field(default_factory=_none)
    campaigns: pd.DataFrame = field(default_factory=_none)
    messages: pd.DataFrame = field(default_factory=_none)
    feedback: pd.DataFrame = field(default_factory=_none)
    visits: pd.DataFrame = field(default_factory=_none)
    spend: pd.DataFrame = field(default_factory=_none)
