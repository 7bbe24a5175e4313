"""Real and awkward export files: each is read rightly or refused in one clear line."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.reading import open_file
from aar_platform.sources.files.refusal import FileRefused

DATA = Path(__file__).resolve().parents[3] / "../shared/data"
MESSY = DATA / "messy_csv"
pytestmark = pytest.mark.skipif(not MESSY.is_dir(), reason="the folder shared/data is absent")

ABC, ONE = ["a", "b", "c"], [("1", "2", "3")]
N3 = ["column_1", "column_2", "column_3"]
IDS = ["id", "name", "age"]

# file → columns and rows, in full
WHOLE: dict[str, tuple[list[str], list[tuple]]] = {
    "blanks.csv": (list("abcdef"), [(None, "NA", "N/A", "NONE", "NULL", ".")]),
    "blanks_converted.csv": (list("abcdef"), [(None,) * 6]),
    "date_like_number.csv": (["a"], [("4.5",)]),
    "dummy.csv": (ABC, ONE),
    "dummy.csv.bz2": (ABC, ONE),
    "dummy.csv.gz": (ABC, ONE),
    "dummy.tsv": (ABC, ONE),
    "dummy.xls": (ABC, [(1, 2, 3)]),
    "dummy.xlsx": (ABC, [(1, 2, 3)]),
    "dummy2.csv": (ABC, ONE),
    "dummy3.csv": (ABC, [*ONE, ("1", "4", "5")]),
    "dummy_col_shuffled.csv": (["b", "c", "a"], [("2", "3", "1")]),
    "dummy_col_shuffled_ragged.csv": (["b", "c", "a", "d"], [("2", "3", "1", "4")]),
    "foo1.csv": (IDS, [("1", "Jake", "22"), ("2", "Howard", "21")]),
    "foo2.csv": (IDS, [("3", "Liz", "20"), ("4", "Tim", "21")]),
    "join_a.csv": (ABC, [("1", "b", "c"), ("2", "b", "c"), ("3", "b", "c")]),
    "join_a_short.csv": (ABC, [("1", "b", None), ("2", None, None), ("3", "b", "c")]),
    "join_b.csv": (ABC, [("1", "b", "c"), ("1", "b", "c"), ("4", "b", "c")]),
    "join_no_header_row.csv": (list("def"), [("1", "b", "c"), ("1", "b", "c"), ("4", "b", "c")]),
    "join_short.csv": (["a", "b", "c", "b2", "c2"], [("1", "b", None, "b", "c")] * 2),
    "mac_newlines.csv": (ABC, [*ONE, ("Once upon\ra time", "5", "6")]),
    "no_header_row.csv": (N3, ONE),
    "no_header_row2.csv": (N3, [("4", "5", "6")]),
    "no_header_row3.csv": (N3, [*ONE, ("4", "5", "6")]),
    "null_byte.csv": (ABC, [(None, "2", "3")]),
    "optional_quote_characters.csv": (ABC, ONE),
    "sniff_limit.csv": (ABC, ONE),
    "sort_ints_nulls.csv": (ABC, [*ONE, ("4", None, "6"), ("5", "1", "7")]),
    "test_date_format.csv": (["a"], [("02/01/2014",), ("31/12/2012",)]),
    "test_date_format_converted.csv": (["a"], [("2014-01-02",), ("2012-12-31",)]),
    "test_empty_columns.csv": (
        [*ABC, "column_4", "column_5"],
        [("a", *[None] * 4), (None, None, "c", None, None), (None,) * 5],
    ),
    "test_empty_columns_long_row.csv": (ABC, [(None,) * 3]),
    "test_empty_columns_short_row.csv": (ABC, [(None,) * 3]),
    "test_extra_header.csv": (list("abcd"), [("1", "2", "3", None)]),
    "test_header_newline.csv": (["start end", "b", "c"], [("d", "e", "f")]),
    "test_join_short_rows.csv": (ABC, [("1", "cat", None), ("dog", "c", None), ("3", "b", "c")]),
    "test_latin1.csv": (ABC, [*ONE, ("4", "5", "©")]),
    "test_literal_order.csv": (["a", "b"], [("192", "1"), ("27", "2"), ("3", "3")]),
    "test_locale.csv": (ABC, [("1,7", "200.000.000", None)]),
    "test_locale_converted.csv": (ABC, [("1.7", "200000000", None)]),
    "test_no_leading_zeroes.csv": (ABC, [("01", "00.11", "0.1")]),
    "test_numeric_date_format.csv": (["a"], [("20140102",), ("20121231",)]),
    "test_precision.csv": (["a"], [("1.234567",)]),
    "test_skip_lines.csv": (ABC, ONE),
    "test_utf16_big.csv": (ABC, [*ONE, ("4", "5", "ʤ")]),
    "test_utf16_little.csv": (ABC, [*ONE, ("4", "5", "ʤ")]),
    "test_utf8.csv": (["foo", "bar", "baz"], [*ONE, ("4", "5", "ʤ")]),
    "test_utf8_bom.csv": (["foo", "bar", "baz"], [*ONE, ("4", "5", "ʤ")]),
    "testjson_multiline.json": (["a", "b", "d"], [(2, 3, None), (None, 2, 4)]),
    "testjson_multiline_converted.csv": (["a", "b", "d"], [("2", "3", None), (None, "2", "4")]),
    "testxls_unicode_converted.csv": (ABC, [("1.0", "2.0", "3.0")]),
    "testxlsx_unicode_converted.csv": (ABC, [("1", "2", "3")]),
}

# file → number of rows and of columns, line of the header, and some values (row, column, value)
LARGE: dict[str, tuple[int, int, int | None, list[tuple[int, str, object]]]] = {
    "iris.csv": (150, 5, 1, [(149, "species", "Iris-virginica")]),
    "irismeta.csv": (3, 3, 1, [(2, "wikipedia_url", None)]),
    "realdata/Datagov_FY10_EDU_recp_by_State.csv": (
        55, 9, 3, [(0, "State Name", "ALABAMA"), (0, "State Abbreviate", "AL")],
    ),
    "realdata/FY09_EDU_Recipients_by_State.csv": (
        53, 10, 1, [(0, "Montgomery GI Bill-Active Duty", "6,718"), (0, "column_10", None)],
    ),
    "realdata/README.csv": (3, 4, 1, [(1, "retrieval_date", "2011-04-17")]),
    "realdata/acs2012_5yr_population.csv": (93, 4, 1, [(0, "name", "Adams County, NE")]),
    "realdata/census_2000/census2000_geo_schema.csv": (83, 3, 1, [(0, "column", "FILEID")]),
    "realdata/census_2000/determination.csv": (1555, 21, 1, [(0, "POP", "281421905")]),
    "realdata/census_2000/determination_schema.csv": (21, 6, 1, [(1, "column", "STATE")]),
    "realdata/census_2010/census2010_geo_schema.csv": (101, 3, 1, [(2, "length", "3")]),
    "realdata/census_2010/ilgeo2010_excerpt.csv": (1000, 101, 1, [(0, "NAME", "Illinois")]),
    "realdata/event-notification-rpt-lastmonth.txt": (72, 72, 1, [(0, "En No", "46521")]),
    "realdata/ks_1033_data.csv": (1575, 14, 1, [(0, "item_name", "RIFLE,5.56 MILLIMETER")]),
    "realdata/ne_1033_data.xlsx": (
        1036, 14, 1, [(0, "fips", 31001), (0, "ship_date", date(2008, 7, 11))],
    ),
    "sheetsxls_converted.csv": (5, 9, 1, [(4, "text", "Unicode! Σ")]),
    "sheetsxlsx_converted.csv": (5, 9, 1, [(4, "text", "Unicode! Σ")]),
    "test_geo.csv": (17, 12, 1, [(0, "slug", "dcl"), (0, "longitude", "-95.30181")]),
    "test_geojson.csv": (3, 7, 1, [(2, "prop1", '{"this": "that"}')]),
    "test_geojson.json": (3, 3, None, [(0, "properties", '{"prop0":"value0"}')]),
    "test_ignore_case.csv": (5, 3, 1, [(1, "c", "A")]),
    "testdbf_converted.csv": (8, 12, 1, [(0, "STATEFP10", "27")]),
    "testfixed_converted.csv": (4, 8, 1, [(3, "text", "Row with blanks")]),
    "testfixed_schema.csv": (8, 3, 1, [(7, "length", "2")]),
    "testfixed_schema_no_inference.csv": (3, 3, 1, [(2, "start", "10")]),
    "testjson.json": (5, 7, None, [(4, "text", "Unicode! Σ"), (1, "float", "1.27")]),
    "testjson_converted.csv": (5, 7, 1, [(3, "float", None)]),
    "testjson_nested.json": (2, 5, None, [(0, "boolean", True)]),
    "testjson_nested_converted.csv": (2, 7, 1, [(0, "nested/time", "4:14:00")]),
    "testxls_converted.csv": (5, 8, 1, [(0, "integer", "40.0")]),
    "testxlsx_converted.csv": (5, 8, 1, [(0, "integer", "40")]),
    "testxlsx_noinference_converted.csv": (5, 8, 1, [(0, "integer", "40")]),
}  # fmt: skip

for name, line in (("test", 1), ("test_skip_lines", 4), ("sheets", 1)):
    for ending in ("xls", "xlsx"):
        LARGE[f"{name}.{ending}"] = (5, 8, line, [
            (1, "float", 1.27), (0, "boolean", True), (2, "integer", 164),
            (0, "date", date(1971, 1, 1)), (1, "datetime", datetime(1948, 1, 1, 14, 57, 13)),
            (1, "column_8", "Extra data beyond headers will be trimmed"),
            (3, "text", "This row has blanks"), (4, "text", "Unicode! Σ"),
        ])  # fmt: skip

NO_TABLE = "has no delimiter that its lines agree on"
REFUSED = {
    "COPYING": "has no ending that tells its format",
    "SOURCE.txt": NO_TABLE,
    "bad.csv": "bad.csv, line 2: 4 fields where the header has 3",
    "bad_skip_lines.csv": "bad_skip_lines.csv, line 5: 4 fields where the header has 3",
    "empty.csv": "empty.csv: is empty",
    "realdata/census_2000/README.txt": NO_TABLE,
    "realdata/census_2000/VROUTFSJ.TXt": NO_TABLE,
    "realdata/census_2000/usgeo_excerpt.upl": "ends in .upl; files that are read: csv",
    "realdata/census_2010/README.txt": NO_TABLE,
    "realdata/census_2010/ilgeo2010_excerpt.pl": "ends in .pl; files that are read: csv",
    "testfixed": "has no ending that tells its format",
    "testfixed_skip_lines": "has no ending that tells its format",
}


def read(path: Path):
    reading = open_file(path, FilesTable(path=str(path), into="contacts"))
    table = reading.batches.read_all()
    assert reading.report.rows == table.num_rows
    return table.to_pylist(), reading.report


def test_every_messy_file_is_judged():
    present = {str(path.relative_to(MESSY)) for path in MESSY.rglob("*") if path.is_file()}
    assert present == {*WHOLE, *LARGE, *REFUSED}


@pytest.mark.parametrize("name", WHOLE)
def test_a_small_messy_file_is_read_whole(name):
    rows, report = read(MESSY / name)
    columns, expected = WHOLE[name]
    assert (report.columns, [tuple(row.values()) for row in rows]) == (columns, expected)


@pytest.mark.parametrize("name", LARGE)
def test_a_larger_messy_file_has_all_rows_and_the_right_values(name):
    rows, report = read(MESSY / name)
    count, width, header, values = LARGE[name]
    assert (len(rows), len(report.columns), report.header_row) == (count, width, header)
    for row, column, value in values:
        assert rows[row][column] == value


@pytest.mark.parametrize("name", REFUSED)
def test_a_messy_file_that_is_no_table_is_refused_in_one_line(name):
    with pytest.raises(FileRefused) as refused:
        read(MESSY / name)
    assert REFUSED[name] in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "folder",
    ["zh_reviews", "ravenstack_saas", "marketing_campaign", "telco_churn",
     "crm_sales_opportunities", "cdnow_sample", "febrl", "splink_fake_1000"],
)  # fmt: skip
def test_no_row_of_a_real_export_vanishes(folder):
    files = sorted((DATA / folder).glob("*.csv"))
    assert files
    for path in files:
        rows, report = read(path)
        delimiter = {"tab": "\t", None: "\x1f"}.get(report.delimiter, report.delimiter)
        with path.open(encoding=report.encoding, newline="") as lines:
            expected = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        header = report.header_row or 0
        assert len(rows) == len(expected) - header, path.name
        got = [[value or "" for value in row.values()] for row in rows]
        assert got == expected[header:], path.name


def test_the_daily_exports_hold_all_their_lines():
    files = sorted((DATA / "online_retail_daily").glob("*.csv"))
    assert sum(len(read(path)[0]) for path in files) == 320_705
