"""Core tables of what customers buy: orders, their lines, refunds, subscriptions and deals."""

from aar_platform.tables.core import CoreTable
from aar_platform.tables.model import Flag, Moment, Money, Quantity, Text, column, key


class Orders(CoreTable):
    """One row per order, invoice or credit note."""

    order_id: Text = key("The source's own id of the order")
    contact_id: Text = column("The source's own id of the buyer; null for an unknown buyer")
    company_id: Text = column("The source's own id of the buying company")
    email: Text = column("E-mail address given with the order", privacy="direct", normalise="email")
    ordered_at: Moment = key("When it was ordered, UTC")
    status: Text = column("Status as the source names it", normalise="code")
    channel: Text = column("Sales or marketing channel", normalise="code")
    campaign: Text = column("Campaign the order is attributed to")
    country: Text = column("Country of the buyer, ISO 3166-1 alpha-2", normalise="country")
    region: Text = column("State, province or region of the buyer")
    currency: Text = column("Currency of the amounts, ISO 4217", normalise="currency")
    gross: Money = column(
        "Sum of the lines before discount",
        privacy="financial",
        unit="currency",
        unreadable="refuse",
    )
    discount: Money = column(
        "Discount taken off", privacy="financial", unit="currency", unreadable="refuse"
    )
    tax: Money = column("Tax", privacy="financial", unit="currency", unreadable="refuse")
    shipping: Money = column("Shipping", privacy="financial", unit="currency", unreadable="refuse")
    total: Money = column(
        "What the buyer pays; negative for a credit note",
        privacy="financial",
        unit="currency",
        unreadable="refuse",
    )
    is_test: Flag = column("Whether the order is a test and counts nowhere")
    cancelled_at: Moment = column("When it was cancelled, UTC")


class OrderLines(CoreTable):
    """One row per line of an order; orders are derived from them where a source has none."""

    order_id: Text = key("The source's own id of the order the line belongs to")
    line_id: Text = key(
        "The order's id and the source's own id of the line, joined by a hyphen; made from the row "
        "where the source has none"
    )
    sku: Text = column("Article number")
    product: Text = column("Name of the product")
    category: Text = column("Product category")
    quantity: Quantity = column(
        "Pieces; negative when sent back", unit="pieces", unreadable="refuse"
    )
    unit_price: Money = column(
        "Price of one piece", privacy="financial", unit="currency", unreadable="refuse"
    )
    discount: Money = column(
        "Discount on the line", privacy="financial", unit="currency", unreadable="refuse"
    )
    amount: Money = column(
        "quantity × unit_price − discount where the source does not state it",
        privacy="financial",
        unit="currency",
        unreadable="refuse",
    )
    currency: Text = column("Currency of the amounts, ISO 4217", normalise="currency")
    ordered_at: Moment = column("When it was ordered, UTC", unreadable="refuse")
    contact_id: Text = column("The source's own id of the buyer; null for an unknown buyer")
    country: Text = column("Country of the buyer, ISO 3166-1 alpha-2", normalise="country")


class Refunds(CoreTable):
    """One row per refund; the order it belongs to stays as it was."""

    refund_id: Text = key("The source's own id of the refund")
    order_id: Text = column("The source's own id of the refunded order")
    contact_id: Text = column("The source's own id of the buyer")
    refunded_at: Moment = key("When the money went back, UTC")
    amount: Money = column(
        "What went back, positive", privacy="financial", unit="currency", unreadable="refuse"
    )
    currency: Text = column("Currency of the amount, ISO 4217", normalise="currency")
    reason: Text = column("Reason as the source names it", privacy="free_text")


class Subscriptions(CoreTable):
    """One row per subscription of a person or company."""

    subscription_id: Text = key("The source's own id of the subscription")
    contact_id: Text = column("The source's own id of the subscriber")
    company_id: Text = column("The source's own id of the subscribing company")
    plan: Text = column("Plan")
    started_at: Moment = key("When it began, UTC")
    ended_at: Moment = column("When it ended, UTC; null while it runs", unreadable="refuse")
    monthly_amount: Money = column(
        "Price a month", privacy="financial", unit="currency a month", unreadable="refuse"
    )
    currency: Text = column("Currency of the amount, ISO 4217", normalise="currency")
    status: Text = column("Status as the source names it", normalise="code")


class Deals(CoreTable):
    """One row per sales opportunity."""

    deal_id: Text = key("The source's own id of the deal")
    contact_id: Text = column("The source's own id of the person")
    company_id: Text = column("The source's own id of the company")
    owner: Text = column("E-mail or name of the seller", privacy="direct")
    stage: Text = column("Stage as the source names it")
    is_won: Flag = column("Whether it was won")
    is_closed: Flag = column("Whether it is closed")
    amount: Money = column("Value", privacy="financial", unit="currency", unreadable="refuse")
    currency: Text = column("Currency of the value, ISO 4217", normalise="currency")
    created_at: Moment = column("When it was opened, UTC", unreadable="refuse")
    closed_at: Moment = column("When it was closed, UTC", unreadable="refuse")
    channel: Text = column("Channel that brought the deal", normalise="code")
