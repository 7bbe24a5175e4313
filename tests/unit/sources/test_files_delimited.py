"""Delimited text: cut rightly, headed rightly, every row kept, or refused in one line."""

import csv
import io
import random
from pathlib import Path

import pytest

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.reading import open_file
from aar_platform.sources.files.refusal import FileRefused


def read(tmp_path: Path, content: str | bytes, name: str = "export.csv", **stated):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    reading = open_file(path, FilesTable(path=str(path), into="contacts", **stated))
    rows = [tuple(row.values()) for row in reading.batches.read_all().to_pylist()]
    assert reading.report.rows == len(rows)
    return rows, reading.report


def refusal(tmp_path: Path, content: str | bytes, name: str = "export.csv", **stated) -> str:
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, content, name, **stated)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_and_line_end_are_detected(tmp_path, delimiter, end):
    lines = [["id", "note", "price"], ["1", "a, b; c", "1.50"], ["2", 'say "hi"', "2.75"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(lines)
    rows, report = read(tmp_path, text.getvalue())
    assert rows == [("1", "a, b; c", "1.50"), ("2", 'say "hi"', "2.75")]
    assert report.delimiter == {"\t": "tab"}.get(delimiter, delimiter)
    assert report.header_row == 1


def test_decimal_commas_do_not_pass_for_the_delimiter(tmp_path):
    rows, report = read(tmp_path, "name;price;weight\nA;1,5;2,5\nB;3,5;4,5\n")
    assert (report.delimiter, rows[0]) == (";", ("A", "1,5", "2,5"))
    rows, report = read(tmp_path, "a;b\n1,5;2,5\n3,5;4,5\n")
    assert (report.delimiter, rows[1]) == (";", ("3,5", "4,5"))


def test_commas_in_prose_do_not_pass_for_the_delimiter(tmp_path):
    text = "review\nGood, fast, cheap\nBad\nSlow, but fine\nNever again\n"
    assert read(tmp_path, text)[0][0] == ("Good, fast, cheap",)


def test_what_is_stated_is_obeyed(tmp_path):
    rows, report = read(tmp_path, "x:y\n'1:1':2\n", delimiter=":", quote="'", header=False)
    assert rows == [("x", "y"), ("1:1", "2")]
    assert (report.columns, report.header_row) == (["column_1", "column_2"], None)
    assert read(tmp_path, "t,u\na,b\n1,2\n", header=2)[0] == [("1", "2")]
    assert read(tmp_path, 'a,b\n"x,1\n', quote=False)[0] == [('"x', "1")]


def test_single_quotes_are_detected_and_apostrophes_are_not(tmp_path):
    assert read(tmp_path, "'a','b'\n'1,5','x'\n'2','y'\n")[0][0] == ("1,5", "x")
    assert read(tmp_path, "a,b\nO'Brien,x\nD'Arcy,y\n")[0][0] == ("O'Brien", "x")


def test_inch_marks_in_tab_separated_text_are_kept(tmp_path):
    text = 'sku\tname\tn\n1\t"Nut" M5\t3\n2\t5" disk\t4\n3\t"open\t5\n4\tplain\t6\n'
    rows, _ = read(tmp_path, text, "parts.tsv")
    assert [row[2] for row in rows] == ["3", "4", "5", "6"]
    assert rows[0][1] == '"Nut" M5'


def test_backslash_escapes_are_detected(tmp_path):
    text = 'a,b\n"say \\"hi, you\\" now",1\n"x",2\n'
    assert read(tmp_path, text)[0][0] == ('say "hi, you" now', "1")


def test_quoted_line_ends_and_empty_quotes_are_values(tmp_path):
    rows, _ = read(tmp_path, 'a,b\n"x\ny",""\n"z\r\nw",\n')
    assert rows == [("x\ny", ""), ("z\r\nw", None)]


def test_titles_before_the_header_are_told(tmp_path):
    text = "Sales report,,\n\nExported:,2024-01-01,\nid,name,total\n1,Ada,3\n2,Bob,4\n"
    rows, report = read(tmp_path, text)
    assert rows == [("1", "Ada", "3"), ("2", "Bob", "4")]
    assert report.header_row == 4
    assert "2 lines before the header in line 4 are not rows" in report.notes


def test_the_wanted_columns_tell_the_header(tmp_path):
    text = "from,until,by\nid,name,total\n1,Ada,3\n"
    rows, report = read(tmp_path, text, columns={"contact_id": "id", "full_name": "name"})
    assert (rows, report.header_row) == ([("1", "Ada", "3")], 2)


def test_excels_separator_hint_is_no_row(tmp_path):
    rows, report = read(tmp_path, "sep=;\r\nid;name\r\n1;a,b\r\n")
    assert (rows, report.columns) == ([("1", "a,b")], ["id", "name"])


def test_a_file_of_values_has_no_header(tmp_path):
    rows, report = read(tmp_path, "536365,HEART,2.55,2010-12-01\n536366,LAMP,3.39,2010-12-01\n")
    assert len(rows) == 2
    assert report.columns == ["column_1", "column_2", "column_3", "column_4"]
    assert report.header_row is None


def test_years_beside_text_are_a_header(tmp_path):
    rows, report = read(tmp_path, "Country,2010,2011\nFrance,1,2\nSpain,3,4\n")
    assert report.columns == ["Country", "2010", "2011"]
    assert len(rows) == 2


def test_headers_become_names_a_warehouse_can_hold(tmp_path):
    _, report = read(tmp_path, 'id,ID,id_2,,"""name"""," a\n b "\n1,2,3,4,5,6\n')
    assert report.columns == ["id", "ID_3", "id_2", "column_4", "name", "a b"]
    assert any("ID_3" in note for note in report.notes)


def test_a_header_line_quoted_as_a_whole_is_cut(tmp_path):
    rows, report = read(tmp_path, '"id,""name"",n"\n1,Ada,3\n2,Bob,4\n')
    assert (report.columns, len(rows)) == (["id", "name", "n"], 2)


def test_lines_quoted_as_a_whole_are_cut(tmp_path):
    text = 'id,name,n\n"1,""Lovelace, Ada"",3"\n"2,Bob,4"\n'
    assert read(tmp_path, text)[0] == [("1", "Lovelace, Ada", "3"), ("2", "Bob", "4")]


def test_short_rows_are_filled_in_place(tmp_path):
    rows, report = read(tmp_path, "a,b,c\n1,2,3\n4\n5,6\n7,8,9\n \n10,11,12\n13,14")
    assert rows == [
        ("1", "2", "3"), ("4", None, None), ("5", "6", None), ("7", "8", "9"),
        ("10", "11", "12"), ("13", "14", None),
    ]  # fmt: skip
    assert "3 short rows were filled with nulls" in report.notes


def test_ragged_rows_keep_their_places_in_a_file_of_many_blocks(tmp_path):
    draw = random.Random(7)
    lines, expected = ["id,a,b"], []
    for n in range(400_000):
        width = draw.choices((3, 2, 5), (97, 2, 1))[0]
        lines.append(f"{n},x" + (f",{n % 7}padding" if width >= 3 else "") + ",," * (width == 5))
        expected.append((str(n), "x", f"{n % 7}padding" if width >= 3 else None))
    rows, _ = read(tmp_path, "\n".join(lines))
    assert rows == expected


def test_a_surplus_value_refuses_the_file_by_line(tmp_path):
    text = 'a,b\n1,2\n"x\ny",2\n\n3,4,5\n'
    assert refusal(tmp_path, text).startswith("export.csv, line 6: 3 fields where the header has 2")
    many = "a,b\n" + "1,2\n" * 2_000_000 + "3,secret,5\n" + "1,2\n"
    message = refusal(tmp_path, many)
    assert "line 2000002" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    "text",
    [
        'a,b,c\n"1",2,3\n4,"5,6\n7,8,9\n',
        'a,b,c\n1,2,3\n4,5,"6\n7,8,9\n',
        'a,b,c\n1,2,3\n4,5,"6',
        'a,b,c\n1,2,3\n4,5,"6\n' + "7,8,9\n" * 2_000_000,
    ],
)
def test_a_quote_that_is_never_closed_swallows_no_rows(tmp_path, text):
    assert "line 3: a quote opens here that is never closed" in refusal(tmp_path, text)


def test_an_odd_number_of_plain_quotes_is_fine(tmp_path):
    assert read(tmp_path, 'a,b\nscreen 5",2\nx,3\n')[0] == [('screen 5"', "2"), ("x", "3")]


def test_a_lone_quote_is_a_character_where_nothing_is_quoted(tmp_path):
    rows, report = read(tmp_path, 'a,b,c\n1,2,3\n4,"5,6\n7,8,9\n')
    assert rows == [("1", "2", "3"), ("4", '"5', "6"), ("7", "8", "9")]
    assert "quotes are read as plain characters" in report.notes


def test_null_bytes_are_left_out_and_told(tmp_path):
    rows, report = read(tmp_path, b"a,b\n\x00,2\n3\x00,4\n")
    assert rows == [(None, "2"), ("3", "4")]
    assert "2 NUL characters were left out" in report.notes


def test_a_header_without_rows_is_an_empty_table(tmp_path):
    rows, report = read(tmp_path, "a,b\n")
    assert (rows, report.columns) == ([], ["a", "b"])
    assert "the file has a header and no rows" in report.notes


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(tmp_path, content):
    assert refusal(tmp_path, content) == "export.csv: is empty; export it anew, or remove it"


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        ("\n<!DOCTYPE html><html><body>a,b</body></html>", "export.csv", "is a web page"),
        ("<?xml version='1.0'?><a/>", "export.csv", "is XML"),
        (bytes(range(256)) * 40, "export.csv", "is not a text file"),
        (b"PK\x03\x04" + b"\x00" * 60, "export.csv", "is a zip archive"),
        ("a,b\n1,2\n", "export.dbf", "ends in .dbf; files that are read: csv"),
        ("a,b\n1,2\n", "export", "has no ending"),
        ("a,b\n1,2\n", "export.csv.gz", "is not compressed so"),
        ("a,b\n1,2\n", "export.parquet", "is not a Parquet file"),
        ("Dear all,\nthis is a letter, not a table.\nYours\n", "note.txt", "has no delimiter"),
    ],
)
def test_what_is_no_table_is_refused_in_a_line(tmp_path, content, name, says):
    assert says in refusal(tmp_path, content, name)


def test_a_missing_column_names_the_nearest(tmp_path):
    message = refusal(tmp_path, "CustomerID,Total\n1,2\n", columns={"contact_id": "customer_id"})
    assert "has no column 'customer_id'; the nearest is 'CustomerID'" in message


def test_a_folder_or_a_file_without_rights_is_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileRefused, match=r"folder\.csv: cannot be opened"):
        open_file(tmp_path / "folder.csv", FilesTable(path="x", into="contacts"))
    with pytest.raises(FileRefused, match=r"gone\.csv: cannot be opened"):
        open_file(tmp_path / "gone.csv", FilesTable(path="x", into="contacts"))


def test_every_dialect_gives_what_the_csv_module_gives(tmp_path):
    draw = random.Random(3)
    words = ["a", "b c", "x,y", "p;q", 'say "no"', "é", "", "line\nend", "0.5", "12", "中文"]
    for delimiter in ",;\t|":
        table = [[f"{draw.choice(words)}{n}" for _ in range(5)] for n in range(300)]
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter)
        writer.writerow(["id", "name", "city", "note", "extra"])
        writer.writerows(table)
        rows, _ = read(tmp_path, text.getvalue())
        assert rows == [tuple(row) for row in table]
