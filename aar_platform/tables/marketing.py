"""Core tables of how customers are reached: campaigns, messages, visits, spend, experiments."""

from aar_platform.tables.core import CoreTable
from aar_platform.tables.model import Count, Day, Moment, Money, Text, column, key

MESSAGE_EVENTS = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed")


class Campaigns(CoreTable):
    """One row per campaign."""

    campaign_id: Text = key("The source's own id of the campaign")
    name: Text = column("Name")
    channel: Text = column("Channel", normalise="code")
    sent_at: Moment = column("When it was sent, UTC", unreadable="refuse")
    cost: Money = column("Cost", privacy="financial", unit="currency", unreadable="refuse")
    currency: Text = column("Currency of the cost, ISO 4217", normalise="currency")


class Messages(CoreTable):
    """One row per event of a message sent to a person."""

    message_id: Text = key("The source's own id of the event")
    campaign_id: Text = column("The source's own id of the campaign")
    contact_id: Text = column("The source's own id of the person")
    email: Text = column("E-mail address written to", privacy="direct", normalise="email")
    event: Text = key("What happened", normalise="code", isin=MESSAGE_EVENTS)
    occurred_at: Moment = key("When it happened, UTC")
    url: Text = column("Link clicked")


class WebVisits(CoreTable):
    """One row per visit, or per group of visits where the source counts them."""

    visit_id: Text = key("The source's own id of the visit or group")
    contact_id: Text = column("The source's own id of the person, where signed in")
    client_id: Text = column("The browser's id", privacy="quasi")
    visited_at: Moment = key("When it began, UTC")
    channel: Text = column("Channel that brought the visit", normalise="code")
    campaign: Text = column("Campaign that brought the visit")
    country: Text = column("Country, ISO 3166-1 alpha-2", normalise="country")
    device: Text = column("Kind of device", normalise="code")
    sessions: Count = column("Visits in the row", unit="visits", ge=0, unreadable="refuse")
    page_views: Count = column("Pages seen", unit="pages", ge=0, unreadable="refuse")
    conversions: Count = column("Aims reached", unit="times", ge=0, unreadable="refuse")


class Spend(CoreTable):
    """One row per day, channel and campaign of money spent on advertising."""

    spend_id: Text = key("The source's own id of the record")
    day: Day = key("Day of the cost")
    channel: Text = column("Channel", normalise="code")
    campaign: Text = column("Campaign")
    amount: Money = key("What was spent", privacy="financial", unit="currency")
    currency: Text = column("Currency of the amount, ISO 4217", normalise="currency")
    impressions: Count = column("Times shown", unit="times", ge=0, unreadable="refuse")
    clicks: Count = column("Times clicked", unit="times", ge=0, unreadable="refuse")


class ExperimentAssignments(CoreTable):
    """One row per person and experiment: which variant they were given."""

    assignment_id: Text = key("The source's own id of the assignment")
    experiment: Text = key("Experiment")
    variant: Text = key("Variant")
    contact_id: Text = column("The source's own id of the person")
    assigned_at: Moment = column("When, UTC", unreadable="refuse")
