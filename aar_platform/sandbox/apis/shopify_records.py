"""The made-up company's shop as Shopify's records."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from aar_platform.sandbox.apis.vendor import Record
from aar_platform.sandbox.parts import Part
from aar_platform.sandbox.places import BY_CODE

_FIRST_ID = {"Customer": 6_500_000_000_000, "Order": 4_500_000_000_000, "Refund": 830_000_000_000}

IDS: dict[str, Callable[[int], str]] = {
    "contacts": lambda number: str(_FIRST_ID["Customer"] + number),
    "orders": lambda number: str(_FIRST_ID["Order"] + number),
    "refunds": lambda number: str(_FIRST_ID["Refund"] + number),
}


def holdings(part: Part) -> dict[str, list[Record]]:
    """The shop's records.

    Customers who were deleted are not listed any more, though their orders name them. An order is
    in its own currency, as if every country had a shop of its own.
    """
    return {"customers": _customers(part), "orders": _orders(part)}


def gid(kind: str, number: int) -> str:
    """A global id; `number` counts from 0."""
    return f"gid://shopify/{kind}/{_FIRST_ID.get(kind, 10_000_000_000_000) + number}"


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples())


def _stamps(moments: pd.Series) -> list[str | None]:
    said = moments.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return [None if pd.isna(one) else str(one) for one in said]


def _money(cents: float) -> Record:
    return {"shopMoney": {"amount": f"{int(cents) / 100:.2f}"}}


def _visit(source: str, campaign: str) -> Record | None:
    """A visit that led to an order; a source that Shopify does not know counts as direct."""
    if not source and not campaign:
        return None
    told = {"source": source or None, "medium": None, "campaign": campaign}
    return {
        "source": source or "direct",
        "sourceType": None,
        "utmParameters": told if campaign else None,
    }


def _customers(part: Part) -> list[Record]:
    people = part.people
    if people.empty:
        return []
    bought = part.orders[part.orders["person"] >= 0] if len(part.orders) else part.orders
    count: Mapping[Any, int] = {}
    first: Mapping[Any, Any] = {}
    if len(bought):
        grouped = bought.groupby("person")["ordered_at"]
        count, first = grouped.size().to_dict(), grouped.min().to_dict()
    created, updated = _stamps(people["created_at"]), _stamps(people["updated_at"])
    made = []
    for one, since, until in zip(_rows(people), created, updated, strict=True):
        if one.is_deleted:
            continue
        nodes = []
        if one.number in first:
            moment = first[one.number].strftime("%Y-%m-%dT%H:%M:%SZ")
            journey = {"firstVisit": _visit(one.channel, getattr(one, "campaign", ""))}
            nodes = [{"processedAt": moment, "customerJourneySummary": journey}]
        made.append(
            {
                "id": gid("Customer", one.number),
                "createdAt": since,
                "updatedAt": until,
                "firstName": one.given or None,
                "lastName": one.family or None,
                "displayName": one.full_name or one.email,
                "locale": one.language or "en",
                "state": "ENABLED",
                "tags": [],
                "note": None,
                "verifiedEmail": True,
                "numberOfOrders": str(count.get(one.number, 0)),
                "dataSaleOptOut": False,
                "defaultEmailAddress": {
                    "emailAddress": one.email,
                    "marketingState": "SUBSCRIBED" if one.has_consent else "UNSUBSCRIBED",
                    "marketingOptInLevel": "SINGLE_OPT_IN",
                    "marketingUpdatedAt": since,
                }
                if one.email
                else None,
                "defaultPhoneNumber": None,
                "defaultAddress": {
                    "address1": one.street or None,
                    "address2": None,
                    "city": one.city or None,
                    "province": one.region or None,
                    "provinceCode": None,
                    "zip": one.postcode or None,
                    "countryCodeV2": one.country if one.country in BY_CODE else None,
                    "phone": one.phone or None,
                    "company": None,
                },
                "orders": {"nodes": nodes},
            }
        )
    return made


def _orders(part: Part) -> list[Record]:
    orders = part.orders
    if orders.empty:
        return []
    lines = _lines(part)
    refunds, refunded, last = _refunds(part)
    moments, changes = _stamps(orders["ordered_at"]), _stamps(orders["updated_at"])
    made = []
    for one, moment, changed in zip(_rows(orders), moments, changes, strict=True):
        items, discount = lines.get(one.number, ([], 0))
        back = refunded.get(one.number, 0)
        status = "PAID" if not back else "REFUNDED" if back >= one.total else "PARTIALLY_REFUNDED"
        address = {"countryCodeV2": one.country or None, "province": None}
        made.append(
            {
                "id": gid("Order", one.number),
                "name": f"#{1001 + one.number}",
                "createdAt": moment,
                "updatedAt": max(str(changed or moment), last.get(one.number, "")),
                "processedAt": moment,
                "cancelledAt": None,
                "cancelReason": None,
                "test": bool(one.is_test),
                "email": one.email or None,
                "sourceName": getattr(one, "channel", "web"),
                "currencyCode": one.currency,
                "presentmentCurrencyCode": one.currency,
                "displayFinancialStatus": status,
                "displayFulfillmentStatus": "FULFILLED",
                "discountCodes": [],
                "tags": [],
                "customer": {"id": gid("Customer", one.person)} if one.person >= 0 else None,
                "shippingAddress": address,
                "billingAddress": address,
                "totalPriceSet": _money(one.total),
                "subtotalPriceSet": _money(one.total),
                "totalDiscountsSet": _money(discount),
                "totalTaxSet": _money(0),
                "totalShippingPriceSet": _money(0),
                "customerJourneySummary": {"lastVisit": _visit("", getattr(one, "campaign", ""))},
                "lineItems": {
                    "nodes": items,
                    "pageInfo": {"hasNextPage": False, "endCursor": str(len(items))},
                },
                "refunds": refunds.get(one.number, []),
                "transactions": [
                    {
                        "id": gid("OrderTransaction", one.number),
                        "kind": "SALE",
                        "status": "SUCCESS",
                        "gateway": "shopify_payments",
                        "processedAt": moment,
                        "amountSet": _money(one.total),
                    }
                ],
            }
        )
    return made


def _lines(part: Part) -> dict[int, tuple[list[Record], int]]:
    """The lines of each order and their discounts' sum, in cents."""
    found: dict[int, tuple[list[Record], int]] = {}
    for one in _rows(part.order_lines):
        line = {
            "id": gid("LineItem", one.number),
            "sku": one.sku,
            "name": one.product,
            "quantity": int(one.quantity),
            "originalUnitPriceSet": _money(one.price),
            "discountAllocations": [{"allocatedAmountSet": _money(one.discount)}]
            if one.discount
            else [],
            "product": {"productType": one.category},
        }
        items, discount = found.get(one.order, ([], 0))
        found[one.order] = ([*items, line], discount + int(one.discount))
    return found


def _refunds(part: Part) -> tuple[dict[int, list[Record]], dict[int, int], dict[int, str]]:
    """The refunds of each order, their sum in cents, and when the last was made."""
    found: dict[int, list[Record]] = {}
    total: dict[int, int] = {}
    last: dict[int, str] = {}
    if part.refunds.empty:
        return found, total, last
    moments = _stamps(part.refunds["refunded_at"])
    for one, said in zip(_rows(part.refunds), moments, strict=True):
        moment = str(said)
        refund = {
            "id": gid("Refund", one.number),
            "createdAt": moment,
            "processedAt": moment,
            "updatedAt": moment,
            "note": one.reason or None,
            "totalRefundedSet": _money(abs(one.amount)),
        }
        found.setdefault(one.order, []).append(refund)
        total[one.order] = total.get(one.order, 0) + abs(int(one.amount))
        last[one.order] = max(last.get(one.order, ""), moment)
    return found, total, last
