"""`aar check` asks a system that does not answer once, and tells it in one line."""

import socket
from types import SimpleNamespace

import pytest

from aar_platform.commands.check import _sources
from aar_platform.sandbox.apis.faults import Status
from aar_platform.sandbox.apis.hubspot import HubSpot
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import NotConnected
from tests.sources.pulling import puller


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    def pause(seconds):
        pytest.fail(f"a check waited {seconds} s")

    monkeypatch.setattr(client, "pause", pause)


def checked(source):
    return list(_sources(SimpleNamespace(sources=[source])))


@pytest.fixture
def closed_port():
    """A port at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_a_system_that_cannot_be_reached_is_told_in_one_line(tmp_path, closed_port):
    source = puller(HubSpot(), f"http://127.0.0.1:{closed_port}", tmp_path).source
    assert len(source.objects()) > 5
    assert checked(source) == [
        f"hubspot: 127.0.0.1:{closed_port} cannot be reached; "
        "see whether it runs, and the source's address"
    ]


def test_a_database_that_lets_nobody_in_is_told_once_with_what_to_look_at():
    asked = []

    def try_out(name):
        asked.append(name)
        raise NotConnected(f"web.{name}", "the database answered: no such user", "see its user")

    tables = [SimpleNamespace(name=name) for name in ("contacts", "orders")]
    source = SimpleNamespace(name="web", objects=lambda: tables, try_out=try_out)
    assert checked(source) == ["web: the database answered: no such user; see its user"]
    assert asked == ["contacts"]


def test_an_answer_that_says_later_is_told_at_once_of_each_object(tmp_path):
    vendor = HubSpot()
    vendor.faults.always = Status(503, body=b"busy")
    with serving(vendor.app()) as url:
        source = puller(vendor, url, tmp_path, allowance=1000).source
        said = checked(source)
    asked = [one.name for one in source.objects() if not one.after]
    assert len(vendor.faults.calls) == len(asked)
    assert said == [f"hubspot.{name}: answered 503 busy; run again later" for name in asked]
