"""The generated pages of the documentation are those that the code says now."""

from pathlib import Path

from aar_platform.commands.docs import write_docs

DOCS = Path(__file__).parents[2] / "docs"


def test_every_generated_page_is_up_to_date(tmp_path):
    written = list(write_docs(tmp_path))
    assert len(written) > 15
    stale = [
        path.relative_to(tmp_path).as_posix()
        for path in written
        if (DOCS / path.relative_to(tmp_path)).read_text(encoding="utf-8")
        != path.read_text(encoding="utf-8")
    ]
    assert stale == [], "make docs writes them anew"


def test_every_system_has_its_page_and_no_page_is_left_over(tmp_path):
    written = {path.name for path in write_docs(tmp_path) if path.parent.name == "sources"}
    assert {path.name for path in (DOCS / "sources").iterdir()} == written
