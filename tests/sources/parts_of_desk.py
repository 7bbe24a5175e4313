"""A small part of the made-up company, as a help desk keeps it."""

import pandas as pd

from aar_platform.sandbox.parts import Part

T = pd.Timestamp


def part():
    """Three people (the last deleted, the first known in another system), a company, and three
    tickets: solved and rated 5, solved and rated 1, open and unanswered."""
    base = {"street": "1 High St", "city": "Lyon", "region": "", "postcode": "69001",
            "country": "FR", "birth_date": "", "gender": "", "language": "fr", "job_title": "",
            "owner": "", "stage": "", "channel": "", "has_consent": False, "company": -1,
            "other_id": "", "created_at": T("2025-01-02 09:00:00"),
            "updated_at": T("2025-02-03 10:00:00"), "is_deleted": False}  # fmt: skip
    people = [
        {**base, "number": i, "given": name, "family": f"Li{i}", "full_name": f"{name} Li{i}",
         "email": f"p{i}@example.com", "phone": f"+33 6 12 34 56 7{i}"}
        for i, name in enumerate(("Ana", "小明", "Zoë"))
    ]  # fmt: skip
    people[0] |= {"other_id": "501", "company": 0}
    people[2]["is_deleted"] = True
    companies = [{
        "number": 0, "name": "Example SAS", "domain": "example.fr", "phone": "", "street": "",
        "city": "", "region": "", "postcode": "", "country": "FR", "industry": "IT",
        "employees": 40, "owner": "", "created_at": T("2024-06-01 08:00:00"),
        "updated_at": T("2024-06-02 08:00:00"),
    }]  # fmt: skip
    opened = T("2025-03-01 10:00:00")
    tickets = []
    for i, score in enumerate((5.0, 1.0, float("nan"))):
        is_solved = i < 2
        tickets.append({
            "number": i, "person": i % 2, "subject": f"Where is parcel {i}?", "text": "还没有收到",
            "topic": "delivery", "priority": ("low", "normal", "high")[i],
            "channel": ("email", "web", "phone")[i], "status": "solved" if is_solved else "open",
            "assignee": ("mei@example.com", "tom@example.com", "mei@example.com")[i],
            "opened_at": opened + pd.Timedelta(days=i),
            "first_replied_at": opened + pd.Timedelta(days=i, minutes=90) if is_solved else pd.NaT,
            "solved_at": opened + pd.Timedelta(days=i, hours=30) if is_solved else pd.NaT,
            "score": score, "updated_at": opened + pd.Timedelta(days=i, hours=30),
        })  # fmt: skip
    return Part(
        people=pd.DataFrame(people), companies=pd.DataFrame(companies),
        tickets=pd.DataFrame(tickets),
    )  # fmt: skip
