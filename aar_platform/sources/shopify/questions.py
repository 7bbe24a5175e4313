"""What is asked of Shopify: the GraphQL documents, and the pages they are asked for in.

Pages go by id (`id:>…`, sorted by id) and not by cursor: Shopify ends a list after 25,000 records,
and a record that changes while pages are read neither leaves the list nor moves in it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from aar_platform.sources.api.client import Answer
from aar_platform.sources.api.errors import AccessRefused
from aar_platform.sources.api.objects import Ask, Page
from aar_platform.sources.shopify.admin_api import AdminApi, TooCostly

# The most that Shopify gives. Where a page costs too much for the shop, smaller ones are asked for.
PAGE = 250
# Lines that come with their order; further ones are asked for order by order.
LINES = 25
# Without the scope read_all_orders an app sees the orders of the last 60 days, and is not told so.
RECENT = timedelta(days=59)
# A window that ended longer ago than this is one of the past, with an end of its own.
_NOW = timedelta(minutes=5)

_SHOP_MONEY = "fragment ShopMoney on MoneyBag { shopMoney { amount } }"
_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
_VISIT = "source sourceType utmParameters { source medium campaign }"
_LINE = """fragment Line on LineItem {
  id sku name quantity
  originalUnitPriceSet { ...ShopMoney }
  discountAllocations { allocatedAmountSet { ...ShopMoney } }
  product { productType }
}"""
ORDERS = f"""query Orders($first: Int!, $query: String, $lines: Int!) {{
  orders(first: $first, query: $query, sortKey: ID) {{
    nodes {{
      id name createdAt updatedAt processedAt cancelledAt cancelReason test email sourceName
      currencyCode presentmentCurrencyCode displayFinancialStatus displayFulfillmentStatus
      discountCodes tags
      customer {{ id }}
      shippingAddress {{ countryCodeV2 province }}
      billingAddress {{ countryCodeV2 province }}
      totalPriceSet {{ ...ShopMoney }}
      subtotalPriceSet {{ ...ShopMoney }}
      totalDiscountsSet {{ ...ShopMoney }}
      totalTaxSet {{ ...ShopMoney }}
      totalShippingPriceSet {{ ...ShopMoney }}
      customerJourneySummary {{ lastVisit {{ {_VISIT} }} }}
      lineItems(first: $lines) {{ nodes {{ ...Line }} {_PAGE_INFO} }}
      refunds {{
        id createdAt processedAt updatedAt note totalRefundedSet {{ ...ShopMoney }}
      }}
      transactions {{ id kind status gateway processedAt amountSet {{ ...ShopMoney }} }}
    }}
    {_PAGE_INFO}
  }}
}}
{_LINE}
{_SHOP_MONEY}"""
ORDER_LINES = f"""query OrderLines($id: ID!, $first: Int!, $after: String) {{
  order(id: $id) {{
    lineItems(first: $first, after: $after) {{ nodes {{ ...Line }} {_PAGE_INFO} }}
  }}
}}
{_LINE}
{_SHOP_MONEY}"""
CUSTOMERS = f"""query Customers($first: Int!, $query: String) {{
  customers(first: $first, query: $query, sortKey: ID) {{
    nodes {{
      id createdAt updatedAt firstName lastName displayName locale state tags note
      verifiedEmail numberOfOrders dataSaleOptOut
      defaultEmailAddress {{ emailAddress marketingState marketingOptInLevel marketingUpdatedAt }}
      defaultPhoneNumber {{ phoneNumber marketingState marketingUpdatedAt }}
      defaultAddress {{
        address1 address2 city province provinceCode zip countryCodeV2 phone company
      }}
      orders(first: 1, sortKey: PROCESSED_AT) {{
        nodes {{ processedAt customerJourneySummary {{ firstVisit {{ {_VISIT} }} }} }}
      }}
    }}
    {_PAGE_INFO}
  }}
}}"""
CUSTOMER_IDS = f"""query CustomerIds($first: Int!, $query: String) {{
  customers(first: $first, query: $query, sortKey: ID) {{ nodes {{ id }} {_PAGE_INFO} }}
}}"""
ORDER_IDS = f"""query OrderIds($first: Int!, $query: String) {{
  orders(first: $first, query: $query, sortKey: ID) {{ nodes {{ id }} {_PAGE_INFO} }}
}}"""
ABANDONED_CHECKOUTS = f"""query AbandonedCheckouts($first: Int!, $query: String) {{
  abandonedCheckouts(first: $first, query: $query, sortKey: ID) {{
    nodes {{
      id name createdAt updatedAt completedAt
      customer {{ id }}
      totalPriceSet {{ shopMoney {{ amount currencyCode }} }}
    }}
    {_PAGE_INFO}
  }}
}}"""
MARKETING_EVENTS = f"""query MarketingEvents($first: Int!, $query: String) {{
  marketingEvents(first: $first, query: $query, sortKey: ID) {{
    nodes {{
      id description type marketingChannelType sourceAndMedium startedAt endedAt
      utmCampaign utmMedium utmSource remoteId
    }}
    {_PAGE_INFO}
  }}
}}"""
SCOPES = "query Scopes { currentAppInstallation { accessScopes { handle } } }"
DOCUMENTS = (
    *(ORDERS, ORDER_LINES, ORDER_IDS, CUSTOMERS, CUSTOMER_IDS),
    *(ABANDONED_CHECKOUTS, MARKETING_EVENTS, SCOPES),
)

# Within a JSON text a quote in a value is escaped: nothing but the key itself looks like this.
_HAS_MORE = re.compile(r'"hasNextPage"\s*:\s*true')
_FURTHER = ("data", "order", "lineItems")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST = msgspec.json.Decoder(list[msgspec.Raw])


class _Identified(msgspec.Struct):
    id: str


_ID = msgspec.json.Decoder(_Identified)


class _More(msgspec.Struct):
    hasNextPage: bool


class _List(msgspec.Struct):
    nodes: list[msgspec.Raw]
    pageInfo: _More


class _Page(msgspec.Struct):
    data: dict[str, _List]


_PAGE = msgspec.json.Decoder(_Page)


def listed(root: str, document: str, **variables: Any) -> Callable[[Ask], Page]:
    """Pages of a list at the root of the schema, in order of id, of what changed in the window."""

    def page(ask: Ask) -> Page:
        at = ask.at or {"after": 0, "first": PAGE}
        terms = _terms(ask, at["after"])
        asked = {"query": " AND ".join(terms) or None, **variables}
        answer, size = _asked(_api(ask), document, at["first"], **asked)
        records, has_more = _read(answer, root)
        if not has_more:
            return Page(records)
        if not records:
            raise ask.api.unusable("a page without records that is not the last")
        last = number(_ID.decode(records[-1]).id)
        # A page that is given twice ends where it began: whoever asks sees that, and asks again.
        if last < at["after"]:
            raise ask.api.unusable("the records do not come in the order of their ids")
        return Page(records, {"after": last, "first": size})

    return page


def orders(ask: Ask) -> Page:
    """A page of orders with all their lines.

    Raises AccessRefused where older orders are asked for that the app's scopes would hide.
    """
    if ask.at is None:
        _see_that_none_are_hidden(ask)
    page = listed("orders", ORDERS, lines=LINES)(ask)
    records = [
        _with_all_lines(_api(ask), record) if _HAS_MORE.search(record) else record
        for record in page.records
    ]
    return Page(records, page.next)


def order_ids(ask: Ask) -> Page:
    """A page of the ids of all orders: hidden ones would seem deleted. Raises AccessRefused."""
    if ask.at is None:
        _see_that_none_are_hidden(ask)
    return listed("orders", ORDER_IDS)(ask)


def number(gid: str) -> int:
    """The number at the end of an id such as gid://shopify/Order/12."""
    return int(gid.rpartition("/")[2].partition("?")[0])


def _read(answer: Answer, root: str) -> tuple[list[str], bool]:
    """The records of a page, and whether there are more."""
    try:
        # In one pass: a page of 250 orders is half a megabyte.
        page = _PAGE.decode(answer.content).data[root]
    except (msgspec.DecodeError, KeyError):
        # Part by part, so that the error says what is missing.
        records = answer.records("data", root, "nodes")
        return records, bool(answer.value("data", root, "pageInfo", "hasNextPage"))
    return [bytes(one).decode() for one in page.nodes], page.pageInfo.hasNextPage


def _api(ask: Ask) -> AdminApi:
    assert isinstance(ask.api, AdminApi)
    return ask.api


def _terms(ask: Ask, after: int) -> list[str]:
    terms = [f"id:>{after}"] if after else []
    if ask.since is not None:
        terms.append(f"updated_at:>='{_stamp(ask.since)}'")
    # Of what changes now there is no end: a record that changes while pages are read stays listed.
    if ask.since is not None and ask.until < datetime.now(UTC) - _NOW:
        terms.append(f"updated_at:<'{_stamp(ask.until)}'")
    return terms


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _asked(api: AdminApi, document: str, first: int, **variables: Any) -> tuple[Answer, int]:
    """The answer, and how many records a page may have for it not to cost too much."""
    while True:
        try:
            return api.query(document, first=first, **variables), first
        except TooCostly as error:
            if first == 1:
                raise
            first = max(1, int(first * error.share))


def _see_that_none_are_hidden(ask: Ask) -> None:
    if ask.since is not None and ask.since > datetime.now(UTC) - RECENT:
        return
    answer = _api(ask).query(SCOPES)
    scopes = answer.value("data", "currentAppInstallation", "accessScopes")
    if "read_all_orders" not in {scope["handle"] for scope in scopes}:
        raise AccessRefused(
            ask.api.where,
            "the app sees the orders of the last 60 days only",
            "give it the scope read_all_orders",
        )


def _with_all_lines(api: AdminApi, record: str) -> str:
    """The order's text with the lines that did not come with it put behind those that did."""
    order = _MEMBERS.decode(record)
    lines = _MEMBERS.decode(order["lineItems"])
    nodes = _LIST.decode(lines["nodes"])
    id, size = _ID.decode(record).id, PAGE
    info = msgspec.json.decode(lines["pageInfo"])
    while info["hasNextPage"]:
        before = info["endCursor"]
        answer, size = _asked(api, ORDER_LINES, size, id=id, after=before)
        nodes += [msgspec.Raw(one.encode()) for one in answer.records(*_FURTHER, "nodes")]
        info = answer.value(*_FURTHER, "pageInfo")
        if info["hasNextPage"] and info["endCursor"] == before:
            raise api.unusable("the lines of an order go on without end")
    order["lineItems"] = msgspec.Raw(msgspec.json.encode({"nodes": nodes, "pageInfo": info}))
    return msgspec.json.encode(order).decode()
