"""How the made-up customers are reached: mailings, visits, advertising and one A/B test."""

import json
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from aar_platform.sandbox.mess import some
from aar_platform.sandbox.sales import day_intensity

EVENTS = ("sent", "delivered", "bounced", "opened", "clicked", "unsubscribed")
DAYS_BETWEEN_CAMPAIGNS = 21
ORDERS_PER_CLICK = 0.12
EXPERIMENT = "one_page_checkout"
# Extra orders a person in the month after being given the new checkout: the true effect.
EXPERIMENT_EFFECT = 0.08
_THEMES = (
    "New arrivals",
    "Evening light",
    "Table talk",
    "Garden days",
    "Warm winter",
    "Last chance",
    "Linen weeks",
    "Gift ideas",
    "Favourites",
    "Back in stock",
)
ADS = (
    ("paid_search", "brand", 0.9),
    ("paid_search", "generic", 1.4),
    ("social", "prospecting", 1.1),
    ("display", "retargeting", 0.5),
)
_VISIT_CHANNELS = ("organic", "direct", "paid_search", "social", "newsletter", "referral")


@dataclass(frozen=True)
class Mailings:
    """Campaigns and messages as exported, who still agrees to mail, and the orders they caused."""

    campaigns: pd.DataFrame
    messages: pd.DataFrame
    granted: np.ndarray
    prompted: pd.DataFrame


def offset(moments: pd.Series, start: date) -> np.ndarray:
    """Days, with fractions, from the start."""
    return ((moments - pd.Timestamp(start)).dt.total_seconds() / 86400).to_numpy()


def _utc(moments: np.ndarray) -> pd.Series:
    """Moments as Parquet keeps them: milliseconds, in UTC."""
    aware: pd.Series = pd.Series(moments).dt.as_unit("ms").dt.tz_localize("UTC")
    return aware


def draw_mailings(
    rng: np.random.Generator,
    members: pd.DataFrame,
    buyers: pd.DataFrame,
    start: date,
    days: int,
) -> Mailings:
    """Every third week one campaign to all members who joined before it and still agree.

    `members` needs person, record_id, email and created_at. Opening fades after the drop-out.
    """
    sent_on = np.arange(9, days - 2, DAYS_BETWEEN_CAMPAIGNS)
    c, m = len(sent_on), len(members)
    joined = offset(members["created_at"], start)
    gone = buyers["dropped_out"].to_numpy()[members["person"].to_numpy()]
    interest = rng.beta(1.6, 3.2, m)
    opted_in = rng.random(m) < 0.93
    reached = (joined[:, None] < sent_on) & opted_in[:, None]
    opens = rng.random((m, c)) < interest[:, None] * np.where(gone[:, None] < sent_on, 0.35, 1.0)
    leaves = opens & (rng.random((m, c)) < 0.012)
    left_before = np.cumsum(leaves & reached, axis=1) - (leaves & reached) > 0
    sent = reached & ~left_before
    bounced = sent & (rng.random((m, c)) < 0.015)
    delivered = sent & ~bounced
    opened = delivered & opens
    clicked = opened & (rng.random((m, c)) < 0.2)
    left = opened & leaves
    sent_second = sent_on * 86400 + 8 * 3600 + 900 * rng.integers(0, 8, c)
    frames = []
    for event, happened, wait in zip(
        EVENTS,
        (sent, delivered, bounced, opened, clicked, left),
        (30, 120, 200, 20_000, 22_000, 26_000),
        strict=True,
    ):
        member, campaign = np.nonzero(happened)
        delay = wait * (0.5 + rng.random(len(member)))
        frames.append(
            pd.DataFrame(
                {
                    "campaign": campaign,
                    "member": member,
                    "event": event,
                    "second": sent_second[campaign] + delay.astype(np.int64),
                }
            )
        )
    events = pd.concat(frames, ignore_index=True)
    # An event of the last days may fall behind the end of the export.
    events = events[events["second"] < days * 86400]
    events = events.sort_values(["second", "campaign", "member"], kind="stable", ignore_index=True)
    ids = np.array([f"c{i + 1:03d}" for i in range(c)], object)
    url = np.array([f"https://orvane.example/letter/{i}" for i in ids], object)
    origin = np.datetime64(start, "s")
    nothing = np.array(None, object)
    messages = pd.DataFrame(
        {
            "event_id": np.arange(1, len(events) + 1),
            "campaign": ids[events["campaign"]],
            "member": members["record_id"].to_numpy(object)[events["member"]],
            "event": events["event"],
            "occurred_at": _utc(origin + events["second"].to_numpy().astype("timedelta64[s]")),
            "link": np.where(events["event"] == "clicked", url[events["campaign"]], nothing),
        }
    )
    day = [start + timedelta(days=int(d)) for d in sent_on]
    campaigns = pd.DataFrame(
        {
            "Campaign": ids,
            "Title": [f"{_THEMES[i % len(_THEMES)]} {d:%B %Y}" for i, d in enumerate(day)],
            "Channel": "email",
            "Sent": np.datetime_as_string(
                origin + sent_second.astype("timedelta64[s]"), timezone="UTC"
            ),
            "Cost": [f"{cost:.2f}" for cost in 180 + 0.012 * sent.sum(axis=0)],
            "Currency": "EUR",
        }
    )
    member, campaign = np.nonzero(clicked)
    buys = rng.random(len(member)) < ORDERS_PER_CLICK
    prompted = pd.DataFrame(
        {
            "person": members["person"].to_numpy()[member[buys]],
            "day": sent_on[campaign[buys]] + rng.integers(1, 3, buys.sum()),
        }
    )
    return Mailings(campaigns, messages, opted_in & ~(left.any(axis=1)), prompted)


def web_accounts(rng: np.random.Generator, shop: pd.DataFrame) -> pd.DataFrame:
    """Signed-in users of the web shop: person, record_id, created_at, external (JSON), country."""
    chosen = shop.iloc[some(rng, len(shop), 0.55)]
    ids = [f"u{0x51000 + 7 * i:06x}" for i in rng.permutation(len(chosen))]
    return pd.DataFrame(
        {
            "person": chosen["person"].to_numpy(),
            "record_id": ids,
            "created_at": chosen["created_at"].to_numpy(),
            "external": [json.dumps({"shop": i}) for i in chosen["record_id"]],
            "country": chosen["country"].to_numpy(object),
        }
    )


def draw_visits(
    rng: np.random.Generator,
    accounts: pd.DataFrame,
    buyers: pd.DataFrame,
    start: date,
    days: int,
) -> pd.DataFrame:
    """`web/visits.parquet`: some visits signed in, some by browsers that nobody knows."""
    person = accounts["person"].to_numpy()
    begin = np.clip(offset(accounts["created_at"], start), 0, days - 1)
    end = np.clip(buyers["dropped_out"].to_numpy()[person], begin, days)
    count = rng.poisson((end - begin) * (0.01 + 0.8 * buyers["rate"].to_numpy()[person]))
    row = np.repeat(np.arange(len(accounts)), count)
    known_day = begin[row] + rng.random(len(row)) * (end - begin)[row]
    n_unknown = len(row) // 2
    busy = day_intensity(start, days)
    unknown_day = rng.choice(days, n_unknown, p=busy / busy.sum()) + rng.random(n_unknown)
    n = len(row) + n_unknown
    second = (np.concatenate([known_day, unknown_day]) * 86400).astype(np.int64)
    order = np.argsort(second, kind="stable")
    signed_in = np.concatenate([rng.random(len(row)) < 0.8, np.zeros(n_unknown, bool)])
    clients = rng.permutation(len(accounts) + n_unknown) + 0x9000000
    client = np.concatenate([clients[row], clients[len(accounts) :]])
    users = np.concatenate([accounts["record_id"].to_numpy(object)[row], np.full(n_unknown, None)])
    places = accounts["country"].to_numpy(object)
    country = np.concatenate([places[row], rng.choice(places, n_unknown)]) if len(places) else users
    names = np.array([f"{value:x}" for value in client], object)
    nothing = np.array(None, object)
    pages = 1 + rng.poisson(3.0, n)
    visits = pd.DataFrame(
        {
            "user_id": np.where(signed_in, users, nothing),
            "client_id": names,
            "ts": _utc(np.datetime64(start, "s") + second.astype("timedelta64[s]")),
            "medium": rng.choice(
                np.array(_VISIT_CHANNELS, object), n, p=(0.3, 0.25, 0.18, 0.12, 0.1, 0.05)
            ),
            "country": country,
            "device": rng.choice(
                np.array(["mobile", "desktop", "tablet"], object), n, p=(0.6, 0.33, 0.07)
            ),
            "sessions": 1,
            "pages": pages,
            "goals": (rng.random(n) < 0.03 * np.minimum(pages, 8)).astype(np.int64),
        }
    ).iloc[order]
    visits.insert(0, "visit", [f"v{i + 1:08d}" for i in range(n)])
    return visits.reset_index(drop=True)


def draw_experiment(
    rng: np.random.Generator, accounts: pd.DataFrame, start: date, days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`web/experiment.csv` and the orders that the new checkout caused (person, day)."""
    first = days - 120
    known = accounts[offset(accounts["created_at"], start) < first]
    tested = known.iloc[some(rng, len(known), 0.7)]
    n = len(tested)
    is_new = rng.random(n) < 0.5
    second = rng.integers(first * 86400, (days - 60) * 86400, n)
    table = pd.DataFrame(
        {
            "experiment": EXPERIMENT,
            "variant": np.where(is_new, "new", "control"),
            "user_id": tested["record_id"].to_numpy(object),
            "assigned_at": np.datetime_as_string(
                np.datetime64(start, "s") + second.astype("timedelta64[s]"), timezone="UTC"
            ),
        }
    )
    buys = is_new & (rng.random(n) < EXPERIMENT_EFFECT)
    prompted = pd.DataFrame(
        {
            "person": tested["person"].to_numpy()[buys],
            "day": second[buys] // 86400 + rng.integers(0, 30, buys.sum()),
        }
    )
    return table, prompted


def draw_spend(rng: np.random.Generator, customers: int, start: date, days: int) -> pd.DataFrame:
    """`ads/spend.csv`: one row per day and ad campaign, in dollars."""
    busy = np.repeat(day_intensity(start, days), len(ADS))
    weight = np.tile([w for _, _, w in ADS], days)
    growth = np.repeat(1 + 0.5 * np.arange(days) / days, len(ADS))
    cost = np.round(
        customers * 0.006 * busy * weight * growth * rng.lognormal(0, 0.15, len(busy)), 2
    )
    clicks = rng.poisson(cost / 0.45)
    dates = [(start + timedelta(days=i)).isoformat() for i in range(days)]
    return pd.DataFrame(
        {
            "Day": np.repeat(np.array(dates, object), len(ADS)),
            "Channel": np.tile(np.array([c for c, _, _ in ADS], object), days),
            "Campaign name": np.tile(np.array([c for _, c, _ in ADS], object), days),
            "Cost": cost,
            "Impressions": clicks * 40 + rng.integers(0, 300, len(clicks)),
            "Clicks": clicks,
        }
    )
