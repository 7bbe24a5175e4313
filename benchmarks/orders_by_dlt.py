"""Pulls the orders of a served shop with a dlt pipeline into DuckDB.

Usage: orders_by_dlt.py URL FOLDER. Prints the table's rows and the sum of all totals.
"""

import os
import sys
from pathlib import Path


def main(url: str, folder: Path) -> None:
    """Run the pipeline, count."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"
    import dlt
    import duckdb
    from dlt.sources.helpers import requests

    @dlt.resource(name="orders", write_disposition="replace", primary_key="id")
    def orders():
        after = 0
        while True:
            variables = {"first": 250, "query": f"id:>{after}" if after else None, "lines": 25}
            answer = requests.post(url, json={"query": "orders", "variables": variables}).json()
            nodes = answer["data"]["orders"]["nodes"]
            yield nodes
            if not answer["data"]["orders"]["pageInfo"]["hasNextPage"]:
                return
            after = int(nodes[-1]["id"].rpartition("/")[2])

    path = folder / "dlt.duckdb"
    pipeline = dlt.pipeline(
        "orders",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(str(path)),
        dataset_name="shop",
    )
    pipeline.run(orders())
    with duckdb.connect(str(path)) as database:
        rows = database.execute(
            "select count(*), sum(total_price_set__shop_money__amount::decimal(18, 4)) "
            "from shop.orders"
        ).fetchone()
    print(*rows)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
