"""Orders with their lines from a loopback server into typed tables, against a dlt pipeline into
DuckDB on the same server; then a million of them, for memory.

Usage: orders_over_http.py [ORDERS [MANY]], 200,000 and 1,000,000 by default; MANY 0 leaves it out.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measure import Measured, measured

HERE = Path(__file__).resolve().parent
PROMISED_RATIO = 10
PROMISED_BYTES = 400e6


@contextmanager
def served(count: int) -> Iterator[str]:
    """The URL of a server with so many orders."""
    command = [sys.executable, str(HERE / "order_server.py"), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def run(script: str, url: str) -> Measured:
    """A script on the server, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="aar-benchmark-") as folder:
        return measured([sys.executable, str(HERE / script), url, folder])


def line(name: str, count: int, result: Measured) -> None:
    """One line of the comparison."""
    print(
        f"{name:<12}{result.seconds:>9.1f} s{result.cpu_seconds:>9.1f} CPU s"
        f"{count / result.seconds:>10,.0f} orders/s{result.peak_bytes / 1e6:>8.0f} MB"
    )


def main(arguments: list[str]) -> None:
    """Measure and print; ends with an error where rows or totals differ, or a promise is broken."""
    count = int(arguments[0]) if arguments else 200_000
    many = int(arguments[1]) if len(arguments) > 1 else 1_000_000
    broken = []
    with served(count) as url:
        print(f"{count:,} orders with lines over HTTP into typed tables")
        ours = run("orders_by_aar.py", url)
        line("aar", count, ours)
        theirs = run("orders_by_dlt.py", url)
        line("dlt", count, theirs)
    one, other = (
        (int(rows), float(total)) for rows, total in (ours.output.split(), theirs.output.split())
    )
    if one != other:
        sys.exit(f"the tables differ: {one} and {other} (rows, sum of totals)")
    ratio = theirs.seconds / ours.seconds
    print(f"equal rows and totals; aar is {ratio:.1f} times as fast")
    if ratio < PROMISED_RATIO:
        broken.append(f"less than {PROMISED_RATIO} times as fast")
    if many:
        with served(many) as url:
            print(f"{many:,} orders")
            result = run("orders_by_aar.py", url)
            line("aar", many, result)
        if result.peak_bytes > PROMISED_BYTES:
            broken.append(f"more than {PROMISED_BYTES / 1e6:.0f} MB")
    print("promises kept" if not broken else f"broken: {', '.join(broken)}")


if __name__ == "__main__":
    main(sys.argv[1:])
