"""Core tables of who the customers are: contacts and companies."""

from aar_platform.tables.core import CoreTable
from aar_platform.tables.model import Count, Day, Flag, Moment, Text, column, key


class Contacts(CoreTable):
    """One row per person (or account of a person) that a system keeps."""

    contact_id: Text = key("The source's own id of the person")
    company_id: Text = column("The source's own id of the company the person belongs to")
    external_ids: Text = column(
        "Ids of the same person in other systems, JSON object: source name → record id"
    )
    given_name: Text = column("Given name", privacy="direct")
    family_name: Text = column("Family name", privacy="direct")
    full_name: Text = column("The whole name as the source writes it", privacy="direct")
    email: Text = column("E-mail address, lower case", privacy="direct", normalise="email")
    email_verified: Flag = column("Whether the source has verified the address")
    phone: Text = column("Phone number, E.164", privacy="direct", normalise="phone")
    street: Text = column("Street and house number", privacy="direct")
    city: Text = column("City", privacy="quasi")
    region: Text = column("State, province or region", privacy="quasi")
    postcode: Text = column("Postal code", privacy="quasi")
    country: Text = column("Country, ISO 3166-1 alpha-2", privacy="quasi", normalise="country")
    birth_date: Day = column("Date of birth", privacy="quasi")
    birth_date_verified: Flag = column("Whether the source has verified the date of birth")
    gender: Text = column("Gender as the source writes it", privacy="quasi", normalise="code")
    national_id: Text = column("National or social security number", privacy="direct")
    language: Text = column("Preferred language", normalise="code")
    job_title: Text = column("Position in the company", privacy="quasi")
    owner: Text = column(
        "E-mail or name of the colleague who looks after the contact", privacy="direct"
    )
    lifecycle_stage: Text = column("Lead, customer, …, as the source names it", normalise="code")
    acquired_at: Moment = column("When the contact became a customer, UTC")
    acquisition_channel: Text = column("Channel that brought the contact", normalise="code")
    acquisition_campaign: Text = column("Campaign that brought the contact")
    income_band: Text = column("Income band", privacy="financial")
    household_size: Count = column("Persons in the household", privacy="quasi", unit="persons")
    consents: Text = column(
        "Consent by purpose, JSON object: purpose → {granted, since}", privacy="none"
    )
    created_at: Moment = column("When the source created the record, UTC")


class Companies(CoreTable):
    """One row per company that a system keeps."""

    company_id: Text = key("The source's own id of the company")
    external_ids: Text = column(
        "Ids of the same company in other systems, JSON object: source name → record id"
    )
    name: Text = column("Name of the company")
    domain: Text = column("Internet domain", normalise="code")
    phone: Text = column("Switchboard, E.164", normalise="phone")
    street: Text = column("Street and house number")
    city: Text = column("City")
    region: Text = column("State, province or region")
    postcode: Text = column("Postal code")
    country: Text = column("Country, ISO 3166-1 alpha-2", normalise="country")
    industry: Text = column("Industry as the source names it")
    employee_count: Count = column("Employees", unit="persons")
    owner: Text = column(
        "E-mail or name of the colleague who looks after the company", privacy="direct"
    )
    created_at: Moment = column("When the source created the record, UTC")
