"""Freshdesk under test: its tickets."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.freshdesk import Freshdesk
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _ticket(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"id": 1000 + i, "subject": f"Ticket {i}", "requester_id": 7, "status": 2,
            "priority": 1, "source": 1, "spam": False, "created_at": moment,
            "updated_at": moment, "stats": {}}  # fmt: skip


def _change(record):
    record["updated_at"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["subject"] = "changed"


SYSTEM = System(
    vendor=Freshdesk,
    object="tickets",
    holding="tickets",
    record=_ticket,
    record_id=lambda record: str(record["id"]),
    change=_change,
    page=100,
    wrong_in_200=b'{"code": "internal", "message": "try later"}',
)
