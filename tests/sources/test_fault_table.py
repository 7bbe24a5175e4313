"""Every system, every fault: all the records, or a failure in one clear line; never fewer records
in silence."""

import importlib
import json
import pkgutil

import pytest

from aar_platform.sandbox.apis.faults import (
    Again,
    Cut,
    CutQuietly,
    First,
    Hang,
    Instead,
    Status,
)
from aar_platform.sandbox.apis.serve import serving
from aar_platform.sources.api import client
from aar_platform.sources.api.errors import SourceFailed
from tests.sources import systems
from tests.sources.pulling import puller

SYSTEMS = {
    module.name: importlib.import_module(f"tests.sources.systems.{module.name}").SYSTEM
    for module in pkgutil.iter_modules(systems.__path__)
    if module.name != "system"
}


@pytest.fixture(params=sorted(SYSTEMS))
def system(request):
    return SYSTEMS[request.param]


@pytest.fixture
def waits(monkeypatch):
    """How long was waited for, without waiting."""
    waited = []
    monkeypatch.setattr(client, "pause", waited.append)
    return waited


class Trial:
    """A served API of a system with records, and a pull from it."""

    def __init__(self, system, folder, count=None):
        self.system, self.folder = system, folder
        self.vendor = system.vendor()
        self.count = count or 3 * system.page + 7
        self.records = [system.record(i) for i in range(self.count)]
        self.vendor.holdings.setdefault(system.holding, []).extend(self.records)
        if system.prepare:
            system.prepare(self.vendor)

    @property
    def faults(self):
        return self.vendor.faults

    def plan(self, fault, *calls):
        """A fault at the given calls for records, from 1."""
        for call in calls:
            self.faults.planned[call + self.system.faults_from - 1] = fault

    def run(self, times=1):
        """Pull so many times; gives the ids that landed, or the failure's line."""
        with serving(self.vendor.app()) as url:
            self.puller = puller(self.vendor, url, self.folder, **self.system.more)
            self.pull_what_comes_before()
            for _ in range(times):
                try:
                    self.puller.pull(self.system.object)
                except SourceFailed as failure:
                    return str(failure)
        return self.ids()

    def pull_what_comes_before(self):
        """Undisturbed, and without counting as calls."""
        planned, always = dict(self.faults.planned), self.faults.always
        asked = len(self.faults.calls)
        self.faults.planned, self.faults.always = {}, None
        for name in self.system.pulled_before:
            self.puller.pull(name)
        del self.faults.calls[asked:]
        self.faults.planned, self.faults.always = planned, always

    def ids(self):
        landed = self.puller.landed(self.system.object)
        return {self.system.record_id(record) for record in landed}

    @property
    def all_ids(self):
        return {self.system.record_id(record) for record in self.records}


@pytest.fixture
def trial(system, tmp_path, waits):
    return Trial(system, tmp_path)


def assert_all(trial, found):
    assert found == trial.all_ids, found if isinstance(found, str) else len(found)


def assert_failed(trial, found, *words):
    assert isinstance(found, str), f"a green pull of {len(found)} records"
    assert "\n" not in found
    name = trial.puller.source.name
    assert found.startswith(f"{name}.{trial.system.object}: "), found
    assert found.count(";") >= 1, "a failure says what to do"
    for word in words:
        assert word in found
    assert trial.vendor.secret not in found


def ends(trial, cell, found, usual, *words):
    """As the system's module says this cell ends, or as it usually does."""
    if trial.system.expected.get(cell, usual) == "records":
        assert_all(trial, found)
    else:
        assert_failed(trial, found, *words)


def left(trial, asked):
    """The calls that a pull cut off at call number `asked` still has to make, about."""
    return trial.system.calls() - asked if trial.system.calls else asked


def test_a_pull_without_faults_lands_every_record(trial):
    assert_all(trial, trial.run())


def test_credentials_that_are_refused_fail_the_pull(trial):
    trial.faults.always = Status(401, body=b'{"message": "who are you?"}')
    found = trial.run()
    assert_failed(trial, found, "401")


def test_a_missing_right_fails_the_pull(trial):
    trial.faults.always = Status(403, body=b'{"message": "you may not"}')
    assert_failed(trial, trial.run(), "403")


def test_too_many_calls_are_waited_out_as_the_system_says(trial, waits):
    trial.plan(Status(429, {"Retry-After": "7"}, b"{}"), 1, 3)
    assert_all(trial, trial.run())
    assert [wait for wait in waits if 6.9 < wait < 7.2]


def test_too_many_calls_without_a_time_are_tried_again(trial):
    trial.plan(Status(429, body=b"{}"), 1, 3)
    assert_all(trial, trial.run())


def test_too_many_calls_for_an_hour_fail_and_go_on_later(trial):
    trial.plan(Status(429, {"Retry-After": "3600"}, b"{}"), 3)
    found = trial.run()
    assert_failed(trial, found, "60 minutes")
    asked = len(trial.faults.calls)
    assert_all(trial, trial.run())
    again = len(trial.faults.calls) - asked
    assert again < left(trial, asked) + 2, "finished pages are not asked for again"


def test_a_server_error_three_times_over_is_survived(trial):
    trial.plan(Status(500, body=b"oops"), 2, 3, 4)
    assert_all(trial, trial.run())


def test_a_server_error_that_stays_fails_the_pull(trial):
    trial.plan(Status(500, body=b"oops"), *range(2, 8))
    assert_failed(trial, trial.run(), "500")


def test_no_answer_in_time_is_asked_for_again(trial, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.5)
    trial.plan(Hang(0.8), 2)
    assert_all(trial, trial.run())


def test_an_answer_that_breaks_off_is_asked_for_again(trial):
    trial.plan(Cut(), 2)
    assert_all(trial, trial.run())


def test_an_answer_cut_short_in_silence_is_asked_for_again(trial):
    trial.plan(CutQuietly(), 2)
    assert_all(trial, trial.run())


def test_an_error_inside_a_success_fails_the_pull(trial):
    trial.faults.always = Instead(trial.system.wrong_in_200)
    assert_failed(trial, trial.run())


def test_a_page_of_html_fails_the_pull(trial):
    trial.faults.always = Instead(b"<html>Down for maintenance</html>", "text/html")
    assert_failed(trial, trial.run())


def test_no_content_in_mid_pull_fails_it(trial):
    trial.plan(Status(204), *range(2, 8))
    ends(trial, "204", trial.run(), "failure")


def test_an_empty_page_loses_nothing(trial):
    if trial.system.empty_page is None:
        pytest.skip("the system has no page that is empty and yet not the last")
    trial.plan(Instead(trial.system.empty_page), 2)
    ends(trial, "empty page", trial.run(), "failure")


def test_a_page_given_twice_loses_nothing(trial):
    trial.plan(Again(), 3)
    ends(trial, "repeated page", trial.run(times=1), "records")


def test_a_record_that_changes_while_pages_are_read_is_not_lost(trial):
    def change():
        trial.system.change(trial.records[3])
        trial.system.change(trial.records[trial.system.page + 3])

    trial.plan(First(change), 2)
    assert_all(trial, trial.run(times=2))
    newest = {}
    for record in trial.puller.landed(trial.system.object):
        newest.setdefault(trial.system.record_id(record), []).append(record)
    changed = trial.system.record_id(trial.records[3])
    assert json.dumps(trial.records[3], sort_keys=True) in {
        json.dumps(record, sort_keys=True) for record in newest[changed]
    }


def test_a_token_that_ends_in_mid_pull_is_renewed_or_told(trial):
    system = trial.system
    if system.expires is not None:
        trial.plan(First(lambda: system.expires(trial.vendor)), 3)
        assert_all(trial, trial.run())
        return
    right = trial.vendor.secret

    def revoke():
        trial.vendor.secret = "another"

    trial.plan(First(revoke), 3)
    found = trial.run()
    trial.vendor.secret = right
    assert_failed(trial, found, system.refused)
    asked = len(trial.faults.calls)
    assert_all(trial, trial.run())
    assert len(trial.faults.calls) - asked < left(trial, asked) + 2


def test_ten_thousand_and_one_records_all_come(system, tmp_path, waits):
    trial = Trial(system, tmp_path, count=10_001)
    assert_all(trial, trial.run())
