"""The operations database that aar.yaml names."""

import pytest

from aar_platform.commands.check import problems
from aar_platform.landing.secret import SecretMissing
from aar_platform.operations.decisions import decisions
from aar_platform.operations.store import OperationsUnavailable
from aar_platform.resources.operations import open_operations
from aar_platform.settings.loading import load_settings


def settings(tmp_path, line="start: 2024-01-01", **environment):
    path = tmp_path / "aar.yaml"
    path.write_text(line)
    return load_settings(path, environment)


def test_without_a_word_it_lies_beside_the_warehouse(tmp_path):
    assert decisions(open_operations(settings(tmp_path))) == []
    assert (tmp_path / "data" / "operations.db").is_file()


def test_a_secret_of_the_url_is_filled_in(tmp_path):
    found = settings(tmp_path, 'operations: "sqlite:///${NAME}.db"', NAME=f"{tmp_path}/secret")
    decisions(open_operations(found))
    assert (tmp_path / "secret.db").is_file()


def test_a_secret_that_is_not_set_is_named(tmp_path):
    with pytest.raises(SecretMissing, match="OPS_PASSWORD"):
        open_operations(settings(tmp_path, 'operations: "postgresql://aar:${OPS_PASSWORD}@db/ops"'))


@pytest.mark.parametrize("password", ["p@ss/w:rd%41?#", "plain"])
def test_a_password_may_hold_any_character_and_is_never_told(tmp_path, password, monkeypatch):
    sent = []

    class Driver:
        """A driver that repeats what it was given."""

        paramstyle = "format"
        __version__ = "1.31.0"

        class Error(Exception):
            pass

        class InterfaceError(Error):
            pass

        @classmethod
        def connect(cls, *arguments, **named):
            sent.append(named["password"])
            raise cls.Error({"S": "FATAL", "M": f"cannot connect with {named}", "F": "auth.c"})

    monkeypatch.setattr(
        "sqlalchemy.dialects.postgresql.pg8000.PGDialect_pg8000.import_dbapi",
        classmethod(lambda cls: Driver),
    )
    line = 'operations: "postgresql+pg8000://aar:${OPS_PASSWORD}@db/ops"'
    with pytest.raises(OperationsUnavailable) as error:
        decisions(open_operations(settings(tmp_path, line, OPS_PASSWORD=password)))
    assert sent and set(sent) == {password}
    assert password not in str(error.value)
    assert "(postgresql): cannot connect" in str(error.value)
    assert "auth.c" not in str(error.value)


def test_check_tells_what_is_wrong_and_makes_nothing(tmp_path):
    assert problems(settings(tmp_path)) == []
    assert not (tmp_path / "data").exists()
    (tmp_path / "wrong.db").write_text("this is no database, " * 200)
    (line,) = problems(settings(tmp_path, "operations: sqlite:///wrong.db"))
    assert "operations in aar.yaml" in line
