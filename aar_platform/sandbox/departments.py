"""Which system of the made-up company serves whom: its tables dealt out to systems, by country."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from aar_platform.sandbox.company import Company
from aar_platform.sandbox.local_time import ZONE, to_the_second, utc, utc_since
from aar_platform.sandbox.parts import Part
from aar_platform.sandbox.sales import countries_of, money_back, products

SHOPS = {"shopify": ("FR", "ES", "US", "BR"), "magento": ("DE", "GB", "PL")}
SHOP_OF = {country: shop for shop, countries in SHOPS.items() for country in countries}
CRMS = {
    "salesforce": ("US", "GB", "BR"),
    "hubspot": ("FR", "ES"),
    "zoho_crm": ("DE", "PL", "RU", "UA", "KZ"),
    "fxiaoke": ("CN",),
}
DESKS = {
    "zendesk": ("FR", "ES", "DE", "PL", "CN"),
    "freshdesk": ("US", "GB", "BR", "RU", "UA", "KZ"),
}
# Whose ids the users of a help desk declare, where they declare any.
DECLARED = {"zendesk": "hubspot", "freshdesk": "salesforce"}
LETTERS = {
    "mailchimp": ("FR", "ES", "DE", "PL", "CN", "RU", "UA", "KZ"),
    "constant_contact": ("US", "GB", "BR"),
}
SURVEYS = {"typeform": ("FR", "ES", "DE", "PL"), "surveymonkey": ("US", "GB", "BR")}
ADS = {"google_ads": ("paid_search",), "facebook_ads": ("social", "display")}
# By which name the channels of these systems are known to the platform.
PAID = {"social": "paid_social", "display": "paid_social"}
QUESTION = "How do you like what you bought?"


@dataclass(frozen=True)
class Departments:
    """The company by system: `parts` of those that are asked over HTTP; `keys`, for each table of
    each part, the record id that the files would have given to each number."""

    parts: dict[str, Part]
    keys: dict[tuple[str, str], np.ndarray]


def departments(company: Company) -> Departments:
    """Deal a company out to the systems that are served."""
    dealer = _Dealer(company)
    for system, countries in SHOPS.items():
        dealer.shop(system, countries)
    for system, countries in CRMS.items():
        dealer.crm(system, countries)
    for system, countries in DESKS.items():
        dealer.desk(system, countries)
    for system, countries in LETTERS.items():
        dealer.letters(system, countries)
    for system, countries in SURVEYS.items():
        dealer.survey(system, countries)
    for system, channels in ADS.items():
        dealer.ads(system, channels)
    dealer.analytics()
    return Departments(dealer.parts, dealer.keys)


class _Dealer:
    def __init__(self, company: Company) -> None:
        self.company, self.drawn = company, company.drawn
        self.parts: dict[str, Part] = {}
        self.keys: dict[tuple[str, str], np.ndarray] = {}
        # By system: record id in the exports → number in the part that took it.
        self.numbers: dict[str, dict[str, int]] = {}

    def _people(
        self, system: str, held: pd.DataFrame, phone: np.ndarray, chosen: np.ndarray
    ) -> pd.DataFrame:
        """The neutral people of a system, in the order of their creation."""
        rows = held[chosen]
        base = self.drawn.people.iloc[rows["person"].to_numpy()]
        ids = rows["record_id"].to_numpy(object)
        self.keys[system, "contacts"] = ids
        self.numbers[system] = {str(one): number for number, one in enumerate(ids)}
        n = len(rows)
        empty = np.full(n, "", object)
        same = ("given", "family", "full_name", "email", "street", "city", "region", "postcode",
                "country")  # fmt: skip
        return pd.DataFrame(
            {
                "number": np.arange(n),
                "person": rows["person"].to_numpy(),
                "phone": phone[chosen],
                **{name: rows[name].to_numpy(object) for name in same},
                "birth_date": empty,
                "gender": empty,
                "language": base["language"].to_numpy(object),
                "job_title": empty,
                "owner": empty,
                "stage": empty,
                "channel": empty,
                "has_consent": False,
                "company": -1,
                "other_id": empty,
                "created_at": to_the_second(rows["created_at"]),
                "updated_at": to_the_second(rows["updated_at"]),
                "is_deleted": rows["is_deleted"].to_numpy(bool),
            }
        )

    def shop(self, system: str, countries: tuple[str, ...]) -> None:
        """A shop: customers, orders with lines, refunds."""
        drawn = self.drawn
        table = drawn.shop_customers
        chosen = drawn.held["shop"]["country"].isin(countries).to_numpy()
        people = self._people(system, drawn.held["shop"], table["Phone"].to_numpy(object), chosen)
        consents = table["Consents"].to_numpy(object)[chosen]
        people["has_consent"] = [": true" in text for text in consents]
        acquired = drawn.acquired.iloc[people["person"]]
        people["channel"] = acquired["channel"].replace(PAID).to_numpy(object)
        people["campaign"] = acquired["campaign"].to_numpy(object)
        sold = drawn.sold
        placed = sold.orders["country"].isin(countries) & ~sold.orders["is_cancellation"]
        orders = sold.orders[placed]
        ids = orders["order_id"].to_numpy(object)
        self.keys[system, "orders"] = ids
        # By a hash table: isin takes each of its values through Python, and map needs a dict.
        known = pd.Index(ids)
        of = known.get_indexer(sold.lines["order_id"])
        lines, of = sold.lines[of >= 0], of[of >= 0]
        worth = lines["quantity"] * lines["price"] - lines["discount"]
        _, first = np.unique(of, return_index=True)
        ordered = utc_since(self.company.start, orders["moment"])
        back = money_back(sold, ids)
        persons = orders["customer"].map(self.numbers[system]).fillna(-1).astype(int).to_numpy()
        emails = np.append(people["email"].to_numpy(object), "")
        refunded = orders["order_id"].map(back.groupby("order_id")["moment"].max()).fillna(-1)
        catalogue = products().iloc[lines["item"]]
        self.parts[system] = Part(
            people=people,
            orders=pd.DataFrame(
                {
                    "number": np.arange(len(ids)),
                    "person": persons,
                    "email": emails[persons],
                    "ordered_at": ordered,
                    "currency": lines["currency"].to_numpy(object)[first],
                    "country": orders["country"].to_numpy(object),
                    "channel": orders["channel"].to_numpy(object),
                    "campaign": orders["campaign"].to_numpy(object),
                    "total": worth.groupby(of).sum().to_numpy(),
                    "is_test": False,
                    "updated_at": np.maximum(ordered, utc_since(self.company.start, refunded)),
                }
            ),
            order_lines=pd.DataFrame(
                {
                    "number": np.arange(len(lines)),
                    "order": of,
                    "sku": catalogue["sku"].to_numpy(object),
                    "product": catalogue["product"].to_numpy(object),
                    "category": catalogue["category"].to_numpy(object),
                    "quantity": lines["quantity"].to_numpy(),
                    "price": lines["price"].to_numpy(),
                    "discount": lines["discount"].to_numpy(),
                }
            ),
            refunds=pd.DataFrame(
                {
                    "number": np.arange(len(back)),
                    "order": known.get_indexer(back["order_id"]),
                    "refunded_at": utc_since(self.company.start, back["moment"]),
                    "amount": back["amount"].to_numpy(),
                    "currency": back["currency"].to_numpy(object),
                    "reason": back["reason"].to_numpy(object),
                }
            ),
        )

    def crm(self, system: str, countries: tuple[str, ...]) -> None:
        """A CRM: people, companies, deals."""
        drawn, tables = self.drawn, self.company.tables
        table = tables["contacts"]
        chosen = drawn.held["crm"]["country"].isin(countries).to_numpy()
        phones = table["Téléphone"].to_numpy(object)
        people = self._people(system, drawn.held["crm"], phones, chosen)
        said = table[chosen]
        codes = drawn.companies["country"].to_numpy(object)[drawn.account_rows]
        owned = tables["companies"][np.isin(codes, countries)]
        account_ids = owned["Compte"].to_numpy(object)
        self.keys[system, "companies"] = account_ids
        company = {str(one): number for number, one in enumerate(account_ids)}
        people = people.assign(
            birth_date=said["Date de naissance"].to_numpy(object),
            gender=np.char.lower(said["Sexe"].to_numpy(str)).astype(object),
            job_title=said["Fonction"].to_numpy(object),
            owner=said["Chargé de compte"].to_numpy(object),
            stage=said["Étape"].to_numpy(object),
            channel=said["Origine"].to_numpy(object),
            company=said["Compte"].map(company).fillna(-1).astype(int).to_numpy(),
        )
        deals = tables["deals"]
        deals = deals[deals["contact"].isin(self.numbers[system])]
        self.keys[system, "deals"] = deals["id"].to_numpy(object)
        created, closed = pd.to_datetime(deals["created"]), pd.to_datetime(deals["closed_at"])
        french = "%d/%m/%Y %H:%M"
        self.parts[system] = Part(
            people=people,
            companies=pd.DataFrame(
                {
                    "number": np.arange(len(owned)),
                    "name": owned["Raison sociale"].to_numpy(object),
                    "domain": owned["Domaine"].to_numpy(object),
                    "phone": owned["Téléphone"].to_numpy(object),
                    "street": owned["Rue"].to_numpy(object),
                    "city": owned["Ville"].to_numpy(object),
                    "region": owned["Région"].to_numpy(object),
                    "postcode": owned["Code postal"].to_numpy(object),
                    "country": codes[np.isin(codes, countries)],
                    "industry": owned["Secteur"].to_numpy(object),
                    "employees": owned["Effectif"].to_numpy(),
                    "owner": owned["Chargé de compte"].to_numpy(object),
                    "created_at": pd.to_datetime(owned["Créé le"], format=french).to_numpy(),
                    "updated_at": pd.to_datetime(owned["Modifié le"], format=french).to_numpy(),
                }
            ),
            deals=pd.DataFrame(
                {
                    "number": np.arange(len(deals)),
                    "person": deals["contact"].map(self.numbers[system]).to_numpy(),
                    "company": deals["account"].map(company).fillna(-1).astype(int).to_numpy(),
                    "owner": deals["owner"].to_numpy(object),
                    "stage": deals["stage"].to_numpy(object),
                    "is_won": deals["won"].to_numpy(bool),
                    "is_closed": deals["closed"].to_numpy(bool),
                    "amount": _cents(deals["amount"]),
                    "currency": deals["currency"].to_numpy(object),
                    "channel": deals["lead_source"].to_numpy(object),
                    "created_at": created.to_numpy(),
                    "closed_at": closed.to_numpy(),
                    "updated_at": closed.fillna(created).to_numpy(),
                }
            ),
        )

    def desk(self, system: str, countries: tuple[str, ...]) -> None:
        """A help desk: users in their latest version, tickets."""
        drawn, tables = self.drawn, self.company.tables
        users = tables["users"].set_index("id")
        changes = tables["users-changes"].set_index("id")
        users.update(changes[["phone", "suspended", "updated_at"]])
        held = drawn.held["helpdesk"]
        chosen = held["country"].isin(countries).to_numpy()
        people = self._people(system, held, users["phone"].to_numpy(object), chosen)
        declared = users["external_id"].to_numpy(object)[chosen]
        named = [text[len('{"crm": "') : -len('"}')] for text in declared]
        numbers = [self.numbers[DECLARED[system]].get(one, -1) for one in named]
        changed = pd.to_datetime(users["updated_at"], utc=True).dt.tz_localize(None)
        people = people.assign(
            # The number in the CRM: the system that serves it knows the id.
            other_id=[str(number) if number >= 0 else "" for number in numbers],
            is_deleted=users["suspended"].to_numpy(int)[chosen] == 1,
            updated_at=changed.to_numpy()[chosen],
        )
        tickets = tables["tickets"]
        tickets = tickets[tickets["requester_id"].isin(self.numbers[system])]
        self.keys[system, "tickets"] = tickets["id"].to_numpy(object)
        opened, replied, solved = (
            pd.to_datetime(tickets[name], utc=True).dt.tz_localize(None)
            for name in ("created_at", "first_reply_at", "solved_at")
        )
        self.parts[system] = Part(
            people=people,
            tickets=pd.DataFrame(
                {
                    "number": np.arange(len(tickets)),
                    "person": tickets["requester_id"].map(self.numbers[system]).to_numpy(),
                    "subject": tickets["subject"].to_numpy(object),
                    "text": tickets["description"].to_numpy(object),
                    "topic": tickets["type"].to_numpy(object),
                    "priority": tickets["priority"].to_numpy(object),
                    "channel": tickets["via"].to_numpy(object),
                    "status": tickets["status"].to_numpy(object),
                    "assignee": tickets["assignee"].to_numpy(object),
                    "opened_at": opened.to_numpy(),
                    "first_replied_at": replied.to_numpy(),
                    "solved_at": solved.to_numpy(),
                    "score": tickets["satisfaction"].astype(float).to_numpy(),
                    "updated_at": solved.fillna(replied).fillna(opened).to_numpy(),
                }
            ),
        )

    def letters(self, system: str, countries: tuple[str, ...]) -> None:
        """A mail tool: members, campaigns, what happened to each message."""
        drawn, tables = self.drawn, self.company.tables
        held = drawn.held["mail"]
        chosen = held["country"].isin(countries).to_numpy()
        people = self._people(system, held, np.full(len(held), "", object), chosen)
        people["has_consent"] = drawn.granted[chosen]
        campaigns, messages = tables["campaigns"], tables["messages"]
        self.keys[system, "campaigns"] = campaigns["Campaign"].to_numpy(object)
        number = {str(one): at for at, one in enumerate(campaigns["Campaign"])}
        messages = messages[messages["member"].isin(self.numbers[system])]
        self.parts[system] = Part(
            people=people,
            campaigns=pd.DataFrame(
                {
                    "number": np.arange(len(campaigns)),
                    "name": campaigns["Title"].to_numpy(object),
                    "sent_at": pd.to_datetime(campaigns["Sent"]).dt.tz_localize(None).to_numpy(),
                    "cost": _cents(campaigns["Cost"].astype(float)),
                    "currency": campaigns["Currency"].to_numpy(object),
                }
            ),
            messages=pd.DataFrame(
                {
                    "number": np.arange(len(messages)),
                    "campaign": messages["campaign"].map(number).to_numpy(),
                    "person": messages["member"].map(self.numbers[system]).to_numpy(),
                    "event": messages["event"].to_numpy(object),
                    "occurred_at": to_the_second(messages["occurred_at"].dt.tz_localize(None)),
                    "url": messages["link"].fillna("").to_numpy(object),
                }
            ),
        )

    def survey(self, system: str, countries: tuple[str, ...]) -> None:
        """A survey tool: answers to one question."""
        reviews = self.company.tables["reviews-en"]
        mine = reviews[countries_of(self.drawn.sold, reviews["order"]).isin(countries).to_numpy()]
        self.keys[system, "feedback"] = mine["id"].to_numpy(object)
        self.parts[system] = Part(
            feedback=pd.DataFrame(
                {
                    "number": np.arange(len(mine)),
                    "email": mine["email"].to_numpy(object),
                    "score": mine["score"].to_numpy(),
                    "scale_min": 1,
                    "scale_max": 5,
                    "text": mine["text"].to_numpy(object),
                    "language": "en",
                    "question": QUESTION,
                    "given_at": utc(pd.to_datetime(mine["day"])),
                }
            )
        )

    def ads(self, system: str, channels: tuple[str, ...]) -> None:
        """An advertising system: what was spent by day and campaign."""
        spend = self.company.tables["spend"]
        mine = spend[spend["Channel"].isin(channels)]
        self.parts[system] = Part(
            spend=pd.DataFrame(
                {
                    "number": np.arange(len(mine)),
                    "day": mine["Day"].to_numpy(object),
                    "channel": mine["Channel"].to_numpy(object),
                    "campaign": mine["Campaign name"].to_numpy(object),
                    "amount": _cents(mine["Cost"]),
                    "currency": "USD",
                    "impressions": mine["Impressions"].to_numpy(),
                    "clicks": mine["Clicks"].to_numpy(),
                }
            )
        )

    def analytics(self) -> None:
        """Web analytics: visits counted, without persons."""
        visits = self.company.tables["visits"]
        day = visits["ts"].dt.tz_convert(ZONE).dt.strftime("%Y-%m-%d").rename("day")
        by = [day, visits["medium"].rename("channel"), visits["country"], visits["device"]]
        summed = visits.groupby(by, sort=True)[["sessions", "pages", "goals"]].sum().reset_index()
        summed = summed.rename(columns={"pages": "page_views", "goals": "conversions"})
        self.parts["ga4"] = Part(
            visits=summed.assign(number=np.arange(len(summed)), campaign="(not set)")
        )


def _cents(amounts: pd.Series) -> np.ndarray:
    """Amounts in whole cents."""
    cents: np.ndarray = (amounts * 100).round().astype(np.int64).to_numpy()
    return cents
