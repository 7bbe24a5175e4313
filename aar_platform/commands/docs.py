"""`aar docs`: the pages of the documentation that are tables, generated from the code."""

from collections.abc import Iterator
from pathlib import Path

from aar_platform.kpis.handbook import kpis_markdown
from aar_platform.tables.handbook import tables_markdown


def write_docs(folder: Path) -> Iterator[Path]:
    """Write tables.md and kpis.md into a folder; yields their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"tables.md": tables_markdown(), "kpis.md": kpis_markdown()}.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        yield path
