"""Who exists: the people and companies of the made-up world, each once, without any mess."""

import unicodedata
from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox.names import draw_names, romanise
from aar_platform.sandbox.places import BY_CODE, COUNTRIES, draw_addresses, draw_phones

COMPANY_SHARE = 0.06
EMPLOYEE_SHARE = 0.12
# Of the people, how many live in one household with the person listed before them.
HOUSEHOLD_SHARE = 0.08

_LEGAL_FORM = {
    "FR": "SARL", "DE": "GmbH", "GB": "Ltd", "US": "Inc.", "CN": "有限公司", "ES": "S.L.",
    "PL": "sp. z o.o.", "BR": "Ltda.", "RU": "ООО", "UA": "ТОВ", "KZ": "ТОО",
}  # fmt: skip
_TRADES = ("Interiors", "Hotels", "Studio", "Architecture", "Gastronomy", "Property", "Retail")
_TRADES_HAN = {
    "Interiors": "家居", "Hotels": "酒店", "Studio": "设计", "Architecture": "建筑",
    "Gastronomy": "餐饮", "Property": "置业", "Retail": "商贸",
}  # fmt: skip
_INDUSTRY = {
    "Interiors": "Furnishing", "Hotels": "Hospitality", "Studio": "Design",
    "Architecture": "Construction", "Gastronomy": "Hospitality", "Property": "Real estate",
    "Retail": "Retail",
}  # fmt: skip
_TEXTS = (
    "given", "family", "given_latin", "family_latin", "full_name", "email", "later_email", "phone",
    "street", "city", "region", "postcode",
    "later_street", "later_city", "later_region", "later_postcode",
)  # fmt: skip
_LETTERS = str.maketrans(
    {"ł": "l", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "ъ": "", "ь": ""}
)


def slug(text: str) -> str:
    """Lower-case ASCII letters and digits of a name, as in an e-mail address."""
    plain = unicodedata.normalize("NFKD", romanise(text).lower().translate(_LETTERS))
    return "".join(ch for ch in plain if ch.isascii() and ch.isalnum())


def build_people(
    rng: np.random.Generator, customers: int, until: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People and companies, together `customers` rows.

    People: entity, country, is_female, given, family, given_latin, family_latin, full_name,
    birth_date, email, later_email, phone (national digits), street, city, region, postcode,
    later_street, later_city, later_region, later_postcode, language, company (row of the
    companies, -1 for none). Companies: entity, name, country, domain, phone, street, city, region,
    postcode, industry, employee_count, turnover (millions).
    """
    n_companies = round(customers * COMPANY_SHARE)
    people = _blank(rng, customers - n_companies)
    people["is_female"] = rng.random(len(people)) < 0.52
    people["company"] = -1
    columns = {name: np.empty(len(people), object) for name in _TEXTS}
    companies = _build_companies(rng, n_companies)
    _employ(rng, people, companies)
    for country in COUNTRIES:
        at = np.flatnonzero(people["country"] == country.code)
        given, family, given_latin, family_latin = draw_names(
            rng, country.code, people["is_female"].to_numpy()[at]
        )
        columns["given"][at], columns["family"][at] = given, family
        columns["given_latin"][at], columns["family_latin"][at] = given_latin, family_latin
        columns["phone"][at] = draw_phones(rng, country, len(at))
        for prefix in ("", "later_"):
            for name, drawn in zip(
                ("street", "city", "region", "postcode"),
                draw_addresses(rng, country, len(at)),
                strict=True,
            ):
                columns[prefix + name][at] = drawn
    _settle_households(rng, people["country"].to_numpy(object), columns)
    han = (people["country"] == "CN").to_numpy()
    columns["full_name"] = np.where(
        han,
        columns["family"] + columns["given"],
        columns["given"] + " " + columns["family"],
    )
    columns["email"], columns["later_email"] = _addresses(rng, people, companies, columns)
    born = until.toordinal() - (18 * 365 + rng.gamma(4.0, 7.5, len(people)) * 365).astype(int)
    people["birth_date"] = [date.fromordinal(max(d, until.toordinal() - 33000)) for d in born]
    people["language"] = people["country"].map({c.code: c.language for c in COUNTRIES})
    for name, values in columns.items():
        people[name] = pd.Series(values, dtype=object)
    people["entity"] = [f"P{i:07d}" for i in range(len(people))]
    return people, companies


def _blank(rng: np.random.Generator, n: int) -> pd.DataFrame:
    codes = np.array([c.code for c in COUNTRIES], object)
    shares = np.array([c.share for c in COUNTRIES])
    return pd.DataFrame(
        {"country": pd.Series(rng.choice(codes, n, p=shares / shares.sum()), dtype=object)}
    )


def _build_companies(rng: np.random.Generator, n: int) -> pd.DataFrame:
    companies = _blank(rng, n)
    names, domains = np.empty(n, object), np.empty(n, object)
    address = {k: np.empty(n, object) for k in ("street", "city", "region", "postcode")}
    phones = np.empty(n, object)
    trades = rng.choice(np.array(_TRADES, object), n)
    for country in COUNTRIES:
        at = np.flatnonzero(companies["country"] == country.code)
        _, family, _, latin = draw_names(rng, country.code, np.zeros(len(at), bool))
        form = _LEGAL_FORM[country.code]
        if country.code == "CN":
            made = [f"{a}氏{_TRADES_HAN[t]}{form}" for a, t in zip(family, trades[at], strict=True)]
        elif country.code in ("RU", "UA", "KZ"):
            made = [f"{form} «{a} {t}»" for a, t in zip(family, trades[at], strict=True)]
        else:
            made = [f"{a} {t} {form}" for a, t in zip(family, trades[at], strict=True)]
        names[at] = made
        domains[at] = [
            f"{slug(a)}-{slug(t)}-{i}.example"
            for a, t, i in zip(latin, trades[at], at, strict=True)
        ]
        phones[at] = draw_phones(rng, country, len(at))
        for name, drawn in zip(address, draw_addresses(rng, country, len(at)), strict=True):
            address[name][at] = drawn
    companies["name"], companies["domain"], companies["phone"] = names, domains, phones
    for name, values in address.items():
        companies[name] = values
    companies["industry"] = pd.Series(trades, dtype=object).map(_INDUSTRY)
    companies["employee_count"] = np.maximum(2, rng.lognormal(3.4, 1.1, n)).astype(int)
    companies["turnover"] = np.round(companies["employee_count"] * rng.uniform(0.06, 0.2, n), 2)
    companies["entity"] = [f"C{i:07d}" for i in range(n)]
    return companies


def _employ(rng: np.random.Generator, people: pd.DataFrame, companies: pd.DataFrame) -> None:
    """Give some people a company of their own country."""
    employed = rng.random(len(people)) < EMPLOYEE_SHARE
    draw = rng.random(len(people))
    company = np.full(len(people), -1)
    for country in COUNTRIES:
        at = np.flatnonzero(employed & (people["country"] == country.code).to_numpy())
        among = np.flatnonzero(companies["country"] == country.code)
        if len(among):
            company[at] = among[(draw[at] * len(among)).astype(int)]
    people["company"] = company


def _settle_households(
    rng: np.random.Generator, country: np.ndarray, columns: dict[str, np.ndarray]
) -> None:
    """Let some people live with the person before them of the same country: one phone, one home."""
    joins = np.flatnonzero(rng.random(len(country)) < HOUSEHOLD_SHARE)
    joins = joins[joins > 0]
    joins = joins[country[joins] == country[joins - 1]]
    for name in ("phone", "street", "city", "region", "postcode"):
        columns[name][joins] = columns[name][joins - 1]
    named = joins[rng.random(len(joins)) < 0.7]
    # Families of Cyrillic countries decline their name and spouses in China keep theirs.
    named = named[~np.isin(country[named], ("RU", "UA", "KZ", "CN"))]
    for name in ("family", "family_latin"):
        columns[name][named] = columns[name][named - 1]


def _addresses(
    rng: np.random.Generator,
    people: pd.DataFrame,
    companies: pd.DataFrame,
    columns: dict[str, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """A private or company e-mail address for each person, and the one used later. All differ."""
    n = len(people)
    style, later_style = rng.integers(0, 4, n), rng.integers(0, 4, n)
    host, later_host = rng.random(n), rng.random(n)
    domains = companies["domain"].to_numpy(object)
    seen: dict[str, int] = {}
    first, later = np.empty(n, object), np.empty(n, object)
    rows = zip(
        columns["given_latin"],
        columns["family_latin"],
        people["country"],
        people["company"],
        strict=True,
    )
    for i, (given, family, country, company) in enumerate(rows):
        g, f = slug(given), slug(family)
        hosts = BY_CODE[country].email_hosts
        at = domains[company] if company >= 0 else hosts[int(host[i] * len(hosts))]
        later_at = hosts[int(later_host[i] * len(hosts))]
        first[i] = _unique(_local(g, f, style[i]), at, seen)
        later[i] = _unique(_local(g, f, later_style[i]), later_at, seen)
    return first, later


def _local(given: str, family: str, style: int) -> str:
    return (
        f"{given}.{family}",
        f"{given[:1]}{family}",
        f"{family}{given[:1]}",
        f"{given}_{family}",
    )[style]


def _unique(local: str, host: str, seen: dict[str, int]) -> str:
    address = f"{local}@{host}"
    seen[address] = seen.get(address, 0) + 1
    return address if seen[address] == 1 else f"{local}{seen[address]}@{host}"
