"""When each object was extracted, and whether that worked: one line an extract, a file a month."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from aar_platform.landing.store import Landing


@dataclass(frozen=True)
class Extraction:
    """One extract of an object: when it ended (naive UTC), and whether it succeeded."""

    ended_at: datetime
    succeeded: bool


def note_extraction(
    landing: Landing, source: str, object_name: str, extraction: Extraction
) -> None:
    """Add an extract to the log of its object, which lies beside what landed."""
    folder = landing.root / source / object_name
    folder.mkdir(parents=True, exist_ok=True)
    line = {
        "ended_at": extraction.ended_at.isoformat(timespec="seconds"),
        "succeeded": extraction.succeeded,
    }
    # Begun on a line of its own: a kill may have left half of the one before.
    with (folder / _name(extraction.ended_at)).open("a", encoding="utf-8") as log:
        log.write("\n" + json.dumps(line))


def extractions(
    landing: Landing, source: str, object_name: str, since: datetime
) -> Iterator[Extraction]:
    """The extracts of an object from a moment (naive UTC) on, in order.

    A line that a kill cut off is left out: that extract had no end.
    """
    for path in sorted((landing.root / source / object_name).glob("extracts-*.jsonl")):
        if path.name < _name(since):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.endswith("}"):
                continue
            said = json.loads(line)
            ended_at = datetime.fromisoformat(said["ended_at"])
            if ended_at >= since:
                yield Extraction(ended_at, said["succeeded"])


def _name(moment: datetime) -> str:
    return f"extracts-{moment:%Y-%m}.jsonl"
