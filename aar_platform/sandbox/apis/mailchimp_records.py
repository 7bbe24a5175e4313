"""The made-up company's letters and shop as Mailchimp keeps them."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from aar_platform.sandbox.apis.vendor import Record
from aar_platform.sandbox.parts import Part

STORE = "orvane-shop"
# Whoever has the same address as another is on the next list: a list holds an address once.
LIST = "a5f0c2{:04x}"


def _contact(number: int) -> str:
    return hashlib.md5(f"contact {number}".encode()).hexdigest()


def _campaign(number: int) -> str:
    return f"{0xC0FFEE0000 + number:010x}"


def _order(number: int) -> str:
    return f"{10_001 + number}"


IDS: dict[str, Callable[[int], str]] = {
    "contacts": _contact,
    "campaigns": _campaign,
    "orders": lambda number: f"{STORE}-{_order(number)}",
}


def stamp(moment: Any) -> str:
    """A moment as Mailchimp writes it; "" for none."""
    return "" if pd.isna(moment) else f"{moment:%Y-%m-%dT%H:%M:%S}+00:00"


def _hash(email: str) -> str:
    return hashlib.md5(email.strip().lower().encode()).hexdigest()


def _each(table: pd.DataFrame | None) -> Iterator[Any]:
    """The rows of a table, by column; none of none."""
    return iter(()) if table is None else table.itertuples()


def holdings(part: Part) -> dict[str, list[Record]]:
    """A part of the made-up company as Mailchimp keeps it."""
    held: dict[str, list[Record]] = {"lists": [], "campaigns": [], "reports": [], "stores": []}
    reported = _lists(part.people, held)
    _campaigns(part, reported, held)
    if len(part.orders):
        _orders(part, held)
    return held


def _lists(people: pd.DataFrame, held: dict[str, list[Record]]) -> dict[int, Record]:
    """Fills in lists and members; gives what reports say of each person."""
    reported: dict[int, Record] = {}
    times_seen: dict[str, int] = {}
    for one in _each(people):
        email = one.email.strip() or f"{one.number}@unknown.invalid"
        address = _hash(email)
        rank = times_seen[address] = times_seen.get(address, -1) + 1
        name = LIST.format(rank)
        if f"members/{name}" not in held:
            held[f"members/{name}"] = []
            held["lists"].append(_list(name, rank, one.created_at))
        held[f"members/{name}"].append(_member(one, name, address, email))
        reported[one.number] = {"email_id": address, "email_address": email, "list_id": name}
    for key in [key for key in held if key.startswith("members/")]:
        held[key].sort(key=lambda row: row["last_changed"])
    return reported


def _member(one: Any, name: str, address: str, email: str) -> Record:
    status = "subscribed" if one.has_consent else "unsubscribed"
    where = {
        "addr1": one.street, "addr2": "", "city": one.city, "state": one.region,
        "zip": one.postcode, "country": one.country,
    }  # fmt: skip
    return {
        "id": address,
        "email_address": email,
        "unique_email_id": address[:10],
        "contact_id": _contact(one.number),
        "full_name": one.full_name,
        "web_id": 546_000_000 + one.number,
        "email_type": "html",
        "status": "archived" if one.is_deleted else status,
        "consents_to_one_to_one_messaging": True,
        "merge_fields": {
            "FNAME": one.given,
            "LNAME": one.family,
            # Mailchimp writes "" for an address that it does not have.
            "ADDRESS": where if one.street or one.city else "",
            "PHONE": one.phone,
            "BIRTHDAY": "",
        },
        "interests": {},
        "stats": {"avg_open_rate": 0, "avg_click_rate": 0},
        "ip_signup": "",
        "timestamp_signup": "",
        "ip_opt": "",
        "timestamp_opt": stamp(one.created_at),
        "member_rating": 2,
        "last_changed": stamp(one.updated_at),
        "language": one.language,
        "vip": False,
        "email_client": "",
        "location": {
            "latitude": 0, "longitude": 0, "gmtoff": 0, "dstoff": 0,
            "country_code": one.country, "timezone": "", "region": "",
        },
        "source": one.channel or "Import",
        "tags_count": 0,
        "tags": [],
        "list_id": name,
    }  # fmt: skip


def _list(name: str, rank: int, created_at: Any) -> Record:
    contact = {
        "company": "Orvane", "address1": "", "address2": "", "city": "", "state": "", "zip": "",
        "country": "FR", "phone": "",
    }  # fmt: skip
    return {
        "id": name,
        "web_id": 903_380 + rank,
        "name": "Newsletter" if not rank else f"Newsletter {rank + 1}",
        "contact": contact,
        "permission_reminder": "You asked for our letters.",
        "date_created": stamp(created_at),
        "list_rating": 0,
        "email_type_option": False,
        "double_optin": False,
        "visibility": "prv",
        "stats": {"member_count": 0, "unsubscribe_count": 0, "cleaned_count": 0},
    }


_ACTIONS = {"opened": "open", "clicked": "click", "bounced": "bounce"}


def _campaigns(part: Part, known: dict[int, Record], held: dict[str, list[Record]]) -> None:
    by_campaign = dict(tuple(part.messages.groupby("campaign"))) if len(part.messages) else {}
    first = held["lists"][0]["id"] if held["lists"] else LIST.format(0)
    for one in _each(part.campaigns):
        name = _campaign(one.number)
        messages = by_campaign.get(one.number)
        activity: dict[int, list[Record]] = {}
        sent: list[int] = []
        left: list[Record] = []
        base = {"campaign_id": name, "list_is_active": True}
        for message in _each(messages):
            if message.event == "sent":
                sent.append(message.person)
            elif message.event == "unsubscribed":
                moment = {"timestamp": stamp(message.occurred_at), "reason": ""}
                left.append({**base, **known[message.person], "vip": False, **moment})
            elif message.event in _ACTIONS:
                activity.setdefault(message.person, []).append(_action(message))
        held[f"sent_to/{name}"] = [
            {
                **base,
                **known[person],
                "vip": False,
                "open_count": 0,
                "last_open": "",
                "status": "hard" if _has_bounced(activity.get(person, [])) else "sent",
            }
            for person in sent
        ]
        held[f"email_activity/{name}"] = [
            {**base, **known[person], "activity": activity.get(person, [])} for person in sent
        ]
        held[f"unsubscribes/{name}"] = left
        held["campaigns"].append(_campaign_of(one, name, first, len(sent)))
        if not pd.isna(one.sent_at):
            held["reports"].append(_report(one, name, first, len(sent), len(left), activity))


def _has_bounced(activity: list[Record]) -> bool:
    return any(one["action"] == "bounce" for one in activity)


def _action(message: Any) -> Record:
    said = {"action": _ACTIONS[message.event], "timestamp": stamp(message.occurred_at)}
    if message.event == "bounced":
        return said | {"type": "hard"}
    return said | ({"url": message.url} if message.url else {}) | {"ip": "203.0.113.9"}


def _campaign_of(one: Any, name: str, of_list: str, sent: int) -> Record:
    at = stamp(one.sent_at)
    return {
        "id": name,
        "web_id": 13_531_000 + one.number,
        "type": "regular",
        "create_time": at,
        "archive_url": f"http://eepurl.com/{name}",
        "status": "sent" if at else "save",
        "emails_sent": sent,
        "send_time": at,
        "content_type": "template",
        "resendable": False,
        "recipients": {
            "list_id": of_list,
            "list_is_active": True,
            "list_name": "Newsletter",
            "segment_text": "",
            "recipient_count": sent,
        },
        "settings": {"title": one.name, "use_conversation": False, "authenticate": True},
        "tracking": {"opens": True, "html_clicks": True, "text_clicks": False},
        "delivery_status": {"enabled": False},
    }


def _report(
    one: Any, name: str, of_list: str, sent: int, left: int, activity: dict[int, list[Record]]
) -> Record:
    moments: dict[str, list[str]] = {"open": [], "click": [], "bounce": []}
    for happened in activity.values():
        for each in happened:
            moments[each["action"]].append(each["timestamp"])
    opens, clicks = moments["open"], moments["click"]
    return {
        "id": name,
        "campaign_title": one.name,
        "type": "regular",
        "list_id": of_list,
        "list_is_active": True,
        "list_name": "Newsletter",
        "subject_line": one.name,
        "preview_text": "",
        "emails_sent": sent,
        "abuse_reports": 0,
        "unsubscribed": left,
        "send_time": stamp(one.sent_at),
        "bounces": {
            "hard_bounces": len(moments["bounce"]), "soft_bounces": 0, "syntax_errors": 0,
        },
        "opens": {
            "opens_total": len(opens), "unique_opens": len(opens), "open_rate": 0,
            "last_open": max(opens, default=""),
        },
        "clicks": {
            "clicks_total": len(clicks), "unique_clicks": len(clicks),
            "unique_subscriber_clicks": len(clicks), "click_rate": 0,
            "last_click": max(clicks, default=""),
        },
        "delivery_status": {"enabled": False},
    }  # fmt: skip


def _orders(part: Part, held: dict[str, list[Record]]) -> None:
    currency = part.orders["currency"].iloc[0]
    made = stamp(part.orders["ordered_at"].min())
    held["stores"].append(
        {
            "id": STORE, "list_id": LIST.format(0), "name": "Orvane", "platform": "custom",
            "domain": "shop.orvane.example", "is_syncing": False, "email_address": "",
            "currency_code": currency, "money_format": currency, "primary_locale": "en",
            "timezone": "Europe/Paris", "phone": "", "list_is_active": True,
            "created_at": made, "updated_at": made,
        }
    )  # fmt: skip
    lines = dict(tuple(part.order_lines.groupby("order")))
    held[f"orders/{STORE}"] = [_order_of(one, lines.get(one.number)) for one in _each(part.orders)]


def _order_of(one: Any, lines: pd.DataFrame | None) -> Record:
    where = {"city": "", "province": "", "country_code": one.country}
    return {
        "id": _order(one.number),
        "customer": {
            "id": f"{one.person}", "email_address": one.email, "opt_in_status": False,
            "first_name": "", "last_name": "", "orders_count": 1, "total_spent": 0,
        },
        "store_id": STORE,
        "campaign_id": "",
        "landing_site": "",
        "financial_status": "paid",
        "fulfillment_status": "",
        "currency_code": one.currency,
        "order_total": one.total / 100,
        "discount_total": 0,
        "tax_total": 0,
        "shipping_total": 0,
        "processed_at_foreign": stamp(one.ordered_at),
        "cancelled_at_foreign": "",
        "updated_at_foreign": stamp(one.updated_at),
        "shipping_address": where,
        "billing_address": where,
        "promos": [],
        "lines": [
            {
                "id": f"{i + 1}", "product_id": line.sku, "product_title": line.product,
                "product_variant_id": line.sku, "product_variant_title": line.product,
                "quantity": int(line.quantity), "price": line.price / 100,
                "discount": line.discount / 100,
            }
            for i, line in enumerate(_each(lines))
        ],
    }  # fmt: skip
