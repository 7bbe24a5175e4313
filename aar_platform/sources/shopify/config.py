"""Shopify: customers, orders with lines, refunds and payments, abandoned checkouts, marketing."""

from datetime import timedelta
from typing import ClassVar, Literal

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.registry import CoreRows, source_kind
from aar_platform.sources.shopify import questions, rows
from aar_platform.sources.shopify.admin_api import AdminApi

# Filters are answered by a search index, which lags behind the records by some minutes.
LAG = timedelta(minutes=15)

_FIRST_ORDER = "orders.nodes[0]"
_FIRST_VISIT = f"{_FIRST_ORDER}.customerJourneySummary.firstVisit"


@source_kind("shopify")
class Shopify(ApiSource):
    """A Shopify shop.

    shop: the part of its address before `.myshopify.com`. token: an app's Admin API access token.
    """

    TITLE: ClassVar[str] = "Shopify"
    SETUP: ClassVar[str] = (
        "In the shop's settings → Apps and sales channels → Develop apps, make an app with the "
        "Admin API scopes read_customers, read_orders, read_all_orders (without it Shopify hides "
        "all orders older than 60 days), read_products (for categories) and read_marketing_events, "
        "and install it; its Admin API access token is shown once."
    )
    LIMITS: ClassVar[str] = (
        "A question costs points, which come back at 100 (Standard) to 1,000 (Plus) a second; "
        "before each, as many are waited for as the last of its kind cost. Pages that would cost "
        "too much at once are made smaller. A list ends after 25,000 records, so pages go by id."
    )
    GAPS: ClassVar[str] = (
        "Companies (B2B), subscriptions, draft orders and products are not pulled. Amounts are in "
        "the shop's currency; what the buyer saw in another is not kept. Abandoned checkouts and "
        "payments stay in the raw tables."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("contacts", ("customers", "customer_ids"), rows=rows.contact_rows),
        CoreRows("orders", ("orders", "order_ids"), rows=rows.order_rows),
        CoreRows(
            "order_lines", ("orders", "order_ids"), rows=rows.line_rows, is_row_per_record=False
        ),
        CoreRows("refunds", ("orders",), rows=rows.refund_rows, is_row_per_record=False),
        CoreRows("campaigns", ("marketing_events",), rows=rows.campaign_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="customers",
            title="customers",
            page=questions.listed("customers", questions.CUSTOMERS),
            reads="changes",
            changed_at="updatedAt",
            overlap=LAG,
            grain="a customer's account",
            scopes="read_customers, read_orders",
            calls="one per 250 customers changed, more where a page costs too much",
            columns={
                **texts("id", "firstName", "lastName", "displayName", "locale", "state", "note"),
                **typed("flag", "verifiedEmail", "dataSaleOptOut"),
                **typed("whole", "numberOfOrders"),
                **typed("moment", "createdAt", "updatedAt"),
                **typed("json", "tags"),
                "email": text("defaultEmailAddress.emailAddress"),
                "email_consent": text("defaultEmailAddress.marketingState"),
                "email_consent_at": text("defaultEmailAddress.marketingUpdatedAt"),
                "phone": text("defaultPhoneNumber.phoneNumber"),
                "sms_consent": text("defaultPhoneNumber.marketingState"),
                "sms_consent_at": text("defaultPhoneNumber.marketingUpdatedAt"),
                "address1": text("defaultAddress.address1"),
                "address2": text("defaultAddress.address2"),
                "city": text("defaultAddress.city"),
                "province": text("defaultAddress.province"),
                "zip": text("defaultAddress.zip"),
                "country": text("defaultAddress.countryCodeV2"),
                "address_phone": text("defaultAddress.phone"),
                "first_order_at": text(f"{_FIRST_ORDER}.processedAt").of("moment"),
                "first_source": text(f"{_FIRST_VISIT}.source"),
                "first_campaign": text(f"{_FIRST_VISIT}.utmParameters.campaign"),
            },
        ),
        ApiObject(
            name="customer_ids",
            title="customers, ids only",
            page=questions.listed("customers", questions.CUSTOMER_IDS),
            grain="a customer that there still is",
            scopes="read_customers",
            calls="one per 250 customers, every time: deletions and merges are not told",
            columns=texts("id"),
        ),
        ApiObject(
            name="orders",
            title="orders",
            page=questions.orders,
            reads="changes",
            changed_at="updatedAt",
            overlap=LAG,
            grain="an order with its lines, refunds and payments",
            scopes="read_orders, read_all_orders, read_products",
            calls="one per 250 orders changed, more where a page costs too much, and one per order "
            "of more than 25 lines",
            columns={
                **texts("id", "name", "email", "sourceName", "currencyCode"),
                **texts("displayFinancialStatus", "displayFulfillmentStatus", "cancelReason"),
                **texts("presentmentCurrencyCode"),
                **typed("moment", "createdAt", "updatedAt", "processedAt", "cancelledAt"),
                **typed("flag", "test"),
                **typed("json", "refunds", "transactions", "discountCodes", "tags"),
                "lines": text("lineItems.nodes").of("json"),
                "customer_id": text("customer.id"),
                "shipping_country": text("shippingAddress.countryCodeV2"),
                "shipping_province": text("shippingAddress.province"),
                "billing_country": text("billingAddress.countryCodeV2"),
                "billing_province": text("billingAddress.province"),
                "campaign": text("customerJourneySummary.lastVisit.utmParameters.campaign"),
                "total": text("totalPriceSet.shopMoney.amount").of("money"),
                "subtotal": text("subtotalPriceSet.shopMoney.amount").of("money"),
                "discounts": text("totalDiscountsSet.shopMoney.amount").of("money"),
                "tax": text("totalTaxSet.shopMoney.amount").of("money"),
                "shipping": text("totalShippingPriceSet.shopMoney.amount").of("money"),
            },
        ),
        ApiObject(
            name="order_ids",
            title="orders, ids only",
            page=questions.order_ids,
            grain="an order that there still is",
            scopes="read_orders, read_all_orders",
            calls="one per 250 orders, every time: deletions are not told",
            columns=texts("id"),
        ),
        ApiObject(
            name="abandoned_checkouts",
            title="abandonedCheckouts",
            page=questions.listed("abandonedCheckouts", questions.ABANDONED_CHECKOUTS),
            reads="changes",
            changed_at="updatedAt",
            overlap=LAG,
            grain="a checkout that was left; completedAt where it was taken up again",
            scopes="read_orders",
            calls="one per 250 checkouts changed",
            columns={
                **texts("id", "name"),
                **typed("moment", "createdAt", "updatedAt", "completedAt"),
                "customer_id": text("customer.id"),
                "total": text("totalPriceSet.shopMoney.amount").of("money"),
                "currency": text("totalPriceSet.shopMoney.currencyCode"),
            },
        ),
        ApiObject(
            name="marketing_events",
            title="marketingEvents",
            page=questions.listed("marketingEvents", questions.MARKETING_EVENTS),
            grain="a campaign as the app that runs it told Shopify",
            scopes="read_marketing_events",
            calls="one per 250 events, every time",
            columns={
                **texts("id", "description", "type", "marketingChannelType", "sourceAndMedium"),
                **texts("utmCampaign", "utmMedium", "utmSource", "remoteId"),
                **typed("moment", "startedAt", "endedAt"),
            },
        ),
    )

    kind: Literal["shopify"] = "shopify"
    shop: str
    token: Secret

    def connect(self, where: str) -> AdminApi:
        """The shop's Admin API."""
        base = self.url or f"https://{self.shop}.myshopify.com"
        return AdminApi(where, base, self.token.reveal())
