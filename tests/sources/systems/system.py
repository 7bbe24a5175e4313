"""What a test needs to know of a system, so that every system stands the same tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aar_platform.sandbox.apis.faults import Fault
from aar_platform.sandbox.apis.vendor import Record, Vendor

# Enough for four pages of the systems with the largest pages is too many: records per test.
PAGES = 4


@dataclass(frozen=True)
class System:
    """One object of one system under test.

    vendor: makes a served API without records. object: the aar object that is pulled. holding:
    where the served API keeps its records. record: the made-up record number i (from 0), in the
    system's JSON, changed at a moment that grows with i, all of them in the year 2025. record_id:
    the id of a record as it lands. change: makes a record changed just now. page: records a page,
    as our connector asks for them. wrong_in_200: an error that the system tells inside a success.
    expires: makes the token of a running pull invalid, so that a new one must be asked for; None
    where the system has a key that does not expire. more: further settings of aar.yaml.
    calls: how many calls an undisturbed pull makes, where it is not about four: a report asked for
    month by month asks for months without records as well. Records of such reports are of days up
    to today, since a changed one is a row that was corrected in the days that are asked for again.
    refused: the code by which it tells that a key is refused.
    expected: for cells of the fault table that end otherwise than usual, "records" or "failure".
    pulled_before: objects that are pulled undisturbed before, because this one is asked for by
    their records.
    """

    vendor: Callable[[], Vendor]
    object: str
    holding: str
    record: Callable[[int], Record]
    record_id: Callable[[Record], str]
    change: Callable[[Record], None]
    page: int
    wrong_in_200: bytes = b'{"error": {"message": "something went wrong"}}'
    empty_page: bytes | None = None
    expires: Callable[[Any], None] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Any], None] | None = None
    faults_from: int = 1
    pulled_before: tuple[str, ...] = ()
    calls: Callable[[], int] | None = None
    refused: str = "401"


__all__ = ["PAGES", "Fault", "System"]
