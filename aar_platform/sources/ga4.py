"""Google Analytics 4: visits by day, channel, campaign, country and device; what ads cost."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import msgspec
from pydantic import StringConstraints

from aar_platform.landing.secret import Secret
from aar_platform.sources.api import google
from aar_platform.sources.api.bodies import BodyUnusable
from aar_platform.sources.api.client import Answer, Api
from aar_platform.sources.api.limits import Limit
from aar_platform.sources.api.objects import ApiObject, Ask, Page
from aar_platform.sources.api.source import ApiSource
from aar_platform.sources.columns import RawColumn, text
from aar_platform.sources.mapping import core_rows, to_json
from aar_platform.sources.registry import CoreRows, source_kind

# Up to 250,000 rows are given at once; a row is some 300 bytes.
ROWS = 100_000
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
REPORT = "analyticsData#runReport"
# What Google writes where it has no value, and for rare values that it sums up.
NOTHING = ("", "(not set)", "(not provided)", "(none)")
OTHER = "(other)"

# Column → Google's name, in the order asked for; the day comes first.
_BY = {
    "day": "date",
    "channel": "sessionDefaultChannelGroup",
    "campaign": "sessionCampaignName",
}
_VISITS_BY = {**_BY, "country": "countryId", "device": "deviceCategory"}
_VISITS = {"sessions": "sessions", "page_views": "screenPageViews", "conversions": "keyEvents"}
_COSTS = {
    "cost": "advertiserAdCost",
    "impressions": "advertiserAdImpressions",
    "clicks": "advertiserAdClicks",
}


class _Value(msgspec.Struct):
    value: str = ""


class _Row(msgspec.Struct, rename="camel"):
    dimension_values: list[_Value]


class _Rows(msgspec.Struct):
    rows: list[_Row] = []


_ROWS = msgspec.json.Decoder(_Rows)
_AWARE = dt.Timestamp("UTC")


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, dt.timestamp), _AWARE))
def _moment_in(zone, local):  # type: ignore[no-untyped-def]
    """The moment at which clocks in a timezone show a local time."""


@ibis.udf.scalar.builtin(name="timezone", signature=((dt.string, _AWARE), dt.timestamp))
def _local_in(zone, moment):  # type: ignore[no-untyped-def]
    """What clocks in a timezone show at a moment."""


def _report(by: Mapping[str, str], figures: Mapping[str, str]) -> Any:
    """Asks for a report by day: the next days, oldest first, as many as one answer holds whole, so
    that the rows of a day are of one moment. A day larger than an answer is read by offset."""

    def page(ask: Ask) -> Page:
        at = ask.at or _from(ask.first_day)
        first, offset = date.fromisoformat(at["day"]), int(at["offset"])
        last = first if at["alone"] else ask.last_day
        answer = ask.api.post(
            f"v1beta/properties/{ask.source.property}:runReport",  # type: ignore[attr-defined]
            _question(by, figures, first, last, offset),
        )
        _check_headers(ask.api, answer, by, figures)
        # Without rows both are absent.
        count = int(answer.get("rowCount") or 0)
        rows = answer.records("rows") if count or answer.get("rows") is not None else []
        if at.get("count", count) != count:
            raise ask.api.changed(f"{at['count']:,} rows of {first} became {count:,}")
        if len(rows) > max(count - offset, 0) or (at["held"] and not rows):
            raise ask.api.changed(f"{len(rows):,} rows came from row {offset:,} of {count:,} on")
        if count and not rows:
            raise ask.api.unusable(f"it counts {count:,} rows and gives none")
        days = _days(answer)
        named = {day for day in days if day}
        if named and not first <= min(named) <= max(named) <= last:
            raise ask.api.changed(f"rows of {min(named)} came for {first} to {last}")
        beside = _beside(answer)
        end = offset + len(rows)
        following: dict[str, Any] | None = None
        if at["alone"] and end < count:
            following = {**at, "offset": end, "count": count}
        elif at["alone"] and first < ask.last_day:
            following = _from(first + timedelta(days=1))
        elif end < count:
            # The last day may not be whole: it is asked for again; by itself where it is the first.
            reached = max(named, default=first)
            rows = [row for row, day in zip(rows, days, strict=True) if day != reached]
            following = {**_from(reached), "alone": reached == first, "held": True}
        return Page(rows, following, beside, _noted(beside))

    return page


def _from(day: date) -> dict[str, Any]:
    """Where to go on: the first day; whether it is asked for by itself, and from which row; whether
    it is known to have rows. `count` is added once it is known how many."""
    return {"day": day.isoformat(), "alone": False, "offset": 0, "held": False}


def _question(
    by: Mapping[str, str], figures: Mapping[str, str], first: date, last: date, offset: int
) -> dict[str, Any]:
    # Sorted by all dimensions, so that an offset means the same row from call to call.
    return {
        "dateRanges": [{"startDate": first.isoformat(), "endDate": last.isoformat()}],
        "dimensions": [{"name": name} for name in by.values()],
        "metrics": [{"name": name} for name in figures.values()],
        "orderBys": [{"dimension": {"dimensionName": name}} for name in by.values()],
        "limit": str(ROWS),
        "offset": str(offset),
    }


def _check_headers(
    api: Api, answer: Answer, by: Mapping[str, str], figures: Mapping[str, str]
) -> None:
    """Values have positions and no names: the headers must be what was asked for."""
    if answer.value("kind") != REPORT:
        raise api.unusable("it is no report")
    answer.value("metadata")
    for part, names in (("dimensionHeaders", by), ("metricHeaders", figures)):
        said = [header.get("name") for header in answer.value(part)]
        if said != list(names.values()):
            raise api.unusable(f"its {part} are {', '.join(map(str, said))}, not as asked for")


def _days(answer: Answer) -> list[date | None]:
    """The day of each row, which is its first dimension; None where it is none, as in `(other)`."""
    try:
        said = [row.dimension_values[0].value for row in _ROWS.decode(answer.content).rows]
    except (msgspec.DecodeError, IndexError):
        raise BodyUnusable("a row has no dimensionValues") from None
    known: dict[str, date | None] = {}
    for value in set(said):
        try:
            known[value] = datetime.strptime(value, "%Y%m%d").date()
        except ValueError:
            known[value] = None
    return [known[value] for value in said]


def _beside(answer: Answer) -> dict[str, Any]:
    """What the report says of all its rows."""
    said = answer.value("metadata")
    return {
        "currency": said.get("currencyCode"),
        "timezone": said.get("timeZone"),
        "is_thresholded": bool(said.get("subjectToThresholding")),
        "has_other_row": bool(said.get("dataLossFromOtherRow")),
        "sampled": said.get("samplingMetadatas") or None,
        "truncated": said.get("dataTruncationReasons") or None,
    }


def _noted(beside: Mapping[str, Any]) -> Sequence[str]:
    notes = []
    if beside["is_thresholded"]:
        notes.append("Google may have left out rows of few people (thresholding)")
    if beside["has_other_row"]:
        notes.append("Google has put rare combinations into one row '(other)'")
    if beside["sampled"]:
        read = sum(int(one.get("samplesReadCount", 0)) for one in beside["sampled"])
        known = sum(int(one.get("samplingSpaceSize", 0)) for one in beside["sampled"])
        notes.append(f"Google has estimated from {read:,} of {known:,} events (sampling)")
    if beside["truncated"]:
        notes.append("Google has cut the report off (truncation)")
    return notes


def _columns(by: Mapping[str, str], figures: Mapping[str, str]) -> dict[str, RawColumn]:
    """Columns by their positions in a row; figures are texts of floating numbers."""
    places = {name: text(f"dimensionValues[{at}].value") for at, name in enumerate(by)}
    counted = {
        name: text(f"metricValues[{at}].value").of("money" if name == "cost" else "number")
        for at, name in enumerate(figures)
    }
    return {
        **places,
        **counted,
        "day": places["day"].of("day"),
        "currency": text("@currency"),
        "timezone": text("@timezone"),
        "is_thresholded": RawColumn("@is_thresholded", "flag"),
        "has_other_row": RawColumn("@has_other_row", "flag"),
        "sampled": RawColumn("@sampled", "json"),
    }


def _said(value: ir.StringValue, nothing: Sequence[str] = NOTHING) -> ir.StringValue:
    """A dimension's value; null where Google has none."""
    return ibis.ifelse(value.isin(nothing), ibis.null("string"), value)


def _code(group: ir.StringValue) -> ir.StringValue:
    """A channel group as a code: `Paid Search` is paid_search."""
    joined = _said(group).lower().re_replace(r"[^a-z0-9]+", "_")
    return joined.re_replace("^_|_$", "")


def _count(figure: ir.Value) -> ir.Value:
    """A figure as a whole number; as it was said where not all of them are numbers."""
    return figure if figure.type().is_string() else figure.round().cast("int64")


def _beginning(visits: ir.Table) -> ir.Value:
    """The midnight, in the property's timezone, with which a day begins; as it was said where not
    all days are days."""
    day = visits.day
    midnight = (day.try_cast("date") if day.type().is_string() else day).cast("timestamp(6)")
    moment = _local_in("UTC", _moment_in(visits.timezone, midnight))
    return moment.cast(str).fill_null(day) if day.type().is_string() else moment


def _record_id(rows: ir.Table, by: Mapping[str, str]) -> ir.StringValue:
    return ibis.literal("|").join([rows[name].cast(str).fill_null("") for name in by])


def _attributes(rows: ir.Table) -> ir.Value:
    names = ("timezone", "is_thresholded", "has_other_row", "sampled")
    return to_json(ibis.struct({name: rows[name] for name in names})).cast(str)


def _visit_rows(visits: ir.Table) -> ir.Table:
    record_id = _record_id(visits, _VISITS_BY)
    return core_rows(
        visits,
        visit_id=record_id,
        visited_at=_beginning(visits),
        channel=_code(visits.channel),
        campaign=_said(visits.campaign),
        country=_said(visits.country, (*NOTHING, OTHER)),
        device=_said(visits.device),
        attributes=_attributes(visits),
        **{name: _count(visits[name]) for name in _VISITS},
    )


def _spend_rows(costs: ir.Table) -> ir.Table:
    record_id = _record_id(costs, _BY)
    return core_rows(
        costs,
        spend_id=record_id,
        day=costs.day,
        channel=_code(costs.channel),
        campaign=_said(costs.campaign),
        amount=costs.cost,
        currency=costs.currency,
        impressions=_count(costs.impressions),
        clicks=_count(costs.clicks),
        attributes=_attributes(costs),
    )


@source_kind("ga4")
class GoogleAnalytics(ApiSource):
    """A property of Google Analytics 4.

    property: its number. service_account: the key of a service account, a JSON text.
    """

    TITLE: ClassVar[str] = "Google Analytics 4"
    SETUP: ClassVar[str] = (
        "In Google Cloud: enable the Google Analytics Data API, make a service account and a key "
        "for it (JSON); the secret is the whole text of that file. In Analytics: Admin → Property "
        "access management → add the account's e-mail as Viewer; the property's number is under "
        "Property details. Set its reporting timezone to the organisation's: days are cut there. "
        "Where Google Ads or another system whose costs Analytics imports is a source itself, "
        "name ad_costs under `leave_out`: the same money would count twice."
    )
    LIMITS: ClassVar[str] = (
        "A property has 40,000 tokens an hour and 200,000 a day; a report costs about 10. At most "
        "ten calls a second are made, one at a time. Status 429 that names the hour or the day "
        "ends the run, which goes on where it stopped; any other is waited out."
    )
    GAPS: ClassVar[str] = (
        "Visits are sums by day, channel, campaign, country and device, without people. Google may "
        "leave out rows of few people, sum rare ones up as (other), or estimate: each extract says "
        "so. Conversions are key events. What Google corrects later than three days after is not "
        "seen until those days are asked for again."
    )
    CORE: ClassVar[tuple[CoreRows, ...]] = (
        CoreRows("web_visits", ("visits",), rows=_visit_rows),
        CoreRows("spend", ("ad_costs",), rows=_spend_rows),
    )
    OBJECTS: ClassVar[tuple[ApiObject, ...]] = (
        ApiObject(
            name="visits",
            title="report of sessions",
            page=_report(_VISITS_BY, _VISITS),
            reads="days",
            day="day",
            days_again=3,
            key=tuple(_VISITS_BY),
            grain="a day, channel group, campaign, country and kind of device",
            scopes="analytics.readonly",
            calls="one per 100,000 rows",
            columns=_columns(_VISITS_BY, _VISITS),
        ),
        ApiObject(
            name="ad_costs",
            title="report of advertiserAdCost",
            page=_report(_BY, _COSTS),
            reads="days",
            day="day",
            days_again=3,
            key=tuple(_BY),
            grain="a day, channel group and campaign",
            scopes="analytics.readonly",
            calls="one per 100,000 rows",
            columns=_columns(_BY, _COSTS),
        ),
    )

    kind: Literal["ga4"] = "ga4"
    property: Annotated[str, StringConstraints(pattern=r"^[0-9]+$")]
    service_account: Secret

    def connect(self, where: str) -> Api:
        """The Data API, with tokens of the service account."""
        base = self.url or "https://analyticsdata.googleapis.com"
        key, tokens = self.service_account.reveal(), f"{self.url}/token" if self.url else None
        auth = google.service_account(where, key, SCOPE, tokens)
        return Api(where, base, auth, limits=(Limit(10, 1),), judge=google.judge)
