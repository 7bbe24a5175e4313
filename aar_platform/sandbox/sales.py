"""What the made-up customers buy: rates and drop-out times, orders, lines, refunds, exchange rates.

Each buyer orders at a gamma-distributed rate from the first order until an exponential drop-out
(the Pareto/NBD story), scaled by seasons, weekdays and campaigns.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from aar_platform.sandbox.places import BY_CODE, COUNTRIES

BUYER_SHARE = 0.82
GUEST_SHARE = 0.08
CANCELLED_SHARE = 0.04
REFUNDED_SHARE = 0.025
BROKEN_SHARE = 0.0004
SECOND_ACCOUNT_SHARE = 0.5  # of later orders, for a person with two shop accounts

_EUR_PER = {"GBP": 1.17, "USD": 0.92, "CNY": 0.128}
_PRICE_LEVEL = {"EUR": 1.0, "GBP": 0.88, "USD": 1.12, "CNY": 7.6}
_SEASON = (0.9, 0.85, 0.95, 0.95, 1.0, 0.95, 0.85, 0.8, 1.0, 1.05, 1.35, 1.6)
_WEEKDAY = (1.05, 1.0, 1.0, 1.0, 1.1, 1.0, 0.85)
# No order between two and three at night: that hour is missing or doubled when clocks change.
_HOURS = np.array([1, 0.5, 0, 0.3, 0.3, 0.5, 1, 2, 4, 5, 6, 6, 7, 6, 5, 5, 5, 6, 7, 8, 9, 8, 5, 2])

_CATEGORIES = {
    "Lighting": ("Table lamp", "Floor lamp", "Pendant lamp", "Wall light", "Lantern", "Night light",
                 "Desk lamp", "Candle holder", "String lights", "Reading lamp"),
    "Textiles": ("Linen throw", "Wool blanket", "Cushion cover", "Table runner", "Bath towel",
                 "Curtain pair", "Bed linen", "Tea towel", "Rug small", "Rug large"),
    "Tableware": ("Stoneware plate", "Bowl set", "Teapot", "Café au lait cup", "Carafe",
                  "Salad servers", "Wine glass", "Espresso set", "Cake stand", "Serving tray"),
    "Furniture": ("Side table", "Stool", "Bookshelf", "Coat rack", "Bench", "Bedside table",
                  "Mirror", "Magazine rack", "Armchair", "Writing desk"),
    "Garden": ("Planter", "Watering can", "Garden lantern", "Herb pot", "Bird feeder", "Hammock",
               "Fire bowl", "Deck chair"),
    "Paper": ("Notebook", "Wrapping paper", "Greeting card", "Calendar", "Poster", "Photo album"),
}  # fmt: skip
_PRICE_FROM = {
    "Lighting": 39, "Textiles": 24, "Tableware": 9, "Furniture": 119, "Garden": 19, "Paper": 4,
}  # fmt: skip
_REASONS = ("Défectueux", "Arrivé cassé", "Retour", "Livraison tardive", "Geste commercial")


@dataclass(frozen=True)
class Sales:
    """`lines` (amounts in cents, moments in seconds from the start), `refunds` and `orders`.

    A cancellation is an order of its own: with a C before the id of the one that it takes back.
    """

    lines: pd.DataFrame
    refunds: pd.DataFrame
    orders: pd.DataFrame


def products() -> pd.DataFrame:
    """The catalogue: sku, product, category, price (euro cents)."""
    rows = []
    for c, (category, names) in enumerate(_CATEGORIES.items()):
        for p, name in enumerate(names):
            cents = round(_PRICE_FROM[category] * (1 + 0.37 * ((p * 7 + c * 3) % 10))) * 100 + 90
            rows.append((f"{category[:2].upper()}{c + 1}{p:02d}", name, category, cents))
    return pd.DataFrame(rows, columns=["sku", "product", "category", "price"])


def exchange_rates(rng: np.random.Generator, start: date, days: int) -> pd.DataFrame:
    """Daily euros per unit of each foreign currency, six decimals: date, currency, rate."""
    dates = np.array([(start + timedelta(days=i)).isoformat() for i in range(days)], object)
    frames = []
    for currency, level in _EUR_PER.items():
        steps = rng.normal(0, 0.003, days)
        drift = np.zeros(days)
        for i in range(1, days):
            drift[i] = 0.985 * drift[i - 1] + steps[i]
        frames.append(
            pd.DataFrame(
                {"date": dates, "currency": currency, "rate": np.round(level * np.exp(drift), 6)}
            )
        )
    return pd.concat(frames, ignore_index=True)


def day_intensity(start: date, days: int) -> np.ndarray:
    """How busy each day is, by season and weekday, around 1."""
    calendar = [start + timedelta(days=i) for i in range(days)]
    season = np.array([_SEASON[d.month - 1] for d in calendar])
    weekday = np.array([_WEEKDAY[d.weekday()] for d in calendar])
    black_friday = np.array([1.9 if d.month == 11 and 22 <= d.day <= 30 else 1.0 for d in calendar])
    busy: np.ndarray = season * weekday * black_friday
    return busy


def draw_buyers(rng: np.random.Generator, people: pd.DataFrame, days: int) -> pd.DataFrame:
    """How each person buys: is_buyer, acquired, dropped_out (days since the start), rate per day.

    Three in ten were acquired before the start and are alive at it; the others come in growing
    numbers. `acquired` is given to people who never buy as well.
    """
    n = len(people)
    employed = people["company"].to_numpy() >= 0
    before = rng.random(n) < 0.3
    growth = 1.2 * np.arange(days) / days + 1.0
    when = np.searchsorted(np.cumsum(growth) / growth.sum(), rng.random(n))
    acquired = np.where(before, -rng.integers(1, 900, n), when)
    rate = rng.gamma(0.9, 1 / 70, n) * np.where(employed, 1.6, 1.0)
    hazard = rng.gamma(1.5, 1 / 800, n)
    life = rng.exponential(1.0, n) / np.maximum(hazard, 1e-9)
    return pd.DataFrame(
        {
            "is_buyer": rng.random(n) < BUYER_SHARE,
            "acquired": acquired,
            "dropped_out": np.maximum(acquired, 0) + np.minimum(life, 1e6),
            "rate": rate,
        }
    )


def draw_sales(
    rng: np.random.Generator,
    people: pd.DataFrame,
    buyers: pd.DataFrame,
    accounts: pd.DataFrame,
    prompted: pd.DataFrame,
    start: date,
    days: int,
) -> Sales:
    """All orders of the two years.

    `accounts` are the shop's customer records (person, record_id, is_second, created_at);
    `prompted` (person, day) are orders that a campaign or an experiment caused.
    """
    person, day = _order_days(rng, buyers, prompted, start, days)
    n_guests = round(len(person) * GUEST_SHARE)
    intensity = day_intensity(start, days)
    guest_day = rng.choice(days, n_guests, p=intensity / intensity.sum())
    person = np.concatenate([person, np.full(n_guests, -1)])
    seconds = _times(rng, len(person))
    moment = np.concatenate([day, guest_day]) * 86400 + seconds
    order = np.argsort(moment, kind="stable")
    person, moment = person[order], moment[order]
    codes = np.array([c.code for c in COUNTRIES], object)
    country = rng.choice(
        codes,
        len(person),
        p=np.array([c.share for c in COUNTRIES]) / sum(c.share for c in COUNTRIES),
    )
    known = person >= 0
    country[known] = people["country"].to_numpy(object)[person[known]]
    orders = pd.DataFrame(
        {
            "order_id": [str(500_001 + i) for i in range(len(person))],
            "person": person,
            "moment": moment,
            "country": country,
            "customer": _accounts_used(rng, person, moment, accounts, start),
            "is_cancellation": False,
        }
    )
    lines = _draw_lines(rng, people, orders)
    cancelled, cancelled_lines = _cancel(rng, orders, lines, days)
    refunds = _refund(rng, orders, lines, cancelled, days)
    orders = pd.concat([orders, cancelled.drop(columns="of")], ignore_index=True)
    lines = pd.concat([lines, cancelled_lines], ignore_index=True)
    lines = lines.sort_values(["moment", "order_id"], kind="stable", ignore_index=True)
    return Sales(lines, refunds, orders)


def _order_days(
    rng: np.random.Generator, buyers: pd.DataFrame, prompted: pd.DataFrame, start: date, days: int
) -> tuple[np.ndarray, np.ndarray]:
    """Person and day of each order, in no particular order."""
    who = np.flatnonzero(buyers["is_buyer"])
    acquired = buyers["acquired"].to_numpy()[who]
    gone = np.minimum(buyers["dropped_out"].to_numpy()[who], days)
    busy = np.concatenate([[0.0], np.cumsum(day_intensity(start, days))])
    grid = np.arange(days + 1)
    begin = np.interp(np.maximum(acquired, 0), grid, busy)
    end = np.interp(gone, grid, busy)
    count = rng.poisson(buyers["rate"].to_numpy()[who] * (end - begin))
    repeat = np.repeat(np.arange(len(who)), count)
    at = begin[repeat] + rng.random(len(repeat)) * (end - begin)[repeat]
    later = np.interp(at, busy, grid).astype(int)
    new = acquired >= 0
    person = np.concatenate([who[new], who[repeat], prompted["person"].to_numpy()])
    day = np.concatenate([acquired[new], later, prompted["day"].to_numpy()])
    alive = (day >= np.maximum(0, buyers["acquired"].to_numpy()[person])) & (
        day <= buyers["dropped_out"].to_numpy()[person]
    )
    keep = alive & (day < days) & buyers["is_buyer"].to_numpy()[person]
    return person[keep], day[keep].astype(int)


def _times(rng: np.random.Generator, n: int) -> np.ndarray:
    """Seconds after midnight, local time."""
    hour = rng.choice(24, n, p=_HOURS / _HOURS.sum())
    return hour * 3600 + rng.integers(0, 3600, n)


def _accounts_used(
    rng: np.random.Generator,
    person: np.ndarray,
    moment: np.ndarray,
    accounts: pd.DataFrame,
    start: date,
) -> np.ndarray:
    """The shop's customer id on each order: the second account for some of the later ones."""
    first = accounts[~accounts["is_second"]].set_index("person")["record_id"]
    other = accounts[accounts["is_second"]].drop_duplicates("person").set_index("person")
    since = (other["created_at"] - pd.Timestamp(start)).dt.total_seconds()
    buyer = pd.Series(person)
    use_other = (buyer.map(since).to_numpy() <= moment) & (
        rng.random(len(person)) < SECOND_ACCOUNT_SHARE
    )
    used = np.where(use_other, buyer.map(other["record_id"]), buyer.map(first)).astype(object)
    used[person < 0] = ""
    return used


def _draw_lines(
    rng: np.random.Generator, people: pd.DataFrame, orders: pd.DataFrame
) -> pd.DataFrame:
    catalogue = products()
    per_order = np.minimum(1 + rng.poisson(1.2, len(orders)), 9)
    row = np.repeat(np.arange(len(orders)), per_order)
    popularity = 1 / (1.0 + rng.permutation(len(catalogue))) ** 0.7
    item = rng.choice(len(catalogue), len(row), p=popularity / popularity.sum())
    person = orders["person"].to_numpy()[row]
    at_work = (person >= 0) & (people["company"].to_numpy()[person] >= 0)
    quantity = np.where(at_work, rng.integers(2, 9, len(row)), 1 + rng.poisson(0.5, len(row)))
    currencies = {code: c.currency for code, c in BY_CODE.items()}
    currency = orders["country"].map(currencies).to_numpy(object)[row]
    level = pd.Series(currency).map(_PRICE_LEVEL).to_numpy()
    moment = orders["moment"].to_numpy()[row]
    raised = np.where(moment >= 365 * 86400, 1.04, 1.0)
    price = (
        np.round(catalogue["price"].to_numpy()[item] * level * raised / 10).astype(np.int64) * 10
    )
    percent = rng.choice((0, 10, 20), len(row), p=(0.84, 0.11, 0.05))
    return pd.DataFrame(
        {
            "order": row,
            "order_id": orders["order_id"].to_numpy(object)[row],
            "item": item,
            "quantity": quantity.astype(np.int64),
            "price": price,
            "discount": np.round(quantity * price * percent / 100).astype(np.int64),
            "currency": currency,
            "moment": moment,
            "customer": orders["customer"].to_numpy(object)[row],
            "country": orders["country"].to_numpy(object)[row],
        }
    )


def _cancel(
    rng: np.random.Generator, orders: pd.DataFrame, lines: pd.DataFrame, days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cancellations a few days later, under the order's id with a C: every line turned negative."""
    of = np.flatnonzero(rng.random(len(orders)) < CANCELLED_SHARE)
    when = orders["moment"].to_numpy()[of] // 86400 * 86400 + 86400 * rng.integers(1, 6, len(of))
    when = when + _times(rng, len(of))
    of, when = of[when < days * 86400], when[when < days * 86400]
    cancelled = orders.iloc[of].assign(moment=when, is_cancellation=True, of=of)
    cancelled["order_id"] = "C" + cancelled["order_id"]
    moments = pd.Series(when, index=of)
    negative = lines[lines["order"].isin(of)].copy()
    negative["moment"] = negative["order"].map(moments)
    negative["order_id"] = "C" + negative["order_id"]
    negative["quantity"] *= -1
    negative["discount"] *= -1
    return cancelled, negative


def _refund(
    rng: np.random.Generator,
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    cancelled: pd.DataFrame,
    days: int,
) -> pd.DataFrame:
    """Money back for the first line of some orders that were not cancelled, after 3 to 25 days."""
    drawn = rng.random(len(orders)) < REFUNDED_SHARE
    drawn[cancelled["of"].to_numpy()] = False
    refunds = lines.drop_duplicates("order")
    refunds = refunds[drawn[refunds["order"].to_numpy()]]
    when = refunds["moment"] // 86400 * 86400 + 86400 * rng.integers(3, 26, len(refunds))
    when = when + _times(rng, len(refunds))
    reason = rng.choice(np.array(_REASONS, object), len(refunds))
    refunds = refunds.assign(
        moment=when,
        amount=refunds["quantity"] * refunds["price"] - refunds["discount"],
        reason=reason,
    )
    refunds = refunds[refunds["moment"] < days * 86400].sort_values("moment", kind="stable")
    refunds["refund_id"] = [f"R{70_001 + i}" for i in range(len(refunds))]
    columns = ["refund_id", "order_id", "customer", "moment", "amount", "currency", "reason"]
    table: pd.DataFrame = refunds[columns].reset_index(drop=True)
    return table


def countries_of(sold: Sales, order_ids: pd.Series) -> pd.Series:
    """The country of each of these orders."""
    country: pd.Series = order_ids.map(sold.orders.set_index("order_id")["country"])
    return country


def money_back(sold: Sales, order_ids: np.ndarray) -> pd.DataFrame:
    """Refunds of these orders; a cancellation is one of the whole order, on its own day."""
    asked = pd.Index(order_ids)
    cancelled = sold.orders[sold.orders["is_cancellation"]]
    cancelled = cancelled[asked.get_indexer(cancelled["order_id"].str[1:]) >= 0]
    taken_back = pd.Index(cancelled["order_id"])
    lines = sold.lines[taken_back.get_indexer(sold.lines["order_id"]) >= 0]
    worth = -(lines["quantity"] * lines["price"] - lines["discount"])
    amounts = worth.groupby(lines["order_id"]).sum()
    first = lines.drop_duplicates("order_id").set_index("order_id")
    whole = pd.DataFrame(
        {
            "order_id": cancelled["order_id"].str[1:],
            "moment": cancelled["moment"],
            "amount": cancelled["order_id"].map(amounts),
            "currency": cancelled["order_id"].map(first["currency"]),
            "reason": "Annulation",
        }
    )
    part = sold.refunds[asked.get_indexer(sold.refunds["order_id"]) >= 0]
    both = pd.concat([part[whole.columns], whole], ignore_index=True)
    back: pd.DataFrame = both.sort_values("moment", kind="stable", ignore_index=True)
    return back
