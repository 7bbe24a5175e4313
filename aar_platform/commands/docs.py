"""`aar docs`: the pages of the documentation that are tables, generated from the code."""

from collections.abc import Iterator
from pathlib import Path

from aar_platform.kpis.handbook import kpis_markdown
from aar_platform.quality.handbook import entry_rules_markdown
from aar_platform.sources.api.handbook import source_pages
from aar_platform.tables.handbook import tables_markdown


def write_docs(folder: Path) -> Iterator[Path]:
    """Write tables.md, kpis.md, entry-rules.md and a page for each system into a folder; yields
    their paths."""
    pages = {
        "tables.md": tables_markdown(),
        "kpis.md": kpis_markdown(),
        "entry-rules.md": entry_rules_markdown(),
    }
    pages |= {f"sources/{name}": text for name, text in source_pages().items()}
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        yield path
