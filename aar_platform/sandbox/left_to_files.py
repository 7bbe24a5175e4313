"""What of the made-up company no API serves: the tables and order rows left to export files."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox.company import Company
from aar_platform.sandbox.departments import PAID, SHOP_OF, SURVEYS, Departments
from aar_platform.sandbox.sales import countries_of


def left_to_files(company: Company, dealt: Departments) -> Company:
    """The company whose exports hold only what was dealt out to no API.

    Accounts name their customers by `shop` and `shop_customer`, the number that the shop turns into
    its id. `order_rows` have the columns of `Drawn.rows`, and `file`.
    """
    drawn = company.drawn
    sold, rows, held = drawn.sold, drawn.rows, drawn.held["shop"]
    is_served = sold.lines["country"].isin(SHOP_OF).to_numpy()
    of_file = ~is_served[rows["line"].to_numpy()]
    own = set(held.loc[~held["country"].isin(SHOP_OF), "record_id"])
    tables = dict(company.tables)
    customers, refunds, reviews = (tables[name] for name in ("customers", "refunds", "reviews-en"))
    surveyed = [code for countries in SURVEYS.values() for code in countries]
    in_files = ~countries_of(sold, sold.refunds["order_id"]).isin(SHOP_OF).to_numpy()
    unasked = ~countries_of(sold, reviews["order"]).isin(surveyed).to_numpy()
    tables["customers"] = customers[customers["Customer ID"].isin(own)].reset_index(drop=True)
    tables["refunds"] = refunds[in_files].reset_index(drop=True)
    tables["accounts"] = _named(tables["accounts"], drawn.web, dealt)
    contacts = _named(tables["billing-contacts"], drawn.billing, dealt)
    contacts["acquisition_channel"] = contacts["acquisition_channel"].replace(PAID)
    tables["billing-contacts"] = contacts
    tables["reviews-en"] = reviews[unasked].reset_index(drop=True)
    left_rows = _by_month(rows[of_file].drop_duplicates("line"), company.start)
    return replace(company, tables=tables, order_rows=left_rows)


def _named(table: pd.DataFrame, held: pd.DataFrame, dealt: Departments) -> pd.DataFrame:
    """Accounts, each with the shop of the customer's country and the number there."""
    shops = [SHOP_OF.get(code, "erp") for code in held["country"]]
    numbers = {
        shop: {str(one): str(number) for number, one in enumerate(dealt.keys[shop, "contacts"])}
        for shop in set(SHOP_OF.values())
    }
    named = [text[len('{"shop": "') : -len('"}')] for text in held["external"]]
    return table.drop(columns="external_ids").assign(
        shop=shops,
        shop_customer=[
            numbers[shop][one] if shop in numbers else one
            for shop, one in zip(shops, named, strict=True)
        ],
    )


def _by_month(rows: pd.DataFrame, start: date) -> pd.DataFrame:
    """Rows of order files with `file`, one for each month, in which a late export repeats none."""
    days = np.datetime64(start, "D") + rows["day"].to_numpy().astype("timedelta64[D]")
    months = np.datetime_as_string(days.astype("datetime64[M]")).astype(object)
    named: pd.DataFrame = rows.assign(file="order-lines-" + months + ".csv")
    return named.reset_index(drop=True)
