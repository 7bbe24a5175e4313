"""Mailchimp under test: the members of a list, by their last change."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.mailchimp import Mailchimp
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
LIST = "a5f0c20000"


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _member(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    return {"id": f"{i:032x}", "contact_id": f"{i:032x}", "list_id": LIST, "status": "subscribed",
            "email_address": f"m{i}@example.com", "full_name": f"Member {i}",
            "timestamp_opt": moment, "last_changed": moment}  # fmt: skip


def _change(record):
    record["last_changed"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["full_name"] = "changed"


def _with_list(vendor):
    vendor.holdings["lists"] = [{"id": LIST, "name": "Newsletter", "date_created": _stamp(BEGIN)}]


SYSTEM = System(
    vendor=Mailchimp,
    object="members",
    holding=f"members/{LIST}",
    record=_member,
    record_id=lambda record: record["id"],
    change=_change,
    page=1000,
    wrong_in_200=b'{"title": "Internal Server Error", "status": 500, "instance": "0"}',
    prepare=_with_list,
    pulled_before=("lists",),
)
