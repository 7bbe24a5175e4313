"""A handful of people, companies, deals and the rest, for tests of what a CRM serves."""

import pandas as pd

from aar_platform.sandbox.parts import Part


def _moments(*texts):
    return pd.to_datetime(pd.Series(list(texts)), format="ISO8601")


def crm_part():
    """Three people (one deleted, one with an impossible birthday), two companies, three deals."""
    created = _moments("2025-01-05T08:00:00", "2025-01-06T09:30:00", "2025-02-01T10:00:00")
    return Part(
        people=pd.DataFrame(
            {
                "number": [0, 1, 2],
                "given": ["Ada", "Bo", "Cy"],
                "family": ["Lovelace", "Ek", "Twombly"],
                "full_name": ["Ada Lovelace", "Bo Ek", "Cy Twombly"],
                "email": ["ada@made-up.test", "bo@made-up.test", "cy@made-up.test"],
                "phone": ["06 12 34 56 78", "", ""],
                "street": ["1 rue X", "", ""],
                "city": ["Paris", "Lund", ""],
                "region": ["", "", ""],
                "postcode": ["75001", "", ""],
                "country": ["FR", "SE", "FR"],
                "birth_date": ["1990-02-01", "1990-02-31", ""],
                "gender": ["f", "m", ""],
                "language": ["fr", "sv", ""],
                "job_title": ["Engineer", "", ""],
                "owner": ["sam@made-up.test", "sam@made-up.test", ""],
                "stage": ["customer", "lead", "lead"],
                "channel": ["referral", "web", ""],
                "has_consent": [False, False, False],
                "company": [0, 1, -1],
                "other_id": ["", "", ""],
                "created_at": created,
                "updated_at": created + pd.Timedelta(days=30),
                "is_deleted": [False, False, True],
            }
        ),
        companies=pd.DataFrame(
            {
                "number": [0, 1],
                "name": ["Engines", "Timber"],
                "domain": ["engines.test", "timber.test"],
                "phone": ["", "0046 46 123"],
                "street": ["", "Storgatan 2"],
                "city": ["Paris", "Lund"],
                "region": ["", ""],
                "postcode": ["", "22100"],
                "country": ["FR", "SE"],
                "industry": ["Machines", "Wood"],
                "employees": [12, 340],
                "owner": ["sam@made-up.test", ""],
                "created_at": created[:2],
                "updated_at": created[:2],
            }
        ),
        deals=pd.DataFrame(
            {
                "number": [0, 1, 2],
                "person": [0, 1, 0],
                "company": [0, 1, -1],
                "owner": ["sam@made-up.test", "kim@made-up.test", ""],
                "stage": ["Won", "Negotiation", "Lost"],
                "is_won": [True, False, False],
                "is_closed": [True, False, True],
                "amount": [1_234_507, 99_999_999_01, 10],
                "currency": ["EUR", "SEK", "EUR"],
                "channel": ["referral", "web", ""],
                "created_at": created,
                "closed_at": _moments("2025-03-01T00:00:00", None, "2025-03-02T00:00:00"),
                "updated_at": created + pd.Timedelta(days=40),
            }
        ),
        orders=pd.DataFrame(
            {
                "number": [0, 1],
                "person": [0, -1],
                "email": ["ada@made-up.test", ""],
                "ordered_at": created[:2],
                "currency": ["EUR", "SEK"],
                "country": ["FR", "SE"],
                "total": [2_500, 999],
                "is_test": [False, False],
                "updated_at": created[:2],
            }
        ),
        order_lines=pd.DataFrame(
            {
                "number": [0, 1, 2],
                "order": [0, 0, 1],
                "sku": ["A", "B", "A"],
                "product": ["Apple", "Bolt", "Apple"],
                "category": ["Food", "Tools", "Food"],
                "quantity": [3, 1, 1],
                "price": [600, 900, 999],
                "discount": [200, 0, 0],
            }
        ),
        refunds=pd.DataFrame(
            {
                "number": [0],
                "order": [0],
                "refunded_at": _moments("2025-01-20T12:00:00"),
                "amount": [500],
                "currency": ["EUR"],
                "reason": ["broken"],
            }
        ),
        tickets=pd.DataFrame(
            {
                "number": [0, 1],
                "person": [0, 1],
                "subject": ["Help", "More help"],
                "text": ["It broke", ""],
                "topic": ["quality", ""],
                "priority": ["high", "low"],
                "channel": ["email", "phone"],
                "status": ["solved", "open"],
                "assignee": ["kim@made-up.test", ""],
                "opened_at": created[:2],
                "first_replied_at": _moments("2025-01-05T09:00:00", None),
                "solved_at": _moments("2025-01-07T09:00:00", None),
                "score": [4.0, float("nan")],
                "updated_at": created[:2] + pd.Timedelta(days=2),
            }
        ),
        campaigns=pd.DataFrame(
            {
                "number": [0],
                "name": ["Spring"],
                "sent_at": _moments("2025-03-10T07:00:00"),
                "cost": [12_050],
                "currency": ["EUR"],
            }
        ),
        messages=pd.DataFrame(
            {
                "number": [0, 1, 2, 3],
                "campaign": [0, 0, 0, 0],
                "person": [0, 0, 1, 1],
                "event": ["sent", "clicked", "sent", "unsubscribed"],
                "occurred_at": _moments(
                    "2025-03-10T07:00:00",
                    "2025-03-11T08:00:00",
                    "2025-03-10T07:00:01",
                    "2025-03-12T07:00:00",
                ),
                "url": ["", "https://made-up.test/x", "", ""],
            }
        ),
        feedback=pd.DataFrame(
            {
                "number": [0, 1],
                "email": ["ada@made-up.test", "bo@made-up.test"],
                "score": [5, 2],
                "scale_min": [1, 1],
                "scale_max": [5, 5],
                "text": ["good", ""],
                "language": ["en", "en"],
                "question": ["Happy?", "Happy?"],
                "given_at": _moments("2025-04-01T10:00:00", "2025-04-02T10:00:00"),
            }
        ),
    )
