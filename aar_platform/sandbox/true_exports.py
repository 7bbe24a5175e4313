"""What is true of the made-up company where all of its systems export files."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from aar_platform.sandbox import truth
from aar_platform.sandbox.company import Company, Drawn
from aar_platform.sandbox.local_time import utc
from aar_platform.sandbox.true_files import contacts_of, money, of_files, owners, stamps

Tables = dict[str, pd.DataFrame]


def truth_of_exports(company: Company) -> Tables:
    """All tables of the truth by name, those of records as `true_records` gives them."""
    drawn = company.drawn
    return {
        "entities": truth.entities(company),
        "churned": truth.churned(company),
        "monthly": truth.monthly(drawn.sold, drawn.rows, company.rates, company.start),
        "broken": truth.broken(drawn.rows, company.start),
        **_records(company),
    }


def _records(company: Company) -> Tables:
    """The records of all exports of a company, by core table."""
    drawn, tables = company.drawn, company.tables
    sources: list[Tables] = [
        of_files(drawn, drawn.rows, tables, "shop", company.start),
        _crm(drawn, tables),
        _helpdesk(drawn, tables),
        _mail(drawn, tables),
        {"web_visits": _visits(drawn, tables["visits"]), "spend": _spend(tables["spend"])},
    ]
    names = {name: None for source in sources for name in source}
    return {
        name: pd.concat([source[name] for source in sources if name in source], ignore_index=True)
        for name in names
    }


def _crm(drawn: Drawn, tables: Mapping[str, pd.DataFrame]) -> Tables:
    held, contacts, deals = drawn.held["crm"], tables["contacts"], tables["deals"]
    kept = contacts[~contacts["Supprimé"]]
    created, closed = (pd.to_datetime(deals[name]) for name in ("created", "closed_at"))
    return {
        "contacts": contacts_of(drawn, "crm", kept["Identifiant"], held).assign(
            acquisition_channel=kept["Origine"].to_numpy(object)
        ),
        "deals": pd.DataFrame(
            {
                "source": "crm",
                "record_id": deals["id"],
                "entity": owners(drawn, held).loc[deals["contact"]].to_numpy(object),
                "contact_id": deals["contact"],
                "company_id": deals["account"],
                "owner": deals["owner"],
                "is_won": np.where(deals["won"], "true", "false"),
                "is_closed": np.where(deals["closed"], "true", "false"),
                "amount": deals["amount"],
                "currency": deals["currency"],
                "created_at": stamps(utc(created)),
                "closed_at": stamps(utc(closed)),
                "channel": deals["lead_source"],
            }
        ),
    }


def _helpdesk(drawn: Drawn, tables: Mapping[str, pd.DataFrame]) -> Tables:
    """Users as they are after the later export, and tickets."""
    held, tickets = drawn.held["helpdesk"], tables["tickets"]
    changes = tables["users-changes"].set_index("id")["suspended"]
    users = tables["users"].set_index("id")["suspended"]
    users.update(changes)
    kept = users.index[users == 0].to_series()
    same = {name: tickets[name] for name in ("priority", "assignee", "solved_at", "satisfaction")}
    return {
        "contacts": contacts_of(drawn, "helpdesk", kept, held),
        "tickets": pd.DataFrame(
            {
                "source": "helpdesk",
                "record_id": tickets["id"],
                "entity": owners(drawn, held).loc[tickets["requester_id"]].to_numpy(object),
                "contact_id": tickets["requester_id"],
                "topic": tickets["type"],
                "channel": tickets["via"],
                "opened_at": tickets["created_at"],
                "first_replied_at": tickets["first_reply_at"],
                **same,
            }
        ),
    }


def _mail(drawn: Drawn, tables: Mapping[str, pd.DataFrame]) -> Tables:
    held, campaigns, messages = drawn.held["mail"], tables["campaigns"], tables["messages"]
    titles = campaigns.set_index("Campaign")["Title"]
    return {
        "contacts": contacts_of(drawn, "mail", tables["members"]["Member"], held),
        "campaigns": pd.DataFrame(
            {
                "source": "mail",
                "record_id": campaigns["Campaign"],
                "name": campaigns["Title"],
                "channel": campaigns["Channel"],
                "sent_at": campaigns["Sent"],
                "cost": campaigns["Cost"],
                "currency": campaigns["Currency"],
            }
        ),
        "messages": pd.DataFrame(
            {
                "source": "mail",
                "record_id": messages["event_id"],
                "entity": owners(drawn, held).loc[messages["member"]].to_numpy(object),
                "contact_id": messages["member"],
                "campaign_id": messages["campaign"],
                "campaign": messages["campaign"].map(titles),
                "event": messages["event"],
                "occurred_at": stamps(messages["occurred_at"].dt.tz_localize(None)),
            }
        ),
    }


def _visits(drawn: Drawn, visits: pd.DataFrame) -> pd.DataFrame:
    """Visits one by one; most of them are signed in."""
    same = ("client_id", "country", "device", "sessions")
    return pd.DataFrame(
        {
            "source": "web",
            "record_id": visits["visit"],
            "entity": visits["user_id"].map(owners(drawn, drawn.web)),
            "contact_id": visits["user_id"],
            "visited_at": stamps(visits["ts"].dt.tz_localize(None)),
            "channel": visits["medium"],
            "campaign": "",
            **{name: visits[name] for name in same},
            "page_views": visits["pages"],
            "conversions": visits["goals"],
        }
    )


def _spend(spend: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "source": "ads",
            # The platform makes an id of the row's content.
            "record_id": "",
            "day": spend["Day"],
            "channel": spend["Channel"],
            "campaign": spend["Campaign name"],
            "amount": money((spend["Cost"] * 100).round().astype(int)),
            "currency": "USD",
            "impressions": spend["Impressions"],
            "clicks": spend["Clicks"],
        }
    )
