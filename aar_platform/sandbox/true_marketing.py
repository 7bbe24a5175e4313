"""What the systems of mailings, visits and advertising say, record by record (`true_records`)."""

import numpy as np
import pandas as pd

from aar_platform.sandbox.apis.ga4 import GROUPS
from aar_platform.sandbox.departments import PAID
from aar_platform.sandbox.local_time import ZONE
from aar_platform.sandbox.true_files import money, stamps
from aar_platform.sandbox.true_system import System


def campaigns(system: System) -> pd.DataFrame:
    """Mailings; neither of the two systems knows what they cost."""
    campaigns = system.part.campaigns
    return system.table(
        system.ids("campaigns", len(campaigns)),
        None,
        name=campaigns["name"].to_numpy(object),
        channel="email",
        sent_at=stamps(campaigns["sent_at"]),
        cost="",
        currency="",
    )


def messages(system: System) -> pd.DataFrame:
    """What happened to each message, with the name of its campaign."""
    campaigns, messages = system.part.campaigns, system.part.messages
    at, event = messages["occurred_at"].to_numpy(), messages["event"]
    if system.kind == "mailchimp":
        # That a message was sent and arrived is dated as its campaign.
        sent = campaigns["sent_at"].to_numpy()[messages["campaign"]]
        at = np.where(event.isin(("sent", "delivered")), sent, at)
    number = messages["campaign"].to_numpy()
    table = system.table(
        "",
        messages["person"].to_numpy(),
        campaign_id=system.ids("campaigns", len(campaigns))[number],
        campaign=campaigns["name"].to_numpy(object)[number],
        event=event.to_numpy(object),
        occurred_at=stamps(at),
    )
    # Constant Contact does not tell that a message arrived.
    return table[event.ne("delivered").to_numpy()] if system.kind == "constant_contact" else table


def visits(system: System) -> pd.DataFrame:
    """Visits as they are counted, by day, channel, country and device."""
    visits = system.part.visits
    group = visits["channel"].map(GROUPS)
    keys = [visits["day"], group, visits["campaign"], visits["country"], visits["device"]]
    record_id = keys[0].str.cat(keys[1:], sep="|")
    days = pd.to_datetime(visits["day"]).dt.tz_localize(ZONE)
    return system.table(
        record_id.to_numpy(object),
        None,
        visited_at=stamps(days.dt.tz_convert("UTC").dt.tz_localize(None)),
        channel=group.str.lower().str.replace(" ", "_").to_numpy(object),
        campaign=visits["campaign"].replace("(not set)", "").to_numpy(object),
        **{name: visits[name].to_numpy() for name in ("country", "device", "sessions",
                                                      "page_views", "conversions")},
    )  # fmt: skip


def spend(system: System) -> dict[str, pd.DataFrame]:
    """What was spent, and the campaigns it was spent on, numbered as they come."""
    spend, is_google = system.part.spend, system.kind == "google_ads"
    number = spend.groupby(["channel", "campaign"], sort=False).ngroup()
    own = (number + (17_000_000_000 if is_google else 23_850_000_000_000_000)).astype(str)
    channel = spend["channel"].replace(PAID).to_numpy(object)
    costs = system.table(
        (own + "|" + spend["day"]).to_numpy(object),
        None,
        day=spend["day"].to_numpy(object),
        channel=channel,
        campaign=spend["campaign"].to_numpy(object),
        amount=money(spend["amount"]),
        currency=spend["currency"].to_numpy(object),
        impressions=spend["impressions"].to_numpy(),
        clicks=spend["clicks"].to_numpy(),
    )
    campaigns = system.table(
        own.to_numpy(object),
        None,
        name=spend["campaign"].to_numpy(object),
        channel=channel,
        sent_at="" if is_google else "2023-11-30T23:00:00Z",
        cost="",
        currency="USD" if is_google else "",
    )
    return {"spend": costs, "campaigns": campaigns.drop_duplicates()}
