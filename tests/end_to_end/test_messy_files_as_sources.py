"""Awkward export files fed as sources: every row arrives, or one line says why not."""

from pathlib import Path

import pytest

from aar_platform.landing.store import Landing
from aar_platform.resources.loading import load_raw
from aar_platform.resources.warehouse import Warehouse
from aar_platform.sources.files.config import FilesTable
from aar_platform.sources.files.extract import extract_files
from aar_platform.sources.files.refusal import FileRefused

MESSY = Path(__file__).resolve().parents[3] / "shared" / "data" / "messy_csv"
FILES = sorted(str(path.relative_to(MESSY)) for path in MESSY.rglob("*") if path.is_file())
# Not tables: texts, formats of other kinds, nothing at all, or rows of unlike lengths.
REFUSED = {
    "COPYING", "SOURCE.txt", "bad.csv", "bad_skip_lines.csv", "empty.csv", "testfixed",
    "testfixed_skip_lines", "realdata/census_2000/README.txt",
    "realdata/census_2000/VROUTFSJ.TXt", "realdata/census_2000/usgeo_excerpt.upl",
    "realdata/census_2010/README.txt", "realdata/census_2010/ilgeo2010_excerpt.pl",
}  # fmt: skip

pytestmark = pytest.mark.skipif(not MESSY.is_dir(), reason="the shared messy_csv is absent")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messy")
    warehouse = Warehouse(folder / "warehouse.duckdb")
    yield Landing(folder / "landing"), warehouse
    warehouse.close()


@pytest.mark.parametrize("number", range(len(FILES)), ids=FILES)
def test_every_row_of_a_file_arrives_or_it_is_refused_in_one_line(number, house):
    landing, warehouse = house
    name, table = FILES[number], FilesTable(path=str(MESSY / FILES[number]), into="contacts")
    try:
        landed = extract_files(landing, "messy", f"file_{number}", table, None)
    except FileRefused as refusal:
        assert name in REFUSED
        assert "\n" not in str(refusal)
        assert Path(name).name in str(refusal)
        return
    assert name not in REFUSED
    rows = load_raw(warehouse, landing, "messy", f"file_{number}", is_daily=False)
    stored = warehouse.table(f"raw_messy__file_{number}")
    assert stored.count().execute() == rows == landed.rows
    assert stored.filter(stored.payload.isnull()).count().execute() == 0
    assert load_raw(warehouse, landing, "messy", f"file_{number}", is_daily=False) == 0


def configuration(name, columns="{contact_id: a}"):
    return f"""\
sources:
  - name: messy
    kind: files
    tables:
      - {{path: {MESSY / name}, into: contacts, columns: {columns}}}
reports: []
"""


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("test_utf16_little.csv", [("1", "2", "3"), ("4", "5", "ʤ")]),
        ("test_latin1.csv", [("1", "2", "3"), ("4", "5", "©")]),
    ],
)
def test_a_messy_file_goes_through_the_command_line(name, values, place):
    place.write("aar.yaml", configuration(name))
    answer = place.aar("run", "--select", "key:extract_messy__contacts or key:raw_messy__contacts")
    assert (answer.status, answer.err) == (0, "")
    rows = place.query("select a, b, c from raw_messy__contacts order by _row")
    assert [tuple(row.values()) for row in rows] == values


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("bad.csv", "bad.csv, line 2: 4 fields where the header has 3"),
        ("empty.csv", "empty.csv: is empty"),
        ("SOURCE.txt", "SOURCE.txt: has no delimiter"),
    ],
)
def test_a_file_that_is_no_table_fails_the_run_in_one_line(name, why, place):
    place.write("aar.yaml", configuration(name, columns="{}"))
    answer = place.aar("run", "--select", "key:extract_messy__contacts or key:raw_messy__contacts")
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert why in answer.said
    assert "Traceback" not in answer.said
