"""Zoho CRM under test: its contacts."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.zoho_crm import ZohoCrm
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.isoformat(timespec="seconds")


def _contact(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"id": str(5_512_340_000_000 + i), "Last_Name": f"Contact {i}",
            "Email": f"c{i}@example.com", "Created_Time": moment,
            "Modified_Time": moment}  # fmt: skip


def _change(record):
    record["Modified_Time"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["Last_Name"] = "changed"


SYSTEM = System(
    vendor=ZohoCrm,
    object="contacts",
    holding="Contacts",
    record=_contact,
    record_id=lambda record: record["id"],
    change=_change,
    page=200,
    wrong_in_200=b'{"code": "INTERNAL_ERROR", "details": {}, "message": "oops", "status": "error"}',
    empty_page=b'{"data": [], "info": {"per_page": 200, "more_records": false}}',
    expires=lambda vendor: vendor.expire(),
)
