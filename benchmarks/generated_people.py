"""People by the hundred thousand in the shapes of the sandbox company: its countries, shares and
hosts, with names, streets and towns spliced from its lists, which alone would be too short."""

import math
from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox import names
from aar_platform.sandbox.people import COMPANY_SHARE, EMPLOYEE_SHARE, HOUSEHOLD_SHARE, slug
from aar_platform.sandbox.places import COUNTRIES, Country

FAMILIES, GIVEN, TOWNS, STREETS = 9_000, 700, 400, 1_500
# How often the name of rank r is borne: 1 / (r + flat) ** steep. Gives the most frequent family
# 0.9 % of a country, as Smith has in the United States, and the most frequent given name 3 %.
_FAMILY_CURVE, _GIVEN_CURVE, _TOWN_CURVE = (10, 0.9), (6, 1.0), (2, 0.9)
_JOINTS = {"FR": (0.06, "-"), "DE": (0.06, "-"), "ES": (0.7, " "), "BR": (0.5, " ")}
_CYRILLIC = ("RU", "UA", "KZ")
# Beginnings of mobile numbers and the digits behind them: ten million at least, so that nobody has
# another's by chance. In the United States they begin as those on land, by area.
_MOBILE: dict[str, tuple[tuple[str, ...], int]] = {
    "FR": (("61", "62", "66", "68"), 7),
    "DE": (("1511", "1522", "1577"), 7),
    "GB": (("74", "75", "77", "78"), 8),
    "US": (
        tuple(f"{area}{digit}" for area in (212, 312, 415, 512, 617) for digit in "23456789"),
        6,
    ),
    "CN": (("138", "139", "158", "186"), 8),
    "ES": (("6",), 8),
    "PL": (("50", "60", "69"), 7),
    "BR": (("119", "219", "419"), 8),
    "RU": (("903", "916", "921"), 7),
    "UA": (("50", "67", "97"), 7),
    "KZ": (("701", "702", "777"), 7),
}


def spliced(rng: np.random.Generator, words: list[str], many: int) -> np.ndarray:
    """`words`, and as many new ones as make `many`: the first half of one, the second of another.

    In an order of chance, but for the words given, which come first.
    """
    plain = [word for word in words if word.isalpha() and len(word) > 3]
    heads = [word[: math.ceil(len(word) / 2)] for word in plain]
    tails = [word[math.ceil(len(word) / 2) :] for word in plain]
    made = sorted({head + tail for head in heads for tail in tails} - set(words))
    extra = rng.permutation(np.array(made, object))[: max(many - len(words), 0)]
    return np.concatenate([np.array(words, object), extra])


def drawn(
    rng: np.random.Generator, pool: np.ndarray, n: int, curve: tuple[float, float]
) -> np.ndarray:
    """`n` of the pool, the first ones most often."""
    flat, steep = curve
    weights = 1.0 / (1.0 + np.arange(len(pool)) + flat) ** steep
    return pool[rng.choice(len(pool), n, p=weights / weights.sum())]


def build_companies(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """country, domain and phone (E.164) of companies, which people work for."""
    codes, shares = [c.code for c in COUNTRIES], np.array([c.share for c in COUNTRIES])
    country = rng.choice(np.array(codes, object), n, p=shares / shares.sum())
    phones = np.empty(n, object)
    for one in COUNTRIES:
        at = np.flatnonzero(country == one.code)
        phones[at] = _phones(rng, one, len(at))
    domains = np.array([f"company-{i}.example" for i in range(n)], object)
    return pd.DataFrame({"country": country, "domain": domains, "phone": phones}, dtype=object)


def build_people(
    rng: np.random.Generator, n: int, companies: pd.DataFrame, until: date
) -> pd.DataFrame:
    """`n` people with the columns that the sandbox's `draw_records` reads, and birth_date.

    `phone` is in E.164. Nobody has the e-mail address of another.
    """
    codes, shares = [c.code for c in COUNTRIES], np.array([c.share for c in COUNTRIES])
    country = rng.choice(np.array(codes, object), n, p=shares / shares.sum())
    columns: dict[str, np.ndarray] = {"country": country}
    for name in _PERSONAL:
        columns[name] = np.empty(n, object)
    is_female = rng.random(n) < 0.52
    for one in COUNTRIES:
        at = np.flatnonzero(country == one.code)
        for name, values in _of_country(rng, one, is_female[at]).items():
            columns[name][at] = values
    _settle_households(rng, country, columns)
    columns["company"] = _employers(rng, country, companies)
    hosts = _hosts(rng, country, columns["company"], companies)
    later = _hosts(rng, country, np.full(n, -1), companies)
    columns["email"], columns["later_email"] = _addresses(rng, columns, hosts, later)
    born = until.toordinal() - (18 * 365 + rng.gamma(4.0, 7.5, n) * 365).astype(int)
    days = np.maximum(born, until.toordinal() - 33000) - date(1970, 1, 1).toordinal()
    columns["birth_date"] = days.astype("datetime64[D]")
    columns["is_female"] = is_female
    return pd.DataFrame(columns)


_ADDRESS = ("street", "city", "region", "postcode")
_PERSONAL = (
    *("given", "family", "given_latin", "family_latin", "phone"),
    *_ADDRESS,
    *(f"later_{name}" for name in _ADDRESS),
)


def _of_country(
    rng: np.random.Generator, country: Country, is_female: np.ndarray
) -> dict[str, np.ndarray]:
    n, code = len(is_female), country.code
    if code == "CN":
        given, family, given_latin, family_latin = _han(rng, is_female)
    else:
        families = spliced(rng, names.FAMILY[code].split(), FAMILIES)
        family = drawn(rng, families, n, _FAMILY_CURVE)
        if code in _JOINTS:
            share, joint = _JOINTS[code]
            second = drawn(rng, families, n, _FAMILY_CURVE)
            family = np.where(rng.random(n) < share, family + joint + second, family)
        given = np.where(
            is_female,
            drawn(rng, spliced(rng, names.FEMALE[code].split(), GIVEN), n, _GIVEN_CURVE),
            drawn(rng, spliced(rng, names.MALE[code].split(), GIVEN), n, _GIVEN_CURVE),
        )
        if code in ("RU", "KZ"):
            declines = np.array([name.endswith(("ов", "ев", "ёв", "ин")) for name in family], bool)
            family = np.where(is_female & declines, family + "а", family)
        given_latin, family_latin = given, family
        if code in _CYRILLIC:
            given_latin = np.array([names.romanise(name) for name in given], object)
            family_latin = np.array([names.romanise(name) for name in family], object)
    told = {
        "given": given,
        "family": family,
        "given_latin": given_latin,
        "family_latin": family_latin,
        "phone": _phones(rng, country, n),
    }
    streets, towns = _streets(rng, country), _towns(rng, country)
    for prefix in ("", "later_"):
        for name, values in zip(_ADDRESS, _places(rng, country, streets, towns, n), strict=True):
            told[prefix + name] = values
    return told


def _han(
    rng: np.random.Generator, is_female: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Chinese names: a hundred families, and given names of one character or two of 64."""
    n = len(is_female)
    pairs = [pair.split("=") for pair in names.HAN_FAMILY.split()]
    pick = drawn(rng, np.arange(len(pairs)), n, (2, 1.0))
    given, given_latin = np.empty(n, object), np.empty(n, object)
    both = [
        [pair.split("=") for pair in listed.split()]
        for listed in (names.HAN_FEMALE, names.HAN_MALE)
    ]
    for mask, usual, other in ((is_female, *both), (~is_female, *reversed(both))):
        signs = usual + other
        first = drawn(rng, np.arange(len(signs)), n, (20, 1.0))
        second = drawn(rng, np.arange(len(signs)), n, (20, 1.0))
        two = rng.random(n) < 0.75
        for place in np.flatnonzero(mask):
            a, b = signs[first[place]], signs[second[place]] if two[place] else ("", "")
            given[place] = a[0] + b[0]
            given_latin[place] = (a[1] + b[1]).capitalize()
    family = np.array([pair[0] for pair in pairs], object)[pick]
    family_latin = np.array([pair[1] for pair in pairs], object)[pick]
    return given, family, given_latin, family_latin


def _phones(rng: np.random.Generator, country: Country, n: int) -> np.ndarray:
    """`n` different numbers in E.164. The ranges kept for fiction end after some ten thousand."""
    beginnings, digits = _MOBILE[country.code]
    each = 10**digits
    taken = np.unique(rng.integers(0, len(beginnings) * each, round(n * 1.3) + 10))
    prefixes = [f"+{country.calling_code}{beginning}" for beginning in beginnings]
    return np.array(
        [
            f"{prefixes[number // each]}{number % each:0{digits}d}"
            for number in rng.permutation(taken)[:n].tolist()
        ],
        object,
    )


def _streets(rng: np.random.Generator, country: Country) -> np.ndarray:
    """The country's streets, and some called after families as these are."""
    if country.code == "CN":
        signs = [pair.split("=")[0] for pair in (names.HAN_FEMALE + " " + names.HAN_MALE).split()]
        made = [a + b + kind for a in signs for b in signs for kind in ("路", "街")]
    else:
        families = spliced(rng, names.FAMILY[country.code].split(), 200)
        made = [_called_after(country.code, street, family) for street in country.streets
                for family in families]  # fmt: skip
    extra = rng.permutation(np.array(sorted(set(made)), object))[:STREETS]
    return np.concatenate([np.array(country.streets, object), extra])


def _called_after(code: str, street: str, family: str) -> str:
    words = street.split()
    if code == "DE":
        return f"{family}straße"
    if len(words) == 1:
        return family
    return f"{family} {words[-1]}" if code in ("GB", "US") else f"{words[0]} {family}"


def _towns(rng: np.random.Generator, country: Country) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names, regions and first digits of postcodes of the country's cities and smaller towns."""
    cities = country.cities
    if country.code == "CN":
        signs = [city[0][0] for city in cities] + [pair[0] for pair in names.HAN_FAMILY.split()]
        town = np.array([city[0] for city in cities] + [a + b for a in signs for b in "州阳安山"])
    else:
        words = [city[0] for city in cities] + names.FAMILY[country.code].split()[:20]
        town = np.concatenate(
            [np.array(words[: len(cities)]), spliced(rng, words, TOWNS)[len(words) :]]
        )
    near = np.concatenate([np.arange(len(cities)), rng.integers(0, len(cities), len(town))])
    near = near[: len(town)]
    region = np.array([city[1] for city in cities], object)[near]
    area = np.array([city[2] for city in cities], object)[near]
    return town.astype(object), region, area


def _places(
    rng: np.random.Generator,
    country: Country,
    streets: np.ndarray,
    towns: tuple[np.ndarray, np.ndarray, np.ndarray],
    n: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Street with number, city, region and postcode of `n` addresses."""
    names_of, regions, areas = towns
    place = drawn(rng, np.arange(len(names_of)), n, _TOWN_CURVE)
    street = drawn(rng, streets, n, (30, 0.6))
    number = rng.integers(1, 180, n)
    lines = [country.street.format(n=k, s=s) for k, s in zip(number, street, strict=True)]
    shape = country.postcode.removeprefix("~")
    marks = shape.replace("#", "{}").replace("@", "{}")
    kinds = [mark for mark in shape if mark in "#@"]
    signs = [
        rng.choice(np.array(list("0123456789" if mark == "#" else "ABDEFGHJLNPQRSTUWXYZ")), n)
        for mark in kinds
    ]
    postcodes = [
        area + marks.format(*drawn_signs)
        for area, *drawn_signs in zip(areas[place], *signs, strict=True)
    ]
    return (
        np.array(lines, object),
        names_of[place],
        regions[place],
        np.array(postcodes, object),
    )


def _settle_households(
    rng: np.random.Generator, country: np.ndarray, columns: dict[str, np.ndarray]
) -> None:
    """As in the sandbox: some live with the person before them; one phone, one home, one name."""
    joins = np.flatnonzero(rng.random(len(country)) < HOUSEHOLD_SHARE)
    joins = joins[joins > 0]
    joins = joins[country[joins] == country[joins - 1]]
    for name in ("phone", *_ADDRESS):
        columns[name][joins] = columns[name][joins - 1]
    named = joins[rng.random(len(joins)) < 0.7]
    named = named[~np.isin(country[named], (*_CYRILLIC, "CN"))]
    for name in ("family", "family_latin"):
        columns[name][named] = columns[name][named - 1]


def _employers(
    rng: np.random.Generator, country: np.ndarray, companies: pd.DataFrame
) -> np.ndarray:
    """A row of the companies of the person's own country, or -1."""
    company = np.full(len(country), -1)
    employed = rng.random(len(country)) < EMPLOYEE_SHARE
    for one in COUNTRIES:
        at = np.flatnonzero(employed & (country == one.code))
        among = np.flatnonzero(companies["country"] == one.code)
        if len(among):
            company[at] = rng.choice(among, len(at))
    return company


def _hosts(
    rng: np.random.Generator, country: np.ndarray, company: np.ndarray, companies: pd.DataFrame
) -> np.ndarray:
    hosts = np.empty(len(country), object)
    for one in COUNTRIES:
        at = np.flatnonzero(country == one.code)
        hosts[at] = rng.choice(np.array(one.email_hosts, object), len(at))
    employed = company >= 0
    hosts[employed] = companies["domain"].to_numpy(object)[company[employed]]
    return hosts


def _addresses(
    rng: np.random.Generator, columns: dict[str, np.ndarray], hosts: np.ndarray, later: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """E-mail addresses in the sandbox's four styles; a second bearer's has a number."""
    given, family = (_slugs(columns[f"{name}_latin"]) for name in ("given", "family"))
    locals_of = [
        [_local(style, g, f) for style, g, f in zip(drawn_styles, given, family, strict=True)]
        for drawn_styles in (rng.integers(0, 4, len(given)), rng.integers(0, 4, len(given)))
    ]
    wanted = pd.DataFrame(
        {"local": locals_of[0] + locals_of[1], "host": np.concatenate([hosts, later])}
    )
    before = wanted.groupby(["local", "host"], sort=False).cumcount().to_numpy()
    made = np.array(
        [
            f"{local}{'' if number == 0 else number + 1}@{host}"
            for local, host, number in zip(wanted["local"], wanted["host"], before, strict=True)
        ],
        object,
    )
    return made[: len(given)], made[len(given) :]


def _slugs(values: np.ndarray) -> list[str]:
    known = {value: slug(value) for value in set(values)}
    return [known[value] for value in values]


def _local(style: int, given: str, family: str) -> str:
    if style == 0:
        return f"{given}.{family}"
    if style == 1:
        return f"{given[:1]}{family}"
    return f"{family}{given[:1]}" if style == 2 else f"{given}_{family}"


def company_count(people: int) -> int:
    """How many companies a world of so many people has."""
    return round(people * COMPANY_SHARE / (1 - COMPANY_SHARE))
