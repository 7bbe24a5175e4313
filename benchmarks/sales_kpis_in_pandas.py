"""The peer: the KPIs of sales in pandas, as one would write them well for one table in memory.

Usage: sales_kpis_in_pandas.py FOLDER. Reads the core tables of a made-up company from Parquet files
in FOLDER and rates.csv beside them, writes pandas.parquet: kpi, period, period_start, dimension,
member, value. Nothing goes row by row.
"""

import math
import sys
from pathlib import Path

import pandas as pd

TRAITS = ["city", "segment", "owner", "age_band", "gender"]
PLACES = ["source", "channel", "campaign", "country", "region"]
LENGTHS = {"month": "M", "quarter": "Q", "year": "Y"}
BANDS = [0, 18, 25, 35, 45, 55, 65, 200]
BAND_NAMES = ["under 18", "18-24", "25-34", "35-44", "45-54", "55-64", "65 and over"]
KEY = ["period", "period_start", "dimension", "member"]
LINES_ONLY = "erp"


def local_day(moments: pd.Series) -> pd.Series:
    """The days in Paris of moments in UTC."""
    return (
        moments.dt.tz_localize("UTC")
        .dt.tz_convert("Europe/Paris")
        .dt.tz_localize(None)
        .dt.floor("D")
    )


def sales_of(folder: Path) -> pd.DataFrame:
    """Orders, stated or put together from lines, and refunds, in euros, with their customers."""
    read = {name: pd.read_parquet(folder / f"{name}.parquet") for name in ("orders", "order_lines",
            "refunds", "customer_links")}  # fmt: skip
    orders, lines, refunds = read["orders"], read["order_lines"], read["refunds"]
    lines = lines[lines.source == LINES_ONLY].sort_values(["ordered_at", "record_id"])
    derived = lines.groupby(["source", "order_id"], as_index=False).agg(
        ordered_at=("ordered_at", "min"), contact_id=("contact_id", "first"),
        country=("country", "first"), currency=("currency", "first"), total=("amount", "sum"),
    )  # fmt: skip
    orders = pd.concat([orders, derived.assign(record_id=derived.order_id)])
    orders = orders.merge(read["customer_links"], how="left", left_on=["source", "contact_id"],
                          right_on=["source", "record_id"], suffixes=("", "_link"))  # fmt: skip
    gone = orders.status == "cancelled"
    sold = orders.assign(kind="order", amount=orders.total, sold_at=orders.ordered_at)
    of = sold[["source", "order_id", "customer_id", *PLACES[1:]]].assign(gone=gone)
    back = refunds.merge(of, how="left", on=["source", "order_id"])
    back = back[~back.gone.fillna(False).astype(bool)]
    back = back.assign(kind="refund", amount=-back.amount.abs(), sold_at=back.refunded_at)
    columns = ["source", "kind", "record_id", "order_id", "customer_id", "sold_at", "currency",
               "amount", *PLACES[1:]]  # fmt: skip
    found = pd.concat([sold[~gone][columns], back[columns]], ignore_index=True)
    found["day"] = local_day(found.sold_at)
    rates = pd.read_csv(folder / "rates.csv", parse_dates=["date"])
    found = found.merge(rates, how="left", left_on=["day", "currency"],
                        right_on=["date", "currency"])  # fmt: skip
    found["amount"] = (found.amount * found.rate.fillna(1)).round(4)
    return found


def with_traits(rows: pd.DataFrame, folder: Path, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows with what is known of their customers, and `unknown` where nothing is."""
    people = pd.read_parquet(folder / "customers.parquet")
    segments = pd.read_parquet(folder / "customer_segments.parquet")
    born = pd.to_datetime(people.birth_date)
    birthday = born.dt.month * 100 + born.dt.day <= as_of.month * 100 + as_of.day
    age = as_of.year - born.dt.year - (~birthday)
    people["age_band"] = pd.cut(age, BANDS, right=False, labels=BAND_NAMES).astype("str")
    people.loc[born.isna(), "age_band"] = None
    people = people.merge(segments, on="customer_id", how="left")
    rows = rows.merge(people.drop(columns="birth_date"), on="customer_id", how="left",
                      suffixes=("", "_home"))  # fmt: skip
    for name in ("country", "region"):
        rows[name] = rows[name].fillna(rows.pop(f"{name}_home"))
    dimensions = [*PLACES, *TRAITS]
    rows[dimensions] = rows[dimensions].fillna("unknown").astype("category")
    return rows.assign(all="all")


def starts(days: pd.Series, length: str) -> pd.Series:
    """The first day of the period of each day."""
    return days.dt.to_period(LENGTHS[length]).dt.start_time


class Figures:
    """Sums by period, dimension and member, collected under the names of KPIs."""

    def __init__(self, dimensions: list[str]) -> None:
        self.dimensions = dimensions
        self.found: dict[str, list[pd.DataFrame]] = {}

    def add(self, name: str, rows: pd.DataFrame, start: pd.Series, length: str,
            of: str | None = None, distinct: bool = False,
            dimensions: list[str] | None = None) -> None:  # fmt: skip
        """Count rows, add up their column `of`, or count different values of it."""
        for dimension in dimensions or self.dimensions:
            if dimension not in rows.columns:
                continue
            keys = [start.rename("period_start"), rows[dimension].rename("member")]
            if of is None:
                value = rows.groupby(keys, observed=True).size()
            elif distinct:
                once = pd.DataFrame({"start": keys[0], "member": keys[1], "of": rows[of]})
                once = once.drop_duplicates()
                value = once.groupby(["start", "member"], observed=True).size()
            else:
                value = rows[of].groupby(keys, observed=True).sum()
            value.index.names = ["period_start", "member"]
            told = value.rename("value").reset_index()
            told["member"] = told.member.astype("str")
            told = told.assign(period=length, dimension=dimension)
            self.found.setdefault(name, []).append(told)

    def of(self, name: str) -> pd.Series:
        """The figures of a name by KEY."""
        return pd.concat(self.found[name]).set_index(KEY)["value"].astype("float64")

    def ratio(self, above: str, below: str) -> pd.Series:
        """One by the other."""
        divisor = self.of(below)
        return self.of(above).reindex(divisor.index).fillna(0) / divisor


def churn_days(bought: pd.DataFrame) -> int:
    """Nine in ten customers who came back did so within so many days."""
    days = bought[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])
    gaps = days.groupby("customer_id").day.diff().dt.days.dropna()
    return min(max(math.ceil(gaps.quantile(0.9)), 30), 365)


def subscribers(folder: Path) -> pd.DataFrame:
    """Customers with a subscription, the days it began and ended, and its traits."""
    found = pd.read_parquet(folder / "subscriptions.parquet")
    links = pd.read_parquet(folder / "customer_links.parquet")
    found = found.merge(links, left_on=["source", "contact_id"], right_on=["source", "record_id"])
    began, ended = local_day(found.started_at), local_day(found.ended_at)
    found = found[["source", "customer_id"]].assign(began=began, ended=ended)
    nothing = pd.Series([None] * len(found), dtype="str")
    return found.assign(channel=nothing, campaign=nothing, country=nothing, region=nothing)


def main(folder: Path) -> None:
    """Compute and write the figures."""
    sold = sales_of(folder)
    as_of = sold.day.max()
    sold = with_traits(sold, folder, as_of)
    every = ["all", *PLACES, *TRAITS]
    figures = Figures(every)
    sold["is_order"] = sold.kind == "order"
    sold["is_sold"] = sold.is_order & (sold.amount > 0)
    bought = sold[sold.is_sold & sold.customer_id.notna()]
    bought = bought.sort_values(["customer_id", "sold_at", "source", "record_id"])
    by_customer = bought.groupby("customer_id").day
    bought["nth"] = by_customer.cumcount()
    bought["previous_on"], bought["next_on"] = by_customer.shift(1), by_customer.shift(-1)
    days = churn_days(bought)
    window = pd.Timedelta(days=days)
    bought["came_back"] = bought.day > bought.previous_on + window
    bought["gone_on"] = bought.day + window
    lost = bought[(bought.gone_on <= as_of)
                  & (bought.next_on.isna() | (bought.next_on > bought.gone_on))]  # fmt: skip
    contracts = with_traits(subscribers(folder), folder, as_of)
    ran = contracts[contracts.ended.isna() | (contracts.ended > contracts.began)]
    bought["subscribed"] = bought.customer_id.map(ran.groupby("customer_id").began.min())
    returned = sold[~sold.is_sold].assign(amount=lambda t: -t.amount)
    for length in LENGTHS:
        start = starts(sold.day, length)
        figures.add("revenue", sold, start, length, "amount")
        figures.add("gross_revenue", sold[sold.is_sold], start[sold.is_sold], length, "amount")
        figures.add("orders", sold[sold.is_order], start[sold.is_order], length)
        figures.add("value", sold[sold.is_order], start[sold.is_order], length, "amount")
        figures.add("returned", returned, start[returned.index], length, "amount")
        known = sold[sold.customer_id.notna()]
        figures.add("known", known, start[known.index], length, "amount")
        own = start[bought.index]
        figures.add("active_customers", bought, own, length, "customer_id", distinct=True)
        figures.add("purchases", bought, own, length)
        for name, rows in (("new_customers", bought[bought.nth == 0]),
                           ("reactivated_customers", bought[bought.came_back])):  # fmt: skip
            figures.add(name, rows, start[rows.index], length)
        again = bought[bought.nth > 0]
        figures.add("again", again, start[again.index], length, "customer_id", distinct=True)
        figures.add("lost_customers", lost, starts(lost.gone_on, length), length)
        ends = own.dt.to_period(LENGTHS[length]).dt.end_time.dt.floor("D") + pd.Timedelta(days=1)
        kept = bought[(bought.next_on.isna() | (bought.next_on >= ends)) & (ends <= as_of)]
        after = ends[kept.index]
        figures.add("before", kept, after, length)
        closes = (after.dt.to_period(LENGTHS[length]).dt.end_time.dt.floor("D")
                  + pd.Timedelta(days=1)).clip(upper=as_of + pd.Timedelta(days=1))  # fmt: skip
        back = kept.next_on < closes
        figures.add("stayed", kept[back], after[back], length)
        for begin in pd.period_range(sold.day.min(), as_of, freq=LENGTHS[length]):
            first = begin.start_time
            end = min(begin.end_time.floor("D"), as_of) + pd.Timedelta(days=1)

            def constant(rows: pd.DataFrame, day: pd.Timestamp = first) -> pd.Series:
                return pd.Series(day, index=rows.index)

            silent = active(bought, end, window)
            silent = silent[silent.day < first]
            figures.add("dormant_customers", silent, constant(silent), length)
            there, later = active(bought, first, window), active(bought, end, window)
            there = there[~(there.subscribed < first)]
            paying = running(ran, first)
            stay = {*later[~(later.subscribed < end)].customer_id, *running(ran, end).customer_id}
            gone = there[~there.customer_id.isin(stay)]
            left = paying[~paying.customer_id.isin(stay)]
            for name, parts in (("at_start", (there, paying)), ("left", (gone, left))):
                rows = pd.concat([part[every].drop(columns="campaign") for part in parts])
                rows = rows.reset_index(drop=True)
                figures.add(name, rows, constant(rows), length)
    by_product(folder, sold, figures)
    result = {name: figures.of(name) for name in ("revenue", "gross_revenue", "orders",
              "active_customers", "new_customers", "reactivated_customers", "lost_customers",
              "dormant_customers")}  # fmt: skip
    result |= {
        "average_order_value": figures.ratio("value", "orders"),
        "refund_rate": figures.ratio("returned", "gross_revenue"),
        "repeat_rate": figures.ratio("again", "active_customers"),
        "purchase_frequency": figures.ratio("purchases", "active_customers"),
        "revenue_per_customer": figures.ratio("known", "active_customers"),
        "retention_rate": figures.ratio("stayed", "before"),
        "churn_rate": figures.ratio("left", "at_start"),
    }
    told = pd.concat(result, names=["kpi"])
    told.rename("value").reset_index().to_parquet(folder / "pandas.parquet")


def active(bought: pd.DataFrame, day: pd.Timestamp, window: pd.Timedelta) -> pd.DataFrame:
    """The last purchase before `day` of everyone who made one in the window before it."""
    is_last = bought.next_on.isna() | (bought.next_on >= day)
    return bought[(bought.day < day) & (bought.day >= day - window) & is_last]


def running(contracts: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The subscriptions that ran on the day before `day`, one per customer."""
    ended = contracts.ended
    runs = (contracts.began < day) & (ended.isna() | ((ended >= day) & (ended > contracts.began)))
    return contracts[runs].drop_duplicates("customer_id")


def by_product(folder: Path, sold: pd.DataFrame, figures: Figures) -> None:
    """Revenue shared out to products and categories by the values of the lines."""
    columns = ["source", "order_id", "product", "category", "amount"]
    lines = pd.read_parquet(folder / "order_lines.parquet", columns=columns)
    whole = lines.groupby(["source", "order_id"]).amount.transform("sum")
    lines["share"] = lines.pop("amount") / whole
    rows = sold[["source", "order_id", "day", "amount"]].astype({"source": "str"})
    rows = rows.merge(lines, how="left", on=["source", "order_id"])
    rows["amount"] *= rows.share.fillna(1)
    for name in ("product", "category"):
        rows[name] = rows[name].fillna("unknown").astype("category")
    for length in LENGTHS:
        start = starts(rows.day, length)
        figures.add("revenue", rows, start, length, "amount", dimensions=["product", "category"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
