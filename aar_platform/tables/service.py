"""Core tables of what customers say and use: tickets, feedback and usage."""

from aar_platform.tables.core import CoreTable
from aar_platform.tables.model import Day, Moment, Number, Quantity, Text, column, key


class Tickets(CoreTable):
    """One row per help-desk ticket."""

    ticket_id: Text = key("The source's own id of the ticket")
    contact_id: Text = column("The source's own id of the person who asks")
    company_id: Text = column("The source's own id of the company that asks")
    email: Text = column(
        "E-mail address of the person who asks", privacy="direct", normalise="email"
    )
    subject: Text = column("Subject", privacy="free_text")
    text: Text = column("What was written", privacy="free_text")
    topic: Text = column("Topic", normalise="code")
    priority: Text = column("Priority as the source names it", normalise="code")
    channel: Text = column("Channel it came in by", normalise="code")
    status: Text = column("Status as the source names it", normalise="code")
    assignee: Text = column("E-mail or name of the agent", privacy="direct")
    opened_at: Moment = key("When it was opened, UTC")
    first_replied_at: Moment = column("When it was first answered, UTC")
    solved_at: Moment = column("When it was solved, UTC")
    satisfaction: Text = column("The customer's rating as the source gives it")


class Feedback(CoreTable):
    """One row per answer, review or comment."""

    feedback_id: Text = key("The source's own id of the answer")
    contact_id: Text = column("The source's own id of the person")
    email: Text = column("E-mail address of the person", privacy="direct", normalise="email")
    channel: Text = column("survey, review, call or comment", normalise="code")
    question: Text = column("The question asked")
    score: Number = column("The score given", unit="points of scale", unreadable="refuse")
    scale_min: Number = column("Lowest possible score", unit="points of scale")
    scale_max: Number = column("Highest possible score", unit="points of scale")
    text: Text = column("What was written", privacy="free_text")
    language: Text = column("Language of the text", normalise="code")
    given_at: Moment = key("When it was given, UTC")


class Usage(CoreTable):
    """One row per customer, day and feature of a product used."""

    usage_id: Text = key("The source's own id of the record")
    contact_id: Text = column("The source's own id of the person")
    company_id: Text = column("The source's own id of the company")
    day: Day = key("Day of use")
    feature: Text = column("Feature used")
    quantity: Quantity = column("How often", unit="times", unreadable="refuse")
    duration_seconds: Number = column("How long", unit="seconds", unreadable="refuse")
