"""A shop's GraphQL API with any number of made-up orders, as fast as it can answer.

Usage: order_server.py ORDERS. Prints its URL, then serves on loopback until it is ended.
"""

import json
import re
import sys
import time

import msgspec

from aar_platform.sandbox.apis.serve import serving

TEMPLATES = 500
AFTER = re.compile(r"id:>(\d+)")


def template(i: int) -> bytes:
    """An order as JSON, about 2 KB, with %d where its number goes."""
    lines = [
        {
            "id": f"gid://shopify/LineItem/{i * 10 + k}",
            "sku": f"SKU-{(i * 7 + k) % 60:04d}",
            "name": "Linen throw, natural",
            "quantity": 1 + (i + k) % 4,
            "originalUnitPriceSet": {"shopMoney": {"amount": f"{20 + (i * 3 + k) % 80}.90"}},
            "discountAllocations": [],
            "product": {"productType": "Textiles"},
        }
        for k in range(1 + i % 6)
    ]
    money = {"shopMoney": {"amount": f"{50 + i % 200}.40"}}
    order = {
        "id": "gid://shopify/Order/NUMBER",
        "name": "#NUMBER",
        "createdAt": f"2026-{1 + i % 12:02d}-{1 + i % 28:02d}T10:15:00Z",
        "updatedAt": f"2026-{1 + i % 12:02d}-{1 + i % 28:02d}T11:15:00Z",
        "processedAt": f"2026-{1 + i % 12:02d}-{1 + i % 28:02d}T10:15:00Z",
        "cancelledAt": None,
        "cancelReason": None,
        "test": False,
        "email": f"buyer{i}@example.com",
        "sourceName": "web",
        "currencyCode": "EUR",
        "presentmentCurrencyCode": "EUR",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED",
        "discountCodes": [],
        "tags": [],
        "customer": {"id": f"gid://shopify/Customer/{i}"},
        "shippingAddress": {"countryCodeV2": "FR", "province": "Normandie"},
        "billingAddress": {"countryCodeV2": "FR", "province": "Normandie"},
        "totalPriceSet": money,
        "subtotalPriceSet": money,
        "totalDiscountsSet": money,
        "totalTaxSet": money,
        "totalShippingPriceSet": money,
        "customerJourneySummary": None,
        "lineItems": {"nodes": lines, "pageInfo": {"hasNextPage": False, "endCursor": None}},
        "refunds": [],
        "transactions": [
            {
                "id": f"gid://shopify/OrderTransaction/{i}",
                "kind": "SALE",
                "status": "SUCCESS",
                "gateway": "card",
                "processedAt": "2026-01-01T10:15:00Z",
                "amountSet": money,
            }
        ],
    }
    return (
        json.dumps(order, separators=(",", ":"))
        .encode()
        .replace(b"%", b"%%")
        .replace(b"NUMBER", b"%d")
    )


def main(count: int) -> None:
    """Serve so many orders."""
    templates = [template(i) for i in range(TEMPLATES)]
    cost = (
        b'"extensions":{"cost":{"requestedQueryCost":1,"throttleStatus":{"maximumAvailable":'
        b'20000.0,"currentlyAvailable":20000,"restoreRate":1000.0}}}'
    )

    def page(variables: dict) -> bytes:
        found = AFTER.search(variables.get("query") or "")
        begin = int(found[1]) if found else 0
        end = min(begin + int(variables["first"]), count)
        nodes = b",".join(templates[n % TEMPLATES] % (n, n) for n in range(begin + 1, end + 1))
        more = b"true" if end < count else b"false"
        return (
            b'{"data":{"orders":{"nodes":['
            + nodes
            + b'],"pageInfo":{"hasNextPage":'
            + more
            + b',"endCursor":null}}},'
            + cost
            + b"}"
        )

    async def app(scope, receive, send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        asked = msgspec.json.decode(body)
        if "accessScopes" in asked["query"]:
            answer = (
                b'{"data":{"currentAppInstallation":{"accessScopes":'
                b'[{"handle":"read_all_orders"}]}},' + cost + b"}"
            )
        else:
            answer = page(asked["variables"])
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(answer)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    with serving(app) as url:
        print(url, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(int(sys.argv[1]))
