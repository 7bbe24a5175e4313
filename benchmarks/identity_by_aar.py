"""Links the records of a published set as the platform does.

Usage: identity_by_aar.py FOLDER, with the aar.yaml of the set. Prints JSON: seconds, from the core
tables to customers with their ids, and the customer of each record by source and record_id.
"""

import contextlib
import json
import sys
import time
from datetime import datetime
from pathlib import Path

from identity_steps import link
from rich.console import Console

from aar_platform.commands.run import Window, run_pipeline
from aar_platform.resources.platform import open_warehouse
from aar_platform.settings.loading import load_settings


def main(folder: Path) -> None:
    """Load the core table, link, print."""
    path = folder / "aar.yaml"
    settings = load_settings(path)
    tables = sorted({table.into for source in settings.sources for table in source.core_rows()})
    wanted = " or ".join(f'+key:"{table}"' for table in tables)
    failures = run_pipeline(settings, path, wanted, Window(), Console(quiet=True))
    if failures:
        sys.exit("\n".join(failures))
    warehouse = open_warehouse(settings)
    started = time.perf_counter()
    link(warehouse, settings.organisation.country, datetime(2026, 1, 1), contextlib.nullcontext)
    seconds = time.perf_counter() - started
    rows = warehouse.table("customer_links").to_pyarrow().to_pylist()
    warehouse.close()
    clusters = {f"{row['source']}/{row['record_id']}": row["customer_id"] for row in rows}
    json.dump({"seconds": seconds, "clusters": clusters}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
