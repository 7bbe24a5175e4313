"""Zoho CRM: accounts, contacts, leads, deals, sales orders and invoices with their lines, products,
campaigns, cases, and what was deleted."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar, Literal

import httpx

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import Token, shared
from aar_platform.sources.api.client import Api, check_url
from aar_platform.sources.api.errors import AnswerUnusable
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, text, texts, typed
from aar_platform.sources.registry import CoreRows, source_kind
from aar_platform.sources.zoho_crm import rows
from aar_platform.sources.zoho_crm.paging import PAGE, deleted, listed, single

VERSION = "/crm/v8"

# Data centre → where tokens are given, where the API is unless the token's reply says otherwise.
_CENTRES: Mapping[str, tuple[str, str]] = {
    "com": ("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": ("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": ("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "com.au": ("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "com.cn": ("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "jp": ("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "sa": ("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
    "ca": ("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
}

_COMMON: Mapping[str, RawColumn] = {
    **texts("id"),
    "owner": text("Owner.email"),
    "owner_name": text("Owner.name"),
    "modified_by": text("Modified_By.email"),
    **typed("moment", "Created_Time", "Modified_Time"),
}
_SALE: Mapping[str, RawColumn] = {
    **_COMMON,
    **texts("Subject", "Status", "Currency", "Billing_Country", "Billing_State"),
    "account": text("Account_Name.id"),
    "contact": text("Contact_Name.id"),
    **typed("money", "Sub_Total", "Discount", "Tax", "Adjustment", "Grand_Total"),
}
_LINE: Mapping[str, RawColumn] = {
    **texts("id", "Description"),
    "parent": text("Parent_Id.id"),
    "product": text("Product_Name.id"),
    "product_name": text("Product_Name.name"),
    **typed("money", "Quantity", "List_Price", "Discount", "Total", "Total_After_Discount"),
    **typed("money", "Net_Total"),
    **typed("moment", "Modified_Time"),
}
_PERSON = ("First_Name", "Last_Name", "Full_Name", "Email", "Phone", "Mobile", "Lead_Source")


def _module(
    name: str,
    module: str,
    grain: str,
    columns: Mapping[str, RawColumn],
    scope: str,
    reads: Literal["changes", "whole"] = "changes",
    **more: str,
) -> ApiObject:
    changes = reads == "changes"
    return ApiObject(
        name=name,
        title=module,
        page=listed(module, columns, bounded=changes, **more),
        columns=columns,
        grain=grain,
        reads=reads,
        changed_at="Modified_Time" if changes else None,
        # What changed in the minutes before a pull may be missing from its answer.
        overlap=timedelta(minutes=5) if changes else timedelta(0),
        scopes=f"ZohoCRM.modules.{scope}.READ",
        calls=f"one per {PAGE} records" + (" changed" if changes else ", every time"),
    )


class Access(Token):
    """A refresh-token grant; its reply says where the API is, and requests are sent there."""

    def __init__(self, source: "ZohoCrm") -> None:
        accounts, api = _CENTRES[source.data_centre]
        self.domain = source.url or api
        self._where = source.name
        grant = {
            "grant_type": "refresh_token",
            "client_id": source.client_id,
            "client_secret": source.client_secret.reveal(),
            "refresh_token": source.refresh_token.reveal(),
        }
        super().__init__(
            ask=lambda: httpx.Request(
                "POST", f"{source.url or accounts}/oauth/v2/token", data=grant
            ),
            read=self.read_reply,
            put=self._address,
            secrets=(grant["client_secret"], grant["refresh_token"]),
        )

    def read_reply(self, reply: Mapping[str, Any]) -> tuple[str, float | None]:
        """The token and how long it lives; takes over the address that the reply names. Raises
        AnswerUnusable for an address to which no token may go, KeyError without a token."""
        token = str(reply["access_token"])
        if reply.get("api_domain"):
            try:
                self.domain = check_url(str(reply["api_domain"]))
            except ValueError as error:
                raise AnswerUnusable(
                    self._where,
                    f"the address of the API that came with the token {error}",
                    "nothing was sent there; see whether the source's data centre is right",
                ) from None
        return token, float(reply.get("expires_in") or 3600)

    def _address(self, request: httpx.Request, token: str) -> None:
        request.headers["Authorization"] = f"Zoho-oauthtoken {token}"
        rest = request.url.raw_path.decode().partition(VERSION)[2]
        request.url = httpx.URL(f"{self.domain}{VERSION}{rest}")
        request.headers["Host"] = request.url.netloc.decode()


@source_kind("zoho_crm")
class ZohoCrm(ApiSource):
    """A Zoho CRM organisation.

    data_centre: the end of the address at which the organisation signs in (zoho.com, zoho.eu, …).
    client_id, client_secret, refresh_token: of a self client or server-based application.
    """

    TITLE: ClassVar[str] = "Zoho CRM"
    SETUP: ClassVar[str] = (
        "In the API console of your data centre (api-console.zoho.com, .eu, …) add a Self Client; "
        "it shows the client's id and secret. Generate a code with the scopes named below and "
        "exchange it once for a refresh token (`/oauth/v2/token`, grant_type authorization_code)."
    )
    LIMITS: ClassVar[str] = (
        "Calls are made one after the other, so that the limit of concurrent calls (5 at least) is "
        "kept; each takes a credit of the day's (5,000 and more, by edition). A token is shared by "
        "all objects, since ten are given in ten minutes. Status 429 is waited out."
    )
    GAPS: ClassVar[str] = (
        "Only standard fields are asked for (Zoho wants them named, 50 at most). Not opting out is "
        "not taken for consent. When a case was solved, refunds and the members of campaigns are "
        "not told. Invoices count as orders only where no sales order stands behind them. Records "
        "that Zoho no longer lists as deleted before the first pull are not known."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("companies", ("accounts", "deleted"), rows=rows.account_rows),
        CoreRows("contacts", ("contacts", "deleted"), rows=rows.contact_rows),
        CoreRows("contacts", ("leads", "deleted"), rows=rows.lead_rows),
        CoreRows("deals", ("deals", "deal_fields", "organisation", "deleted"), rows=rows.deal_rows),
        CoreRows("orders", ("sales_orders", "organisation", "deleted"), rows=rows.order_rows),
        CoreRows(
            "orders",
            ("invoices", "organisation", "deleted"),
            rows=rows.invoice_rows,
            is_row_per_record=False,
        ),
        CoreRows(
            "order_lines",
            ("sales_order_lines", "sales_orders", "products", "organisation", "deleted"),
            rows=rows.order_line_rows,
        ),
        CoreRows(
            "order_lines",
            ("invoice_lines", "invoices", "products", "organisation", "deleted"),
            rows=rows.invoice_line_rows,
            is_row_per_record=False,
        ),
        CoreRows("campaigns", ("campaigns", "organisation", "deleted"), rows=rows.campaign_rows),
        CoreRows("tickets", ("cases", "deleted"), rows=rows.case_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        _module(
            "accounts",
            "Accounts",
            "a company",
            {
                **_COMMON,
                **texts("Account_Name", "Website", "Phone", "Billing_Street", "Billing_City"),
                **texts("Billing_State", "Billing_Code", "Billing_Country", "Industry"),
                **typed("whole", "Employees"),
            },
            "accounts",
            approved="both",
        ),
        _module(
            "contacts",
            "Contacts",
            "a person",
            {
                **_COMMON,
                **texts(*_PERSON, "Title", "Mailing_Street", "Mailing_City", "Mailing_State"),
                **texts("Mailing_Zip", "Mailing_Country", "Date_of_Birth"),
                "account": text("Account_Name.id"),
                **typed("flag", "Email_Opt_Out"),
                **typed("moment", "Unsubscribed_Time"),
            },
            "contacts",
            approved="both",
        ),
        _module(
            "leads",
            "Leads",
            "a person who is no customer yet",
            {
                **_COMMON,
                **texts(*_PERSON, "Designation", "Company", "Street", "City", "State", "Zip_Code"),
                **texts("Country", "Lead_Status"),
                **typed("flag", "Email_Opt_Out", "Converted__s"),
                **typed("moment", "Unsubscribed_Time"),
            },
            "leads",
            approved="both",
            # Without it a lead that became a contact would only be missing from the list.
            converted="both",
        ),
        _module(
            "deals",
            "Deals",
            "a deal",
            {
                **_COMMON,
                **texts("Deal_Name", "Stage", "Currency", "Lead_Source"),
                "account": text("Account_Name.id"),
                "contact": text("Contact_Name.id"),
                **typed("money", "Amount"),
                **typed("day", "Closing_Date"),
            },
            "deals",
            approved="both",
        ),
        _module("sales_orders", "Sales_Orders", "an order", _SALE, "salesorders", approved="both"),
        _module(
            "invoices",
            "Invoices",
            "an invoice",
            {**_SALE, "sales_order": text("Sales_Order.id"), **typed("day", "Invoice_Date")},
            "invoices",
            approved="both",
        ),
        _module(
            "sales_order_lines",
            "Ordered_Items",
            "a line of an order",
            _LINE,
            "salesorders",
            "whole",
        ),
        _module(
            "invoice_lines", "Invoiced_Items", "a line of an invoice", _LINE, "invoices", "whole"
        ),
        _module(
            "products",
            "Products",
            "a product",
            {**_COMMON, **texts("Product_Name", "Product_Code", "Product_Category")},
            "products",
            approved="both",
        ),
        _module(
            "campaigns",
            "Campaigns",
            "a campaign",
            {
                **_COMMON,
                **texts("Campaign_Name", "Type", "Status", "Currency"),
                **typed("day", "Start_Date", "End_Date"),
                **typed("money", "Actual_Cost", "Budgeted_Cost"),
            },
            "campaigns",
            approved="both",
        ),
        _module(
            "cases",
            "Cases",
            "a case",
            {
                **_COMMON,
                **texts("Subject", "Description", "Email", "Type", "Case_Reason", "Priority"),
                **texts("Case_Origin", "Status"),
                "account": text("Account_Name.id"),
                "contact": text("Related_To.id"),
            },
            "cases",
            approved="both",
        ),
        ApiObject(
            name="deleted",
            title="deleted records",
            page=deleted,
            reads="changes",
            changed_at="deleted_time",
            # Pages have numbers only: a day over again heals what moved while they were read.
            overlap=timedelta(days=1),
            grain="a record that was deleted, or merged into another",
            scopes="those of the modules",
            calls="one per module and 200 records deleted",
            columns={
                **texts("id", "type"),
                "module": text("@module"),
                **typed("moment", "deleted_time"),
                "deleted_by": text("deleted_by.name"),
            },
        ),
        ApiObject(
            name="deal_fields",
            title="fields of deals",
            page=single("settings/fields", "fields", module="Deals"),
            grain="a field, with the values that it may have",
            scopes="ZohoCRM.settings.fields.READ",
            calls="one",
            columns={**texts("id", "api_name"), **typed("json", "pick_list_values")},
        ),
        ApiObject(
            name="organisation",
            title="organisation",
            page=single("org", "org"),
            grain="the organisation, with its home currency",
            scopes="ZohoCRM.org.READ",
            calls="one",
            columns=texts("id", "iso_code", "time_zone"),
        ),
    )

    kind: Literal["zoho_crm"] = "zoho_crm"
    data_centre: Literal["com", "eu", "in", "com.au", "com.cn", "jp", "sa", "ca"] = "com"
    client_id: str
    client_secret: Secret
    refresh_token: Secret

    def connect(self, where: str) -> Api:
        """The organisation's API."""
        secret = f"{self.client_secret.reveal()} {self.refresh_token.reveal()}"
        code = hashlib.sha256(secret.encode()).hexdigest()
        key = ("zoho_crm", self.data_centre, self.url or "", self.client_id, code)
        _, api = _CENTRES[self.data_centre]
        access = shared(key, lambda: Access(self))
        return Api(where, f"{self.url or api}{VERSION}", access)
