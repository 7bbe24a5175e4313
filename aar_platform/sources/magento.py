"""Magento 2 and Adobe Commerce: customers, orders with their items, credit memos, invoices."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

import ibis
import ibis.expr.types as ir
import msgspec
from pydantic import Field

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import bearer
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text, texts, typed
from aar_platform.sources.mapping import core_rows, json_list, json_text_at, json_without
from aar_platform.sources.registry import CoreRows, source_kind

# Shops may refuse pages of more than 300.
PAGE = 200
# A row bears the time at which its change began; others see it when that is written down.
LAG = timedelta(minutes=10)
# A window that ended longer ago than this is one of the past, with an end of its own.
_NOW = timedelta(minutes=5)

_MONEY = "decimal(18, 4)"
_GENDER = {"1": "male", "2": "female"}
# A credit memo that was taken back.
_CANCELLED = "3"


def _listed(path: str, id_field: str, only_ids: bool = False) -> Callable[[Ask], Page]:
    """Pages in order of id, each from above the last id seen: past the end of numbered pages
    Magento gives the last one for ever, and a record that changes would move the others."""

    def page(ask: Ask) -> Page:
        after = ask.at or 0
        filters = [("entity_id", "gt", str(after))]
        if ask.since is not None:
            filters.append(("updated_at", "gteq", _stamp(ask.since)))
            if ask.until < datetime.now(UTC) - _NOW:
                filters.append(("updated_at", "lt", _stamp(ask.until)))
        params: dict[str, Any] = {
            "searchCriteria[sortOrders][0][field]": "entity_id",
            "searchCriteria[sortOrders][0][direction]": "ASC",
            "searchCriteria[pageSize]": PAGE,
            "searchCriteria[currentPage]": 1,
        }
        for group, (field, condition, value) in enumerate(filters):
            where = f"searchCriteria[filterGroups][{group}][filters][0]"
            params |= {
                f"{where}[field]": field,
                f"{where}[value]": value,
                f"{where}[conditionType]": condition,
            }
        if only_ids:
            params["fields"] = f"items[{id_field}],total_count"
        answer = ask.api.get(path, params)
        total = answer.value("total_count")
        # Some versions write null for an empty list.
        if total == 0 and answer.get("items") is None:
            return Page([])
        records = answer.records("items")
        if len(records) < min(total, PAGE):
            raise ask.api.unusable(f"{len(records)} records where it counts {total}")
        if total <= len(records):
            return Page(records)
        last = msgspec.json.decode(records[-1])[id_field]
        # A page that is given twice ends where it began: whoever asks sees that, and asks again.
        if last < after:
            raise ask.api.unusable("the records do not come in the order of their ids")
        return Page(records, last)

    return page


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _with_listed(records: ir.Table, ids: ir.Table) -> ir.Table:
    """Records with `is_gone`: whether the shop no longer lists them.

    One that was made after the list was asked for is not in it either: its id is beyond the list's
    last, and it is younger than the list. An hour covers the time that asking takes.
    """
    listed = ids.select(listed=ids.id)
    asked = ids.aggregate(last_listed=ids.id.cast("int64").max(), listed_at=ids.extracted_at.max())
    rows = records.left_join(listed, records.id == listed.listed).cross_join(asked)
    was_there = (rows.id.cast("int64") < rows.last_listed) | (
        rows.created_at < rows.listed_at - ibis.interval(hours=1)
    )
    return rows.mutate(is_gone=(rows.listed.isnull() & was_there).fill_null(False))


def _contact_rows(customers: ir.Table, ids: ir.Table) -> ir.Table:
    rows = _with_listed(customers, ids)
    usual = json_list(rows.addresses).filter(
        lambda place: json_text_at(place, "$.default_billing") == "true"
    )
    rows = rows.mutate(address=ibis.coalesce(usual, json_list(rows.addresses))[0])
    granted = rows.is_subscribed.cast(str)
    return core_rows(
        rows,
        contact_id=rows.id,
        given_name=rows.firstname,
        family_name=rows.lastname,
        email=rows.email,
        phone=json_text_at(rows.address, "$.telephone"),
        street=_joined(rows.address, "$.street[0]", "$.street[1]", "$.street[2]"),
        city=json_text_at(rows.address, "$.city"),
        region=json_text_at(rows.address, "$.region.region"),
        postcode=json_text_at(rows.address, "$.postcode"),
        country=json_text_at(rows.address, "$.country_id"),
        birth_date=rows.dob,
        gender=rows.gender.substitute(_GENDER, else_=ibis.null(str)),
        consents=ibis.literal('{"marketing":{"granted":') + granted + "}}",
        created_at=rows.created_at,
        updated_at=rows.updated_at,
        is_deleted=rows.is_gone,
    )


def _joined(json: ir.StringValue, *paths: str) -> ir.StringValue:
    """The texts at some paths, with blanks between; null for none."""
    parts = [json_text_at(json, path).fill_null("") for path in paths]
    joined: ir.StringValue = ibis.literal(" ").join(parts).strip().nullif("")
    return joined


def _order_rows(orders: ir.Table, ids: ir.Table) -> ir.Table:
    rows = _with_listed(orders, ids)
    cancelled = json_list(rows.status_histories).filter(
        lambda one: json_text_at(one, "$.status") == "canceled"
    )
    moment = json_text_at(cancelled[0], "$.created_at")
    return core_rows(
        rows,
        order_id=rows.id,
        contact_id=rows.customer_id,
        email=rows.customer_email,
        ordered_at=rows.created_at,
        status=rows.status,
        country=_country(rows),
        region=ibis.coalesce(rows.shipping_region, rows.billing_region),
        currency=rows.order_currency_code,
        gross=rows.subtotal,
        discount=rows.discount_amount.abs(),
        tax=rows.tax_amount,
        shipping=rows.shipping_amount,
        total=rows.grand_total,
        cancelled_at=(rows.state == "canceled").ifelse(moment.try_cast("timestamp"), None),
        updated_at=rows.updated_at,
        is_deleted=rows.is_gone,
        # The items are rows of their own.
        attributes=json_without(rows.payload, '{"items":null}').cast(str),
    )


def _line_rows(orders: ir.Table, ids: ir.Table) -> ir.Table:
    """The items that bear money, once: a configurable product is a parent with the money and a
    child without, a bundle a parent whose children bear it."""
    rows = _with_listed(orders, ids)
    rows = rows.mutate(country_code=_country(rows))
    items = rows.mutate(payload=json_list(rows.order_items).unnest())
    item = items.payload
    items = items.mutate(
        item_id=json_text_at(item, "$.item_id"),
        parent_item=json_text_at(item, "$.parent_item_id"),
        row_total=json_text_at(item, "$.row_total").try_cast(_MONEY).fill_null(0),
        off=json_text_at(item, "$.discount_amount").try_cast(_MONEY).fill_null(0),
    )
    children = items.filter(items.parent_item.notnull())
    sums = children.group_by(of_order=children.id, of_item=children.parent_item).aggregate(
        in_children=children.row_total.sum()
    )
    lines = items.left_join(sums, [items.id == sums.of_order, items.item_id == sums.of_item])
    bears = lines.parent_item.isnull().ifelse(
        lines.in_children.fill_null(0) == 0, lines.row_total != 0
    )
    lines = lines.filter(bears)
    item = lines.payload
    return core_rows(
        lines,
        order_id=lines.id,
        line_id=lines.item_id,
        sku=json_text_at(item, "$.sku"),
        product=json_text_at(item, "$.name"),
        quantity=json_text_at(item, "$.qty_ordered").try_cast("float64"),
        unit_price=json_text_at(item, "$.price").try_cast(_MONEY),
        discount=lines.off,
        amount=(lines.row_total - lines.off).cast(_MONEY),
        currency=lines.order_currency_code,
        ordered_at=lines.created_at,
        contact_id=lines.customer_id,
        country=lines.country_code,
        updated_at=lines.updated_at,
        is_deleted=lines.is_gone,
        attributes=ibis.null(str),
    )


def _country(orders: ir.Table) -> ir.StringValue:
    country: ir.StringValue = ibis.coalesce(orders.shipping_country, orders.billing_country)
    return country


def _refund_rows(memos: ir.Table) -> ir.Table:
    return core_rows(
        memos,
        refund_id=memos.id,
        order_id=memos.order_id,
        refunded_at=memos.created_at,
        amount=memos.grand_total,
        currency=memos.order_currency_code,
        reason=memos.comment,
        updated_at=memos.updated_at,
        is_deleted=(memos.state == _CANCELLED).fill_null(False),
    )


_CURRENCIES = ("order_currency_code", "base_currency_code")
_TOTALS = ("grand_total", "subtotal", "discount_amount", "tax_amount", "shipping_amount")
_BASE_TOTALS = tuple(f"base_{name}" for name in _TOTALS)
_SHIPPED_TO = "extension_attributes.shipping_assignments[0].shipping.address"


@source_kind("magento")
class Magento(ApiSource):
    """A Magento 2 or Adobe Commerce shop.

    host: its address without https://. token: an integration's access token. store: the store view
    that is asked; `all` for every one.
    """

    TITLE: ClassVar[str] = "Magento 2, Adobe Commerce"
    SETUP: ClassVar[str] = (
        "System → Integrations → Add: an integration with the resources Sales → Operations → "
        "Orders, Invoices and Credit Memos, and Customers → All Customers; activate it and take "
        "its access token. Since 2.4.4 tokens alone are accepted only where Stores → Configuration "
        "→ Services → OAuth → Allow OAuth Access Tokens to be used as standalone Bearer tokens is "
        "yes."
    )
    LIMITS: ClassVar[str] = (
        "Magento states none; 10 calls a second are made at most, of 200 records each."
    )
    GAPS: ClassVar[str] = (
        "Companies (B2B), products, carts and the dates of newsletter consent are not pulled. "
        "Amounts are in the currency of the order; those in the shop's (base_…) are in the raw "
        "tables."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("contacts", ("customers", "customer_ids"), rows=_contact_rows),
        CoreRows("orders", ("orders", "order_ids"), rows=_order_rows),
        CoreRows("order_lines", ("orders", "order_ids"), rows=_line_rows, is_row_per_record=False),
        CoreRows("refunds", ("creditmemos",), rows=_refund_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="customers",
            title="customers",
            page=_listed("customers/search", "id"),
            reads="changes",
            changed_at="updated_at",
            overlap=LAG,
            grain="a customer's account",
            scopes="Magento_Customer::customer",
            calls=f"one per {PAGE} customers changed",
            columns={
                **texts("id", "email", "firstname", "lastname", "group_id", "gender", "created_in"),
                **typed("moment", "created_at", "updated_at"),
                **typed("json", "addresses"),
                **typed("day", "dob"),
                "is_subscribed": text("extension_attributes.is_subscribed").of("flag"),
            },
        ),
        ApiObject(
            name="customer_ids",
            title="customers, ids only",
            page=_listed("customers/search", "id", only_ids=True),
            grain="a customer that there still is",
            scopes="Magento_Customer::customer",
            calls=f"one per {PAGE} customers, every time: deletions are not told",
            columns=texts("id"),
        ),
        ApiObject(
            name="orders",
            title="orders",
            page=_listed("orders", "entity_id"),
            reads="changes",
            changed_at="updated_at",
            overlap=LAG,
            grain="an order with its items",
            scopes="Magento_Sales::sales_order",
            calls=f"one per {PAGE} orders changed",
            columns={
                "id": text("entity_id"),
                **texts("increment_id", "customer_id", "customer_email", "status", "state"),
                **texts("store_name", "coupon_code", *_CURRENCIES),
                **typed("moment", "created_at", "updated_at"),
                **typed("money", *_TOTALS, *_BASE_TOTALS),
                **typed("json", "status_histories"),
                "order_items": text("items").of("json"),
                "billing_country": text("billing_address.country_id"),
                "billing_region": text("billing_address.region"),
                "shipping_country": text(f"{_SHIPPED_TO}.country_id"),
                "shipping_region": text(f"{_SHIPPED_TO}.region"),
            },
        ),
        ApiObject(
            name="order_ids",
            title="orders, ids only",
            page=_listed("orders", "entity_id", only_ids=True),
            grain="an order that there still is",
            scopes="Magento_Sales::sales_order",
            calls=f"one per {PAGE} orders, every time: deletions are not told",
            columns={"id": text("entity_id")},
        ),
        ApiObject(
            name="creditmemos",
            title="credit memos",
            page=_listed("creditmemos", "entity_id"),
            reads="changes",
            changed_at="updated_at",
            overlap=LAG,
            grain="money that went back for an order",
            scopes="Magento_Sales::sales_creditmemo",
            calls=f"one per {PAGE} credit memos changed",
            columns={
                "id": text("entity_id"),
                **texts("increment_id", "order_id", "invoice_id", "state", *_CURRENCIES),
                **typed("moment", "created_at", "updated_at"),
                **typed("money", *_TOTALS, *_BASE_TOTALS, "adjustment"),
                "comment": text("comments[0].comment"),
            },
        ),
        ApiObject(
            name="invoices",
            title="invoices",
            page=_listed("invoices", "entity_id"),
            reads="changes",
            changed_at="updated_at",
            overlap=LAG,
            grain="what was charged for an order",
            scopes="Magento_Sales::sales_invoice",
            calls=f"one per {PAGE} invoices changed",
            columns={
                "id": text("entity_id"),
                **texts("increment_id", "order_id", "state", *_CURRENCIES),
                **typed("moment", "created_at", "updated_at"),
                **typed("money", *_TOTALS, *_BASE_TOTALS),
            },
        ),
    )

    kind: Literal["magento"] = "magento"
    host: str
    token: Secret
    store: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")] = "all"

    def connect(self, where: str) -> Api:
        """The shop's REST API."""
        base = self.url or f"https://{self.host}"
        auth = bearer(self.token.reveal())
        return Api(where, f"{base}/rest/{self.store}/V1", auth, limits=(Limit(10, 1),))
