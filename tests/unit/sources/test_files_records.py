"""JSON, Parquet and workbooks keep their own types; nested values become JSON text."""

import bz2
import gzip
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet as pq

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.reading import open_file
from aar_platform.sources.files.refusal import FileRefused

RECORDS = [
    {"id": 1, "name": "张伟", "total": 1.5, "is_new": True, "lines": [{"sku": "A", "n": 2}]},
    {"id": 2, "name": "Zoë", "total": 2, "is_new": None, "note": "a\nb"},
]
EXPECTED = [
    {"id": 1, "name": "张伟", "total": 1.5, "is_new": True, "lines": '[{"sku":"A","n":2}]'},
    {"id": 2, "name": "Zoë", "total": 2.0, "is_new": None, "lines": None},
]


def read(path: Path, **stated):
    reading = open_file(path, FilesTable(path=str(path), into="contacts", **stated))
    table = reading.batches.read_all()
    assert reading.report.rows == table.num_rows
    return table.to_pylist(), reading.report


def lines(records) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", lines(RECORDS).encode()),
        ("a.ndjson", ("\n" + lines(RECORDS).replace("\n", "\n\n")).encode()),
        ("a.json", lines(RECORDS).encode()),
        ("a.json", json.dumps(RECORDS).encode()),
        ("a.json", json.dumps(RECORDS, indent=2, ensure_ascii=False).encode()),
        ("a.json", json.dumps({"page": 1, "data": RECORDS}).encode()),
        ("a.json", json.dumps(RECORDS, ensure_ascii=False).encode("utf-16")),
        ("a.json", b"\xef\xbb\xbf" + json.dumps(RECORDS).encode()),
        ("a.jsonl", b"\xef\xbb\xbf" + lines(RECORDS).encode()),
        ("a.jsonl", lines(RECORDS * 40).encode("gb18030")),
        ("a.json.gz", gzip.compress(json.dumps(RECORDS).encode())),
        ("a.jsonl.gz", gzip.compress(lines(RECORDS).encode())),
        ("a.jsonl.bz2", bz2.compress(lines(RECORDS).encode())),
        ("[a] *.jsonl", lines(RECORDS).encode()),
        ("it's.jsonl", lines(RECORDS).encode()),
    ],
)
def test_records_are_read_in_every_shape_of_json(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    rows, report = read(path)
    assert [{key: row[key] for key in EXPECTED[0]} for row in rows[:2]] == EXPECTED
    assert set(report.columns) == {*EXPECTED[0], "note"}
    assert report.encoding


def test_a_single_object_is_one_record(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"id": 1,\n "tags": ["x", "y"]}')
    assert read(path)[0] == [{"id": 1, "tags": '["x","y"]'}]


def test_awkward_keys_and_large_numbers_survive(tmp_path):
    path = tmp_path / "a.jsonl"
    record = {"a/b": 1, "a~b": 2, "a.b": 3, "it's": 4, "Id": 5, "id": 6, "$x": 7, "é": 8, "": 9}
    path.write_text(lines([record, {"big": 12345678901234567890, "mixed": 1}, {"mixed": "x"}]))
    rows, report = read(path)
    assert list(rows[0].values())[:9] == list(range(1, 10))
    assert report.columns[4:6] == ["Id", "id_2"]
    assert rows[1]["big"] == "12345678901234567890"
    assert [row["mixed"] for row in rows] == [None, "1", "x"]


def test_a_list_without_records_is_an_empty_table(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[]")
    rows, report = read(path, columns={"contact_id": "id"})
    assert (rows, report.columns) == ([], ["id"])
    assert "the file has no records" in report.notes


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.jsonl", '{"a":1}\n\n{"a":2}\n{"a": x}\n', "line 4: is cut short or is not valid JSON"),
        ("a.json", '[{"a":1},\n{"a":2}', "line 2: is cut short"),
        ("a.json", '{"a":1}\n{"a":', "line 2: is cut short"),
        ("a.json", "[1, 2]", "holds ubigint values where records are expected"),
        ("a.json", "<html></html>", "is not JSON records"),
        ("a.json", '{"x": [{"a":1}], "y": [{"b":1}]}', "several lists of records ('x', 'y')"),
        ("a.jsonl", "", "is empty"),
        ("a.jsonl", '{"id":1}\n', "has no column 'email'"),
    ],
)
def test_what_is_no_list_of_records_is_refused_in_a_line(tmp_path, name, content, says):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(FileRefused) as refused:
        read(path, columns={"email": "email"} if "email" in says else {})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("packed", [False, True])
def test_parquet_keeps_its_types(tmp_path, packed):
    path = tmp_path / ("a.parquet.gz" if packed else "a.parquet")
    table = pa.table(
        {
            "id": [1, 2],
            "price": [Decimal("1.50"), None],
            "at": [datetime(2024, 1, 2, 3), None],
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "tags": [["a"], None],
            "ID": ["p", "q"],
        }
    )
    pq.write_table(table, tmp_path / "plain.parquet")
    content = (tmp_path / "plain.parquet").read_bytes()
    path.write_bytes(gzip.compress(content) if packed else content)
    rows, report = read(path)
    assert rows[0] == {
        "id": 1, "price": Decimal("1.50"), "at": datetime(2024, 1, 2, 3), "kind": "x",
        "tags": '["a"]', "ID_2": "p",
    }  # fmt: skip
    assert rows[1]["tags"] is None
    assert "1 nested columns are kept as JSON text" in report.notes


@pytest.mark.parametrize("damage", [lambda b: b[:-8], lambda b: b[:200] + b"\xff" * 400 + b[600:]])
def test_a_damaged_parquet_file_is_refused(tmp_path, damage):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": list(range(1000))}), path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FileRefused, match="damaged, cut or encrypted Parquet"):
        read(path)


def workbook(path: Path) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("cover").write_row(0, 0, ["Sales of Northwind"])
        sheet = book.add_worksheet("data")
        bold = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Export of 2024"])
        sheet.write_row(2, 0, ["id", "name", "price", "on", "mixed", "name"])
        for row, values in enumerate([(1, "张伟", 1.5), (2, "Zoë", 2)], start=3):
            sheet.write_row(row, 0, values)
            sheet.write_datetime(row, 3, datetime(2024, 1, row), bold)
            sheet.write(row, 4, [7, "x7"][row - 3])
        sheet.write_row(6, 0, [3, "Bob", 3])
    return path


def test_a_workbook_gives_typed_rows_of_the_sheet_with_the_wanted_columns(tmp_path):
    path = workbook(tmp_path / "a.xlsx")
    rows, report = read(path, columns={"contact_id": "id", "full_name": "name"})
    assert rows[0] == {
        "id": 1, "name": "张伟", "price": 1.5, "on": date(2024, 1, 3), "mixed": "7", "name_2": None,
    }  # fmt: skip
    assert [row["id"] for row in rows] == [1, 2, 3]
    assert all(type(row["id"]) is int and type(row["price"]) is float for row in rows)
    assert (report.sheet, report.header_row) == ("data", 3)
    assert "sheet 'data' was read; not read: 'cover'" in report.notes
    assert "1 empty rows were left out" in report.notes


def test_a_stated_sheet_and_header_are_obeyed(tmp_path):
    path = workbook(tmp_path / "a.xlsx")
    assert len(read(path, sheet="data", header=3)[0]) == 3
    assert len(read(path, sheet=2)[0]) == 3
    assert read(path, sheet=1, header=False)[0] == [{"column_1": "Sales of Northwind"}]
    with pytest.raises(FileRefused, match="has no sheet 'x'; its sheets are 'cover', 'data'"):
        read(path, sheet="x")


def test_a_packed_or_misnamed_workbook_is_read(tmp_path):
    content = workbook(tmp_path / "a.xlsx").read_bytes()
    (tmp_path / "b.xlsx.gz").write_bytes(gzip.compress(content))
    (tmp_path / "c.csv").write_bytes(content)
    (tmp_path / "d.xls").write_text("id\tname\n1\tAda\n")
    wanted = {"contact_id": "id"}
    assert len(read(tmp_path / "b.xlsx.gz", columns=wanted)[0]) == 3
    assert len(read(tmp_path / "c.csv", columns=wanted)[0]) == 3
    assert read(tmp_path / "d.xls", columns=wanted)[0] == [{"id": "1", "name": "Ada"}]


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_a_damaged_or_empty_workbook_is_refused_in_a_line(tmp_path, name):
    path = tmp_path / name
    whole = workbook(tmp_path / "whole.xlsx").read_bytes()
    for content in (whole[: len(whole) // 2], b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600):
        path.write_bytes(content)
        with pytest.raises(FileRefused, match=r"is not a workbook, or is damaged; save it anew"):
            read(path)


def test_a_workbook_without_cells_is_refused(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet()
    with pytest.raises(FileRefused, match="has no sheet with cells"):
        read(tmp_path / "a.xlsx")


def test_ids_with_more_digits_than_a_workbook_holds_are_refused_where_they_are_used(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "name"])
        for row in range(1, 4):
            sheet.write_row(row, 0, [12_345_678_901_234_560 + row, "x"])
    with pytest.raises(FileRefused, match="column 'id' holds numbers of more than 15 digits"):
        read(path, columns={"contact_id": "id"})
    assert len(read(path, columns={"full_name": "name"})[0]) == 3
