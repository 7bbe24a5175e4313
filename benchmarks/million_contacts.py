"""Generated contacts, 15 % of them duplicates, to customers: what each step takes at two sizes, and
what a day's 5,000 new and changed records take on top.

Usage: million_contacts.py [SMALL [LARGE]], 100,000 and 1,000,000 by default.
"""

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from measure import Measured, measured

HERE = Path(__file__).resolve().parent
MILLION = 1_000_000
PROMISED_SECONDS, PROMISED_BYTES, PROMISED_SECOND_DAY = 180, 4e9, 30


@dataclass(frozen=True)
class Day:
    """What a day's run took, by step, as a whole (with starting), and how right it was."""

    steps: list[tuple[str, float, int]]
    whole: Measured
    figures: dict[str, float]


def script(name: str, *arguments: str) -> Measured:
    """One of the scripts beside this one."""
    return measured([sys.executable, str(HERE / name), *arguments])


def day(folder: str, which: str) -> Day:
    """One day in a process of its own, then judged in another."""
    whole = script("contacts_to_customers.py", folder, which)
    figures = json.loads(script("contacts_to_customers.py", folder, "judge").output)
    return Day([tuple(step) for step in json.loads(whole.output)], whole, figures)


def show(title: str, one: Day) -> None:
    """The steps of a day, then the whole."""
    print(title)
    for name, seconds, peak in one.steps:
        print(f"  {name:<16}{seconds:>9.1f} s{peak / 1e6:>9,.0f} MB so far")
    figures = one.figures
    print(
        f"  {'all':<16}{one.whole.seconds:>9.1f} s{one.whole.peak_bytes / 1e6:>9,.0f} MB"
        f"{one.whole.cpu_seconds:>9.1f} CPU s; precision {_share(figures['precision'])}, "
        f"recall {_share(figures['recall'])}, F1 {_share(figures['f1'])}, "
        f"{figures['customers']:,} customers"
    )


def _share(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.4f}"


def grown(small: Day, large: Day, times: float) -> None:
    """How each step grew with the records."""
    before = {name: seconds for name, seconds, _ in small.steps}
    told = ", ".join(
        f"{name} {seconds / before[name]:.1f}" for name, seconds, _ in large.steps if before[name]
    )
    memory = large.whole.peak_bytes / small.whole.peak_bytes
    print(
        f"{times:.0f} times the records took {large.whole.seconds / small.whole.seconds:.1f} times "
        f"as long and {memory:.1f} times the memory; by step: {told}"
    )


def main(arguments: list[str]) -> None:
    """Measure and print; says which promise is broken."""
    sizes = [int(size) for size in arguments] or [100_000, MILLION]
    first: dict[int, Day] = {}
    broken = []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="aar-benchmark-") as folder:
            script("generated_contacts.py", str(size), folder)
            script("contacts_to_customers.py", folder, "load")
            first[size] = day(folder, "first")
            show(f"{size:,} contacts", first[size])
            second = day(folder, "second")
            show("5,000 new and changed records on top", second)
        if size == MILLION:
            if first[size].whole.seconds > PROMISED_SECONDS:
                broken.append(f"more than {PROMISED_SECONDS} s")
            if first[size].whole.peak_bytes > PROMISED_BYTES:
                broken.append(f"more than {PROMISED_BYTES / 1e9:.0f} GB")
            if second.whole.seconds > PROMISED_SECOND_DAY:
                broken.append(f"more than {PROMISED_SECOND_DAY} s for the second day")
    if len(sizes) > 1:
        grown(first[sizes[0]], first[sizes[-1]], sizes[-1] / sizes[0])
    if MILLION in first:
        print("promises kept" if not broken else f"broken: {', '.join(broken)}")


if __name__ == "__main__":
    main(sys.argv[1:])
