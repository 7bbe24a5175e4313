"""What is true of the made-up company: who is who, who has left, and what was earned."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from aar_platform.sandbox.company import Company
from aar_platform.sandbox.order_files import file_name
from aar_platform.sandbox.parts import Part
from aar_platform.sandbox.sales import Sales


def entities(company: Company) -> pd.DataFrame:
    """source, record_id, entity: the person or company behind each record of each system."""
    drawn, shop = company.drawn, company.drawn.held["shop"]
    # A forgotten account is a record only where an order names it.
    told = {*company.tables["customers"]["Customer ID"], *drawn.rows["Customer"]}
    seen = shop[[one in told for one in shop["record_id"]]]
    names = drawn.people["entity"].to_numpy(object)
    held = drawn.held | {"shop": seen, "web": drawn.web, "billing": drawn.billing}
    frames = [
        pd.DataFrame(
            {
                "source": source,
                "record_id": frame["record_id"].to_numpy(object),
                "entity": names[frame["person"].to_numpy()],
            }
        )
        for source, frame in held.items()
    ]
    ids = company.tables["companies"]["Compte"].to_numpy(object)
    owned = drawn.companies["entity"].to_numpy(object)[drawn.account_rows]
    frames.append(pd.DataFrame({"source": "crm", "record_id": ids, "entity": owned}))
    return pd.concat(frames, ignore_index=True)


def churned(company: Company) -> pd.DataFrame:
    """One row per buyer: entity, acquired_on, orders_per_year (rate), is_churned, churned_on."""
    people, buyers, start = company.drawn.people, company.drawn.buyers, company.start
    is_buyer = buyers["is_buyer"].to_numpy()
    gone = buyers["dropped_out"].to_numpy()[is_buyer]
    left = gone < (company.until - start).days + 1
    return pd.DataFrame(
        {
            "entity": people["entity"].to_numpy(object)[is_buyer],
            "acquired_on": [
                (start + timedelta(days=int(d))).isoformat() for d in buyers["acquired"][is_buyer]
            ],
            "orders_per_year": np.round(buyers["rate"].to_numpy()[is_buyer] * 365, 4),
            "is_churned": np.where(left, "true", "false"),
            "churned_on": [
                (start + timedelta(days=int(d))).isoformat() if out else ""
                for d, out in zip(gone, left, strict=True)
            ],
        }
    )


def broken(rows: pd.DataFrame, start: date) -> pd.DataFrame:
    """Rows that no reader can read: file, line (in an editor; the heading is 1), column, value.

    A row stands in the file that `file` names, or else in that of its `day`.
    """
    named = rows
    if "file" not in rows.columns:
        named = rows.assign(file=[f"shop/{file_name(start, day)}" for day in rows["day"]])
    line = named.groupby("file").cumcount() + 2
    bad = named[named["broken"] != ""]
    return pd.DataFrame(
        {
            "file": bad["file"],
            "line": line[bad.index],
            "column": bad["broken"],
            "value": [named.at[i, column] for i, column in bad["broken"].items()],
        }
    )


def monthly(sales: Sales, rows: pd.DataFrame, rates: pd.DataFrame, start: date) -> pd.DataFrame:
    """month, revenue, orders, cancellations, refunds and customers, with broken rows absent.

    Revenue is in EUR, net of cancellations and refunds; customers are people with an order in the
    month, however many accounts they use. Sums are exact: cents times millionths in whole numbers,
    rounded once, half up. A missing rate is a KeyError.
    """
    first = rows.drop_duplicates("line")
    good = np.sort(first.loc[first["broken"] == "", "line"].to_numpy())
    lines = sales.lines.iloc[good]
    earned = lines.assign(cents=lines["quantity"] * lines["price"] - lines["discount"])
    paid_back = sales.refunds.assign(cents=-sales.refunds["amount"])
    columns = ["moment", "currency", "cents"]
    money = pd.concat([earned[columns], paid_back[columns]], ignore_index=True)
    day = pd.Series(np.datetime64(start, "D") + (money["moment"].to_numpy() // 86400))
    millionths = (rates["rate"].to_numpy() * 1_000_000).round().astype(np.int64)
    rate = pd.Series(millionths, index=pd.MultiIndex.from_frame(rates[["date", "currency"]]))
    keys = pd.MultiIndex.from_arrays([day.dt.strftime("%Y-%m-%d"), money["currency"]])
    foreign = (money["currency"] != "EUR").to_numpy()
    factor = np.full(len(money), 1_000_000)
    factor[foreign] = rate.loc[keys[foreign]].to_numpy()
    micros = (money["cents"].to_numpy() * factor).astype(object)
    revenue = pd.Series(micros).groupby(_months(money["moment"], start)).sum()
    orders = sales.orders[sales.orders["order_id"].isin(set(lines["order_id"]))]
    month = pd.Series(_months(orders["moment"], start), index=orders.index)
    placed = ~orders["is_cancellation"]
    known = orders[placed & (orders["person"] >= 0)]
    counts = pd.DataFrame(
        {
            "orders": month[placed].value_counts(),
            "cancellations": month[~placed].value_counts(),
            "refunds": pd.Series(_months(sales.refunds["moment"], start)).value_counts(),
            "customers": known["person"].groupby(month[known.index]).nunique(),
        }
    )
    table = counts.reindex(revenue.index).fillna(0).astype(int)
    euros = [
        (Decimal(int(value)) / 10**8).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        for value in revenue
    ]
    table.insert(0, "revenue", [str(value) for value in euros])
    return table.rename_axis("month").reset_index()


def _months(moments: pd.Series, start: date) -> np.ndarray:
    """The month of each moment (seconds from the start), as text."""
    days = np.datetime64(start, "D") + (moments.to_numpy() // 86400).astype("timedelta64[D]")
    return np.datetime_as_string(days.astype("datetime64[M]")).astype(object)


def records(parts: Mapping[str, Part]) -> pd.DataFrame:
    """source, core_table, measure, value: what each served system holds, to be found again.

    Measures are `rows` (of records that are not deleted), the sum of a column, or rows with a
    value, as in `event=opened`. Money is in units of its currency; currencies are added up as if
    they were one, which tells a wrong amount from a right one just as well.
    """
    found: list[tuple[str, str, str, object]] = []
    for source, part in parts.items():
        for table, measures in _measures(source, part).items():
            found += [(source, table, measure, value) for measure, value in measures.items()]
    return pd.DataFrame(found, columns=["source", "core_table", "measure", "value"])


def _measures(source: str, part: Part) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    if len(part.people):
        found["contacts"] = {"rows": int((~part.people["is_deleted"]).sum())}
    if len(part.companies):
        found["companies"] = {"rows": len(part.companies)}
    if len(part.deals):
        found["deals"] = {"rows": len(part.deals), "amount": _units(part.deals["amount"]),
                          "is_won=true": int(part.deals["is_won"].sum())}  # fmt: skip
    if len(part.orders):
        lines = part.order_lines
        amounts = lines["quantity"] * lines["price"] - lines["discount"]
        found["orders"] = {"rows": len(part.orders), "total": _units(part.orders["total"])}
        found["order_lines"] = {"rows": len(lines), "quantity": int(lines["quantity"].sum()),
                                "amount": _units(amounts)}  # fmt: skip
        found["refunds"] = {"rows": len(part.refunds), "amount": _units(part.refunds["amount"])}
    if len(part.tickets):
        found["tickets"] = {"rows": len(part.tickets),
                            "satisfaction": int(part.tickets["score"].notna().sum()),
                            "solved_at": int(part.tickets["solved_at"].notna().sum())}  # fmt: skip
    if len(part.messages):
        told = part.messages["event"]
        # Constant Contact tells what was sent and what bounced, and of nothing that it arrived.
        told = told[told != "delivered"] if source == "constant_contact" else told
        events = told.value_counts()
        found["campaigns"] = {"rows": len(part.campaigns)}
        found["messages"] = {f"event={event}": int(count) for event, count in events.items()}
    if len(part.feedback):
        scores = part.feedback["score"]
        found["feedback"] = {"rows": len(part.feedback), "score": int(scores.sum())}
    if len(part.visits):
        found["web_visits"] = {name: int(part.visits[name].sum())
                               for name in ("sessions", "page_views", "conversions")}  # fmt: skip
    if len(part.spend):
        found["spend"] = {"amount": _units(part.spend["amount"]),
                          "clicks": int(part.spend["clicks"].sum()),
                          "impressions": int(part.spend["impressions"].sum())}  # fmt: skip
    return found


def _units(cents: pd.Series) -> str:
    """A sum of cents in whole units and cents."""
    return str((Decimal(int(cents.sum())) / 100).quantize(Decimal("0.01")))
