"""Salesforce under test: its contacts."""

from datetime import UTC, datetime, timedelta
from functools import partial

from aar_platform.sandbox.apis.salesforce import IDS, VERSION, Salesforce
from aar_platform.sources.salesforce.config import Salesforce as Source
from tests.sources.systems.system import System

BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


def _stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


FIELDS = next(one for one in Source.OBJECTS if one.name == "contacts").columns


def _contact(i):
    moment = _stamp(BEGIN + timedelta(minutes=i))
    name = IDS["contacts"](i)
    url = f"/services/data/{VERSION}/sobjects/Contact/{name}"
    record = {column.path: None for column in FIELDS.values()}
    record |= {"Id": name, "IsDeleted": False, "LastName": f"Person {i}", "CreatedDate": moment,
               "LastModifiedDate": moment, "SystemModstamp": moment}  # fmt: skip
    return {"attributes": {"type": "Contact", "url": url}, **record}


def _change(record):
    record["SystemModstamp"] = _stamp(datetime.now(UTC) - timedelta(seconds=5))
    record["LastName"] = "changed"


def _expire(vendor):
    vendor.session = vendor.session + "1"


SYSTEM = System(
    # A part of an answer may be as small as 200 records.
    vendor=partial(Salesforce, batch=200),
    object="contacts",
    holding="Contact",
    record=_contact,
    record_id=lambda record: record["Id"],
    change=_change,
    page=200,
    wrong_in_200=b'[{"errorCode": "UNKNOWN_EXCEPTION", "message": "try later"}]',
    empty_page=b'{"totalSize": 607, "done": false, "records": []}',
    expires=_expire,
    # The place in the answer is asked for anew by the last id that came.
    expected={"empty page": "records"},
)
