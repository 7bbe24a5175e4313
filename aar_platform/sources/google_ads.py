"""Google Ads: campaigns, and what each cost on each day."""

from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import msgspec
from pydantic import AfterValidator, StringConstraints

from aar_platform.landing.secret import Secret
from aar_platform.sources.api import google
from aar_platform.sources.api.bodies import Body
from aar_platform.sources.api.client import Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import text
from aar_platform.sources.mapping import core_rows, to_json
from aar_platform.sources.registry import CoreRows, source_kind

# Days asked for at once: 300 campaigns make 9,300 rows of half a kilobyte.
DAYS = 31

_CAMPAIGN = "campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type"
_CUSTOMER = "customer.id, customer.currency_code, customer.time_zone"
_FIGURES = "segments.date, metrics.cost_micros, metrics.impressions, metrics.clicks"

# As Google Analytics groups the visits that such campaigns bring.
_CHANNEL = {
    "SEARCH": "paid_search",
    "DISPLAY": "display",
    "SHOPPING": "paid_shopping",
    "VIDEO": "paid_video",
    "PERFORMANCE_MAX": "cross_network",
    "MULTI_CHANNEL": "cross_network",
    "DEMAND_GEN": "cross_network",
    "DISCOVERY": "cross_network",
}


class _Segments(msgspec.Struct):
    date: date


class _Result(msgspec.Struct):
    segments: _Segments


_RESULT = msgspec.json.Decoder(_Result)


def _costs(ask: Ask) -> Page:
    """A month of days at a time, the newest first."""
    last = date.fromisoformat(ask.at) if ask.at else ask.last_day
    first = max(ask.first_day, last - timedelta(days=DAYS - 1))
    query = (
        f"SELECT {_CUSTOMER}, {_CAMPAIGN}, {_FIGURES} FROM campaign "
        f"WHERE segments.date BETWEEN '{first}' AND '{last}' ORDER BY segments.date, campaign.id"
    )
    records = _results(ask, query)
    try:
        days = {_RESULT.decode(record).segments.date for record in records}
    except msgspec.DecodeError:
        raise ask.api.unusable("a row has no segments.date") from None
    following = first - timedelta(days=1)
    page = Page(records, following.isoformat() if following >= ask.first_day else None)
    if days and not first <= min(days) <= max(days) <= last:
        raise ask.api.changed(f"rows of {min(days)} came for {first} to {last}")
    return page


def _campaigns(ask: Ask) -> Page:
    return Page(
        _results(ask, f"SELECT {_CUSTOMER}, {_CAMPAIGN} FROM campaign ORDER BY campaign.id")
    )


def _results(ask: Ask, query: str) -> list[str]:
    """The records of all batches of a stream; a stream without batches is one without records.

    Raises BodyUnusable for a batch that is none, SourceFailed for one that tells an error.
    """
    source = ask.source
    assert isinstance(source, GoogleAds)
    path = f"{source.version}/customers/{source.customer}/googleAds:searchStream"
    found: list[str] = []
    for one in ask.api.post(path, {"query": query}).records():
        batch = Body(one.encode())
        partial = batch.get("partialFailureError")
        if partial is not None:
            said = ask.api.told(str(partial.get("message", "")))
            raise ask.api.unusable(f"a part of the question failed: {said}")
        # Every batch has it, also one without records; what has it not is no batch.
        batch.value("fieldMask")
        if batch.get("results") is not None:
            found += batch.records("results")
    return found


def _channel(kind: ir.StringValue) -> ir.StringValue:
    return kind.substitute(_CHANNEL, else_=kind.lower())


def _amount(micros: ir.Value) -> ir.Value:
    """Millionths of a currency's unit as money; null where they are no number."""
    whole = micros.try_cast("int64") if micros.type().is_string() else micros
    exact = dt.Decimal(38, 6)
    return (whole.cast(exact) * ibis.literal("0.000001").cast(exact)).cast(dt.Decimal(18, 4))


def _spend_rows(costs: ir.Table) -> ir.Table:
    said = {name: costs[name] for name in ("campaign_id", "status", "kind", "timezone")}
    return core_rows(
        costs,
        spend_id=costs.campaign_id + "|" + costs.day.cast(str),
        day=costs.day,
        channel=_channel(costs.kind),
        campaign=costs.campaign,
        amount=_amount(costs.cost_micros),
        currency=costs.currency,
        impressions=costs.impressions,
        clicks=costs.clicks,
        attributes=to_json(ibis.struct(said)).cast(str),
    )


def _campaign_rows(campaigns: ir.Table) -> ir.Table:
    said = {name: campaigns[name] for name in ("status", "kind", "timezone")}
    return core_rows(
        campaigns,
        campaign_id=campaigns.campaign_id,
        name=campaigns.campaign,
        channel=_channel(campaigns.kind),
        currency=campaigns.currency,
        is_deleted=(campaigns.status == "REMOVED").fill_null(False),
        attributes=to_json(ibis.struct(said)).cast(str),
    )


def _customer(said: str) -> str:
    number = said.replace("-", "")
    if not (number.isdigit() and len(number) == 10):
        raise ValueError("must be a customer's number of ten digits, such as 123-456-7890")
    return number


Customer = Annotated[str, AfterValidator(_customer)]

_COLUMNS = {
    "campaign_id": text("campaign.id"),
    "campaign": text("campaign.name"),
    "status": text("campaign.status"),
    "kind": text("campaign.advertisingChannelType"),
    "currency": text("customer.currencyCode"),
    "timezone": text("customer.timeZone"),
}


@source_kind("google_ads")
class GoogleAds(ApiSource):
    """An account (customer) of Google Ads.

    customer: its number; login_customer: that of the manager account through which access is had,
    where there is one. version: of the API; Google ends each after about a year.
    """

    TITLE: ClassVar[str] = "Google Ads"
    SETUP: ClassVar[str] = (
        "The developer token is in the manager account under Admin → API Center. In Google Cloud: "
        "enable the Google Ads API and make an OAuth client (client_id, client_secret); a person "
        "who may read the account lets it in once with the scope adwords, which gives the refresh "
        "token. customer is the account's number; login_customer the manager account's, where "
        "access comes through one."
    )
    LIMITS: ClassVar[str] = (
        "15,000 calls a day with basic access, 2,880 with explorer access; a pull of the last days "
        "makes one, a first pull one per month. At most ten a second are made. An allowance used "
        "up is told with the time when it is given anew."
    )
    GAPS: ClassVar[str] = (
        "Costs are read by campaign and day; ad groups, ads, keywords and conversions are not. "
        "Days are cut in the account's timezone. Google corrects costs (invalid clicks) for some "
        "days: the last seven are asked for again."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("spend", ("costs",), rows=_spend_rows),
        CoreRows("campaigns", ("campaigns",), rows=_campaign_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="costs",
            title="campaign with segments.date",
            page=_costs,
            reads="days",
            day="day",
            days_again=7,
            key=("campaign_id", "day"),
            grain="a campaign on a day",
            scopes="adwords",
            calls="one per 31 days",
            columns={
                **_COLUMNS,
                "day": text("segments.date").of("day"),
                "cost_micros": text("metrics.costMicros").of("whole"),
                "impressions": text("metrics.impressions").of("whole"),
                "clicks": text("metrics.clicks").of("whole"),
            },
        ),
        ApiObject(
            name="campaigns",
            title="campaign",
            page=_campaigns,
            key=("campaign_id",),
            grain="a campaign",
            scopes="adwords",
            calls="one, every time",
            columns=_COLUMNS,
        ),
    )

    kind: Literal["google_ads"] = "google_ads"
    customer: Customer
    login_customer: Customer | None = None
    client_id: str
    client_secret: Secret
    refresh_token: Secret
    developer_token: Secret
    version: Annotated[str, StringConstraints(pattern=r"^v[0-9]+$")] = "v25"

    def connect(self, where: str) -> Api:
        """The account's API."""
        tokens = f"{self.url}/token" if self.url else google.TOKEN_URL
        auth = google.refresh_token(
            tokens, self.client_id, self.client_secret.reveal(), self.refresh_token.reveal()
        )
        developer = self.developer_token.reveal()
        auth.secrets = (*auth.secrets, developer)
        headers = {"developer-token": developer}
        if self.login_customer:
            headers["login-customer-id"] = self.login_customer
        base = self.url or "https://googleads.googleapis.com"
        return Api(where, base, auth, (Limit(10, 1),), google.judge, headers)
