"""Shopify under test: its orders."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.shopify import Shopify
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _order(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    line = {"id": f"gid://shopify/LineItem/{i + 1}", "name": "Lamp", "quantity": 1}
    return {"id": f"gid://shopify/Order/{4_000_000_000_000 + i}", "name": f"#{i}",
            "createdAt": moment, "updatedAt": moment, "processedAt": moment,
            "lineItems": {"nodes": [line],
                          "pageInfo": {"hasNextPage": False, "endCursor": "1"}}}  # fmt: skip


def _change(record):
    record["updatedAt"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["name"] = "changed"


SYSTEM = System(
    vendor=Shopify,
    object="orders",
    holding="orders",
    record=_order,
    record_id=lambda record: record["id"],
    change=_change,
    page=250,
    # The first call asks for the app's scopes.
    faults_from=2,
    wrong_in_200=b'{"data": {"orders": null}, "errors": [{"message": "Access denied for orders '
    b'field.", "path": ["orders"], "extensions": {"code": "ACCESS_DENIED"}}]}',
    empty_page=b'{"data": {"orders": {"nodes": [], "pageInfo": {"hasNextPage": true}}}}',
)
