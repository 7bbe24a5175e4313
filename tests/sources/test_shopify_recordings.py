"""Shopify's published schema and recorded answers: we ask, serve and read what it describes."""

import gzip
import json
from pathlib import Path

import pytest

from aar_platform.sandbox.apis.serve import serving
from aar_platform.sandbox.apis.shopify import Shopify, holdings
from aar_platform.sources.shopify.questions import (
    CUSTOMERS,
    DOCUMENTS,
    LINES,
    ORDERS,
)
from tests.sources.pulling import core_tables, puller
from tests.sources.test_shopify import EVERYTHING, part

FOLDER = Path(__file__).resolve().parents[2] / "../shared/vendors/shopify"
SCHEMA = FOLDER / "schema_vendor/admin_2026-07.introspection.json.gz"
REST = FOLDER / "recorded/airbyte_expected_records.MIT_2023-06.jsonl"
GRAPHQL = FOLDER / "recorded/amp_labs_bodies.MIT.json"

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="no ../shared/vendors/shopify here")


@pytest.fixture(scope="module")
def schema():
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")
    introspection = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    return graphql.build_client_schema(introspection.get("data", introspection), assume_valid=True)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda text: text.split("(")[0].split("{")[0])
def test_every_question_is_valid_in_shopifys_schema(schema, document):
    import graphql

    assert graphql.validate(schema, graphql.parse(document)) == []


@pytest.mark.parametrize(("root", "document"), [("orders", ORDERS), ("customers", CUSTOMERS)])
def test_served_bodies_are_what_the_schema_gives_for_our_question(schema, root, document):
    """The schema is executed over the served records: a field that is missing, too many or of
    another type makes the result another."""
    import graphql

    served = holdings(part())[root]
    page = {"nodes": served, "pageInfo": {"hasNextPage": False, "endCursor": None}}
    variables = {"first": 250, "query": None, "lines": LINES}
    found = graphql.execute(
        schema, graphql.parse(document), {root: page}, variable_values=variables
    )
    assert found.errors is None
    assert found.data == {root: page}


def _money(amount):
    return {"shopMoney": {"amount": f"{float(amount):.2f}"}}


def _order(rest, refunds, transactions):
    """A recorded order of the REST API as GraphQL gives it."""
    address = rest.get("shipping_address") or rest.get("billing_address")
    place = address and {"countryCodeV2": address["country_code"], "province": address["province"]}
    lines = [
        {
            "id": f"gid://shopify/LineItem/{line['id']}",
            "sku": line["sku"],
            "name": line["name"],
            "quantity": line["quantity"],
            "originalUnitPriceSet": _money(line["price"]),
            "discountAllocations": [
                {"allocatedAmountSet": _money(one["amount"])}
                for one in line["discount_allocations"]
            ],
            "product": None,
        }
        for line in rest["line_items"]
    ]
    customer = rest.get("customer")
    return {
        "id": rest["admin_graphql_api_id"],
        "name": rest["name"],
        "createdAt": rest["created_at"],
        "updatedAt": rest["updated_at"],
        "processedAt": rest["processed_at"],
        "cancelledAt": rest["cancelled_at"],
        "test": rest["test"],
        "email": rest["email"],
        "sourceName": rest["source_name"],
        "currencyCode": rest["currency"],
        "displayFinancialStatus": rest["financial_status"].upper(),
        "customer": customer and {"id": f"gid://shopify/Customer/{customer['id']}"},
        "shippingAddress": place,
        "totalPriceSet": _money(rest["total_price"]),
        "subtotalPriceSet": _money(rest["subtotal_price"]),
        "totalDiscountsSet": _money(rest["total_discounts"]),
        "totalTaxSet": _money(rest["total_tax"]),
        "totalShippingPriceSet": _money(rest["total_shipping_price_set"]["shop_money"]["amount"]),
        "lineItems": {"nodes": lines, "pageInfo": {"hasNextPage": False, "endCursor": None}},
        "refunds": [
            {
                "id": one["admin_graphql_api_id"],
                "createdAt": one["created_at"],
                "processedAt": one["processed_at"],
                "updatedAt": one["created_at"],
                "note": one["note"],
                "totalRefundedSet": _money(sum(float(t["amount"]) for t in one["transactions"])),
            }
            for one in refunds
            if one["order_id"] == rest["id"]
        ],
        "transactions": [
            {"id": one["admin_graphql_api_id"], "kind": one["kind"].upper()}
            for one in transactions
            if one["order_id"] == rest["id"]
        ],
    }


def test_recorded_orders_and_customers_all_arrive(tmp_path):
    streams = {}
    for line in REST.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        streams.setdefault(entry["stream"], []).append(entry["data"])
    spoken = json.loads(GRAPHQL.read_text(encoding="utf-8"))
    said = {name: spoken[f"{name}.json"]["data"][name]["nodes"] for name in ("orders", "customers")}
    rest = [
        _order(one, streams["order_refunds"], streams["transactions"]) for one in streams["orders"]
    ]
    for order in said["orders"]:
        order.setdefault("lineItems", {"nodes": [], "pageInfo": {"hasNextPage": False}})
    vendor = Shopify(holdings={"orders": rest + said["orders"], "customers": said["customers"]})
    with serving(vendor.app()) as url:
        source = puller(vendor, url, tmp_path)
        for name in EVERYTHING:
            source.pull(name)
    core = core_tables(source, tmp_path, country="US")
    counts = {name: len(rows) for name, rows in core.items()}
    assert counts["quarantine"] == 0, [row["rule"] for row in core["quarantine"]]
    assert counts["orders"] == len(streams["orders"]) + len(said["orders"]) == 5
    assert counts["refunds"] == len(streams["order_refunds"]) == 3
    assert counts["order_lines"] == sum(len(one["line_items"]) for one in streams["orders"])
    assert counts["contacts"] == len(said["customers"]) == 1
    orders = {row["order_id"]: row for row in core["orders"]}
    for one in streams["orders"]:
        found = orders[str(one["id"])]
        assert float(found["total"]) == one["total_price"]
        assert (found["is_test"], found["currency"]) == (one["test"], one["currency"])
        lines = [row for row in core["order_lines"] if row["order_id"] == found["order_id"]]
        assert float(sum(row["amount"] for row in lines)) == one["subtotal_price"]
    (contact,) = core["contacts"]
    said_of = said["customers"][0]
    assert contact["email"] == said_of["defaultEmailAddress"]["emailAddress"].lower()
    assert '"marketing":{"granted":true' in contact["consents"].replace(" ", "")
