"""Zendesk under test: its tickets, exported by a cursor that never ends."""

import base64
from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.zendesk import Zendesk
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _ticket(i):
    # Three tickets change in every second.
    moment = BEGIN + timedelta(seconds=i // 3)
    return {"id": 1000 + i, "subject": f"Ticket {i}", "requester_id": 7, "status": "open",
            "created_at": _stamp(moment), "updated_at": _stamp(moment),
            "generated_timestamp": int(moment.timestamp())}  # fmt: skip


# Where the first page ends, as a cursor; another spelling than the API's own.
AFTER_A_PAGE = base64.b64encode(b"%d||1999" % (BEGIN.timestamp() + 333))


def _change(record):
    # Older than the minute that is held back.
    moment = datetime.now(UTC) - timedelta(seconds=90)
    record["updated_at"] = _stamp(moment)
    record["generated_timestamp"] = int(moment.timestamp())
    record["subject"] = "changed"


SYSTEM = System(
    vendor=Zendesk,
    object="tickets",
    holding="tickets",
    record=_ticket,
    record_id=lambda record: str(record["id"]),
    change=_change,
    page=1000,
    wrong_in_200=b'{"error": {"title": "Forbidden", "message": "You do not have access"}}',
    empty_page=b'{"tickets": [], "after_cursor": "%s", "end_of_stream": false}' % AFTER_A_PAGE,
    # An empty page that is not the last is passed over, by its cursor.
    expected={"empty page": "records"},
)
