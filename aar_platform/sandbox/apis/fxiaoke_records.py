"""The made-up company's records as Fxiaoke writes them: empty values are left out, money is text,
times are in milliseconds."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from aar_platform.sandbox.apis.vendor import Record
from aar_platform.sandbox.parts import Part

_BLOCKS = ("AccountObj", "ContactObj", "NewOpportunityObj", "SalesOrderObj",
           "SalesOrderProductObj", "PaymentObj", "RefundObj", "MarketingEventObj", "CasesObj",
           "ProductObj")  # fmt: skip
_STAGES = {
    "Qualified": ("1", "需求确认"),
    "Proposal": ("2", "方案报价"),
    "Negotiation": ("3", "商务谈判"),
    "Won": ("4", "赢单"),
    "Lost": ("5", "输单"),
}
_STATES = {"Won": ("2", "赢单"), "Lost": ("3", "输单")}
_GENDERS = {"f": "女", "m": "男"}
_COUNTRIES = {"CN": ("248", "中国")}
_PRIORITIES = {"low": "低", "normal": "中", "high": "高"}


def _id(block: str, number: int) -> str:
    return f"65{_BLOCKS.index(block):02x}a3e57c60{number:012x}"


def _ids(block: str) -> Callable[[int], str]:
    return lambda number: _id(block, number)


# Core table → the record id of a row's number. Leads and contacts share a block.
IDS: dict[str, Callable[[int], str]] = {
    "contacts": _ids("ContactObj"),
    "companies": _ids("AccountObj"),
    "deals": _ids("NewOpportunityObj"),
    "orders": _ids("SalesOrderObj"),
    "refunds": _ids("RefundObj"),
    "campaigns": _ids("MarketingEventObj"),
    "tickets": _ids("CasesObj"),
}


def _epoch(moment: Any) -> int | None:
    return None if pd.isna(moment) else int(pd.Timestamp(moment).timestamp() * 1000)


def _money(cents: Any) -> str | None:
    return None if pd.isna(cents) else f"{int(cents) // 100}.{int(cents) % 100:02d}"


def _rows(table: pd.DataFrame) -> list[Any]:
    return list(table.itertuples(index=False)) if len(table) else []


def _employee(email: str) -> Record | None:
    if not email:
        return None
    number = str(1000 + sum(email.encode()) % 90)
    return {"id": number, "name": email.partition("@")[0], "email": email, "status": 0}


def _given(record: Record) -> Record:
    """A record without its empty values, which are not sent."""
    return {key: value for key, value in record.items() if value not in (None, "")}


def _head(
    block: str, row: Any, name: str, created: Any, owner: str = "", gone: bool = False
) -> Record:
    employee = _employee(owner)
    return {"_id": _id(block, row.number), "name": name, "object_describe_api_name": block,
            "owner": [employee["id"]] if employee else None, "owner__r": employee,
            "created_by__r": employee, "create_time": _epoch(created),
            "last_modified_time": _epoch(row.updated_at), "lock_status": "0", "version": "1",
            "is_deleted": gone, "life_status": "invalid" if gone else "normal"}  # fmt: skip


def _place(row: Any) -> Record:
    code, label = _COUNTRIES.get(row.country, ("", row.country))
    return {"country": code or row.country, "country__r": label, "province__r": row.region,
            "city__r": row.city}  # fmt: skip


def _person(row: Any) -> tuple[str, Record]:
    common = {**_head("ContactObj", row, row.full_name, row.created_at, row.owner, row.is_deleted),
              **_place(row), "email": row.email, "job_title": row.job_title}  # fmt: skip
    if row.stage == "lead":
        return "LeadsObj", _given({**common, "object_describe_api_name": "LeadsObj",
                                   "mobile": row.phone, "address": row.street,
                                   "source": row.channel, "biz_status": "processed"})  # fmt: skip
    account = _id("AccountObj", row.company) if row.company >= 0 else None
    return "ContactObj", _given({**common, "account_id": account, "mobile1": row.phone,
                                 "add": row.street, "contact_source": row.channel,
                                 "gender__r": _GENDERS.get(row.gender),
                                 "date_of_birth": row.birth_date})  # fmt: skip


def _account(row: Any) -> Record:
    return _given({**_head("AccountObj", row, row.name, row.created_at, row.owner), **_place(row),
                   "tel": row.phone, "url": row.domain and f"http://www.{row.domain}",
                   "address": row.street, "industry_level1__r": row.industry})  # fmt: skip


def _deal(row: Any) -> Record:
    stage, stage_label = _STAGES[row.stage]
    state, state_label = _STATES.get(row.stage, ("1", "进行中"))
    person = _id("ContactObj", row.person) if row.person >= 0 else None
    return _given({**_head("NewOpportunityObj", row, f"商机 {row.number}", row.created_at,
                           row.owner),
                   "account_id": _id("AccountObj", row.company) if row.company >= 0 else None,
                   "contact_id": person, "sales_stage": stage, "sales_stage__r": stage_label,
                   "sales_status": state, "sales_status__r": state_label,
                   "amount": _money(row.amount), "mc_currency": row.currency,
                   "close_date": _epoch(row.closed_at), "source": row.channel})  # fmt: skip


def _order(row: Any) -> Record:
    person = _id("ContactObj", row.person) if row.person >= 0 else None
    return _given({**_head("SalesOrderObj", row, f"DD-{row.number:06d}", row.ordered_at),
                   "ship_to_id": person, "order_time": _epoch(row.ordered_at),
                   "order_status": "7", "order_status__r": "已确认",
                   "product_amount": _money(row.total), "order_amount": _money(row.total),
                   "mc_currency": row.currency})  # fmt: skip


def _line(row: Any, head: Record) -> Record:
    total = row.quantity * row.price - row.discount
    return _given({"_id": _id("SalesOrderProductObj", row.number), "name": f"{row.number:08d}",
                   "order_id": head["_id"], "create_time": head["create_time"],
                   "last_modified_time": head["last_modified_time"], "is_deleted": False,
                   "life_status": "normal", "product_code": row.sku,
                   "product_id": _id("ProductObj", sum(row.sku.encode())),
                   "product_id__r": row.product, "quantity": str(int(row.quantity)),
                   "product_price": _money(row.price), "sales_price": _money(row.price),
                   "subtotal": _money(total), "mc_currency": head["mc_currency"]})  # fmt: skip


def _payment(row: Any) -> Record:
    return _given({**_head("PaymentObj", row, f"HK-{row.number:06d}", row.ordered_at),
                   "order_id": _id("SalesOrderObj", row.number),
                   "payment_amount": _money(row.total), "payment_time": _epoch(row.ordered_at),
                   "mc_currency": row.currency})  # fmt: skip


def _refund(row: Any) -> Record:
    moment = _epoch(row.refunded_at)
    changed = {"create_time": moment, "last_modified_time": moment}
    return _given({"_id": _id("RefundObj", row.number), "name": f"TK-{row.number:06d}", **changed,
                   "order_id": _id("SalesOrderObj", row.order), "is_deleted": False,
                   "life_status": "normal", "refunded_amount": _money(row.amount),
                   "refunded_time": _epoch(row.refunded_at), "mc_currency": row.currency,
                   "remark": row.reason})  # fmt: skip


def _campaign(row: Any) -> Record:
    sent = _epoch(row.sent_at)
    return _given({"_id": _id("MarketingEventObj", row.number), "name": row.name,
                   "create_time": sent, "last_modified_time": sent, "is_deleted": False,
                   "life_status": "normal", "event_type__r": "邮件营销", "begin_time": sent,
                   "actual_cost": _money(row.cost), "mc_currency": row.currency})  # fmt: skip


def _case(row: Any) -> Record:
    return _given({**_head("CasesObj", row, f"GD-{row.number:06d}", row.opened_at, row.assignee),
                   "title": row.subject, "description": row.text,
                   "contact_id": _id("ContactObj", row.person) if row.person >= 0 else None,
                   "case_type__r": row.topic, "source": row.channel,
                   "priority__r": _PRIORITIES.get(row.priority),
                   "case_status__r": "已解决" if row.status == "solved" else "处理中",
                   "finish_time": _epoch(row.solved_at)})  # fmt: skip


def records(part: Part) -> dict[str, list[Record]]:
    """Fxiaoke's records of a part of the company; deleted people are voided."""
    people = [_person(row) for row in _rows(part.people)]
    orders = {row.number: _order(row) for row in _rows(part.orders)}
    return {
        "AccountObj": [_account(row) for row in _rows(part.companies)],
        "ContactObj": [one for block, one in people if block == "ContactObj"],
        "LeadsObj": [one for block, one in people if block == "LeadsObj"],
        "NewOpportunityObj": [_deal(row) for row in _rows(part.deals)],
        "SalesOrderObj": list(orders.values()),
        "SalesOrderProductObj": [_line(row, orders[row.order]) for row in _rows(part.order_lines)],
        "PaymentObj": [_payment(row) for row in _rows(part.orders)],
        "RefundObj": [_refund(row) for row in _rows(part.refunds)],
        "MarketingEventObj": [_campaign(row) for row in _rows(part.campaigns)],
        "CasesObj": [_case(row) for row in _rows(part.tickets)],
    }
