"""The records that HubSpot keeps of its part of the made-up company."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from aar_platform.sandbox.apis.vendor import Record
from aar_platform.sandbox.parts import Part

STAGES = ("Qualified", "Proposal", "Negotiation", "Won", "Lost")
_STATES = (("1", "New", "OPEN"), ("2", "Waiting on contact", "OPEN"),
           ("3", "Waiting on us", "OPEN"), ("4", "Closed", "CLOSED"))  # fmt: skip
_EVENTS = {"sent": "SENT", "delivered": "DELIVERED", "bounced": "BOUNCE", "opened": "OPEN",
           "clicked": "CLICK", "unsubscribed": "STATUSCHANGE"}  # fmt: skip
_EPOCH = "1970-01-01T00:00:00Z"


def _id(first: int) -> Callable[[int], str]:
    """Ids as HubSpot writes them: whole numbers as text."""
    return lambda number: str(first + number)


IDS: dict[str, Callable[[int], str]] = {
    "contacts": _id(110_000_000_001),
    "companies": _id(29_000_000_001),
    "deals": _id(16_000_000_001),
    "tickets": _id(1_400_000_001),
    "campaigns": _id(149_000_000_001),
    "feedback": _id(3_000_000_001),
}
_owner, _sending, _line = _id(52_550_001), _id(243_851_001), _id(4_617_000_001)


def stamp(milliseconds: int) -> str:
    """A moment as HubSpot writes it, from milliseconds since 1970."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def holdings(part: Part) -> dict[str, list[Record]]:
    """CRM records by kind, and what stands beside them."""
    emails = {
        str(one)
        for table in (part.people, part.companies, part.deals)
        if "owner" in table
        for one in table["owner"]
    }
    if "assignee" in part.tickets:
        emails |= {str(one) for one in part.tickets["assignee"]}
    owners = {email: _owner(at) for at, email in enumerate(sorted(emails - {""}))}
    return {
        "owners": [_owner_record(email, owner) for email, owner in owners.items()],
        "contacts": _contacts(part, owners),
        "companies": _companies(part, owners),
        "deals": _deals(part, owners),
        "line_items": [],
        "tickets": _tickets(part, owners),
        "feedback_submissions": _feedback(part),
        "deals_pipelines": [_deal_pipeline()],
        "tickets_pipelines": [_ticket_pipeline()],
        "account": [_account()],
        "marketing_emails": _emails(part),
        "email_events": _events(part),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table, with None for what is missing and moments as HubSpot writes them."""
    told: dict[str, list[Any]] = {}
    for name in table.columns:
        column = table[name]
        if column.dtype.kind == "M":
            column = column.dt.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        is_missing = (column.isna() | column.eq("")).tolist()
        both = zip(column.tolist(), is_missing, strict=True)
        told[str(name)] = [None if missing else value for value, missing in both]
    return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


def _record(
    name: str,
    properties: dict[str, Any],
    created: str,
    changed: str,
    links: dict[str, list[str]] | None = None,
    changed_property: str = "hs_lastmodifieddate",
) -> Record:
    """A record of the CRM; all its properties are text."""
    own = {"createdate": created, changed_property: changed, "hs_object_id": name}
    both = {**properties, **own}
    return {
        "id": name,
        "properties": {key: value if value is None else str(value) for key, value in both.items()},
        "createdAt": created,
        "updatedAt": changed,
        "archived": False,
        "links": links or {},
    }


def _owner_record(email: str, owner: str) -> Record:
    given, _, family = email.split("@")[0].partition(".")
    return {
        "id": owner,
        "email": email,
        "firstName": given.capitalize(),
        "lastName": family.capitalize(),
        "userId": int(owner) + 1000,
        "createdAt": "2020-10-28T21:17:56.082Z",
        "updatedAt": "2023-01-31T00:25:34.448Z",
        "archived": False,
    }


def _contacts(part: Part, owners: dict[str, str]) -> list[Record]:
    made = []
    for row in _rows(part.people):
        company = IDS["companies"](row["company"]) if row["company"] >= 0 else None
        record = _record(
            IDS["contacts"](row["number"]),
            {
                "firstname": row["given"],
                "lastname": row["family"],
                "email": row["email"],
                "phone": row["phone"],
                "address": row["street"],
                "city": row["city"],
                "state": row["region"],
                "zip": row["postcode"],
                "country": row["country"],
                "date_of_birth": row["birth_date"],
                "gender": row["gender"],
                "hs_language": row["language"],
                "jobtitle": row["job_title"],
                "hubspot_owner_id": owners.get(row["owner"]),
                "lifecyclestage": row["stage"],
                "hs_analytics_source": row["channel"] and row["channel"].upper(),
                "hs_legal_basis": "Freely given consent from contact"
                if row["has_consent"]
                else None,
                "associatedcompanyid": company,
            },
            row["created_at"],
            row["updated_at"],
            {"companies": [company] if company else []},
            "lastmodifieddate",
        )
        if row["is_deleted"]:
            record |= {"archived": True, "archivedAt": row["updated_at"]}
        made.append(record)
    return made


def _companies(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        _record(
            IDS["companies"](row["number"]),
            {
                "name": row["name"],
                "domain": row["domain"],
                "phone": row["phone"],
                "address": row["street"],
                "city": row["city"],
                "state": row["region"],
                "zip": row["postcode"],
                "country": row["country"],
                "industry": row["industry"],
                "numberofemployees": None if row["employees"] is None else int(row["employees"]),
                "hubspot_owner_id": owners.get(row["owner"]),
            },
            row["created_at"],
            row["updated_at"],
        )
        for row in _rows(part.companies)
    ]


def _linked(row: dict[str, Any]) -> dict[str, list[str]]:
    ends = {"contacts": row["person"], "companies": row.get("company", -1)}
    return {to: [IDS[to](number)] if number >= 0 else [] for to, number in ends.items()}


def _deals(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        _record(
            IDS["deals"](row["number"]),
            {
                "dealname": f"Deal {row['number']}",
                "amount": f"{row['amount'] // 100}.{row['amount'] % 100:02d}",
                "deal_currency_code": row["currency"],
                "pipeline": "default",
                "dealstage": _stage_id(row["stage"]),
                "closedate": row["closed_at"],
                "hubspot_owner_id": owners.get(row["owner"]),
                "hs_analytics_source": row["channel"] and row["channel"].upper(),
                "hs_is_closed": str(row["is_closed"]).lower(),
                "hs_is_closed_won": str(row["is_won"]).lower(),
            },
            row["created_at"],
            row["updated_at"],
            _linked(row),
        )
        for row in _rows(part.deals)
    ]


def _stage_id(stage: str) -> str:
    return f"stage{stage.lower()}"


def _stage(place: int, name: str, label: str, metadata: dict[str, str]) -> Record:
    return {
        "label": label,
        "displayOrder": place,
        "metadata": metadata,
        "id": name,
        "createdAt": _EPOCH,
        "updatedAt": _EPOCH,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
        "archived": False,
    }


def _pipeline(name: str, label: str, stages: list[Record]) -> Record:
    times = {"createdAt": _EPOCH, "updatedAt": _EPOCH, "archived": False}
    return {"label": label, "displayOrder": 0, "id": name, "stages": stages, **times}


def _deal_pipeline() -> Record:
    chances = {"Won": "1.0", "Lost": "0.0"}
    stages = [
        _stage(
            place,
            _stage_id(label),
            label,
            {
                "isClosed": str(label in chances).lower(),
                "probability": chances.get(label, f"0.{place + 2}"),
            },
        )
        for place, label in enumerate(STAGES)
    ]
    return _pipeline("default", "Sales Pipeline", stages)


def _ticket_pipeline() -> Record:
    stages = [
        _stage(
            place,
            name,
            label,
            {"isClosed": str(state == "CLOSED").lower(), "ticketState": state},
        )
        for place, (name, label, state) in enumerate(_STATES)
    ]
    return _pipeline("0", "Support Pipeline", stages)


def _account() -> Record:
    return {
        "portalId": 12_345_678,
        "accountType": "STANDARD",
        "timeZone": "Europe/Paris",
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    }


def _tickets(part: Part, owners: dict[str, str]) -> list[Record]:
    return [
        _record(
            IDS["tickets"](row["number"]),
            {
                "subject": row["subject"],
                "content": row["text"],
                "hs_pipeline": "0",
                "hs_pipeline_stage": "4" if row["status"] == "solved" else "1",
                "hs_ticket_category": row["topic"],
                "hs_ticket_priority": str(row["priority"]).upper(),
                "source_type": str(row["channel"]).upper(),
                "hubspot_owner_id": owners.get(row["assignee"]),
                "first_agent_reply_date": row["first_replied_at"],
                "closed_date": row["solved_at"],
                "hs_feedback_last_ces_rating": None if row["score"] is None else int(row["score"]),
            },
            row["opened_at"],
            row["updated_at"] or row["opened_at"],
            _linked(row),
        )
        for row in _rows(part.tickets)
    ]


def _feedback(part: Part) -> list[Record]:
    kinds = {(0, 10): "NPS", (1, 5): "CSAT", (1, 7): "CES"}
    return [
        _record(
            IDS["feedback"](row["number"]),
            {
                "hs_survey_name": row["question"],
                "hs_survey_type": kinds.get((row["scale_min"], row["scale_max"]), "CUSTOM"),
                "hs_survey_channel": "EMAIL",
                "hs_content": row["text"],
                "hs_contact_email_rollup": row["email"],
                "hs_value": row["score"],
                "hs_submission_timestamp": row["given_at"],
            },
            row["given_at"],
            row["given_at"],
        )
        for row in _rows(part.feedback)
    ]


def _emails(part: Part) -> list[Record]:
    return [
        {
            "id": IDS["campaigns"](row["number"]),
            "name": row["name"],
            "subject": row["name"],
            "state": "PUBLISHED",
            "type": "BATCH_EMAIL",
            "archived": False,
            "isPublished": True,
            "createdAt": row["sent_at"],
            "updatedAt": row["sent_at"],
            "publishDate": row["sent_at"],
            "publishedAt": row["sent_at"],
            "allEmailCampaignIds": [_sending(row["number"])],
        }
        for row in _rows(part.campaigns)
    ]


def _events(part: Part) -> list[Record]:
    if part.messages.empty:
        return []
    emails = part.people.set_index("number")["email"]
    made = []
    for row in _rows(part.messages.assign(email=part.messages["person"].map(emails))):
        moment = datetime.fromisoformat(row["occurred_at"])
        record: Record = {
            "id": f"4dcb9481-77e6-42d8-ab46-{row['number']:012d}",
            "appId": 113,
            "appName": "Batch",
            "portalId": 12_345_678,
            "emailCampaignId": int(_sending(row["campaign"])),
            "recipient": row["email"],
            "created": int(moment.timestamp() * 1000),
            "type": _EVENTS[row["event"]],
        }
        if row["event"] == "clicked":
            record["url"] = row["url"]
        if row["event"] == "unsubscribed":
            record["subscriptions"] = [{"id": 23_704_464, "status": "UNSUBSCRIBED"}]
        made.append(record)
    return sorted(made, key=lambda record: int(record["created"]))
