"""Databases that are asked with SQL: types, windows of what changed, unchanged answers."""

import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aar_platform.landing.store import Landing
from aar_platform.sources.sql.answer import BATCH
from aar_platform.sources.sql.config import SqlSource
from tests.sources.pulling import CALENDAR, Puller, core_tables
from tests.sources.shop_database import CHANGED, PEOPLE, Shop, ago, day_of


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path, Landing(tmp_path / "landing"))
    made.execute("create table people (id integer primary key, name text, at)")
    return made


# Types


def test_columns_land_with_the_types_of_the_database(shop):
    shop.execute(
        "create table kinds (id integer, name text, price real, photo blob, gone text);"
        "insert into kinds values (1, 'Žofie', 1.5, x'0aff', null), (2, '王伟', 2, null, null)"
    )
    shop.pull(table="kinds")
    (_, file), = shop.files()  # fmt: skip
    assert file.columns == {
        "id": "int64", "name": "string", "price": "double", "photo": "string", "gone": "null",
    }  # fmt: skip
    assert [row["photo"] for row in shop.landed()] == ["0aff", None]


def test_rows_stream_in_batches_and_a_later_kind_of_value_widens_its_column(shop):
    rows = [(i, f"n{i}", i if i <= BATCH else i + 0.5) for i in range(1, 2 * BATCH + 6)]
    rows[-1] = (2 * BATCH + 5, 12, "unknown")
    shop.execute("insert into people values (?, ?, ?)", rows)
    assert shop.pull(**PEOPLE).rows == 2 * BATCH + 5
    landed = shop.landed()
    assert [row["_row"] for row in landed] == list(range(1, 2 * BATCH + 6))
    assert [landed[0]["at"], landed[BATCH]["at"], landed[-1]["at"]] == ["1", "20001.5", "unknown"]
    assert landed[-1]["name"] == "12"


def test_numbers_too_large_for_their_type_are_kept_to_the_last_digit():
    from aar_platform.sources.sql.answer import _Answer, _OtherKinds, _type_of

    answer = object.__new__(_Answer)
    answer.kinds = {"amount": {"decimal"}}
    kind = _type_of({"decimal"})
    assert answer._array("amount", kind, (Decimal("1.10"), None)).to_pylist()[0] == Decimal("1.1")
    with pytest.raises(_OtherKinds) as other:
        answer._array("amount", kind, (Decimal("12345678901234567890123456789012345.123"),))
    assert str(_type_of({"decimal"} | other.value.kinds)) == "string"


def test_whole_numbers_beyond_53_bits_are_not_rounded_by_a_fraction_among_them(shop):
    shop.pull(query=f"select 1 as id, 'a' as name, {2**62 + 1} as n union all select 2, 'b', 0.5")
    assert [row["n"] for row in shop.landed()] == [str(2**62 + 1), "0.5"]


# Whole answers


def test_an_answer_that_is_the_same_in_another_order_does_not_count_as_changed(shop):
    shop.execute("insert into people values (1, 'a', null), (2, 'b', null), (3, 'b', null)")
    assert shop.pull(query="select * from people order by id").changed == 1
    before = shop.files()
    again = shop.pull(query="select * from people order by id desc")
    assert (again.rows, again.changed) == (3, 0)
    assert [file.extracted_at for _, file in shop.files()] == [
        file.extracted_at for _, file in before
    ]
    shop.execute("update people set name = 'c' where id = 3")
    assert shop.pull(query="select * from people").changed == 1


def test_equal_rows_count_as_often_as_they_are_there(shop):
    shop.pull(query="select 1 as id, 'a' as name union all select 1, 'a'")
    twice = "select 2 as id, 'b' as name union all select 2, 'b'"
    assert shop.pull(query=twice).changed == 1


def test_a_table_that_is_empty_lands_with_its_columns(shop):
    assert shop.pull(**PEOPLE).rows == 0
    assert list(shop.files()[0][1].columns) == ["id", "name", "at"]


def test_colons_and_percent_signs_of_a_query_are_its_own(shop):
    query = "select 1 as id, 'at :noon, 50%' as name, '{\"a\":1}' as t; -- ready"
    shop.pull(query=query.replace("; -- ready", " -- ready"))
    assert shop.landed()[0]["name"] == "at :noon, 50%"
    shop.pull(query="select 1 as id, 'x' as name;")


# What changed


def test_the_first_pull_takes_everything_into_the_partition_of_today(shop):
    shop.execute(
        "insert into people values (?, ?, ?)",
        [(i, f"n{i}", ago(400 - i)) for i in range(300)] + [(999, "never", None)],
    )
    pulled = shop.pull(**CHANGED)
    assert (pulled.rows, pulled.changed) == (301, 1)
    assert shop.keys() == [str(CALENDAR.today())]


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%s"]
)
def test_the_next_pull_takes_what_changed_since(shop, form):
    def at(days):
        text = ago(days, form)
        return int((datetime.now(UTC) - timedelta(days=days)).timestamp()) if form == "%s" else text

    shop.execute(
        "insert into people values (?, ?, ?)", [(i, f"n{i}", at(30 + i)) for i in range(20)]
    )
    shop.pull(**CHANGED)
    nothing = shop.pull(**CHANGED)
    assert (nothing.rows, nothing.changed) == (0, 0)
    shop.execute("update people set name = 'new', at = ? where id = 7", [(at(0),)])
    found = shop.pull(**CHANGED)
    assert (found.rows, found.changed) == (1, 1)
    assert [row["name"] for row in shop.landed() if row["id"] == 7] == ["n7", "new"]
    # Windows overlap: what landed is not added again.
    again = shop.pull(**CHANGED)
    assert (again.rows, again.changed) == (1, 0)


def test_a_row_that_says_nothing_of_its_change_is_not_lost(shop):
    shop.execute("insert into people values (1, 'a', ?)", [(ago(9),)])
    shop.pull(**CHANGED)
    shop.execute("insert into people values (2, 'b', null)")
    assert shop.pull(**CHANGED).changed == 1
    assert shop.pull(**CHANGED).changed == 0
    assert [row["id"] for row in shop.landed()] == [1, 2]


def test_days_asked_for_again_change_nothing_and_bring_what_was_corrected(shop):
    shop.execute(
        "insert into people values (?, ?, ?)", [(i, f"n{i}", ago(i)) for i in range(2, 30)]
    )
    shop.pull(**CHANGED)
    days = [day_of(12), day_of(11), day_of(10)]
    asked = shop.pull(days, only_new=False, **CHANGED)
    assert (asked.rows, asked.changed) == (3, 0)
    shop.execute("update people set name = 'corrected' where id = 11")
    assert shop.pull(days, only_new=False, **CHANGED).changed == 1
    assert [row["day"] for row in shop.landed() if row["name"] == "corrected"] == [str(days[1])]
    assert shop.pull(days, only_new=False, **CHANGED).changed == 0


def test_days_before_the_first_pull_hold_their_rows_until_all_are_pulled(shop):
    shop.execute(
        "insert into people values (?, ?, ?)", [(i, f"n{i}", ago(i)) for i in range(2, 30)]
    )
    shop.pull([day_of(12), day_of(11)], only_new=False, **CHANGED)
    assert [row["id"] for row in shop.landed()] == [12, 11]
    assert shop.keys() == [str(day_of(12)), str(day_of(11))]
    shop.pull(**CHANGED)
    assert sorted(row["id"] for row in shop.landed()) == list(range(2, 30))


def test_a_pull_that_was_cut_off_loses_nothing(shop, monkeypatch):
    shop.execute("insert into people values (1, 'a', ?)", [(ago(9),)])
    shop.pull(**CHANGED)
    shop.execute("insert into people values (2, 'b', ?)", [(ago(),)])

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("aar_platform.sources.sql.config.Pull.close", killed)
        with pytest.raises(KeyboardInterrupt):
            shop.pull(**CHANGED)
    with monkeypatch.context() as patch:
        patch.setattr("aar_platform.landing.store.Landing.keep", killed)
        shop.execute("insert into people values (3, 'c', ?)", [(ago(),)])
        with pytest.raises(KeyboardInterrupt):
            shop.pull(**CHANGED)
    assert sorted(row["id"] for row in shop.landed()) == [1, 2]
    shop.pull(**CHANGED)
    assert sorted(row["id"] for row in shop.landed()) == [1, 2, 3]
    held = {file.parquet for _, file in shop.files()}
    folder = shop.landing.root / "shop"
    assert {path.name for path in folder.rglob("*.parquet")} == held


def test_another_query_is_pulled_from_the_beginning(shop):
    shop.execute("insert into people values (?, ?, ?)", [(i, f"n{i}", ago(i)) for i in range(2, 9)])
    shop.pull(**CHANGED)
    query = "select *, upper(name) as loud from people where id > 3"
    shop.pull(query=query, changed_at="at")
    assert sorted(row["loud"] for row in shop.landed()) == ["N4", "N5", "N6", "N7", "N8"]
    assert shop.pull(query=query, changed_at="at").changed == 0


def test_changes_land_encrypted_too(shop):
    shop.landing = Landing(shop.folder / "other", "a passphrase of the landing")
    shop.execute("insert into people values (1, 'Zebrafish', ?), (2, 'b', ?)", [(ago(9), ago(3))])
    shop.pull(**CHANGED)
    shop.execute("update people set name = 'Zebra', at = ? where id = 2", [(ago(),)])
    shop.execute("update people set name = 'Zebra', at = ? where id = 1", [(ago(1),)])
    assert shop.pull(**CHANGED).changed == 1
    assert shop.pull(**CHANGED).changed == 0
    for path in shop.landing.root.rglob("*.parquet"):
        assert b"Zebra" not in path.read_bytes()


# All of it


def test_changes_and_deletions_reach_the_core_tables(shop):
    shop.execute(
        "insert into people values (?, ?, ?)", [(i, f"Person {i}", ago(40 - i)) for i in range(9)]
    )
    people = {"columns": {"contact_id": "id", "full_name": "name"}, "into": "contacts"}
    entry = {
        "name": "shop",
        "kind": "sql",
        "url": f"sqlite:///{shop.path}",
        "timezone": CALENDAR.zone,
        "tables": [
            {"table": "people", "changed_at": "at", **people},
            {"table": "people", **people, "into": "companies", "columns": {"company_id": "id"}},
        ],
    }
    pulling = Puller(SqlSource.model_validate(entry), shop.landing)

    def core() -> dict[str, list[dict[str, Any]]]:
        for name in ("contacts", "companies"):
            pulling.pull(name)
        return core_tables(pulling, shop.folder)

    assert [len(core()[name]) for name in ("contacts", "companies", "quarantine")] == [9, 9, 0]
    changed = ago()
    shop.execute("update people set name = 'Zofie', at = ? where id = 3", [(changed,)])
    shop.execute("delete from people where id = 5")
    found = core()
    assert sorted(row["record_id"] for row in found["companies"]) == list("01234678")
    contacts = {row["record_id"]: row for row in found["contacts"]}
    assert len(contacts) == 9
    assert (contacts["3"]["full_name"], contacts["4"]["full_name"]) == ("Zofie", "Person 4")
    in_zone = contacts["3"]["updated_at"].replace(tzinfo=UTC).astimezone(ZoneInfo(CALENDAR.zone))
    assert f"{in_zone:%Y-%m-%d %H:%M:%S}" == changed


CONFIGURATION = """\
organisation: {name: Small, currency: EUR, timezone: Europe/Paris, locale: en, country: FR}
start: 2024-01-01
sources:
  - name: erp
    kind: sql
    url: "sqlite:///${ERP_FILE}"
    tables:
      - query: "select id, name, mail from people where name <> ':nobody'"
        into: contacts
        columns: {contact_id: id, full_name: name, email: mail}
      - table: sales
        into: orders
        changed_at: changed
        columns: {order_id: no, contact_id: person, ordered_at: at, total: total, status: state}
        constants: {currency: EUR}
"""


def test_a_run_takes_a_database_whose_url_is_a_secret(place, monkeypatch):
    shop = Shop(place.folder, Landing(place.folder / "data/landing"))
    monkeypatch.setenv("ERP_FILE", str(shop.path))
    place.write("aar.yaml", CONFIGURATION)
    shop.execute(
        "create table people (id integer, name text, mail text);"
        "insert into people values (1, 'Person 1', 'p1@example.org'), (2, ':nobody', null);"
        "create table sales (no integer, person integer, at text, total numeric, state text, "
        "changed text)"
    )
    shop.execute(
        "insert into sales values (?, ?, ?, ?, 'paid', ?)",
        [(i, 1, ago(40 - i), f"{i}.25", ago(40 - i)) for i in range(1, 11)],
    )
    assert place.run("group:erp or key:contacts or key:orders") == []
    assert place.query("select record_id from contacts") == [{"record_id": "1"}]
    (told,) = place.query("select count(*) as n, sum(total) as total from orders")
    assert (told["n"], float(told["total"])) == (10, 57.5)


# A server


def test_times_of_a_server_are_compared_in_their_own_zone(tmp_path):
    """AAR_TEST_DATABASE is the URL of a PostgreSQL database in which a table may be made."""
    url = os.environ.get("AAR_TEST_DATABASE")
    if not url:
        pytest.skip("AAR_TEST_DATABASE names no PostgreSQL database to test with")
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists aar_test_people")
        connection.exec_driver_sql(
            "create table aar_test_people as select i as id, 'n' || i as name, i * 1.10 as price, "
            'now() - make_interval(hours => i) as "Changed" from generate_series(1, 100) i'
        )
    environment = {"DATABASE": url}
    table = {"table": "aar_test_people", "into": "contacts", "changed_at": "Changed",
             "columns": {"contact_id": "id"}}  # fmt: skip
    entry = {"name": "shop", "kind": "sql", "url": "${DATABASE}", "tables": [table]}
    source = SqlSource.model_validate(entry, context={"environment": environment})
    landing = Landing(tmp_path / "landing")
    source.try_out("contacts")
    days = [CALENDAR.today()]
    assert source.extract(landing, "contacts", days, CALENDAR, True).rows == 100
    again = source.extract(landing, "contacts", days, CALENDAR, True)
    assert (again.rows, again.changed) in ((23, 0), (24, 0))
    asked = source.extract(landing, "contacts", [day_of(2)], CALENDAR)
    assert (asked.rows, asked.changed) == (24, 0)
    (file,) = landing.partition("shop", "contacts", str(days[0]))
    assert file.columns["price"] == "decimal128(38, 10)"
    assert file.columns["Changed"] == "timestamp[us, tz=UTC]"
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table aar_test_people")
    engine.dispose()
