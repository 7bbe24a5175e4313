"""The text of aar.yaml: what is not YAML, not text, or not there is one clear line."""

from pathlib import Path

import pytest

from aar_platform.settings.loading import SettingsError, load_settings
from aar_platform.settings.yaml_source import read_yaml


def complaint(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(path, {})
    return str(caught.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "aar.yaml: the file is empty; "),
        (b"# nothing yet\n", "aar.yaml: the file is empty; "),
        (b"- a\n- b\n", "aar.yaml: the file must hold `key: value` lines"),
        (b"kpis:\n\tchurn_after_days: 3\n", "aar.yaml:2: a tab stands before the text"),
        (b'start: 2020-01-01\norganisation: {name: "Caf\xe9"}\n', "aar.yaml:2: is not UTF-8; "),
        (b"kpis:\n  custom: \x01\n", "aar.yaml:2: a character that no text holds (U+0001)"),
        (b"warehouse: {encryption_key: ${K}}\n", "aar.yaml:1: a reference is not quoted"),
        (b"start: 2020-01-01\nlanding: 'x\nkpis: {}\n", "aar.yaml:2: a quote opened here"),
        (b"kpis: {custom: k\nstart: 2020-01-01\n", "aar.yaml:1: the bracket opened here"),
        (b"start: 2020-01-01\n---\nlanding: x\n", "aar.yaml:2: a second document begins here"),
        (b"landing: *x\n", "aar.yaml:1: is not YAML: found undefined alias 'x'"),
        (b"landing: &x [*x]\n", "aar.yaml:1: is not YAML: an alias holds itself"),
        (b"landing: !!python/name:os.system x\n", "aar.yaml:1: landing: the tag "),
        (b"? [a]\n: 2\n", "aar.yaml:1: a key must be a word"),
        (b"[" * 5000, "aar.yaml: is nested too deeply"),
    ],
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "aar.yaml"
    path.write_bytes(content)
    assert complaint(path).startswith(told)
    assert "\n" not in complaint(path)


def test_a_missing_file_and_a_folder_are_one_clear_line(tmp_path: Path) -> None:
    assert complaint(tmp_path / "aar.yaml").startswith("aar.yaml: there is no such file; ")
    (tmp_path / "aar.yaml").mkdir()
    assert complaint(tmp_path / "aar.yaml").startswith("aar.yaml: is a folder")


def test_a_key_that_stands_twice_is_told_with_both_lines(tmp_path: Path) -> None:
    path = tmp_path / "aar.yaml"
    path.write_text("landing: a\nkpis: {}\nlanding: b\nstrat: 2020-01-01\n")
    assert complaint(path).splitlines() == [
        "aar.yaml:3: landing: stands here a second time, after line 1; keep one of the two",
        "aar.yaml:4: strat: there is no key 'strat' here; did you mean 'start'?",
    ]


def test_aliases_that_unfold_without_end_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "aar.yaml"
    steps = [f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    path.write_text("\n".join(["a0: &a0 [x,x,x]", *steps]))
    assert "unfolds to too much" in complaint(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encodings_of_text_editors(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "aar.yaml"
    path.write_text("organisation: {name: 北风 Café}\n", encoding=encoding)
    assert load_settings(path, {}).organisation.name == "北风 Café"


def test_plain_words_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "aar.yaml"
    path.write_text(
        "country: NO\nsku: 0123\nhours: 12:30\nanswer: yes\ncount: 12\nrate: 1.5\nis_on: true\n"
        "none: ~\n2024: x\n"
    )
    assert read_yaml(path).data == {
        "country": "NO",
        "sku": "0123",
        "hours": "12:30",
        "answer": "yes",
        "count": 12,
        "rate": 1.5,
        "is_on": True,
        "none": None,
        "2024": "x",
    }


def test_keys_taken_over_by_a_merge_give_way_to_those_written_out(tmp_path: Path) -> None:
    path = tmp_path / "aar.yaml"
    path.write_text("base: &base {a: 1, b: 2}\ntable:\n  b: 3\n  <<: *base\n")
    source = read_yaml(path)
    assert source.data["table"] == {"a": 1, "b": 3}
    assert source.places["table", "b"] == (3, 3)
