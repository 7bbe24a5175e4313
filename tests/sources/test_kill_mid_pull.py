"""A pull that is killed goes on where it stopped."""

import collections

from aar_platform.sandbox.apis.faults import First
from aar_platform.sandbox.apis.freshdesk import Freshdesk
from aar_platform.sandbox.apis.serve import serving
from tests.conftest import Place
from tests.sources.systems.freshdesk import SYSTEM

TICKETS = 1_230


def configuration(url):
    return (
        "start: 2024-01-01\nsources:\n  - {name: desk, kind: freshdesk, domain: acme, "
        f'key: "${{KEY}}", url: "{url}"}}\n'
    )


def served():
    vendor = Freshdesk()
    vendor.holdings["tickets"] = [SYSTEM.record(i) for i in range(TICKETS)]
    return vendor


def run(place, vendor, kill_at=None):
    """The extract and its raw table in a process of their own, which may be killed at a call."""
    with serving(vendor.app()) as url:
        place.write("aar.yaml", configuration(url))
        process = place.start("run", "--select", "+raw_desk__tickets", KEY=vendor.secret)
        if kill_at:
            vendor.faults.planned[kill_at] = First(process.kill)
        said = process.communicate(timeout=120)
    return process.returncode, said


def rows(place):
    return place.query("select * exclude (extracted_at, _file) from raw_desk__tickets order by id")


def test_pages_that_landed_before_a_kill_are_not_asked_for_again(place):
    disturbed, undisturbed = Place(place.folder / "one"), Place(place.folder / "other")
    vendor = served()
    status, _ = run(disturbed, vendor, kill_at=8)
    assert status == -9
    assert len(vendor.faults.calls) == 8
    status, said = run(disturbed, vendor)
    assert status == 0, said
    asked = collections.Counter(call.query for call in vendor.faults.calls)
    # The page under way when it was killed was never received: that one is asked for twice.
    assert sorted(asked.values())[-2:] == [1, 2]
    assert run(undisturbed, served())[0] == 0
    assert len(rows(disturbed)) >= TICKETS
    assert rows(disturbed) == rows(undisturbed)
