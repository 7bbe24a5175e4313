"""Magento as it answers: search criteria, pages by number, the last of them for ever."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec
import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aar_platform.sandbox.apis.vendor import Record, Vendor, answer
from aar_platform.sandbox.parts import Part

LARGEST_PAGE = 300
_FILTER = re.compile(r"searchCriteria\[filterGroups\]\[(\d+)\]\[filters\]\[0\]\[(\w+)\]")
_HOLDS: dict[str, Callable[[str, str], bool]] = {
    "gt": lambda value, bound: float(value) > float(bound),
    "gteq": lambda value, bound: value >= bound,
    "lt": lambda value, bound: value < bound,
}

IDS: dict[str, Callable[[int], str]] = {
    "contacts": lambda number: str(number + 1),
    "orders": lambda number: str(number + 1),
    "refunds": lambda number: str(number + 1),
}


@dataclass
class Magento(Vendor):
    """Orders, credit memos, invoices and customers of all store views."""

    KIND: ClassVar[str] = "magento"

    _sorted: dict[str, tuple[int, int, list[int], list[Record]]] = field(default_factory=dict)

    def settings(self, url: str) -> tuple[dict[str, Any], dict[str, str]]:
        """The entry of aar.yaml and its secret."""
        entry = {"name": "magento", "kind": "magento", "host": "shop.orvane.example", "url": url}
        return entry | {"token": "${MAGENTO_TOKEN}"}, {"MAGENTO_TOKEN": self.secret}

    def refusal(self, request: Request) -> Response | None:
        """401 for a wrong token."""
        if request.headers.get("authorization") == f"Bearer {self.secret}":
            return None
        said = "The consumer isn't authorized to access %resources."
        return answer({"message": said, "parameters": {"resources": "Magento_Sales::sales"}}, 401)

    def routes(self) -> list[Route]:
        """One route per object."""
        return [
            Route("/rest/{store}/V1/orders", self._found("orders", "entity_id")),
            Route("/rest/{store}/V1/creditmemos", self._found("creditmemos", "entity_id")),
            Route("/rest/{store}/V1/invoices", self._found("invoices", "entity_id")),
            Route("/rest/{store}/V1/customers/search", self._found("customers", "id")),
        ]

    def _found(self, name: str, key: str) -> Any:
        async def found(request: Request) -> Response:
            query = request.query_params
            size = int(query.get("searchCriteria[pageSize]", LARGEST_PAGE))
            if size > LARGEST_PAGE:
                said = "Maximum SearchCriteria pageSize is %max"
                return answer({"message": said, "parameters": {"max": LARGEST_PAGE}}, 400)
            terms: dict[str, dict[str, str]] = {}
            for parameter, value in query.items():
                part = _FILTER.fullmatch(parameter)
                if part:
                    terms.setdefault(part[1], {})[part[2]] = value
            ids, records = self._in_order(name, key)
            others = []
            first = 0
            for term in terms.values():
                if term["field"] == "entity_id" and term["conditionType"] == "gt":
                    first = bisect_right(ids, int(term["value"]))
                else:
                    others.append(term)
            chosen = records[first:]
            for term in others:
                holds, bound = _HOLDS[term["conditionType"]], term["value"]
                chosen = [one for one in chosen if holds(str(one[term["field"]]), bound)]
            page = int(query.get("searchCriteria[currentPage]", 1))
            # Past the end the last page comes, for ever.
            page = min(page, max(1, -(-len(chosen) // size)))
            items = chosen[(page - 1) * size : page * size]
            if query.get("fields"):
                body: Record = {"items": [{key: one[key]} for one in items]}
            else:
                body = {"items": items, "search_criteria": {"page_size": size}}
            body["total_count"] = len(chosen)
            return Response(msgspec.json.encode(body), media_type="application/json")

        return found

    def _in_order(self, name: str, key: str) -> tuple[list[int], list[Record]]:
        """The records in order of their ids; sorted anew when some came or went."""
        kept = self.kept(name)
        known = self._sorted.get(name)
        if known is None or known[:2] != (id(kept), len(kept)):
            records = sorted(kept, key=lambda one: one[key])
            known = (id(kept), len(kept), [one[key] for one in records], records)
            self._sorted[name] = known
        return known[2], known[3]


def holdings(part: Part) -> dict[str, list[Record]]:
    """The shop's records.

    Customers who were deleted are not listed any more, though their orders name them. Every third
    line is a configurable product: a parent row with the money and a child row without.
    """
    return {
        "customers": _customers(part),
        "orders": _orders(part),
        "creditmemos": _memos(part),
        "invoices": [],
    }


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples())


def _stamps(moments: pd.Series) -> list[str]:
    return [str(one) for one in moments.dt.strftime("%Y-%m-%d %H:%M:%S")]


def _number(cents: float) -> float:
    return round(int(cents) / 100, 2)


def _customers(part: Part) -> list[Record]:
    people = part.people
    if people.empty:
        return []
    created, updated = _stamps(people["created_at"]), _stamps(people["updated_at"])
    made = []
    for one, since, changed in zip(_rows(people), created, updated, strict=True):
        if one.is_deleted:
            continue
        id = one.number + 1
        name = {"firstname": one.given or "-", "lastname": one.family or "-"}
        address = {
            "id": id,
            "customer_id": id,
            "region": {"region_code": None, "region": one.region or None, "region_id": 0},
            "region_id": 0,
            "country_id": one.country,
            "street": [one.street],
            "telephone": one.phone,
            "postcode": one.postcode,
            "city": one.city,
            **name,
            "default_shipping": True,
            "default_billing": True,
        }
        made.append(
            {
                "id": id,
                "group_id": 1,
                "default_billing": str(id),
                "default_shipping": str(id),
                "created_at": since,
                "updated_at": changed,
                "created_in": "Default Store View",
                "email": one.email,
                **name,
                "gender": {"m": 1, "f": 2}.get(one.gender, 0),
                "store_id": 1,
                "website_id": 1,
                "addresses": [address] if one.street or one.city or one.country else [],
                "disable_auto_group_change": 0,
                "extension_attributes": {"is_subscribed": bool(one.has_consent)},
            }
        )
    return made


def _orders(part: Part) -> list[Record]:
    orders = part.orders
    if orders.empty:
        return []
    items, discounts = _items(part)
    refunded: dict[int, int] = {}
    for refund in _rows(part.refunds):
        refunded[refund.order] = refunded.get(refund.order, 0) + abs(int(refund.amount))
    made = []
    moments, changes = _stamps(orders["ordered_at"]), _stamps(orders["updated_at"])
    for one, moment, changed in zip(_rows(orders), moments, changes, strict=True):
        status = "closed" if refunded.get(one.number, 0) >= one.total > 0 else "complete"
        off = discounts.get(one.number, 0)
        amounts = {
            "grand_total": _number(one.total),
            "subtotal": _number(one.total + off),
            "discount_amount": -_number(off),
            "tax_amount": 0,
            "shipping_amount": 0,
        }
        guest = {} if one.person < 0 else {"customer_id": one.person + 1}
        made.append(
            {
                "entity_id": one.number + 1,
                "increment_id": f"{one.number + 1:09d}",
                "created_at": moment,
                "updated_at": changed,
                "status": status,
                "state": status,
                **guest,
                "customer_is_guest": int(one.person < 0),
                "customer_email": one.email,
                "order_currency_code": one.currency,
                "base_currency_code": one.currency,
                "store_id": 1,
                **amounts,
                **{f"base_{name}": value for name, value in amounts.items()},
                "items": items.get(one.number, []),
                "billing_address": {"address_type": "billing", "country_id": one.country},
                "status_histories": [],
            }
        )
    return made


def _items(part: Part) -> tuple[dict[int, list[Record]], dict[int, int]]:
    """The rows of each order, and what is taken off its lines, in cents."""
    found: dict[int, list[Record]] = {}
    discounts: dict[int, int] = {}
    for one in _rows(part.order_lines):
        is_configurable = one.number % 3 == 0
        row = {
            "item_id": 2 * one.number + 1,
            "order_id": one.order + 1,
            "sku": one.sku,
            "name": one.product,
            "product_type": "configurable" if is_configurable else "simple",
            "qty_ordered": int(one.quantity),
            "price": _number(one.price),
            "row_total": _number(one.price * one.quantity),
            "discount_amount": _number(one.discount),
            "tax_amount": 0,
        }
        rows = found.setdefault(one.order, [])
        rows.append(row)
        if is_configurable:
            child = {"item_id": 2 * one.number + 2, "parent_item_id": row["item_id"]}
            free = {"price": 0, "row_total": 0, "discount_amount": 0, "product_type": "simple"}
            rows.append({**row, **child, **free})
        discounts[one.order] = discounts.get(one.order, 0) + int(one.discount)
    return found, discounts


def _memos(part: Part) -> list[Record]:
    refunds = part.refunds
    if refunds.empty:
        return []
    made = []
    for one, moment in zip(_rows(refunds), _stamps(refunds["refunded_at"]), strict=True):
        amount = _number(abs(one.amount))
        comment = {"comment": one.reason, "created_at": moment, "parent_id": one.number + 1}
        made.append(
            {
                "entity_id": one.number + 1,
                "increment_id": f"{one.number + 1:09d}",
                "order_id": one.order + 1,
                "created_at": moment,
                "updated_at": moment,
                "state": 2,
                "order_currency_code": one.currency,
                "base_currency_code": one.currency,
                "grand_total": amount,
                "base_grand_total": amount,
                "items": [],
                "comments": [comment] if one.reason else [],
            }
        )
    return made
