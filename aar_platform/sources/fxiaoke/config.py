"""Fxiaoke (纷享销客): accounts, contacts, leads, opportunities, sales orders with their lines,
payments, refunds, marketing events, cases."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

import httpx
import msgspec
from pydantic import StringConstraints, model_validator

from aar_platform.landing.secret import Secret
from aar_platform.sources.api.auth import Token, shared
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, text, texts, typed
from aar_platform.sources.fxiaoke import rows
from aar_platform.sources.fxiaoke.asking import EXPIRED, PAGE, Reply, judge, queried, reply_of
from aar_platform.sources.registry import CoreRows, source_kind

_COMMON: Mapping[str, RawColumn] = {
    "id": text("_id"),
    **texts("name", "life_status"),
    "owner_email": text("owner__r.email"),
    "owner_name": text("owner__r.name"),
    "created_by": text("created_by__r.email"),
    **typed("flag", "is_deleted"),
    **typed("epoch_ms", "create_time", "last_modified_time"),
}
_MONEY: Mapping[str, RawColumn] = {
    **texts("mc_currency"),
    "home_currency": text("@currency"),
}


def _chosen(*names: str) -> dict[str, RawColumn]:
    """Values chosen from lists, with their labels."""
    return texts(*names, *(f"{name}__r" for name in names))


def _object(name: str, title: str, grain: str, columns: Mapping[str, RawColumn]) -> ApiObject:
    return ApiObject(
        name=name,
        title=title,
        page=queried(title),
        columns={**_COMMON, **columns},
        grain=grain,
        reads="changes",
        changed_at="last_modified_time",
        # What changed in the minutes before a pull may be missing from its answer.
        overlap=timedelta(minutes=5),
        scopes=f"reading {title}",
        calls=f"one per {PAGE} records changed, and one more",
    )


class _Grant(Token):
    """A token for an app, in the headers (now) or in the body (formerly) of every request; every
    request also bears an id of its own."""

    def __init__(self, source: "Fxiaoke", base: str) -> None:
        self._source, self._base = source, base
        self._corporation = ""
        secrets = (source.app_secret.reveal(), source.permanent_code.reveal())
        super().__init__(
            ask=self._request,
            read=self._read_reply,
            put=self._put_on,
            secrets=secrets,
            is_refused=lambda response: (
                response.status_code == 401 or reply_of(response).errorCode in EXPIRED
            ),
        )

    requires_request_body = True

    def _request(self) -> httpx.Request:
        source = self._source
        body = {
            "appId": source.app_id,
            "appSecret": source.app_secret.reveal(),
            "permanentCode": source.permanent_code.reveal(),
        }
        path = "cgi/corpAccessToken/get/V2"
        if source.user_id:
            path, body = "oauth2.0/token", {**body, "grantType": "app_secret"}
        return httpx.Request("POST", _traced(httpx.URL(f"{self._base}/{path}")), json=body)

    def _read_reply(self, reply: Mapping[str, Any]) -> tuple[str, float | None]:
        said = Reply(reply.get("errorCode"), reply.get("errorMessage"))
        judge(self._source.name, said, self.secrets)
        lives = float(reply["expiresIn"])
        if self._source.user_id:
            self._corporation = str(reply["ea"])
            return str(reply["accessToken"]), lives
        self._corporation = str(reply["corpId"])
        return str(reply["corpAccessToken"]), lives

    def _put_on(self, request: httpx.Request, token: str) -> None:
        request.url = _traced(request.url)
        if self._source.user_id:
            request.headers["authorization"] = f"Bearer {token}"
            request.headers["x-fs-ea"] = self._corporation
            request.headers["x-fs-userid"] = self._source.user_id
            return
        body = msgspec.json.decode(request.content)
        body |= {"corpAccessToken": token, "corpId": self._corporation}
        content = msgspec.json.encode({**body, "currentOpenUserId": self._source.open_user_id})
        request.stream = httpx.ByteStream(content)
        request.headers["Content-Length"] = str(len(content))


def _traced(url: httpx.URL) -> httpx.URL:
    return url.copy_set_param("thirdTraceId", str(uuid.uuid4()))


def _judged(api: Api, response: httpx.Response) -> None:
    judge(api.where, reply_of(response), getattr(api.auth, "secrets", ()))


@source_kind("fxiaoke")
class Fxiaoke(ApiSource):
    """An enterprise on Fxiaoke (纷享销客).

    host: the open platform of the cloud that the enterprise is on. app_id, app_secret,
    permanent_code: of an app that the enterprise made itself. user_id: the CRM id of the employee
    who asks; for apps that still use the old way, open_user_id (FSUID_…) instead. currency: that of
    amounts where the enterprise keeps only one.
    """

    TITLE: ClassVar[str] = "Fxiaoke (纷享销客)"
    SETUP: ClassVar[str] = (
        "In the administration under app management (应用管理) make an app of your own with "
        "developer mode; it shows appId, appSecret and permanentCode. Let the enterprise grant it "
        "the CRM objects below. user_id is the employee id (员工ID) of a CRM administrator."
    )
    LIMITS: ClassVar[str] = (
        "100 calls in 20 seconds are kept; the day's number of calls is what was bought (100,000 a "
        "pack). When it is used up the pull stops and goes on the next day. A token is shared by "
        "all objects: only ten are given in a minute."
    )
    GAPS: ClassVar[str] = (
        "Records that are deleted for good, after they were voided, vanish without a sign. "
        "Fields are the standard ones; custom fields are in `attributes`. Payments have no core "
        "table. Orders that await approval count like others. Objects that the enterprise does not "
        "use are refused: name them under `leave_out`."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("companies", ("accounts",), rows=rows.company_rows),
        CoreRows("contacts", ("contacts",), rows=rows.contact_rows),
        CoreRows("contacts", ("leads",), rows=rows.lead_rows),
        CoreRows("deals", ("deals",), rows=rows.deal_rows),
        CoreRows("deals", ("old_deals",), rows=rows.old_deal_rows),
        CoreRows("orders", ("orders",), rows=rows.order_rows),
        CoreRows("order_lines", ("order_lines", "orders"), rows=rows.line_rows),
        CoreRows("refunds", ("refunds",), rows=rows.refund_rows),
        CoreRows("campaigns", ("campaigns",), rows=rows.campaign_rows),
        CoreRows("tickets", ("cases",), rows=rows.case_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        _object(
            "accounts",
            "AccountObj",
            "a customer (客户)",
            {
                **texts("account_no", "tel", "email", "url", "address"),
                **_chosen("country", "province", "city", "industry_level1", "account_source"),
            },
        ),
        _object(
            "contacts",
            "ContactObj",
            "a person (联系人)",
            {
                **texts("account_id", "email", "mobile1", "tel1", "add", "job_title"),
                **_chosen("country", "province", "city", "gender", "contact_source"),
                "date_of_birth": text("date_of_birth"),
            },
        ),
        _object(
            "leads",
            "LeadsObj",
            "a lead (销售线索)",
            {
                **texts("company", "email", "mobile", "tel", "address", "job_title", "biz_status"),
                **_chosen("country", "province", "city", "source"),
            },
        ),
        _object(
            "deals",
            "NewOpportunityObj",
            "an opportunity (商机2.0)",
            {
                **_MONEY,
                **texts("account_id", "contact_id"),
                **_chosen("sales_stage", "sales_status", "source"),
                **typed("money", "amount"),
                **typed("epoch_ms", "close_date"),
            },
        ),
        _object(
            "old_deals",
            "OpportunityObj",
            "an opportunity (商机)",
            {
                **_MONEY,
                **texts("account_id", "oppo_stage_id", "after_sale_stage_name"),
                **_chosen("status", "source"),
                **typed("money", "expected_deal_amount"),
                **typed("epoch_ms", "expected_deal_closed_date", "sales_stg_changed_time"),
            },
        ),
        _object(
            "orders",
            "SalesOrderObj",
            "an order (销售订单)",
            {
                **_MONEY,
                **texts("account_id", "ship_to_id"),
                **_chosen("order_status"),
                **typed("money", "order_amount", "product_amount", "receivable_amount"),
                **typed("epoch_ms", "order_time"),
            },
        ),
        _object(
            "order_lines",
            "SalesOrderProductObj",
            "a line of an order (订单产品)",
            {
                **_MONEY,
                **texts("order_id", "product_id", "product_id__r", "product_code"),
                **typed("money", "quantity", "product_price", "sales_price", "subtotal"),
            },
        ),
        _object(
            "payments",
            "PaymentObj",
            "a payment received (回款)",
            {
                **_MONEY,
                **texts("account_id", "order_id"),
                **typed("money", "payment_amount"),
                **typed("epoch_ms", "payment_time", "submit_time"),
            },
        ),
        _object(
            "refunds",
            "RefundObj",
            "a refund (退款)",
            {
                **_MONEY,
                **texts("account_id", "order_id", "remark"),
                **_chosen("refunded_reason"),
                **typed("money", "refunded_amount"),
                **typed("epoch_ms", "refunded_time"),
            },
        ),
        _object(
            "campaigns",
            "MarketingEventObj",
            "a marketing event (市场活动)",
            {
                **_MONEY,
                **_chosen("event_type"),
                **typed("money", "expected_cost", "actual_cost"),
                **typed("epoch_ms", "begin_time", "end_time"),
            },
        ),
        _object(
            "cases",
            "CasesObj",
            "a case (工单)",
            {
                **texts("account_id", "contact_id", "title", "description"),
                **_chosen("case_type", "priority", "source", "case_status"),
                **typed("epoch_ms", "finish_time"),
            },
        ),
    )

    kind: Literal["fxiaoke"] = "fxiaoke"
    host: Annotated[str, StringConstraints(pattern=r"^open[a-z-]*\.(fxiaoke|sharecrm)\.com$")] = (
        "open.fxiaoke.com"
    )
    app_id: str
    app_secret: Secret
    permanent_code: Secret
    user_id: str | None = None
    open_user_id: str | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"

    @model_validator(mode="after")
    def _asks_as_somebody(self) -> "Fxiaoke":
        if bool(self.user_id) == bool(self.open_user_id):
            raise ValueError(
                "give user_id (the employee's id), or open_user_id (FSUID_…) for the old way of "
                "asking, but not both"
            )
        return self

    def connect(self, where: str) -> Api:
        """The enterprise's open platform."""
        base = self.url or f"https://{self.host}"
        grant = shared(self._key(base), lambda: _Grant(self, base))
        return Api(where, base, grant, (Limit(100, 20),), _judged)

    def _key(self, base: str) -> tuple[str, ...]:
        secret = f"{self.app_secret.reveal()} {self.permanent_code.reveal()}"
        code = hashlib.sha256(secret.encode()).hexdigest()
        who = f"{self.user_id or ''} {self.open_user_id or ''}"
        return ("fxiaoke", base, self.app_id, who, code)
