"""The people and companies as each system exports them: its columns, ids and ways to write."""

import json
from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox import mess
from aar_platform.sandbox.holdings import CRM
from aar_platform.sandbox.places import BY_CODE

OWNERS = tuple(
    f"{name}@example.com" for name in ("ines.laurent", "tom.becker", "mei.lin", "olga.petrenko")
)

_TITLES = ("Buyer", "Office manager", "Owner", "Head of purchasing", "Assistant", "Designer")
_CHANNELS = ("organic", "paid_search", "social", "referral", "trade_fair", "newsletter")
_STAGES = ("lead", "customer", "opportunity", "former customer")


def stamp(moments: pd.Series, pattern: str) -> np.ndarray:
    """Moments as text."""
    written: np.ndarray = moments.dt.strftime(pattern).to_numpy(object)
    return written


def consents(purpose: str, granted: np.ndarray, since: pd.Series) -> np.ndarray:
    """Consent to one purpose as JSON text: purpose → {granted, since}."""
    days = stamp(since, "%Y-%m-%d")
    return np.array(
        [
            json.dumps({purpose: {"granted": bool(yes), "since": day}})
            for yes, day in zip(granted, days, strict=True)
        ],
        object,
    )


def shop_customers(rng: np.random.Generator, records: pd.DataFrame) -> pd.DataFrame:
    """`shop/customers.csv`. Adds the record ids to `records` as `record_id`."""
    codes = records["country"].to_numpy(object)
    records["record_id"] = [str(100_001 + i) for i in range(len(records))]
    return pd.DataFrame(
        {
            "Customer ID": records["record_id"],
            "First name": records["given"],
            "Last name": records["family"],
            "E-mail": records["email"],
            "Phone": mess.write_phones(
                rng, records["digits"].to_numpy(object), codes, (3, 3, 1, 2, 1)
            ),
            "Address": records["street"],
            "City": records["city"],
            "State": records["region"],
            "Postcode": records["postcode"],
            "Country": mess.name_countries(rng, codes, first=0.95),
            "Consents": consents(
                "profiling", rng.random(len(records)) < 0.8, records["created_at"]
            ),
            "Registered": stamp(records["created_at"], "%Y-%m-%d %H:%M:%S"),
            "Last change": stamp(records["updated_at"], "%Y-%m-%d %H:%M:%S"),
            "Deleted": np.where(records["is_deleted"], "yes", "no"),
        }
    )


def crm_contacts(
    rng: np.random.Generator, records: pd.DataFrame, people: pd.DataFrame, account_ids: np.ndarray
) -> pd.DataFrame:
    """`crm/contacts.xlsx`, with French headings. Adds `record_id` to `records`."""
    n = len(records)
    person = records["person"].to_numpy()
    base = people.iloc[person]
    codes = records["country"].to_numpy(object)
    company = base["company"].to_numpy()
    employed = company >= 0
    records["record_id"] = [f"CT-{20_001 + i}" for i in range(n)]
    birth = mess.write_birth_dates(rng, base["birth_date"].to_numpy(object), 0.015)
    mess.blank(rng, birth, 0.4)
    gender = np.where(base["is_female"], "F", "M").astype(object)
    mess.blank(rng, gender, 0.3)
    owners = np.array(OWNERS, object)
    accounts = np.full(n, "", object)
    accounts[employed] = account_ids[company[employed]]
    return pd.DataFrame(
        {
            "Identifiant": records["record_id"],
            "Compte": accounts,
            "Prénom": records["given"],
            "Nom": records["family"],
            "Courriel": records["email"],
            "Téléphone": mess.write_phones(
                rng, records["digits"].to_numpy(object), codes, (2, 4, 1, 2, 2)
            ),
            "Rue": records["street"],
            "Ville": records["city"],
            "Région": records["region"],
            "Code postal": records["postcode"],
            "Pays": mess.name_countries(rng, codes, first=0.4),
            "Date de naissance": birth,
            "Sexe": gender,
            "Langue": base["language"].to_numpy(object),
            "Fonction": np.where(employed, rng.choice(np.array(_TITLES, object), n), ""),
            "Chargé de compte": owners[person % len(owners)],
            "Étape": rng.choice(np.array(_STAGES, object), n, p=(0.25, 0.55, 0.12, 0.08)),
            "Origine": rng.choice(np.array(_CHANNELS, object), n),
            "Créé le": records["created_at"],
            "Modifié le": records["updated_at"],
            "Supprimé": records["is_deleted"],
        }
    )


def crm_companies(
    rng: np.random.Generator, companies: pd.DataFrame, until: np.datetime64
) -> tuple[pd.DataFrame, np.ndarray]:
    """`crm/companies.csv`, some companies twice, and the row of `companies` behind each line.

    The first record of each company has the id `AC-{row + 1}`, four digits at least.
    """
    n = len(companies)
    row = np.concatenate([np.arange(n), mess.some(rng, n, CRM.duplicate)])
    base = companies.iloc[row]
    names = base["name"].to_numpy(object).copy()
    mess.misspell(rng, names[n:], 0.7)
    mess.spoil_letters(rng, names, CRM)
    digits = base["phone"].to_numpy(object).copy()
    mess.blank(rng, digits, CRM.missing_phone)
    domains = base["domain"].to_numpy(object).copy()
    mess.blank(rng, domains, 0.1)
    codes = base["country"].to_numpy(object)
    age = np.timedelta64(86400, "s") * rng.integers(30, 1500, len(row))
    made = pd.Series(until - age)
    changed = pd.Series(until - (age * rng.random(len(row))).astype("timedelta64[s]"))
    table = pd.DataFrame(
        {
            "Compte": [f"AC-{i + 1:04d}" for i in range(len(row))],
            "Raison sociale": names,
            "Domaine": domains,
            "Téléphone": mess.write_phones(rng, digits, codes, (2, 4, 1, 2, 2)),
            "Rue": base["street"].to_numpy(object),
            "Ville": base["city"].to_numpy(object),
            "Région": base["region"].to_numpy(object),
            "Code postal": base["postcode"].to_numpy(object),
            "Pays": mess.name_countries(rng, codes, first=0.4),
            "Secteur": base["industry"].to_numpy(object),
            "Effectif": base["employee_count"].to_numpy(),
            "CA (M€)": base["turnover"].to_numpy(),
            "Chargé de compte": np.array(OWNERS, object)[row % len(OWNERS)],
            "Créé le": stamp(made, "%d/%m/%Y %H:%M"),
            "Modifié le": stamp(changed, "%d/%m/%Y %H:%M"),
        }
    )
    return table, row


def helpdesk_users(
    rng: np.random.Generator, records: pd.DataFrame, crm: pd.DataFrame
) -> pd.DataFrame:
    """`helpdesk/users-*.csv`: ids with leading zeros; some users declare their CRM id."""
    records["record_id"] = [f"{4_001 + i:07d}" for i in range(len(records))]
    first = crm.drop_duplicates("person").set_index("person")["record_id"]
    declared = records["person"].map(first)
    declared = declared.where(rng.random(len(records)) < 0.5)
    codes = records["country"].to_numpy(object)
    return pd.DataFrame(
        {
            "id": records["record_id"],
            "name": records["full_name"],
            "email": records["email"],
            "phone": mess.write_phones(
                rng, records["digits"].to_numpy(object), codes, (5, 2, 2, 0, 0)
            ),
            "country_code": codes,
            "locale": [BY_CODE[code].language for code in codes],
            "external_id": [
                "" if pd.isna(value) else json.dumps({"crm": value}) for value in declared
            ],
            "created_at": stamp(records["created_at"], "%Y-%m-%dT%H:%M:%SZ"),
            "updated_at": stamp(records["updated_at"], "%Y-%m-%dT%H:%M:%SZ"),
            "suspended": records["is_deleted"].astype(int),
        }
    )


def late_changes(
    rng: np.random.Generator, users: pd.DataFrame, until: np.datetime64
) -> pd.DataFrame:
    """A second users' export: later versions of some records, with a new phone or deleted."""
    later = users.iloc[mess.some(rng, len(users), 0.04)].copy()
    codes = later["country_code"].to_numpy(object)
    digits = np.array([BY_CODE[code].phone_ranges[0][0] for code in codes], object)
    lengths = [BY_CODE[code].phone_ranges[0][1] for code in codes]
    digits = np.array(
        [
            d + f"{int(u * 10**k):0{k}d}"
            for d, k, u in zip(digits, lengths, rng.random(len(later)), strict=True)
        ],
        object,
    )
    later["phone"] = mess.write_phones(rng, digits, codes, (1, 0, 0, 0, 0))
    later["suspended"] = (rng.random(len(later)) < 0.2).astype(int)
    later["updated_at"] = np.datetime_as_string(until - np.timedelta64(3600, "s"), unit="s") + "Z"
    return later


def member_ids(rng: np.random.Generator, n: int) -> list[str]:
    """Hexadecimal ids in no order."""
    return [f"{number:06x}b" for number in rng.permutation(n) + 0xA0000]


def mail_members(
    rng: np.random.Generator, records: pd.DataFrame, granted: np.ndarray
) -> pd.DataFrame:
    """`mail/members.tsv`: American dates in New York time; consent to marketing as `granted`."""
    codes = records["country"].to_numpy(object)
    return pd.DataFrame(
        {
            "Member": records["record_id"],
            "Email Address": records["email"],
            "First Name": records["given"],
            "Last Name": records["family"],
            "Country": mess.name_countries(rng, codes, first=0.8),
            "Status": np.where(granted, "subscribed", "unsubscribed"),
            "Consents": consents("marketing", granted, records["created_at"]),
            "Joined": stamp(records["created_at"], "%m/%d/%Y %H:%M"),
            "Last Changed": stamp(records["updated_at"], "%m/%d/%Y %H:%M"),
        }
    )


def web_users(accounts: pd.DataFrame) -> pd.DataFrame:
    """`web/accounts.csv`: signed-in users and the shop's id of each."""
    return pd.DataFrame(
        {
            "user_id": accounts["record_id"],
            "external_ids": accounts["external"],
            "country": accounts["country"],
            "first_seen": stamp(accounts["created_at"], "%Y-%m-%dT%H:%M:%SZ"),
        }
    )


def refunds(drawn: pd.DataFrame, start: date) -> pd.DataFrame:
    """`shop/refunds.csv`: French day order and decimal comma; `drawn` counts seconds and cents."""
    moments = pd.Series(
        np.datetime64(start, "s") + drawn["moment"].to_numpy().astype("timedelta64[s]")
    )
    return pd.DataFrame(
        {
            "Avoir": drawn["refund_id"],
            "Commande": drawn["order_id"],
            "Client": drawn["customer"],
            "Date": stamp(moments, "%d/%m/%Y %H:%M"),
            "Montant": [f"{cents / 100:.2f}".replace(".", ",") for cents in drawn["amount"]],
            "Devise": drawn["currency"],
            "Motif": drawn["reason"],
        }
    )
