"""HubSpot under test: its contacts, behind a search that ends at 10,000."""

from datetime import UTC, datetime, timedelta

from aar_platform.sandbox.apis.hubspot import IDS, HubSpot
from aar_platform.sources.hubspot.config import HubSpot as Source
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
COLUMNS = next(one for one in Source.OBJECTS if one.name == "contacts").columns
PROPERTIES = [
    column.path.removeprefix("properties.")
    for column in COLUMNS.values()
    if column.path.startswith("properties.")
]


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _contact(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    said = {"lastname": f"Person {i}", "createdate": moment, "lastmodifieddate": moment}
    said["hs_object_id"] = IDS["contacts"](i)
    return {"id": IDS["contacts"](i), "properties": dict.fromkeys(PROPERTIES) | said,
            "createdAt": moment, "updatedAt": moment, "archived": False}  # fmt: skip


def _change(record):
    record["updatedAt"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["properties"] |= {"lastmodifieddate": record["updatedAt"], "lastname": "changed"}


SYSTEM = System(
    vendor=HubSpot,
    object="contacts",
    holding="contacts",
    record=_contact,
    record_id=lambda record: record["id"],
    change=_change,
    page=200,
    wrong_in_200=b'{"status": "error", "message": "internal error", "category": "INTERNAL"}',
    empty_page=b'{"total": 0, "results": []}',
    # An empty page where more were counted is asked for once more.
    expected={"empty page": "records"},
)
