"""The made-up company's records as Zoho CRM writes them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pandas as pd

from aar_platform.sandbox.apis.vendor import Record
from aar_platform.sandbox.parts import Part

# Ids are unique over all modules: a block of them for each.
_BLOCKS = ("Users", "Accounts", "Contacts", "Deals", "Sales_Orders", "Ordered_Items", "Products",
           "Campaigns", "Cases", "fields")  # fmt: skip
_STAGES = {
    "Qualified": "Qualification",
    "Proposal": "Proposal/Price Quote",
    "Negotiation": "Negotiation/Review",
    "Won": "Closed Won",
    "Lost": "Closed Lost",
}


def _id(block: str, number: int) -> str:
    return f"55123400000{_BLOCKS.index(block):02d}{number:07d}"


def _ids(block: str) -> Callable[[int], str]:
    return lambda number: _id(block, number)


# Core table → the record id of a row's number. Leads and contacts share a block.
IDS: dict[str, Callable[[int], str]] = {
    "contacts": _ids("Contacts"),
    "companies": _ids("Accounts"),
    "deals": _ids("Deals"),
    "orders": _ids("Sales_Orders"),
    "campaigns": _ids("Campaigns"),
    "tickets": _ids("Cases"),
}


def _stamp(moment: Any) -> str | None:
    """A moment in UTC as the organisation, an hour ahead of it, writes it."""
    if pd.isna(moment):
        return None
    return f"{moment + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}+01:00"


def _day(moment: Any) -> str | None:
    return None if pd.isna(moment) else f"{moment:%Y-%m-%d}"


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False)) if len(table) else []


def _user(email: str) -> Record | None:
    if not email:
        return None
    number = sum(email.encode()) % 9_000
    return {"name": email.partition("@")[0], "id": _id("Users", number), "email": email}


def _head(block: str, row: Any, owner: str, created: Any) -> Record:
    user = _user(owner)
    return {"id": _id(block, row.number), "Owner": user, "Created_By": user, "Modified_By": user,
            "Created_Time": _stamp(created), "Modified_Time": _stamp(row.updated_at)}  # fmt: skip


def _look(block: str, number: Any, name: str = "") -> Record | None:
    return None if number < 0 else {"name": name, "id": _id(block, int(number))}


def _money(cents: Any) -> float | None:
    return None if pd.isna(cents) else round(cents / 100, 2)


def _person(row: Any) -> Record:
    names = {"First_Name": row.given or None, "Last_Name": row.family or None}
    common = {**_head("Contacts", row, row.owner, row.created_at), **names,
              "Full_Name": row.full_name, "Email": row.email or None, "Phone": row.phone or None,
              "Mobile": None, "Lead_Source": row.channel or None,
              "Email_Opt_Out": False, "Unsubscribed_Time": None}  # fmt: skip
    if row.stage == "lead":
        return {**common, "Designation": row.job_title or None, "Company": None,
                "Street": row.street or None, "City": row.city or None,
                "State": row.region or None, "Zip_Code": row.postcode or None,
                "Country": row.country or None, "Lead_Status": None,
                "Converted__s": False}  # fmt: skip
    return {**common, "Title": row.job_title or None, "Mailing_Street": row.street or None,
            "Mailing_City": row.city or None, "Mailing_State": row.region or None,
            "Mailing_Zip": row.postcode or None, "Mailing_Country": row.country or None,
            "Date_of_Birth": row.birth_date or None,
            "Account_Name": _look("Accounts", row.company)}  # fmt: skip


def _account(row: Any) -> Record:
    return {**_head("Accounts", row, row.owner, row.created_at), "Account_Name": row.name,
            "Website": f"https://www.{row.domain}" if row.domain else None,
            "Phone": row.phone or None, "Billing_Street": row.street or None,
            "Billing_City": row.city or None, "Billing_State": row.region or None,
            "Billing_Code": row.postcode or None, "Billing_Country": row.country or None,
            "Industry": row.industry or None,
            "Employees": None if pd.isna(row.employees) else int(row.employees)}  # fmt: skip


def _deal(row: Any) -> Record:
    return {**_head("Deals", row, row.owner, row.created_at), "Deal_Name": f"Deal {row.number}",
            "Stage": _STAGES[row.stage], "Amount": _money(row.amount), "Currency": row.currency,
            "Exchange_Rate": 1, "Lead_Source": row.channel or None,
            "Closing_Date": _day(row.closed_at), "Account_Name": _look("Accounts", row.company),
            "Contact_Name": _look("Contacts", row.person)}  # fmt: skip


def _order(row: Any) -> Record:
    amount = _money(row.total)
    return {**_head("Sales_Orders", row, "", row.ordered_at), "Subject": f"Order {row.number}",
            "Status": "Created", "Currency": row.currency, "Exchange_Rate": 1,
            "Billing_Country": row.country or None, "Billing_State": None,
            "Account_Name": None, "Contact_Name": _look("Contacts", row.person),
            "Sub_Total": amount, "Discount": 0, "Tax": 0, "Adjustment": 0,
            "Grand_Total": amount}  # fmt: skip


def _line(row: Any, articles: dict[str, int], changed: dict[int, str | None]) -> Record:
    total = row.quantity * row.price
    product = {"name": row.product, "id": _id("Products", articles[row.sku])}
    return {"id": _id("Ordered_Items", row.number), "Description": None, "Product_Name": product,
            "Parent_Id": {"name": f"Order {row.order}", "id": _id("Sales_Orders", row.order)},
            "Quantity": int(row.quantity), "List_Price": _money(row.price),
            "Discount": _money(row.discount), "Total": _money(total),
            "Total_After_Discount": _money(total - row.discount), "Tax": 0,
            "Net_Total": _money(total - row.discount),
            "Modified_Time": changed[row.order]}  # fmt: skip


def _campaign(row: Any) -> Record:
    changed = _stamp(row.sent_at)
    return {"id": _id("Campaigns", row.number), "Owner": None, "Created_By": None,
            "Modified_By": None, "Created_Time": changed, "Modified_Time": changed,
            "Campaign_Name": row.name, "Type": "Email", "Status": "Complete",
            "Currency": row.currency, "Start_Date": _day(row.sent_at), "End_Date": None,
            "Actual_Cost": _money(row.cost), "Budgeted_Cost": None}  # fmt: skip


def _case(row: Any) -> Record:
    return {**_head("Cases", row, row.assignee, row.opened_at), "Subject": row.subject,
            "Description": row.text, "Email": None, "Type": None, "Case_Reason": row.topic or None,
            "Priority": row.priority, "Case_Origin": row.channel,
            "Status": "Closed" if row.status == "solved" else "New", "Account_Name": None,
            "Related_To": _look("Contacts", row.person)}  # fmt: skip


def _stage_field() -> Record:
    values = [
        {"display_value": name, "actual_value": name, "sequence_number": number,
         "forecast_type": name if name.startswith("Closed") else "Open"}
        for number, name in enumerate(_STAGES.values(), start=1)
    ]  # fmt: skip
    return {"id": _id("fields", 1), "api_name": "Stage", "pick_list_values": values}


def _gone(row: Any) -> Record:
    return {"id": _id("Contacts", row.number), "display_name": row.full_name, "type": "recycle",
            "created_by": None, "deleted_by": {"name": "Admin", "id": _id("Users", 1)},
            "deleted_time": _stamp(row.updated_at)}  # fmt: skip


def records(part: Part) -> dict[str, list[Record]]:
    """Zoho CRM's records of a part of the company; deleted people are only in the list of what was
    deleted."""
    people = _rows(part.people)
    lines = _rows(part.order_lines)
    skus = {row.sku: row for row in lines}
    articles = {sku: number for number, sku in enumerate(skus)}
    orders = [_order(row) for row in _rows(part.orders)]
    changed = {row.number: one["Modified_Time"]
               for row, one in zip(_rows(part.orders), orders, strict=True)}  # fmt: skip
    products = [
        {"id": _id("Products", articles[sku]), "Owner": None, "Modified_By": None,
         "Created_Time": "2023-01-01T08:00:00+01:00", "Modified_Time": "2023-01-01T08:00:00+01:00",
         "Product_Name": row.product, "Product_Code": sku, "Product_Category": row.category or None}
        for sku, row in skus.items()
    ]  # fmt: skip
    kept = [row for row in people if not row.is_deleted]
    return {
        "Accounts": [_account(row) for row in _rows(part.companies)],
        "Contacts": [_person(row) for row in kept if row.stage != "lead"],
        "Leads": [_person(row) for row in kept if row.stage == "lead"],
        "Contacts/deleted": [_gone(row) for row in people if row.is_deleted],
        "Deals": [_deal(row) for row in _rows(part.deals)],
        "Sales_Orders": orders,
        "Ordered_Items": [_line(row, articles, changed) for row in lines],
        "Products": products,
        "Campaigns": [_campaign(row) for row in _rows(part.campaigns)],
        "Cases": [_case(row) for row in _rows(part.tickets)],
        "fields": [_stage_field()],
        "org": [{"id": _id("Users", 0), "iso_code": "EUR", "time_zone": "Europe/Paris"}],
    }
