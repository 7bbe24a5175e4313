"""With a key nothing of a customer can be read from disk, and a wrong key is one line."""

import re
import threading

import duckdb
import pyarrow
import pytest

from aar_platform.landing.store import Arrival, Landing, LandingKeyWrong

KEY = "correct horse battery staple"
KEYED = 'warehouse: {url: duckdb://data/warehouse.duckdb, encryption_key: "${AAR_KEY}"}\n'
COMMANDS = [("query", "select 1"), ("run",), ("check",), ("report", "portfolio")]
WORDS = [
    word.encode(encoding)
    for word in ("zebra", "Zebra", "ZEBRA")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
]


def readable(folder):
    """Files in which a customer's name or address can be read."""
    found = set()
    for path in folder.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:
            continue  # gone since it was listed
        if any(word in content for word in WORDS):
            found.add(path.relative_to(folder).as_posix())
    return found


class Watch(threading.Thread):
    """Looks through a folder again and again until told to stop."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.found, self.seen, self.rounds = folder, set(), set(), 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.1):
            self.found |= readable(self.folder)
            self.seen |= {path.name for path in self.folder.rglob("*") if path.is_file()}
            self.rounds += 1

    def __exit__(self, *_):
        self.done.set()
        self.join()

    def __enter__(self):
        self.start()
        return self


@pytest.fixture(scope="module")
def keyed(once, small_shop):
    """The small shop with a key, run in a process of its own while its files are searched."""

    def build(place):
        (place.folder / "data/tmp").mkdir(parents=True)
        place.write("aar.yaml", KEYED + small_shop.config.read_text())
        for path in (small_shop.folder / "exports").iterdir():
            place.write(f"exports/{path.name}", path.read_text())
        with Watch(place.folder / "data") as watch:
            run = place.start("run", AAR_KEY=KEY, TMPDIR=str(place.folder / "data/tmp"))
            said = run.communicate()
        assert run.returncode == 0, said
        assert watch.rounds > 20
        place.write("found.txt", "\n".join(sorted(watch.found)))
        place.write("seen.txt", "\n".join(sorted(watch.seen)))

    return once("keyed", build)


def _arrival():
    rows = pyarrow.RecordBatchReader.from_batches(pyarrow.schema([("id", pyarrow.string())]), [])
    return Arrival("new.csv", "f", lambda: (rows, dict))


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("AAR_KEY", KEY)


def test_without_a_key_customers_can_be_read_from_the_warehouse(small_shop):
    assert "warehouse.duckdb" in readable(small_shop.folder / "data"), (
        "else this file shows nothing"
    )


def test_no_byte_of_a_customer_can_be_read_during_a_run_nor_after(keyed):
    assert (keyed.folder / "found.txt").read_text() == ""
    assert readable(keyed.folder / "data") == set()
    seen = (keyed.folder / "seen.txt").read_text()
    assert "warehouse.duckdb" in seen
    assert ".parquet" in seen
    assert ".wal" in seen


def test_the_landing_cannot_be_opened_without_the_key(keyed):
    files = list((keyed.folder / "data/landing").rglob("*.parquet"))
    assert len(files) == 10, "nine files and the proof of the key"
    for path in files:
        with pytest.raises(duckdb.Error, match=r"(?i)encrypt"):
            duckdb.sql(f"select * from read_parquet('{path}')").fetchall()


def test_with_the_key_every_table_is_as_without_encryption(keyed, small_shop, key):
    one, other = (place.tables(with_times=False) for place in (keyed, small_shop))
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []


def test_what_does_not_fit_in_memory_is_spilled_unreadable(place, key):
    place.write("aar.yaml", KEYED)
    spill = place.folder / "data/spill"
    with place.warehouse(read_only=False) as opened:
        opened.backend.raw_sql("set memory_limit = '60MB'")
        opened.backend.raw_sql("set threads = 1")
        with Watch(place.folder / "data") as watch:
            opened.backend.raw_sql(
                "create table people as select 'Person' || i || '.Zebra@example.org' as email, "
                "md5(i::varchar) as code from range(1500000) t(i) order by code"
            )
        assert opened.backend.raw_sql("select count(*) from people").fetchone() == (1_500_000,)
    assert watch.found == set()
    assert any("duckdb_temp" in name for name in watch.seen), f"nothing was spilled into {spill}"


@pytest.mark.parametrize(
    "command", [("query", "select 1"), ("run",), ("check",), ("report", "portfolio")]
)
def test_a_wrong_key_is_one_clear_line(keyed, tmp_path, command, monkeypatch):
    copy = keyed.copy(tmp_path / "copy")
    monkeypatch.setenv("AAR_KEY", "wrong")
    answer = copy.aar(*command)
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert "the encryption key is wrong" in answer.said
    assert KEY not in answer.said


@pytest.mark.parametrize(
    "command", [("query", "select 1"), ("run",), ("check",), ("report", "portfolio")]
)
def test_a_missing_key_is_one_clear_line(keyed, tmp_path, command):
    answer = keyed.copy(tmp_path / "copy").aar(*command)
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert re.search(r"secret AAR_KEY is not set", answer.said)


def test_a_run_with_a_wrong_key_and_a_new_file_spoils_nothing(keyed, tmp_path, monkeypatch):
    copy = keyed.copy(tmp_path / "copy")
    copy.write(
        "exports/orders-2024-04-03.csv",
        (copy.folder / "exports/orders-2024-04-02.csv").read_text(),
    )
    monkeypatch.setenv("AAR_KEY", "wrong")
    answer = copy.aar("run")
    assert answer.status == 1
    assert len(answer.lines) == 1, answer.said
    assert "key" in answer.said
    # What the UI starts lands before it opens the warehouse.
    landing = Landing(copy.folder / "data/landing", "wrong")
    with pytest.raises(LandingKeyWrong, match="begun with another key"):
        landing.land("shop", "order_lines", "2024-04-03", [_arrival()])
    assert not list((copy.folder / "data/landing/shop/order_lines/2024-04-03").glob("*"))
    monkeypatch.setenv("AAR_KEY", KEY)
    orders = "key:extract_shop__order_lines or key:raw_shop__order_lines"
    assert copy.aar("run", "--select", orders).err == ""
    found = copy.query(
        "select count(*) as n from raw_shop__order_lines where partition_key = '2024-04-03'"
    )
    assert found == [{"n": 9}]


def test_an_unencrypted_warehouse_and_a_key_are_one_clear_line(shop, key):
    shop.config.write_text(KEYED + shop.config.read_text())
    answer = shop.aar("query", "select 1")
    assert (answer.status, len(answer.lines)) == (1, 1)
    assert "made without a key" in answer.said
