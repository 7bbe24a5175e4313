"""Decisions in a database: kept for good, numbered, undone but never deleted."""

import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from aar_platform.operations.decisions import Record, decide, decisions, undo
from aar_platform.operations.store import Operations, OperationsUnavailable

A, B, C = (Record("crm", "contacts", name) for name in "abc")
NOW = datetime(2026, 5, 4, 3, 2, 1)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/deep/folder/operations.db"


def test_a_decision_is_read_back_as_it_was_made(url):
    decide(Operations(url), "same", "person", [(A, B), (B, C)], "why", "ada", NOW)
    (one,) = decisions(Operations(url))
    assert (one.decision_id, one.verdict, one.kind) == ("D0001", "same", "person")
    assert one.pairs == ((A, B), (B, C))
    assert (one.reason, one.decided_by, one.decided_at) == ("why", "ada", NOW)
    assert (one.undone_by, one.undone_at) == (None, None)


def test_undoing_deletes_nothing_and_happens_once(url, tmp_path):
    operations = Operations(url)
    decide(operations, "same", "person", [(A, B)], None, "ada", NOW)
    assert undo(operations, "D0001", "grace", NOW)
    assert not undo(operations, "D0001", "linus", NOW)
    assert not undo(operations, "D0002", "linus", NOW)
    assert decisions(operations)[0].undone_by == "grace"
    assert decide(operations, "same", "person", [(A, B)], None, "ada", NOW) == "D0002"


def test_people_who_decide_at_once_get_numbers_of_their_own(url):
    def several(_):
        operations = Operations(url)
        return [decide(operations, "same", "person", [(A, B)], None, "x", NOW) for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        made = [one for ids in pool.map(several, range(4)) for one in ids]
    assert sorted(made) == [f"D{number:04d}" for number in range(1, 21)]
    assert len(decisions(Operations(url))) == 20


def test_the_ten_thousandth_decision_comes_after_those_before(url, tmp_path):
    operations = Operations(url)
    decide(operations, "same", "person", [(A, B)], None, "x", NOW)
    with sqlite3.connect(tmp_path / "deep/folder/operations.db") as connection:
        connection.execute("update identity_decisions set decision_id = 'D9999'")
    assert decide(operations, "same", "person", [(A, C)], None, "x", NOW) == "D10000"
    assert decide(operations, "same", "person", [(B, C)], None, "x", NOW) == "D10001"
    assert [one.number for one in decisions(operations)] == [9999, 10000, 10001]


def test_somebody_reads_while_another_writes(url, tmp_path, monkeypatch):
    monkeypatch.setattr("aar_platform.operations.store.BUSY_SECONDS", 0.1)
    decide(Operations(url), "same", "person", [(A, B)], None, "x", NOW)
    with contextlib.closing(
        sqlite3.connect(tmp_path / "deep/folder/operations.db", isolation_level=None)
    ) as reader:
        reader.execute("begin")
        assert reader.execute("select count(*) from identity_decisions").fetchone() == (1,)
        assert decide(Operations(url), "same", "person", [(A, C)], None, "x", NOW) == "D0002"
        assert reader.execute("select count(*) from identity_decisions").fetchone() == (1,)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("sqlite:///{folder}/aar.yaml/operations.db", "folder cannot be made"),
        ("sqlite:///{folder}/aar.yaml", "not a database"),
        ("sqlite:///{folder}", "unable to open"),
        ("sqlite://", "in memory"),
        ("nonsense://host/db", "nonsense"),
        ("no url", "sqlite:///data/operations.db"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_line_that_names_the_setting(tmp_path, place, said):
    (tmp_path / "aar.yaml").write_text("this is no database, " * 200)
    with pytest.raises(OperationsUnavailable) as error:
        decisions(Operations(place.format(folder=tmp_path)))
    text = str(error.value)
    assert text.startswith("operations in aar.yaml") and said in text
    assert len(text.splitlines()) == 1


def test_no_secret_of_the_url_is_told(tmp_path):
    (tmp_path / "hunter2").mkdir()
    operations = Operations(f"sqlite:///{tmp_path}/hunter2", hidden=["hunter2"])
    with pytest.raises(OperationsUnavailable) as error:
        decisions(operations)
    assert "hunter2" not in str(error.value)


def test_a_database_that_somebody_holds_is_one_line(url, tmp_path, monkeypatch):
    monkeypatch.setattr("aar_platform.operations.store.BUSY_SECONDS", 0.1)
    decide(Operations(url), "same", "person", [(A, B)], None, "x", NOW)
    holder = sqlite3.connect(tmp_path / "deep/folder/operations.db", isolation_level=None)
    holder.execute("begin exclusive")
    with pytest.raises(OperationsUnavailable, match="another process is writing"):
        decide(Operations(url), "same", "person", [(A, C)], None, "x", NOW)
    holder.close()
