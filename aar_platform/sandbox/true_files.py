"""What the made-up company's export files and database say, record by record (`true_records`)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from aar_platform.sandbox.company import Drawn
from aar_platform.sandbox.local_time import utc
from aar_platform.sandbox.sales import products

_ACQUISITION = ("acquired_at", "acquisition_channel", "acquisition_campaign")


def stamps(moments: Any) -> np.ndarray:
    """Moments in UTC as text; "" for none."""
    seconds = np.asarray(moments).astype("datetime64[s]")
    said = np.char.add(np.datetime_as_string(seconds), "Z").astype(object)
    return np.where(np.isnat(seconds), "", said)


def money(cents: Any) -> np.ndarray:
    """Whole cents as text, in units; each distinct amount is written once."""
    values, where = np.unique(np.asarray(cents), return_inverse=True)
    return np.array([f"{value / 100:.2f}" for value in values], object)[where]


def entity_by_order(drawn: Drawn) -> pd.Series:
    """Who placed each order or cancelled it, by order id; "" for nobody known."""
    orders = drawn.sold.orders
    names = np.append(drawn.people["entity"].to_numpy(object), "")
    return pd.Series(names[orders["person"]], index=orders["order_id"].to_numpy(object))


def of_files(
    drawn: Drawn,
    order_rows: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    shop: str,
    start: date,
) -> dict[str, pd.DataFrame]:
    """The records of the shop (called `shop`), of reviews, the web shop and billing.

    `order_rows` are the rows of the shop's order files (line, broken), `tables` the other exports
    by their names in `Company.tables`.
    """
    buyer = entity_by_order(drawn)
    lines = _lines(drawn, order_rows, buyer, shop, start)
    return {
        "contacts": _contacts(drawn, tables, shop),
        "orders": _orders(lines),
        "order_lines": lines,
        "refunds": _refunds(tables["refunds"], buyer, shop),
        "feedback": _reviews(tables, buyer),
        "experiment_assignments": _assignments(drawn, tables["experiment"]),
        **_billing(drawn, tables),
    }


def _lines(
    drawn: Drawn, order_rows: pd.DataFrame, buyer: pd.Series, shop: str, start: date
) -> pd.DataFrame:
    first = order_rows.drop_duplicates("line")
    lines = drawn.sold.lines.iloc[first.loc[first["broken"] == "", "line"]]
    items = products().iloc[lines["item"]]
    moments = np.datetime64(start, "s") + lines["moment"].to_numpy().astype("timedelta64[s]")
    quantity, price, off = (lines[name].to_numpy() for name in ("quantity", "price", "discount"))
    order = lines["order_id"].to_numpy(object)
    return pd.DataFrame(
        {
            "source": shop,
            # The platform makes an id of the row's content.
            "record_id": "",
            "entity": buyer.loc[order].to_numpy(object),
            "order_id": order,
            "contact_id": lines["customer"].to_numpy(object),
            "ordered_at": stamps(utc(pd.Series(moments))),
            "sku": items["sku"].to_numpy(object),
            "product": items["product"].to_numpy(object),
            "category": items["category"].to_numpy(object),
            "quantity": quantity,
            "unit_price": money(price),
            "discount": money(off),
            "amount": money(quantity * price - off),
            "currency": lines["currency"].to_numpy(object),
            "country": lines["country"].to_numpy(object),
        }
    )


def _orders(lines: pd.DataFrame) -> pd.DataFrame:
    """The orders that lines make up; one that takes another back is an order of its own."""
    cents = (lines["amount"].astype(float) * 100).round().astype(np.int64)
    total = cents.groupby(lines["order_id"]).sum()
    head = ["source", "order_id", "entity", "contact_id", "ordered_at", "country", "currency"]
    orders = lines[head].drop_duplicates("order_id").rename(columns={"order_id": "record_id"})
    nothing = dict.fromkeys(("channel", "campaign", "gross", "discount", "cancelled_at"), "")
    return orders.assign(total=money(total.loc[orders["record_id"]]), is_test="false", **nothing)


def _refunds(refunds: pd.DataFrame, buyer: pd.Series, shop: str) -> pd.DataFrame:
    """Refunds as the bookkeeping writes them: to the minute, local time."""
    order = refunds["Commande"].to_numpy(object)
    return pd.DataFrame(
        {
            "source": shop,
            "record_id": refunds["Avoir"].to_numpy(object),
            "entity": buyer.loc[order].to_numpy(object),
            "contact_id": refunds["Client"].to_numpy(object),
            "order_id": order,
            "refunded_at": stamps(utc(pd.to_datetime(refunds["Date"], format="%d/%m/%Y %H:%M"))),
            "amount": refunds["Montant"].str.replace(",", ".").to_numpy(object),
            "currency": refunds["Devise"].to_numpy(object),
            "reason": refunds["Motif"].to_numpy(object),
        }
    )


def _reviews(tables: Mapping[str, pd.DataFrame], buyer: pd.Series) -> pd.DataFrame:
    names = ["record_id", "email", "score", "text", "order", "day"]
    both = [tables[name].set_axis(names, axis=1) for name in ("reviews-zh", "reviews-en")]
    reviews = pd.concat(both, ignore_index=True)
    moments = pd.to_datetime(reviews["day"].str.replace("/", "-"))
    return pd.DataFrame(
        {
            "source": "reviews",
            "record_id": reviews["record_id"],
            "entity": buyer.loc[reviews["order"]].to_numpy(object),
            "channel": "review",
            "score": reviews["score"],
            "scale_min": 1,
            "scale_max": 5,
            "given_at": stamps(utc(moments)),
        }
    )


def owners(drawn: Drawn, held: pd.DataFrame) -> pd.Series:
    """The person behind each record id of a system."""
    names = drawn.people["entity"].to_numpy(object)
    return pd.Series(names[held["person"]], index=held["record_id"].to_numpy(object))


def _assignments(drawn: Drawn, experiment: pd.DataFrame) -> pd.DataFrame:
    user = experiment["user_id"].to_numpy(object)
    return pd.DataFrame(
        {
            "source": "web",
            "record_id": "",
            "entity": owners(drawn, drawn.web).loc[user].to_numpy(object),
            "contact_id": user,
            "experiment": experiment["experiment"],
            "variant": experiment["variant"],
            "assigned_at": experiment["assigned_at"],
        }
    )


def _billing(drawn: Drawn, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    owner = owners(drawn, drawn.billing)
    renamed = {"customer": "contact_id", "subscription": "record_id", "entry": "record_id"}
    found = {}
    for name in ("subscriptions", "usage"):
        table = tables[name].rename(columns=renamed).drop_duplicates("record_id")
        table.insert(0, "source", "billing")
        table.insert(2, "entity", owner.loc[table["contact_id"]].to_numpy(object))
        found[name] = table
    return found


def contacts_of(drawn: Drawn, source: str, ids: pd.Series, held: pd.DataFrame) -> pd.DataFrame:
    """Contacts with these ids, of whom the source does not say how they were won."""
    names = ids.to_numpy(object)
    entity = owners(drawn, held).loc[names].to_numpy(object)
    known = {"source": source, "record_id": names, "entity": entity, "contact_id": names}
    return pd.DataFrame(known | dict.fromkeys(_ACQUISITION, ""))


def _contacts(drawn: Drawn, tables: Mapping[str, pd.DataFrame], shop: str) -> pd.DataFrame:
    """Contacts that are not deleted."""
    customers, billed = tables["customers"], tables["billing-contacts"]
    kept = customers.loc[customers["Deleted"] == "no", "Customer ID"]
    told = {name: billed[name].to_numpy(object) for name in _ACQUISITION}
    frames = [
        contacts_of(drawn, shop, kept, drawn.held["shop"]),
        contacts_of(drawn, "web", tables["accounts"]["user_id"], drawn.web),
        contacts_of(drawn, "billing", billed["customer"], drawn.billing).assign(**told),
    ]
    return pd.concat(frames, ignore_index=True)
