"""Which system keeps a record of whom, and what went wrong in it: the same people, many times."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox import mess
from aar_platform.sandbox.mess import Rates

_IN_CRM, _IN_HELPDESK, _IN_MAIL = 0.5, 0.3, 0.55

# A shop account knows its buyer's address; a mailing list knows little but the e-mail address.
SHOP = Rates(missing_email=0.0, missing_address=0.02, latin_letters=0.1)
CRM = Rates(typo=0.05, missing_email=0.1, nickname=0.04, duplicate=0.04, latin_letters=0.35)
HELPDESK = Rates(missing_phone=0.45, missing_email=0.02, latin_letters=0.3)
MAIL = Rates(missing_email=0.0, changed_email=0.12, info_address=0.02, latin_letters=0.5)


def draw_holdings(
    rng: np.random.Generator,
    people: pd.DataFrame,
    companies: pd.DataFrame,
    buyers: pd.DataFrame,
    start: date,
    end: np.datetime64,
) -> dict[str, pd.DataFrame]:
    """Each system's records. Every buyer is in the shop, and everybody in one system at least."""
    n = len(people)
    is_buyer = buyers["is_buyer"].to_numpy()
    in_crm = rng.random(n) < np.where(people["company"] >= 0, 0.9, _IN_CRM)
    in_helpdesk = is_buyer & (rng.random(n) < _IN_HELPDESK)
    in_mail = (rng.random(n) < _IN_MAIL) | ~(is_buyer | in_crm)
    # The shop's account is made in the evening before the day of the first order.
    known = np.datetime64(start, "s") + buyers["acquired"].to_numpy() * np.timedelta64(86400, "s")
    known = known - rng.integers(1, 5 * 3600, n).astype("timedelta64[s]")
    held = {}
    for name, chosen, rates, wait in (
        ("shop", is_buyer, SHOP, 0),
        ("crm", in_crm, CRM, 90),
        ("helpdesk", in_helpdesk, HELPDESK, 120),
        ("mail", in_mail, MAIL, 40),
    ):
        who = np.flatnonzero(chosen)
        since = _later(rng, known[who], rng.exponential(1.0, len(who)) * wait, end)
        held[name] = draw_records(rng, people, companies, who, since, end, rates)
    return held


def _later(
    rng: np.random.Generator, moments: np.ndarray, wait_days: np.ndarray, end: np.datetime64
) -> np.ndarray:
    """Each moment plus its wait, or some time before the last day where that would be too late."""
    left = np.maximum((end - np.timedelta64(86400, "s") - moments).astype(np.int64), 0)
    wait = (wait_days * 86400).astype(np.int64)
    wait = np.where(wait < left, wait, (rng.random(len(moments)) * left).astype(np.int64))
    later: np.ndarray = moments + wait.astype("timedelta64[s]")
    return later


def draw_records(
    rng: np.random.Generator,
    people: pd.DataFrame,
    companies: pd.DataFrame,
    who: np.ndarray,
    known_since: np.ndarray,
    until: np.datetime64,
    rates: Rates,
) -> pd.DataFrame:
    """Records of the people `who`, some of them twice, in order of creation.

    `known_since` (datetime64[s], one for each of `who`) is when the first record is made. Gives
    person (row of `people`), is_second, given, family, full_name, email, digits (phone), street,
    city, region, postcode, country (ISO), created_at, updated_at and is_deleted.
    """
    again = mess.some(rng, len(who), rates.duplicate)
    wait = rng.uniform(20, 300, len(again))
    made = np.concatenate([known_since, _later(rng, known_since[again], wait, until)])
    person = np.concatenate([who, who[again]])
    second = np.arange(len(person)) >= len(who)
    order = np.argsort(made, kind="stable")
    person, second, made = person[order], second[order], made[order]
    n = len(person)
    base = people.iloc[person]
    country = base["country"].to_numpy(object)
    foreign = np.isin(country, ("CN", "RU", "UA", "KZ"))
    latin = foreign & (rng.random(n) < rates.latin_letters)
    given = np.where(latin, base["given_latin"], base["given"]).astype(object)
    family = np.where(latin, base["family_latin"], base["family"]).astype(object)
    mess.use_nicknames(rng, given, rates.nickname)
    mess.misspell(rng, given, rates.typo)
    mess.misspell(rng, family, rates.typo)
    swapped = mess.some(rng, n, rates.swapped_names)
    given[swapped], family[swapped] = family[swapped], given[swapped]
    family_first = (country == "CN") & ~latin
    full = np.where(family_first, family + given, given + " " + family).astype(object)
    for names in (given, family, full):
        mess.spoil_letters(rng, names, rates)
    email = np.where(rng.random(n) < rates.changed_email, base["later_email"], base["email"])
    digits = base["phone"].to_numpy(object).copy()
    company = base["company"].to_numpy()
    at_work = mess.some(rng, n, rates.switchboard)
    at_work = at_work[company[at_work] >= 0]
    digits[at_work] = companies["phone"].to_numpy(object)[company[at_work]]
    shared = mess.some(rng, n, rates.info_address)
    shared = shared[company[shared] >= 0]
    email = email.astype(object)
    email[shared] = "info@" + companies["domain"].to_numpy(object)[company[shared]]
    mess.spoil_letters(rng, email, replace(rates, lower_case=0.0))
    mess.blank(rng, email, rates.missing_email)
    mess.blank(rng, digits, rates.missing_phone)
    moved = rng.random(n) < rates.moved
    unknown = mess.some(rng, n, rates.missing_address)
    address = {}
    for name in ("street", "city", "region", "postcode"):
        address[name] = np.where(moved, base["later_" + name], base[name]).astype(object)
        address[name][unknown] = ""
    mess.misspell(rng, address["street"], rates.typo)
    changed = made + (rng.random(n) ** 2 * (until - made).astype(int)).astype(int).astype(
        "timedelta64[s]"
    )
    return pd.DataFrame(
        {
            "person": person,
            "is_second": second,
            "given": given,
            "family": family,
            "full_name": full,
            "email": email,
            "digits": digits,
            **address,
            "country": country,
            "created_at": made,
            "updated_at": changed,
            "is_deleted": rng.random(n) < rates.deleted,
        }
    )
