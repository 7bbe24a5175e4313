import hashlib
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from aar_platform.delivery.outbox import Label, Outbox, safe_name
from aar_platform.tables import catalogue

ADA = Label(
    template="portfolio", period_start=date(2024, 7, 1), role="executive",
    recipient="Ada@Example.com", data_as_of=date(2024, 7, 31), stale_sources=("desk", "shop"),
)  # fmt: skip


def test_a_report_lies_under_its_month_template_and_reader(tmp_path: Path) -> None:
    rows = Outbox(tmp_path).write(ADA, {"html": b"<p>", "pdf": b"%PDF"})
    paths = [row["path"] for row in rows]
    assert paths == [
        "2024-07/portfolio/ada@example.com.html",
        "2024-07/portfolio/ada@example.com.pdf",
    ]
    assert (tmp_path / paths[1]).read_bytes() == b"%PDF"


def test_an_account_lies_under_its_customer_id(tmp_path: Path) -> None:
    label = Label("account_activity", date(2024, 7, 1), "engineer", account="c00001")
    assert str(Outbox(tmp_path).path(label, "pdf")) == "2024-07/account_activity/c00001.pdf"


def test_rows_are_rows_of_report_files(tmp_path: Path) -> None:
    row = Outbox(tmp_path).write(ADA, {"html": b"x"})[0]
    assert list(row) == catalogue.column_names("report_files")
    assert row["sha256"] == hashlib.sha256(b"x").hexdigest()
    assert row["stale_sources"] == "desk,shop"
    assert row["rendered_at"].tzinfo is None


def test_the_same_bytes_leave_the_file_and_its_time_as_they_were(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    first = outbox.write(ADA, {"html": b"x"})[0]
    target = tmp_path / first["path"]
    os.utime(target, (1_000_000_000, 1_000_000_000))
    again = outbox.write(ADA, {"html": b"x"})[0]
    assert again["rendered_at"].year == 2001
    changed = outbox.write(ADA, {"html": b"y"})[0]
    assert changed["rendered_at"].year > 2001
    assert target.read_bytes() == b"y"


def test_a_failed_write_leaves_the_old_report_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = Outbox(tmp_path)
    target = tmp_path / outbox.write(ADA, {"html": b"old"})[0]["path"]

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        outbox.write(ADA, {"html": b"new"})
    assert target.read_bytes() == b"old"


def test_what_a_killed_run_left_behind_is_written_over(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    target = tmp_path / outbox.path(ADA, "html")
    target.parent.mkdir(parents=True)
    (target.parent / f".{target.name}.part").write_bytes(b"half of")
    outbox.write(ADA, {"html": b"whole"})
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "a/b", "a\\b", ".hidden", "x\0y", "..", "a:b", ""]
)
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    label = replace(ADA, recipient=None, account=name)
    path = (tmp_path / Outbox(tmp_path).path(label, "pdf")).resolve()
    assert path.parent == tmp_path / "2024-07" / "portfolio"
    assert not path.name.startswith(".")


def test_different_names_stay_different_files() -> None:
    names = ["a/b", "a_b", "a:b", "客" * 80, "客" * 81]
    assert len({safe_name(name) for name in names}) == len(names)
    assert all(len(safe_name(name).encode()) < 230 for name in names)
