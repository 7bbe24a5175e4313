"""A small part of the made-up company, as a CRM keeps it."""

import pandas as pd

from aar_platform.sandbox.parts import Part

T = pd.Timestamp


def _people():
    base = {"street": "1 High St", "city": "Lyon", "region": "", "postcode": "69001",
            "country": "FR", "birth_date": "1980-05-17", "gender": "f", "language": "fr",
            "job_title": "Buyer", "owner": "ines@example.com", "channel": "referral",
            "other_id": "", "company": -1, "has_consent": True, "stage": "customer",
            "created_at": T("2025-01-02 09:00:00"), "updated_at": T("2025-02-03 10:00:00"),
            "is_deleted": False}  # fmt: skip
    given = ("Ana", "Bo", "小明", "Dee", "Eli")
    rows = [
        {**base, "number": i, "given": name, "family": f"Li{i}", "full_name": f"{name} Li{i}",
         "email": f"p{i}@example.com", "phone": f"+33 6 12 34 56 7{i}"}
        for i, name in enumerate(given)
    ]  # fmt: skip
    rows[1]["company"] = 0
    rows[2]["has_consent"] = False
    rows[3]["stage"] = "lead"
    rows[4]["is_deleted"] = True
    return pd.DataFrame(rows)


def part():
    """Five people (one deleted, one a lead, one opted out), a company, deals, two orders in two
    currencies, a refund, a campaign and a ticket."""
    companies = pd.DataFrame([{
        "number": 0, "name": "上海示例科技有限公司", "domain": "example.cn",
        "phone": "+86 21 5555 0000",
        "street": "1 Nanjing Rd", "city": "上海", "region": "", "postcode": "200000",
        "country": "CN", "industry": "IT", "employees": 40, "owner": "mei@example.com",
        "created_at": T("2024-06-01 08:00:00"), "updated_at": T("2024-06-02 08:00:00"),
    }])  # fmt: skip
    closed = T("2025-03-04 15:00:00")
    deals = pd.DataFrame([
        {"number": n, "person": 0, "company": 0, "owner": "tom@example.com", "stage": stage,
         "is_won": stage == "Won", "is_closed": stage in ("Won", "Lost"), "amount": 123_456 + n,
         "currency": "EUR", "channel": "referral", "created_at": T("2025-01-05 08:00:00"),
         "closed_at": closed if stage in ("Won", "Lost") else pd.NaT, "updated_at": closed}
        for n, stage in enumerate(("Qualified", "Won", "Lost"))
    ])  # fmt: skip
    orders = pd.DataFrame([
        {"number": n, "person": n, "email": f"p{n}@example.com", "is_test": False,
         "ordered_at": T("2025-04-01 23:30:00"), "currency": currency, "country": "FR",
         "total": 5_997, "updated_at": T("2025-04-02 08:00:00")}
        for n, currency in enumerate(("EUR", "CNY"))
    ])  # fmt: skip
    order_lines = pd.DataFrame([
        {"number": n, "order": n, "sku": "A-1", "product": "红茶 Tea", "category": "tea",
         "quantity": 3, "price": 2_099, "discount": 300}
        for n in (0, 1)
    ])  # fmt: skip
    refunds = pd.DataFrame([{"number": 0, "order": 1, "refunded_at": T("2025-04-20 07:00:00"),
                             "amount": 1_999, "currency": "CNY", "reason": "破损"}])  # fmt: skip
    tickets = pd.DataFrame([{
        "number": 0, "person": 0, "subject": "Broken", "text": "It broke", "topic": "quality",
        "priority": "high", "channel": "email", "status": "solved", "assignee": "mei@example.com",
        "opened_at": T("2025-05-01 10:00:00"), "first_replied_at": T("2025-05-01 11:00:00"),
        "solved_at": T("2025-05-02 10:00:00"), "score": 5.0,
        "updated_at": T("2025-05-02 10:00:00"),
    }])  # fmt: skip
    campaigns = pd.DataFrame([{"number": 0, "name": "春季活动", "sent_at": T("2025-03-01 09:00:00"),
                               "cost": 20_050, "currency": "EUR"}])  # fmt: skip
    return Part(people=_people(), companies=companies, deals=deals, orders=orders,
                order_lines=order_lines, refunds=refunds, tickets=tickets,
                campaigns=campaigns)  # fmt: skip


def by_id(rows, key):
    return {row[key]: row for row in rows}


def pull_all(puller):
    for item in puller.source.objects():
        puller.pull(item.name)
