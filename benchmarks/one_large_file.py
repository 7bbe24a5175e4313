"""`aar run` over 1.5 million order lines in one Parquet file against a plain pandas script.

Usage: one_large_file.py [FILE.parquet]. Without one, the file is made up.
"""

import sys
import tempfile
from pathlib import Path

from measure import measured, print_comparison, print_limits
from platform_run import check_equal, pandas_run, platform_run

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> None:
    """Measure both and print the comparison; ends with an error where the figures differ."""
    with tempfile.TemporaryDirectory(prefix="aar-benchmark-") as name:
        work = Path(name)
        data = Path(arguments[0]).resolve() if arguments else work / "order_lines.parquet"
        if not arguments:
            measured([sys.executable, str(HERE / "made_up_exports.py"), "one-file", str(data)])
        print(f"monthly figures of one Parquet file of {data.stat().st_size / 1e6:.0f} MB")
        peer, expected = pandas_run(data)
        platform, figures = platform_run(data, f"{min(expected)}-01", work)
        print_comparison(platform, peer)
        print_limits(platform, seconds=60, peak_bytes=3e9)
        check_equal(figures, expected)


if __name__ == "__main__":
    main(sys.argv[1:])
