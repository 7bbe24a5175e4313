"""An object without which the others can do is left out of the pull, and missed by none."""

from aar_platform.sandbox.apis.freshdesk import Freshdesk
from aar_platform.sandbox.apis.serve import serving
from tests.sources.systems.freshdesk import SYSTEM

CONFIGURATION = """\
start: 2024-01-01
sources:
  - {{name: desk, kind: freshdesk, domain: acme, key: "${{KEY}}", url: "{url}",
     leave_out: [ratings, agents, companies]}}
"""


def test_tickets_come_without_the_ratings_and_agents_that_are_left_out(place, monkeypatch):
    vendor = Freshdesk()
    vendor.holdings["tickets"] = [SYSTEM.record(i) for i in range(20)]
    monkeypatch.setenv("KEY", vendor.secret)
    with serving(vendor.app()) as url:
        place.write("aar.yaml", CONFIGURATION.format(url=url))
        assert place.run('+key:"tickets"') == []
    (row,) = place.query("select count(*) as n, count(assignee) as answered from tickets")
    assert row == {"n": 20, "answered": 0}
    asked = {call.path for call in vendor.faults.calls}
    assert not [path for path in asked if "satisfaction" in path or "agents" in path]


def test_an_object_that_another_is_asked_by_cannot_be_left_out_alone(place):
    place.write(
        "aar.yaml",
        "sources:\n  - {name: m, kind: mailchimp, key: '${KEY}', leave_out: [lists]}\n",
    )
    answer = place.aar("check")
    assert answer.status == 1
    assert "leave out both" in answer.said
