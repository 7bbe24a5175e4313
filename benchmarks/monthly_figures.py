"""`aar run` over a folder of day files against a plain pandas script, in one run.

Usage: monthly_figures.py [FOLDER]. Without one: shared/data/online_retail_daily beside the
checkout where it exists, otherwise made-up day files of the same shape.
"""

import sys
import tempfile
from pathlib import Path

from measure import measured, print_comparison, print_limits
from platform_run import check_equal, pandas_run, platform_run

HERE = Path(__file__).resolve().parent
REAL = HERE.parents[1] / "shared" / "data" / "online_retail_daily"


def main(arguments: list[str]) -> None:
    """Measure both and print the comparison; ends with an error where the figures differ."""
    with tempfile.TemporaryDirectory(prefix="aar-benchmark-") as name:
        work = Path(name)
        data = Path(arguments[0]).resolve() if arguments else REAL
        if not arguments and not REAL.exists():
            data = work / "day_files"
            measured([sys.executable, str(HERE / "made_up_exports.py"), "day-files", str(data)])
        files = sorted(data.glob("*.csv"))
        if not files:
            sys.exit(f"{data}: no .csv files in this folder; name one that has day files")
        kind = "made-up" if data.is_relative_to(work) else data.name
        print(f"monthly figures of {len(files)} day files ({kind})")
        peer, expected = pandas_run(data)
        platform, figures = platform_run(data / "*.csv", f"{min(expected)}-01", work)
        print_comparison(platform, peer)
        print_limits(platform, seconds=60, peak_bytes=2e9)
        check_equal(figures, expected)


if __name__ == "__main__":
    main(sys.argv[1:])
