"""Fxiaoke under test: its accounts, with the token in the headers."""

from datetime import UTC, datetime

from aar_platform.sandbox.apis.fxiaoke import Fxiaoke
from tests.sources.systems.system import System

BEGIN = 1_735_689_600_000  # the year 2025


def _account(i):
    moment = BEGIN + i * 60_000
    return {"_id": f"65{i:022x}", "name": f"客户 {i}", "life_status": "normal",
            "is_deleted": False, "create_time": moment, "last_modified_time": moment}  # fmt: skip


def _change(record):
    record["last_modified_time"] = int(datetime.now(UTC).timestamp() * 1000) - 5000
    record["name"] = "已更改"


SYSTEM = System(
    vendor=Fxiaoke,
    object="accounts",
    holding="AccountObj",
    record=_account,
    record_id=lambda record: record["_id"],
    change=_change,
    page=100,
    wrong_in_200=b'{"traceId": "E-O.1", "errorCode": 10006, "errorMessage": "scope"}',
    empty_page=b'{"errorCode": 0, "errorMessage": "OK", "data": {"dataList": [], "total": 0}}',
    expires=lambda vendor: vendor.expire(),
    expected={"empty page": "records"},
)
