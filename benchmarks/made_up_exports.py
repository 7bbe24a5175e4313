"""Made-up order lines in the shape of a wholesaler's daily export, seeded.

Usage: made_up_exports.py day-files FOLDER | one-file FILE.parquet
"""

import sys
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

SEED = 541910
FIRST_DAY = date(2022, 12, 1)
# As in the export of a real gift wholesaler: lines without a customer, and cancelled invoices.
UNKNOWN_SHARE = 0.27
CANCELLED_SHARE = 0.15
COUNTRIES = ["United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Australia"]
COUNTRY_SHARES = [0.9, 0.03, 0.025, 0.02, 0.01, 0.01, 0.005]


def order_lines(lines: int, invoices: int, days: int, customers: int) -> pd.DataFrame:
    """Order lines over `days` working days (no Saturdays) from FIRST_DAY, in time order."""
    random = np.random.default_rng(SEED)
    working = [FIRST_DAY + timedelta(days=n) for n in range(2 * days)]
    working = [day for day in working if day.weekday() != 5][:days]
    # Every day has an invoice and every invoice a line; the rest fall where they fall.
    day = np.sort(np.append(np.arange(days), random.integers(0, days, invoices - days)))
    minute = random.integers(8 * 60, 18 * 60, invoices)
    order = np.lexsort((minute, day))
    opened = pd.to_datetime(pd.Series(working))[day].reset_index(drop=True)
    opened = (opened + pd.to_timedelta(minute, unit="min"))[order].reset_index(drop=True)
    buyer = 12_000 + (customers * random.random(invoices) ** 2.5).astype("int64")
    unknown = random.random(invoices) < UNKNOWN_SHARE
    cancelled = random.random(invoices) < CANCELLED_SHARE
    country = random.choice(COUNTRIES, len(COUNTRIES) * 10_000, p=COUNTRY_SHARES)
    number = np.where(cancelled, "C", "") + (536_000 + np.arange(invoices)).astype("str").astype(
        object
    )
    # A cancellation sends back a few articles of an order.
    weight = np.where(cancelled, 0.1, 1.0)
    of = np.append(
        np.arange(invoices),
        random.choice(invoices, lines - invoices, p=weight / weight.sum()),
    )
    of.sort()
    article = (3_500 * random.random(lines) ** 2).astype("int64")
    price = np.round(random.lognormal(1.0, 0.8, 3_500), 2) + 0.1
    pieces = np.ceil(random.lognormal(1.5, 1.1, lines)).astype("int64")
    return pd.DataFrame(
        {
            "InvoiceNo": number[of],
            "StockCode": (20_000 + article).astype("str"),
            "Description": np.char.add("GIFT ARTICLE NO ", article.astype("str")),
            "Quantity": np.where(cancelled[of], -pieces, pieces),
            "InvoiceDate": opened.to_numpy()[of],
            "UnitPrice": np.round(price[article], 2),
            "CustomerID": pd.Series(buyer[of].astype("float64")).mask(unknown[of]),
            "Country": country[buyer % len(country)][of],
        }
    )


def write_day_files(folder: Path) -> None:
    """320,000 lines of 4,300 customers in 219 CSV files, CustomerID written as a float."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = order_lines(320_000, 16_400, 219, 4_300)
    for day, part in lines.groupby(lines["InvoiceDate"].dt.strftime("%Y-%m-%d")):
        part.to_csv(folder / f"{day}.csv", index=False)


def write_one_file(file: Path) -> None:
    """1,500,000 lines of 76,000 customers over 626 working days in one Parquet file."""
    lines = order_lines(1_500_000, 300_000, 626, 100_000)
    lines["CustomerID"] = lines["CustomerID"].astype("Int64").astype("string")
    file.parent.mkdir(parents=True, exist_ok=True)
    lines.to_parquet(file, index=False)


if __name__ == "__main__":
    {"day-files": write_day_files, "one-file": write_one_file}[sys.argv[1]](Path(sys.argv[2]))
