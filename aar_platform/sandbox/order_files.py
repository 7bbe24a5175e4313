"""Order lines as the shop's nightly export writes them: one file a day, with its broken rows."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from aar_platform.sandbox.mess import some
from aar_platform.sandbox.places import BY_CODE
from aar_platform.sandbox.sales import BROKEN_SHARE, products

# Nights whose export ran late: the next file begins with the orders from ten in the evening on.
LATE_NIGHTS = 6
COLUMNS = (
    "Order", "SKU", "Product", "Category", "Quantity", "Unit price", "Discount", "Ordered at",
    "Customer", "Country", "Currency",
)  # fmt: skip
_UNREADABLE = {
    "Ordered at": ("{}-02-31 10:15:00", "31/02/{} 18:40", "yesterday evening"),
    "Quantity": ("abc", "two", "1O"),
}


def file_name(start: date, day: int) -> str:
    """The name of a day's file, without folders."""
    return f"order-lines-{start + timedelta(days=day)}.csv"


def write_lines(rng: np.random.Generator, lines: pd.DataFrame, start: date) -> pd.DataFrame:
    """All rows of all files: the columns of the export as text, and

    line (row of `lines`), day (of the file, from the start) and broken (the unreadable column or
    ""). A row repeated by a late export stands twice, with the same `line`.
    """
    n = len(lines)
    catalogue = products().iloc[lines["item"]]
    moments = np.datetime64(start, "s") + lines["moment"].to_numpy().astype("timedelta64[s]")
    country = lines["country"].map({c: v.names[0] for c, v in BY_CODE.items()}).to_numpy(object)
    shouted, padded = some(rng, n, 0.004), some(rng, n, 0.004)
    country[shouted] = [name.upper() for name in country[shouted]]
    country[padded] = [f" {name} " for name in country[padded]]
    rows = pd.DataFrame(
        {
            "Order": lines["order_id"],
            "SKU": catalogue["sku"].to_numpy(object),
            "Product": catalogue["product"].to_numpy(object),
            "Category": catalogue["category"].to_numpy(object),
            "Quantity": _texts(lines["quantity"].to_numpy(), "{:d}", 1),
            "Unit price": _texts(lines["price"].to_numpy(), "{:.2f}", 100),
            "Discount": _texts(lines["discount"].to_numpy(), "{:.2f}", 100),
            "Ordered at": np.char.replace(np.datetime_as_string(moments), "T", " ").astype(object),
            "Customer": lines["customer"],
            "Country": country,
            "Currency": lines["currency"],
            "line": np.arange(n),
            "day": lines["moment"] // 86400,
            "broken": "",
        }
    )
    _break(rng, rows, lines["quantity"].to_numpy() > 0, start)
    late = rng.choice(int(rows["day"].max()), LATE_NIGHTS, replace=False)
    evening = (lines["moment"] % 86400 >= 22 * 3600).to_numpy()
    again = rows[rows["day"].isin(late).to_numpy() & evening & (rows["broken"] == "").to_numpy()]
    rows = pd.concat([again.assign(day=again["day"] + 1), rows], ignore_index=True)
    return rows.sort_values("day", kind="stable", ignore_index=True)


def _texts(numbers: np.ndarray, pattern: str, unit: int) -> np.ndarray:
    """Whole numbers as text, formatted once for each distinct one."""
    values, where = np.unique(numbers, return_inverse=True)
    return np.array([pattern.format(v if unit == 1 else v / unit) for v in values], object)[where]


def _break(rng: np.random.Generator, rows: pd.DataFrame, may: np.ndarray, start: date) -> None:
    """Make a date or a quantity unreadable in a few rows (six at least), in place."""
    among = np.flatnonzero(may)
    count = min(len(among), max(6, round(len(rows) * BROKEN_SHARE)))
    chosen = np.sort(rng.choice(among, count, replace=False))
    days = rows["day"].to_numpy()
    for i, at in enumerate(chosen):
        column = ("Ordered at", "Quantity")[i % 2]
        texts = _UNREADABLE[column]
        year = (start + timedelta(days=int(days[at]))).year
        rows.at[at, column] = texts[i // 2 % len(texts)].format(year)
        rows.at[at, "broken"] = column
