"""One day of generated contacts through identity, in a warehouse on disk.

Usage: contacts_to_customers.py FOLDER load|first|second|judge. `load` makes the warehouse of
contacts.parquet; `first` and `second` run the steps, the latter after putting second_day.parquet
into `contacts`, and print JSON: a list of [step, seconds, peak bytes so far]; `judge` prints JSON:
precision, recall and F1 of customer_links, and how many customers they are.
"""

import contextlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from identity_steps import link, merge

from aar_platform.identity.evaluation import evaluate
from aar_platform.identity.truth import read_truth
from aar_platform.resources.warehouse import Warehouse

COUNTRY = "FR"
DAYS = {"first": datetime(2026, 1, 1), "second": datetime(2026, 1, 2)}
KIBIBYTES = 1 if sys.platform == "darwin" else 1024


def load(warehouse: Warehouse, folder: Path) -> None:
    """The first day's contacts."""
    warehouse.replace("contacts", warehouse.backend.read_parquet(folder / "contacts.parquet"))


def put(warehouse: Warehouse, folder: Path) -> None:
    """The second day's contacts in the place of those with their ids."""
    arriving = warehouse.backend.read_parquet(folder / "second_day.parquet")
    # The warehouse keeps the rows that replace others under this name meanwhile.
    same = "(source, record_id) in (select (source, record_id) from temp.main.arriving)"
    warehouse.replace_where("contacts", arriving, same)


def run(warehouse: Warehouse, now: datetime) -> list[tuple[str, float, int]]:
    """What each step took, and the most memory the process had held by its end."""
    told = []

    @contextlib.contextmanager
    def step(name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTES
        told.append((name, time.perf_counter() - started, peak))

    link(warehouse, COUNTRY, now, step)
    merge(warehouse, step)
    return told


def judge(warehouse: Warehouse, truth: Path) -> dict[str, float | int | None]:
    """How right the links are."""
    found = evaluate(read_truth(truth), warehouse.table("customer_links")).total
    return {
        "precision": found.precision,
        "recall": found.recall,
        "f1": found.f1,
        "customers": found.customers,
    }


def main(folder: Path, what: str) -> None:
    """Do what is said and print it."""
    warehouse = Warehouse(folder / "warehouse.duckdb")
    if what == "load":
        load(warehouse, folder)
    elif what == "judge":
        later = folder / "truth_second_day.csv"
        is_second = warehouse.table("contacts").count().execute() > _lines(folder / "truth.csv") - 1
        json.dump(judge(warehouse, later if is_second else folder / "truth.csv"), sys.stdout)
    else:
        if what == "second":
            put(warehouse, folder)
        json.dump(run(warehouse, DAYS[what]), sys.stdout)
    warehouse.close()


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
