"""The peer: the monthly figures of order lines as one would write them in pandas, and no more.

Usage: plain_pandas.py FOLDER_OF_CSV|FILE.parquet
Prints JSON: month → revenue, invoices, customers.
"""

import json
import sys
from pathlib import Path

import pandas as pd


def read_lines(data: Path) -> pd.DataFrame:
    """All order lines of a Parquet file or of the CSV files in a folder."""
    if data.is_file():
        return pd.read_parquet(data)
    text = {"InvoiceNo": "str", "StockCode": "str", "CustomerID": "str"}
    return pd.concat(
        pd.read_csv(file, dtype=text, parse_dates=["InvoiceDate"])
        for file in sorted(data.glob("*.csv"))
    )


def main(data: Path) -> None:
    """Print the figures of the order lines in `data`."""
    lines = read_lines(data)
    lines["amount"] = lines["Quantity"] * lines["UnitPrice"]
    months = lines.groupby(lines["InvoiceDate"].dt.strftime("%Y-%m")).agg(
        revenue=("amount", "sum"),
        invoices=("InvoiceNo", "nunique"),
        customers=("CustomerID", "nunique"),
    )
    print(json.dumps(months.round(2).to_dict("index")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
