"""Constant Contact under test: its contacts, by links."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.constant_contact import ConstantContact
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _contact(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    address = {"address": f"c{i}@example.com", "permission_to_send": "implicit",
               "created_at": moment, "updated_at": moment, "opt_in_date": moment}  # fmt: skip
    return {"contact_id": f"{i:08x}-96f0-11ef-b2a0-fa163eafb85e", "email_address": address,
            "first_name": f"Contact {i}", "create_source": "Account", "created_at": moment,
            "updated_at": moment}  # fmt: skip


def _change(record):
    record["updated_at"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["first_name"] = "changed"


SYSTEM = System(
    vendor=ConstantContact,
    object="contacts",
    holding="contacts",
    record=_contact,
    record_id=lambda record: record["contact_id"],
    change=_change,
    page=500,
    wrong_in_200=b'[{"error_key": "contacts.api.error", "error_message": "try later"}]',
    expires=lambda vendor: vendor.valid.clear(),
)
