"""The records that Salesforce keeps of its part of the made-up company."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from aar_platform.sandbox.apis.vendor import Record
from aar_platform.sandbox.parts import Part

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def _id(prefix: str) -> Callable[[int], str]:
    """Ids as Salesforce writes them: 15 characters, then 3 that tell which are capitals."""

    def named(number: int) -> str:
        short = f"{prefix}{number:0{15 - len(prefix)}d}"
        ends = (
            sum(1 << at for at, one in enumerate(short[begin : begin + 5]) if one.isupper())
            for begin in (0, 5, 10)
        )
        return short + "".join(_CAPITALS[end] for end in ends)

    return named


_user, _order_line, _member = _id("005SB"), _id("802SB"), _id("00vSB")
IDS: dict[str, Callable[[int], str]] = {
    "contacts": _id("003SB"),
    "companies": _id("001SB"),
    "deals": _id("006SB"),
    "orders": _id("801SB"),
    "refunds": _id("801SR"),
    "campaigns": _id("701SB"),
    "tickets": _id("500SB"),
}


def holdings(part: Part) -> dict[str, list[Record]]:
    """The objects by API name."""
    emails = {
        str(one)
        for table in (part.people, part.companies, part.deals)
        if "owner" in table
        for one in table["owner"]
    }
    if "assignee" in part.tickets:
        emails |= {str(one) for one in part.tickets["assignee"]}
    owners = {email: _user(at) for at, email in enumerate(sorted(emails - {""}))}
    return {
        "User": [_user_record(email, owner) for email, owner in owners.items()],
        "Account": _accounts(part, owners),
        "Contact": _contacts(part, owners),
        "Lead": [],
        "Opportunity": _opportunities(part, owners),
        "OpportunityLineItem": [],
        "Order": _orders(part) + _reductions(part),
        "OrderItem": _order_items(part),
        "Campaign": _campaigns(part),
        "CampaignMember": _members(part),
        "Case": _cases(part, owners),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, with None for what is missing and moments as Salesforce writes them."""
    told: dict[str, list[Any]] = {}
    for name in table.columns:
        column = table[name]
        if column.dtype.kind == "M":
            column = column.dt.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        is_missing = (column.isna() | column.eq("")).tolist()
        # `tolist` makes numbers Python's own, which JSON can write.
        both = zip(column.tolist(), is_missing, strict=True)
        told[str(name)] = [None if missing else value for value, missing in both]
    return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


def _stamps(row: dict[str, Any], created: str, changed: str) -> Record:
    changed_at = row[changed] or row[created]
    return {
        "CreatedDate": row[created],
        "LastModifiedDate": changed_at,
        "SystemModstamp": changed_at,
    }


def _user_record(email: str, owner: str) -> Record:
    moment = "2020-01-01T08:00:00.000+0000"
    return {
        "Id": owner,
        "Email": email,
        "Username": email,
        "Name": email.split("@")[0],
        "IsActive": True,
        "CreatedDate": moment,
        "LastModifiedDate": moment,
        "SystemModstamp": moment,
    }


def _accounts(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        {
            "Id": IDS["companies"](row["number"]),
            "IsDeleted": False,
            "MasterRecordId": None,
            "Name": row["name"],
            "Type": "Customer - Direct",
            "ParentId": None,
            "BillingStreet": row["street"],
            "BillingCity": row["city"],
            "BillingState": row["region"],
            "BillingPostalCode": row["postcode"],
            "BillingCountry": row["country"],
            "Phone": row["phone"],
            "Website": f"http://www.{row['domain']}" if row["domain"] else None,
            "Industry": row["industry"],
            "NumberOfEmployees": row["employees"],
            "OwnerId": owners.get(row["owner"]),
            "AccountNumber": None,
            "AccountSource": None,
            **_stamps(row, "created_at", "updated_at"),
        }
        for row in _rows(part.companies)
    ]


def _contacts(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        {
            "Id": IDS["contacts"](row["number"]),
            "IsDeleted": row["is_deleted"],
            "MasterRecordId": None,
            "AccountId": IDS["companies"](row["company"]) if row["company"] >= 0 else None,
            "FirstName": row["given"],
            "LastName": row["family"],
            "Name": row["full_name"],
            "Email": row["email"],
            "Phone": row["phone"],
            "MobilePhone": None,
            "MailingStreet": row["street"],
            "MailingCity": row["city"],
            "MailingState": row["region"],
            "MailingPostalCode": row["postcode"],
            "MailingCountry": row["country"],
            "Birthdate": row["birth_date"],
            "Title": row["job_title"],
            "Department": None,
            "LeadSource": row["channel"],
            # Consents are the letters' system's to say.
            "HasOptedOutOfEmail": False,
            "OwnerId": owners.get(row["owner"]),
            **_stamps(row, "created_at", "updated_at"),
        }
        for row in _rows(part.people)
    ]


def _opportunities(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        {
            "Id": IDS["deals"](row["number"]),
            "IsDeleted": False,
            "AccountId": IDS["companies"](row["company"]) if row["company"] >= 0 else None,
            "ContactId": IDS["contacts"](row["person"]) if row["person"] >= 0 else None,
            "Name": f"Deal {row['number']}",
            "StageName": row["stage"],
            "Type": None,
            "LeadSource": row["channel"],
            "CampaignId": None,
            "OwnerId": owners.get(row["owner"]),
            "Amount": row["amount"] / 100,
            "CurrencyIsoCode": row["currency"],
            "Probability": 100.0 if row["is_won"] else 0.0 if row["is_closed"] else 50.0,
            "CloseDate": (row["closed_at"] or row["created_at"])[:10],
            "IsClosed": row["is_closed"],
            "IsWon": row["is_won"],
            **_stamps(row, "created_at", "updated_at"),
        }
        for row in _rows(part.deals)
    ]


def _order(row: dict[str, Any], order: str, cents: float, moment: str) -> Record:
    return {
        "Id": order,
        "IsDeleted": False,
        "OrderNumber": f"{row['number']:08d}",
        "AccountId": None,
        "Status": "Activated",
        "StatusCode": "Activated",
        "OwnerId": None,
        "CurrencyIsoCode": row["currency"],
        "TotalAmount": cents / 100,
        "EffectiveDate": moment[:10],
        "ActivatedDate": moment,
    }


def _orders(part: Part) -> list[Record]:
    return [
        {
            **_order(row, IDS["orders"](row["number"]), row["total"], row["ordered_at"]),
            "BillToContactId": IDS["contacts"](row["person"]) if row["person"] >= 0 else None,
            "BillingCountry": row["country"],
            "IsReductionOrder": False,
            "OriginalOrderId": None,
            **_stamps(row, "ordered_at", "updated_at"),
        }
        for row in _rows(part.orders)
    ]


def _reductions(part: Part) -> list[Record]:
    return [
        {
            **_order(row, IDS["refunds"](row["number"]), -row["amount"], row["refunded_at"]),
            "BillToContactId": None,
            "Description": row["reason"],
            "IsReductionOrder": True,
            "OriginalOrderId": IDS["orders"](row["order"]),
            **_stamps(row, "refunded_at", "refunded_at"),
        }
        for row in _rows(part.refunds)
    ]


def _order_items(part: Part) -> list[Record]:
    if part.order_lines.empty:
        return []
    columns = ["number", "ordered_at", "updated_at", "currency"]
    orders = part.orders[columns].rename(columns={"number": "order"})
    return [
        {
            "Id": _order_line(row["number"]),
            "IsDeleted": False,
            "OrderId": IDS["orders"](row["order"]),
            "OrderItemNumber": f"{row['number']:010d}",
            "Product2": {
                "Name": row["product"],
                "ProductCode": row["sku"],
                "Family": row["category"],
            },
            "Quantity": float(row["quantity"]),
            "ListPrice": row["price"] / 100,
            # A price may have four places, as price books do.
            "UnitPrice": round((row["price"] - row["discount"] / row["quantity"]) / 100, 4),
            "TotalPrice": (row["quantity"] * row["price"] - row["discount"]) / 100,
            "CurrencyIsoCode": row["currency"],
            **_stamps(row, "ordered_at", "updated_at"),
        }
        for row in _rows(part.order_lines.merge(orders, on="order"))
    ]


def _campaigns(part: Part) -> list[Record]:
    return [
        {
            "Id": IDS["campaigns"](row["number"]),
            "IsDeleted": False,
            "Name": row["name"],
            "Type": "Email",
            "Status": "Completed",
            "IsActive": False,
            "StartDate": row["sent_at"][:10],
            "EndDate": row["sent_at"][:10],
            "ActualCost": row["cost"] / 100,
            "BudgetedCost": row["cost"] / 100,
            "CurrencyIsoCode": row["currency"],
            **_stamps(row, "sent_at", "sent_at"),
        }
        for row in _rows(part.campaigns)
    ]


def _members(part: Part) -> list[Record]:
    if part.messages.empty:
        return []
    events = part.messages
    sent = events[events["event"] == "sent"].drop_duplicates(["campaign", "person"])
    clicked = events[events["event"] == "clicked"].groupby(["campaign", "person"])["occurred_at"]
    first = clicked.min().rename("answered_at").reset_index()
    return [
        {
            "Id": _member(row["number"]),
            "IsDeleted": False,
            "CampaignId": IDS["campaigns"](row["campaign"]),
            "ContactId": IDS["contacts"](row["person"]),
            "LeadId": None,
            "Status": "Responded" if row["answered_at"] else "Sent",
            "HasResponded": row["answered_at"] is not None,
            "FirstRespondedDate": (row["answered_at"] or "")[:10] or None,
            **_stamps(row, "occurred_at", "occurred_at"),
        }
        for row in _rows(sent.merge(first, on=["campaign", "person"], how="left"))
    ]


def _cases(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        {
            "Id": IDS["tickets"](row["number"]),
            "IsDeleted": False,
            "MasterRecordId": None,
            "CaseNumber": f"{row['number']:08d}",
            "ContactId": IDS["contacts"](row["person"]) if row["person"] >= 0 else None,
            "AccountId": None,
            "SuppliedEmail": None,
            "Subject": row["subject"],
            "Description": row["text"],
            "Type": None,
            "Reason": row["topic"],
            "Priority": str(row["priority"]).capitalize(),
            "Origin": str(row["channel"]).capitalize(),
            "Status": "Closed" if row["status"] == "solved" else "New",
            "IsClosed": row["status"] == "solved",
            "OwnerId": owners.get(row["assignee"]),
            "ClosedDate": row["solved_at"],
            **_stamps(row, "opened_at", "updated_at"),
        }
        for row in _rows(part.tickets)
    ]
