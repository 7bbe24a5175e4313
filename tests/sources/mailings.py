"""A few people, two letters to them and what became of each, as a mail tool would keep them."""

import pandas as pd

from aar_platform.sandbox.parts import Part

SENT = pd.Timestamp("2026-03-02 08:00:00")


def _at(text):
    return pd.Timestamp(text)


def small_part() -> Part:
    made = _at("2025-05-01 09:30:00")
    person = {
        "given": "Zoé", "family": "Lenoir", "full_name": "Zoé Lenoir", "email": "Zoe@Example.com",
        "phone": "+33 6 12 34 56 78", "street": "1 rue Haute", "city": "Lyon", "region": "Rhône",
        "postcode": "69001", "country": "FR", "birth_date": "", "gender": "f", "language": "fr",
        "job_title": "Buyer", "owner": "", "stage": "", "channel": "social", "has_consent": True,
        "company": -1, "other_id": "", "created_at": made,
        "updated_at": _at("2026-01-05 10:00:00"), "is_deleted": False,
    }  # fmt: skip
    bob = {"given": "Bob", "family": "Ray", "full_name": "Bob Ray", "email": "bob@example.com",
           "street": "", "city": "", "region": "", "postcode": "", "phone": "",
           "has_consent": False, "updated_at": _at("2026-03-03 12:00:00")}  # fmt: skip
    gone = {"given": "Ida", "family": "Oss", "full_name": "Ida Oss", "email": "ida@example.com",
            "is_deleted": True, "updated_at": _at("2026-02-01 00:00:00")}  # fmt: skip
    people = [
        {"number": i, **person, **other}
        for i, other in enumerate([{}, bob, gone, {"updated_at": _at("2026-02-02 00:00:00")}])
    ]
    # The fourth has the first's address.
    events = [
        (0, 0, "sent", "08:00:20", ""),
        (0, 1, "sent", "08:00:25", ""),
        (0, 2, "sent", "08:00:31", ""),
        (0, 0, "delivered", "08:02:20", ""),
        (0, 1, "delivered", "08:02:25", ""),
        (0, 2, "bounced", "08:03:00", ""),
        (0, 0, "opened", "12:00:00", ""),
        (0, 0, "clicked", "12:00:30", "https://orvane.example/letter/c001"),
        (0, 1, "opened", "13:00:00", ""),
        (0, 1, "unsubscribed", "13:01:00", ""),
    ]
    messages = [
        {"number": i, "campaign": campaign, "person": who, "event": event,
         "occurred_at": _at(f"2026-03-02 {time}"), "url": url}
        for i, (campaign, who, event, time, url) in enumerate(events)
    ]  # fmt: skip
    campaigns = [
        {"number": 0, "name": "Spring", "sent_at": SENT, "cost": 18000, "currency": "EUR"},
        {"number": 1, "name": "Draft", "sent_at": pd.NaT, "cost": 0, "currency": "EUR"},
    ]
    orders = [
        {"number": 0, "person": 0, "email": "zoe@example.com",
         "ordered_at": _at("2026-02-10 11:00:00"), "currency": "EUR", "country": "FR",
         "total": 3810, "is_test": False, "updated_at": _at("2026-02-10 11:00:00")}
    ]  # fmt: skip
    lines = [
        {"number": 0, "order": 0, "sku": "LAMP", "product": "Lamp", "category": "Light",
         "quantity": 2, "price": 1990, "discount": 170}
    ]  # fmt: skip
    return Part(
        people=pd.DataFrame(people),
        messages=pd.DataFrame(messages),
        campaigns=pd.DataFrame(campaigns),
        orders=pd.DataFrame(orders),
        order_lines=pd.DataFrame(lines),
    )
