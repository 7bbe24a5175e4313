"""What is wrong with a database or a query is told in one line, without secrets and values."""

import sqlite3
from contextlib import closing

import pytest

from aar_platform.landing.store import Landing
from aar_platform.settings.loading import SettingsError
from aar_platform.sources.api.errors import SourceFailed
from tests.sources.pulling import CALENDAR
from tests.sources.shop_database import PASSWORD, PEOPLE, Shop, day_of, source_of


@pytest.fixture
def shop(tmp_path):
    made = Shop(tmp_path, Landing(tmp_path / "landing"))
    made.execute("create table people (id integer primary key, name text, at)")
    return made


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"query": "select * from nowhere"}, "no such table: nowhere; correct the query"),
        ({"query": "selec 1"}, 'near "selec": syntax error; correct the query'),
        ({"query": "select 1 as id, 2 as ID"}, "two columns called 'id'; name them apart"),
        ({"query": "select id from people"}, "no column 'name', which is mapped to full_name"),
        ({"query": "select 1 as _row"}, "a column cannot be called '_row'"),
        ({"query": "select 'x' as id, 'y' as name, 'soon' as at", "changed_at": "at"},
         "changed_at: column 'at' does not hold days or times"),
        ({"query": "select 1 as id, 'y' as name", "changed_at": "at"},
         "no column 'at', which is mapped to updated_at"),
        ({"query": "delete from people"}, "correct the query"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_query_is_told_in_one_line(shop, table, said):
    with pytest.raises(SourceFailed) as tried:
        shop.source(**table).try_out("contacts")
    assert said in str(tried.value)
    assert str(tried.value).startswith("shop.contacts: ")
    assert "\n" not in str(tried.value)
    with pytest.raises(SourceFailed):
        shop.pull([day_of(3)], **table)
    assert shop.keys() == []


def test_a_value_that_cannot_be_read_is_not_quoted(shop):
    shop.execute("insert into people values (1, cast(x'5a65627261ff' as text), null)")
    with pytest.raises(SourceFailed) as failed:
        shop.pull(**PEOPLE)
    assert "Could not decode" in str(failed.value)
    assert "Zebra" not in str(failed.value)


def test_a_database_that_is_not_there_is_not_made(shop):
    source = source_of(f"sqlite:///{shop.folder}/none.db", table="people")
    with pytest.raises(SourceFailed, match=r"there is no database file 'none\.db'"):
        source.try_out("contacts")
    assert not (shop.folder / "none.db").exists()


def test_a_database_that_is_locked_is_told_so(shop):
    source = source_of(f"sqlite:///{shop.path}?timeout=0.05", table="people")
    with closing(sqlite3.connect(shop.path)) as other:
        other.execute("begin exclusive")
        with pytest.raises(SourceFailed, match="database is locked; something is writing to it"):
            source.extract(shop.landing, "contacts", None, CALENDAR)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nosuchsql://h/d", "no database is called nosuchsql; correct the url"),
        ("postgres://h/d", "no database is called postgres; write postgresql://"),
        ("snowflake://h/d", "install the Python package snowflake-sqlalchemy"),
        ("oracle://h/d", "install the Python package oracledb"),
        ("plainly wrong", "its url is no database URL"),
    ],
)
def test_a_url_that_leads_nowhere_says_what_is_missing(url, said):
    with pytest.raises(SourceFailed, match=said):
        source_of(url, table="people").try_out("contacts")


def test_a_password_may_hold_any_character_and_is_never_told():
    import sqlalchemy

    from aar_platform.sources.sql.database import _failed, _parsed, _secrets

    source = source_of("postgresql://aar:${DB_PASSWORD}@db.internal/erp", table="people")
    parsed = _parsed("shop.contacts", source.url)
    assert (parsed.host, parsed.password) == ("db.internal", PASSWORD)
    said = f"cannot log in with {PASSWORD} at {parsed.render_as_string(hide_password=False)}\nno"
    error = sqlalchemy.exc.OperationalError("select 'Zebrafish'", {}, Exception(said))
    text = str(_failed("shop.contacts", error, _secrets(source.url, parsed), False))
    assert "w:rd" not in text
    assert "w%3Ard" not in text
    assert "Zebrafish" not in text
    assert "•••" in text


def test_values_that_a_database_quotes_are_left_out():
    import sqlalchemy

    from aar_platform.sources.sql.database import _failed

    said = 'invalid input syntax for type integer: "Zebrafish"\nDETAIL: of row 7'
    error = sqlalchemy.exc.ProgrammingError("select", {}, Exception(said))
    text = str(_failed("shop.contacts", error, [], True))
    assert "invalid input syntax for type integer: •••; correct the query" in text


def test_changed_at_needs_the_records_own_id():
    with pytest.raises(ValueError, match="changed_at needs contact_id among the columns"):
        source_of("sqlite:///x.db", table="people", changed_at="at", columns={"full_name": "name"})


def test_a_password_written_out_is_refused_unprinted(place):
    place.write(
        "aar.yaml",
        "sources:\n  - name: erp\n    kind: sql\n    url: 'postgresql://aar:hunter2@db/erp'\n"
        "    tables:\n      - {table: people, into: contacts, columns: {contact_id: id}}\n",
    )
    with pytest.raises(SettingsError) as refused:
        _ = place.settings
    assert "hunter2" not in str(refused.value)
