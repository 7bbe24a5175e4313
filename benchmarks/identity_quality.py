"""Published sets of duplicates linked by the platform, by a Splink model as its documentation
writes them, by the guide of recordlinkage and by exact keys: how right, and how long.

Usage: identity_quality.py [SET ...], by default febrl1, febrl3, fake_1000 and restaurants. The
platform sees the columns that aar.yaml maps; the others see all that was published, but the truth.
"""

import csv
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import ibis
from measure import measured

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from aar_platform.identity.evaluation import Counts, evaluate  # noqa: E402
from aar_platform.identity.truth import read_truth  # noqa: E402
from tests.end_to_end.identity_sets import ABSENT, SETS, SHARED  # noqa: E402

OTHER_PYTHON = HERE.parent / ".venv-recordlinkage" / "bin" / "python"
DEFAULT = ("febrl1", "febrl3", "fake_1000", "restaurants")
PEERS = {
    "splink": (sys.executable, "identity_by_splink.py"),
    "recordlinkage": (str(OTHER_PYTHON), "identity_by_recordlinkage.py"),
    "exact keys": (sys.executable, "identity_by_keys.py"),
}


@dataclass(frozen=True)
class Found:
    """How right a way was, and how long it took from records in memory to clusters."""

    counts: Counts
    seconds: float


def judged(name: str, output: str, truth: ibis.Table, table: str) -> Found:
    """What a script printed of a set, against its truth."""
    told = json.loads(output)
    names = [record.split("/", 1) for record in told["clusters"]]
    links = ibis.memtable(
        {
            "source": [source for source, _ in names],
            "object": [table] * len(names),
            "record_id": [record for _, record in names],
            "customer_id": [str(cluster) for cluster in told["clusters"].values()],
        }
    )
    found = evaluate(truth, links)
    if found.not_found or dict(found.not_told) != SETS[name].unjudged():
        sys.exit(f"not all records were linked: {found.not_found} {found.not_told}")
    return Found(found.total, told["seconds"])


def as_published(name: str, path: Path) -> None:
    """The records of a set in one file, with an `id` of source and record_id.

    Left out are its own id, of which that of febrl tells the person, and the column of the truth.
    Telephone numbers are cut down to their digits, as anybody would before comparing them: the two
    guides to restaurants write 404/231-1368 and 404-231-1368.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        withheld, writer = (SETS[name].key, "cluster"), None
        for source, record, row in SETS[name].rows():
            told = {name: text for name, text in row.items() if name not in withheld}
            told["id"] = f"{source}/{record}"
            if "phone_number" in told:
                told["phone_number"] = re.sub(r"\D", "", told["phone_number"])
            if writer is None:
                writer = csv.DictWriter(file, told)
                writer.writeheader()
            writer.writerow(told)


def line(name: str, way: str, found: Found) -> None:
    """One line of the table."""
    counts = found.counts
    figures = (counts.precision, counts.recall, counts.f1)
    written = "".join(f"{'-' if figure is None else f'{figure:.4f}':>11}" for figure in figures)
    print(f"{name:<13}{way:<15}{written}{found.seconds:>9.1f}")


def main(arguments: list[str]) -> None:
    """Link every set in every way and print the table."""
    if not SHARED.is_dir():
        sys.exit(f"{ABSENT}: {SHARED}")
    print(f"{'set':<13}{'way':<15}{'precision':>11}{'recall':>11}{'F1':>11}{'seconds':>9}")
    for name in arguments or DEFAULT:
        with tempfile.TemporaryDirectory(prefix="aar-benchmark-") as folder:
            place = Path(folder)
            SETS[name].write(place)
            truth, table = read_truth(place / "truth.csv"), SETS[name].table
            ours = measured([sys.executable, str(HERE / "identity_by_aar.py"), folder])
            line(name, "aar", judged(name, ours.output, truth, table))
            records = place / "records.csv"
            as_published(name, records)
            for way, (python, script) in PEERS.items():
                if not Path(python).exists():
                    print(f"{name:<13}{way:<15} left out: 'make bench' makes its environment")
                    continue
                peer = measured([python, str(HERE / script), name, str(records)])
                line(name, way, judged(name, peer.output, truth, table))


if __name__ == "__main__":
    main(sys.argv[1:])
