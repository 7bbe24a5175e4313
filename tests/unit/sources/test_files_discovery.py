"""Which files a table names, which days they stand for, and what its configuration accepts."""

from datetime import date

import pytest
from pydantic import ValidationError

from aar_platform.sources.files.config import FilesSource, FilesTable, slug
from aar_platform.sources.files.discovery import day_in_name, find_files, is_daily
from aar_platform.sources.files.refusal import FileRefused, NoFilesFound
from aar_platform.sources.registry import source_kinds


def table(path: str, **stated) -> FilesTable:
    return FilesTable(path=path, into="order_lines", **stated)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("2010-12-01.csv", date(2010, 12, 1)),
        ("orders_20101201.csv.gz", date(2010, 12, 1)),
        ("orders-2010_12_01-final.csv", date(2010, 12, 1)),
        ("orders.2010.12.01.csv", date(2010, 12, 1)),
        ("orders_20101201083000.csv", date(2010, 12, 1)),
        ("orders_2010-12-01T0830.csv", date(2010, 12, 1)),
        ("orders.csv", None),
        ("orders_20101301.csv", None),
        ("orders_20100230.csv", None),
        ("invoice_120101201.csv", None),
        ("orders_2010-12-01_2010-12-31.csv", None),
    ],
)
def test_the_day_is_told_by_the_name(name, day):
    assert day_in_name(name) == day


def test_a_folder_of_dated_files_is_daily_and_in_order(tmp_path):
    for name in ("2010-12-02.csv", "2010-12-01.csv", "~$2010-12-03.csv"):
        (tmp_path / "x").mkdir(exist_ok=True)
        (tmp_path / "x" / name).write_text("a,b\n")
    daily = table("x/*.csv")
    files = find_files(daily, tmp_path)
    assert [file.day for file in files] == [date(2010, 12, 1), date(2010, 12, 2)]
    assert files[0].size == 4
    assert is_daily(daily, files)
    single = table("x/2010-12-01.csv")
    assert not is_daily(single, find_files(single, tmp_path))
    (tmp_path / "x" / "extra.csv").write_text("a,b\n")
    assert not is_daily(daily, find_files(daily, tmp_path))
    assert find_files(table(str(tmp_path / "x/*.csv")), tmp_path / "elsewhere")
    assert len(find_files(table("**/*.csv"), tmp_path)) == 3


def test_brackets_in_a_real_name_are_no_wildcard(tmp_path):
    (tmp_path / "orders [1].csv").write_text("a,b\n")
    assert len(find_files(table("orders [1].csv"), tmp_path)) == 1


def test_no_file_is_an_error_that_names_pattern_and_folder(tmp_path):
    with pytest.raises(NoFilesFound, match=r"x/\*\.csv: no file of this name in .*; check"):
        find_files(table("x/*.csv"), tmp_path)


def test_a_dangling_link_is_an_error(tmp_path):
    (tmp_path / "a.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(FileRefused, match=r"a\.csv"):
        find_files(table("*.csv"), tmp_path)


def test_the_files_source_registers_itself():
    assert source_kinds()["files"] is FilesSource


def test_objects_are_named_after_their_table_or_their_file(tmp_path):
    (tmp_path / "orders-2024-01-01.csv").write_text("a,b\n")
    source = FilesSource(
        name="erp",
        tables=[
            {"path": str(tmp_path / "orders-*.csv"), "into": "order_lines", "decimal": ","},
            {"path": "EU People.csv", "into": "contacts"},
            {"path": "us.csv", "into": "contacts"},
            {"path": "x.csv", "into": "contacts", "name": "others"},
        ],
    )
    objects = source.objects()
    assert [o.name for o in objects] == ["order_lines", "eu_people", "us", "others"]
    assert [o.is_daily for o in objects] == [True, False, False, False]
    assert source.core_rows()[0].decimal == ","


@pytest.mark.parametrize(
    ("path", "name"),
    [("exports/Orders-*.csv.gz", "orders"), ("shop/*.csv", "shop"), ("2024/1.csv", "files_1")],
)
def test_a_path_gives_an_identifier(path, name):
    assert slug(path) == name


@pytest.mark.parametrize(
    "wrong",
    [
        {"delimiter": ";;"}, {"encoding": "utf-9"}, {"header": 0}, {"header": True},
        {"decimal": "x"}, {"date_order": "ydm"}, {"quotes": "'"}, {"into": "Order Lines"},
        {"columns": {"currency": "c"}, "constants": {"currency": "EUR"}},
    ],
)  # fmt: skip
def test_a_misspelt_table_is_refused(wrong):
    with pytest.raises(ValidationError):
        FilesTable(**{"path": "a.csv", "into": "orders", **wrong})


def test_two_objects_of_one_name_are_refused():
    with pytest.raises(ValidationError, match="both called orders"):
        FilesSource(
            name="erp",
            tables=[
                {"path": "a/orders.csv", "into": "orders"},
                {"path": "b/orders.csv", "into": "orders"},
            ],
        )
