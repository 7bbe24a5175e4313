"""Salesforce: accounts, contacts, leads, opportunities, orders, campaigns, cases."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, text, texts, typed
from aar_platform.sources.registry import CoreRows, Identifier, source_kind
from aar_platform.sources.salesforce import rows
from aar_platform.sources.salesforce.asking import VERSION, judge, records_of, signed_on

_STAMPS = typed("moment", "CreatedDate", "LastModifiedDate", "SystemModstamp")
_ALWAYS = {"Id": text("Id"), **typed("flag", "IsDeleted"), **_STAMPS}
# A change is stamped when it is made and shows when its transaction ends, at most ten minutes on.
_OVERLAP = timedelta(minutes=15)
FieldName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.]*$")]

_COLUMNS: dict[str, dict[str, RawColumn]] = {
    "Account": {
        **_ALWAYS,
        **texts("MasterRecordId", "Name", "Type", "ParentId", "BillingStreet", "BillingCity"),
        **texts("BillingState", "BillingPostalCode", "BillingCountry", "Phone", "Website"),
        **texts("Industry", "OwnerId", "AccountNumber", "AccountSource"),
        **typed("whole", "NumberOfEmployees"),
    },
    "Contact": {
        **_ALWAYS,
        **texts("MasterRecordId", "AccountId", "FirstName", "LastName", "Name", "Email", "Phone"),
        **texts("MobilePhone", "MailingStreet", "MailingCity", "MailingState"),
        **texts("MailingPostalCode", "MailingCountry", "Title", "Department", "LeadSource"),
        **texts("OwnerId"),
        **typed("day", "Birthdate"),
        **typed("flag", "HasOptedOutOfEmail"),
    },
    "Lead": {
        **_ALWAYS,
        **texts("MasterRecordId", "FirstName", "LastName", "Name", "Company", "Title", "Street"),
        **texts("City", "State", "PostalCode", "Country", "Phone", "MobilePhone", "Email"),
        **texts("LeadSource", "Status", "OwnerId", "ConvertedContactId", "ConvertedAccountId"),
        **texts("ConvertedOpportunityId"),
        **typed("day", "ConvertedDate"),
        **typed("flag", "IsConverted", "HasOptedOutOfEmail"),
    },
    "Opportunity": {
        **_ALWAYS,
        **texts("AccountId", "ContactId", "Name", "StageName", "Type", "LeadSource", "CampaignId"),
        **texts("OwnerId"),
        **typed("money", "Amount"),
        **typed("number", "Probability"),
        **typed("day", "CloseDate"),
        **typed("flag", "IsClosed", "IsWon"),
    },
    "OpportunityLineItem": {
        **_ALWAYS,
        **texts("OpportunityId", "Name", "ProductCode", "Product2Id", "Description"),
        **typed("money", "Quantity", "UnitPrice", "ListPrice", "TotalPrice", "Discount"),
    },
    "Order": {
        **_ALWAYS,
        **texts("AccountId", "BillToContactId", "OrderNumber", "Status", "StatusCode", "Type"),
        **texts("BillingState", "BillingCountry", "ShippingState", "ShippingCountry"),
        **texts("OriginalOrderId", "OwnerId", "Description"),
        **typed("money", "TotalAmount"),
        **typed("day", "EffectiveDate"),
        **typed("moment", "ActivatedDate"),
        **typed("flag", "IsReductionOrder"),
    },
    "OrderItem": {
        **_ALWAYS,
        **texts("OrderId", "Product2Id", "OrderItemNumber", "OriginalOrderItemId", "Description"),
        **typed("money", "Quantity", "UnitPrice", "ListPrice", "TotalPrice"),
        "sku": text("Product2.ProductCode"),
        "product": text("Product2.Name"),
        "category": text("Product2.Family"),
    },
    "Campaign": {
        **_ALWAYS,
        **texts("Name", "Type", "Status", "ParentId", "OwnerId"),
        **typed("money", "ActualCost", "BudgetedCost"),
        **typed("day", "StartDate", "EndDate"),
        **typed("flag", "IsActive"),
    },
    "CampaignMember": {
        **_ALWAYS,
        **texts("CampaignId", "ContactId", "LeadId", "Status"),
        **typed("flag", "HasResponded"),
        **typed("day", "FirstRespondedDate"),
    },
    "Case": {
        **_ALWAYS,
        **texts("MasterRecordId", "CaseNumber", "ContactId", "AccountId", "SuppliedEmail"),
        **texts("Subject", "Description", "Type", "Reason", "Priority", "Origin", "Status"),
        **texts("OwnerId"),
        **typed("moment", "ClosedDate"),
        **typed("flag", "IsClosed"),
    },
    "User": {
        "Id": text("Id"),
        **texts("Email", "Name", "Username"),
        **typed("flag", "IsActive"),
        **_STAMPS,
    },
}
# Objects whose amounts are in a currency.
_MONEY = ("Opportunity", "OpportunityLineItem", "Order", "OrderItem", "Campaign")


def _object(name: str, sobject: str, grain: str) -> ApiObject:
    has_money = sobject in _MONEY
    columns = _COLUMNS[sobject]
    fields = tuple(column.path for column in columns.values())
    if has_money:
        columns = {
            **columns,
            "CurrencyIsoCode": text("CurrencyIsoCode"),
            "currency_of_all": text("@currency"),
        }
    return ApiObject(
        name=name,
        title=sobject,
        page=records_of(sobject, fields, has_money),
        columns=columns,
        grain=grain,
        reads="changes",
        key=("Id",),
        changed_at="SystemModstamp",
        overlap=_OVERLAP,
        scopes=f"Read and View All on {sobject}",
        calls="one per 2,000 records changed",
    )


@source_kind("salesforce")
class Salesforce(ApiSource):
    """A Salesforce organisation.

    domain: its My Domain, the part before `.my.salesforce.com` (`acme`, or `acme--test.sandbox`).
    client_id, client_secret: of its connected app. refresh_token: where the app asks for one
    instead of the client credentials flow. multi_currency: whether records carry their own
    currency; currency: that of all records where they do not. fields: further fields by object
    (`Contact: [Shop_Id__c]`), kept among the attributes. external_ids: the field of contacts that
    holds another source's id of the person, by that source's name.
    """

    TITLE: ClassVar[str] = "Salesforce"
    SETUP: ClassVar[str] = (
        "Setup → External Client App Manager (or App Manager → New Connected App), with the OAuth "
        "scopes `api` and `refresh_token`. Either enable the client credentials flow and run it "
        "as a user who may read all the objects, or give a refresh token of such a user. Consumer "
        "key and secret are in the app's OAuth settings; the domain is under Setup → My Domain."
    )
    LIMITS: ClassVar[str] = (
        "Calls of 24 hours are counted for the whole organisation and stated with every answer; "
        "a pull ends, to be gone on with, once 95 % of them are used. One call brings up to 2,000 "
        "records. Too many calls at one time are waited out."
    )
    GAPS: ClassVar[str] = (
        "A record that was purged from the recycle bin before the next pull is not told to be "
        "deleted. First replies and ratings of cases are no standard fields. An answer to a "
        "campaign counts as a click. Bulk API jobs are not used."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("companies", ("companies", "users"), rows=rows.account_rows),
        CoreRows("contacts", ("contacts", "users"), rows=rows.contact_rows),
        CoreRows("contacts", ("leads", "users"), rows=rows.lead_rows),
        CoreRows("deals", ("deals", "users", "deal_lines"), rows=rows.deal_rows),
        CoreRows("orders", ("orders",), rows=rows.order_rows, is_row_per_record=False),
        CoreRows("refunds", ("orders",), rows=rows.refund_rows, is_row_per_record=False),
        CoreRows(
            "order_lines",
            ("order_lines", "orders"),
            rows=rows.order_line_rows,
            is_row_per_record=False,
        ),
        CoreRows("campaigns", ("campaigns",), rows=rows.campaign_rows),
        CoreRows(
            "messages",
            ("campaign_members", "contacts", "leads"),
            rows=rows.message_rows,
            is_row_per_record=False,
        ),
        CoreRows("tickets", ("tickets", "users", "contacts"), rows=rows.ticket_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        _object("companies", "Account", "a company"),
        _object("contacts", "Contact", "a person at a company"),
        _object("leads", "Lead", "a person who may become a customer"),
        _object("deals", "Opportunity", "a sales opportunity"),
        _object("deal_lines", "OpportunityLineItem", "a product of an opportunity"),
        _object("orders", "Order", "an order, or a reduction order"),
        _object("order_lines", "OrderItem", "a product of an order"),
        _object("campaigns", "Campaign", "a campaign"),
        _object("campaign_members", "CampaignMember", "a person in a campaign"),
        _object("tickets", "Case", "a case"),
        _object("users", "User", "a colleague"),
    )

    kind: Literal["salesforce"] = "salesforce"
    domain: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]
    client_id: Secret
    client_secret: Secret
    refresh_token: Secret | None = None
    multi_currency: bool = False
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    fields: dict[str, list[FieldName]] = Field(default_factory=dict)
    external_ids: dict[Identifier, FieldName] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_clear(self) -> "Salesforce":
        if self.multi_currency and self.currency:
            raise ValueError("currency: records of a multi-currency organisation carry their own")
        for name in self.fields:
            if name not in _COLUMNS:
                raise ValueError(f"fields: no object is called {name}; there are {list(_COLUMNS)}")
        return self

    def core_rows(self) -> list[CoreRows]:
        """The rows of core tables, as this organisation's settings read them."""
        read = {
            "companies": partial(rows.account_rows, name=self.name),
            "contacts": partial(rows.contact_rows, name=self.name, fields=self.external_ids),
            "leads": partial(rows.lead_rows, name=self.name),
        }
        return [replace(one, rows=read.get(one.of[0], one.rows)) for one in super().core_rows()]

    def connect(self, where: str) -> Api:
        """The organisation's API."""
        grant = {
            "grant_type": "refresh_token" if self.refresh_token else "client_credentials",
            "client_id": self.client_id.reveal(),
            "client_secret": self.client_secret.reveal(),
        }
        if self.refresh_token:
            grant["refresh_token"] = self.refresh_token.reveal()
        root = self.url or f"https://{self.domain}.my.salesforce.com"
        token = signed_on(root, grant, follow=self.url is None)
        return Api(where, f"{root}/services/data/{VERSION}", token, judge=judge)
