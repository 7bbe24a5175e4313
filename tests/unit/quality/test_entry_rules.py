"""The page of entry rules tells every rule, as what is asked for, and is the one in docs."""

from pathlib import Path

from aar_platform.quality.entered_by import CREATOR_KEYS
from aar_platform.quality.handbook import entry_rules_markdown
from aar_platform.quality.rules import rules_of
from aar_platform.tables import catalogue

PAGE = Path(__file__).resolve().parents[3] / "docs/entry-rules.md"


def sections():
    parts = entry_rules_markdown().split("\n## ")
    return {part.partition("\n")[0]: part for part in parts}


def test_every_rule_of_every_core_table_is_told_with_what_becomes_of_the_record():
    told = sections()
    for table in catalogue.CORE:
        rows = [line for line in told[table].splitlines() if line.startswith("| `")]
        for rule in rules_of(table):
            if rule.name == f"missing_{catalogue.OWN_ID[table]}":
                continue
            outcome = "**refused**" if rule.refuses else "value left out"
            mine = [
                row for row in rows if f"| `{rule.column}` |" in row and f"`{rule.name}` |" in row
            ]
            assert len(mine) == 1, (table, rule.name)
            assert outcome in mine[0]


def test_no_id_is_asked_for_that_is_made_where_it_is_missing():
    assert "missing_contact_id" not in sections()["contacts"]


def test_what_is_asked_for_is_said_in_words():
    told = sections()
    assert "| `event` | is one of sent, delivered, opened" in told["messages"]
    assert "| `ordered_at` | is given | **refused**" in told["orders"]


def test_the_page_says_how_the_person_is_found():
    page = entry_rules_markdown()
    assert all(f"`{key}`" in page for key in CREATOR_KEYS)


def test_the_page_in_docs_is_the_one_the_rules_make():
    assert PAGE.read_text(encoding="utf-8") == entry_rules_markdown()
