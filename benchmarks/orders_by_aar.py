"""Pulls the orders of a served shop into a typed raw table: what an extract and its load do.

Usage: orders_by_aar.py URL FOLDER. Prints the table's rows and the sum of all totals.
"""

import sys
from datetime import date
from pathlib import Path

from aar_platform.landing.store import Landing
from aar_platform.resources.loading import load_raw
from aar_platform.resources.warehouse import Warehouse
from aar_platform.sources.registry import Calendar, source_kinds


def main(url: str, folder: Path) -> None:
    """Extract, load, count."""
    kind = source_kinds()["shopify"]
    entry = {"name": "shop", "kind": "shopify", "shop": "acme", "token": "${TOKEN}", "url": url}
    source = kind.model_validate(entry, context={"environment": {"TOKEN": "made-up"}})
    landing = Landing(folder / "landing")
    calendar = Calendar("Europe/Paris", date(2024, 1, 1))
    source.extract(landing, "orders", [calendar.today()], calendar, only_new=True)
    item = next(one for one in source.objects() if one.name == "orders")
    warehouse = Warehouse(folder / "warehouse.duckdb")
    load_raw(warehouse, landing, "shop", "orders", item.is_daily, item.columns)
    orders = warehouse.table("raw_shop__orders")
    print(orders.count().execute(), orders.total.sum().execute())
    warehouse.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
