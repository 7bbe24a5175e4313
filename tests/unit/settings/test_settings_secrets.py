"""Secrets go by name: they are never written in aar.yaml, never shown, and looked up when used."""

import copy
import pickle
import traceback
from pathlib import Path

import pytest

from aar_platform.landing.secret import Secret, SecretMissing, SecretText
from aar_platform.settings.loading import SettingsError, load_settings, unresolved_secrets

TEXT = """\
warehouse:
  url: "postgresql://aar:${DB_PASSWORD}@db/w"
  encryption_key: "${AAR_KEY}"
delivery:
  smtp: {host: mail.example.com, password: "${SMTP_PASSWORD}"}
"""
VALUES = {"DB_PASSWORD": "hunter2", "AAR_KEY": "k3y-v4lue", "SMTP_PASSWORD": "p0st"}


def written(folder: Path, text: str) -> Path:
    path = folder / "aar.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_secret_is_looked_up_in_the_environment_when_it_is_used(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    settings = load_settings(written(tmp_path, TEXT), environment)
    environment.update(VALUES)
    assert settings.warehouse.encryption_key is not None
    assert settings.warehouse.encryption_key.reveal() == "k3y-v4lue"
    assert settings.warehouse.url.reveal() == "postgresql://aar:hunter2@db/w"


def test_a_secret_is_looked_up_in_a_file_without_its_last_line_break(tmp_path: Path) -> None:
    (tmp_path / "AAR_KEY").write_text("from a file \n")
    secret = Secret("${AAR_KEY}", {"AAR_SECRETS_DIR": str(tmp_path)})
    assert secret.reveal() == "from a file "
    assert secret.reveal({"AAR_KEY": "near", "AAR_SECRETS_DIR": str(tmp_path)}) == "near"


def test_a_missing_or_empty_secret_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing) as caught:
        Secret("${AAR_KEY}", {"AAR_KEY": ""}).reveal()
    assert str(caught.value) == (
        "secret AAR_KEY is not set; give it in the environment or in a file in AAR_SECRETS_DIR"
    )
    with pytest.raises(SecretMissing, match=f"or in the file {tmp_path}/AAR_KEY$"):
        Secret("${AAR_KEY}", {"AAR_SECRETS_DIR": str(tmp_path)}).reveal()
    (tmp_path / "AAR_KEY").mkdir()
    with pytest.raises(SecretMissing, match="cannot be read: Is a directory"):
        Secret("${AAR_KEY}", {"AAR_SECRETS_DIR": str(tmp_path)}).reveal()


def test_no_way_of_showing_settings_shows_a_secret(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, TEXT), VALUES)
    key = settings.warehouse.encryption_key
    shown = "".join(
        [
            repr(settings),
            str(settings),
            settings.model_dump_json(),
            str(settings.model_dump()),
            repr(key),
            f"{key}",
            repr(vars(key).get("text")),
            repr(pickle.dumps(key)),
            repr(copy.deepcopy(settings)),
        ]
    )
    assert "${AAR_KEY}" in shown
    assert not [value for value in VALUES.values() if value in shown]


@pytest.mark.parametrize(
    "text",
    [
        "warehouse: {encryption_key: hunter2}",
        "warehouse: {encryption_key: 'x${AAR_KEY}hunter2'}",
        "warehouse: {encryption_key: [hunter2]}",
        "warehouse: {url: 'postgresql://aar:hunter2@db/w'}",
        "warehouse: {url: 'postgresql://db/w?user=aar&password=hunter2'}",
        "operations: 'postgresql://aar:hunter2${X}@db/w'",
        "delivery: {smtp: {host: h, password: hunter2}}",
        "delivery: {smtp: hunter2}",
    ],
)
def test_a_secret_written_out_is_refused_without_printing_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(written(tmp_path, text + "\n"), {})
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.problems)
    assert len(caught.value.problems) == 1
    assert "hunter2" not in told
    assert caught.value.__context__ is None


def test_a_broken_reference_is_refused() -> None:
    with pytest.raises(ValueError, match="broken reference"):
        SecretText("postgresql://${DB PASSWORD}@db")


def test_check_tells_every_secret_that_cannot_be_found_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT)
    problems = unresolved_secrets(load_settings(path, {"AAR_KEY": "k3y-v4lue"}))
    assert [(problem.line, problem.where) for problem in problems] == [
        (2, "warehouse.url"),
        (5, "delivery.smtp.password"),
    ]
    assert "secret DB_PASSWORD is not set" in str(problems[0])
    assert unresolved_secrets(load_settings(path, VALUES)) == []
