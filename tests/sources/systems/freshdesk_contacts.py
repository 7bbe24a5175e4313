"""Freshdesk under test once more: its contacts, which are listed by name and by page number."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.freshdesk import Freshdesk
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _contact(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"id": 1000 + i, "name": f"Contact {i:06d}", "email": None, "active": True,
            "created_at": moment, "updated_at": moment}  # fmt: skip


def _change(record):
    record["updated_at"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    # To the end of the list, so that all behind it move up.
    record["name"] = f"Z {record['name']}"


SYSTEM = System(
    vendor=Freshdesk,
    object="contacts",
    holding="contacts",
    record=_contact,
    record_id=lambda record: str(record["id"]),
    change=_change,
    page=100,
    wrong_in_200=b'{"code": "internal", "message": "try later"}',
    empty_page=b"[]",
    # A page that shares nothing with the one before is asked for again from further up.
    expected={"empty page": "records"},
)
