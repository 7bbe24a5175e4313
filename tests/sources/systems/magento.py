"""Magento under test: its orders."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.magento import Magento
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _order(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"entity_id": 1 + i, "increment_id": f"{i:09d}", "created_at": moment,
            "updated_at": moment, "grand_total": 10, "items": []}  # fmt: skip


def _change(record):
    record["updated_at"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["grand_total"] = 11


SYSTEM = System(
    vendor=Magento,
    object="orders",
    holding="orders",
    record=_order,
    record_id=lambda record: str(record["entity_id"]),
    change=_change,
    page=200,
    wrong_in_200=b'{"message": "Internal Error. Details are available in Magento log file."}',
    empty_page=b'{"items": [], "search_criteria": {}, "total_count": 407}',
)
