"""Countries as sources write them, brought to ISO 3166-1 alpha-2."""

import unicodedata
from collections.abc import Iterable
from functools import cache

# Names that neither ISO nor CLDR lists: everyday, former and abbreviated ones, parts of the UK.
_ALIASES = {
    "uk": "GB", "great britain": "GB", "britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "northern ireland": "GB", "el": "GR", "eire": "IE", "republic of ireland": "IE",
    "rsa": "ZA", "america": "US", "united states of america": "US",
    "usofa": "US", "сша": "US", "eeuu": "US", "ee uu": "US", "uae": "AE",
    "holland": "NL", "czech republic": "CZ", "czechia": "CZ", "south korea": "KR",
    "republic of korea": "KR", "north korea": "KP", "russia": "RU", "vietnam": "VN",
    "taiwan": "TW", "iran": "IR", "syria": "SY", "bolivia": "BO", "tanzania": "TZ",
    "venezuela": "VE", "moldova": "MD", "laos": "LA", "brunei": "BN", "macau": "MO",
    "macao": "MO", "hong kong": "HK", "ivory coast": "CI", "cape verde": "CV", "swaziland": "SZ",
    "burma": "MM", "turkey": "TR", "macedonia": "MK", "palestine": "PS", "vatican": "VA",
    "micronesia": "FM", "prc": "CN", "mainland china": "CN", "people s republic of china": "CN",
    "deutschland": "DE", "brd": "DE", "schweiz": "CH", "suisse": "CH", "drc": "CD",
}  # fmt: skip
_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "zh", "ja", "zh_Hant", "ko"),
    *("sv", "da", "nb", "fi", "cs", "hu", "tr", "el", "ro", "ar"),
)


def country_forms(values: Iterable[str]) -> dict[str, str]:
    """The alpha-2 code of each value that names a country and is not yet written so.

    Groups of countries and unknown names have none and stay as said.
    """
    forms = {}
    for value in values:
        code = _code(value)
        if code is not None and code != value:
            forms[value] = code
    return forms


def _code(value: str) -> str | None:
    name = _folded(value)
    return _ALIASES.get(name) or _codes_and_names().get(name) or _names_in_languages().get(name)


def _folded(value: str) -> str:
    """Lower case without accents, stops, apostrophes and a leading "the"."""
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", value.casefold())
        if not unicodedata.combining(letter)
    )
    plain = unicodedata.normalize("NFC", plain).replace(".", "")
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


@cache
def _codes_and_names() -> dict[str, str]:
    import pycountry

    names: dict[str, str] = {}
    for country in pycountry.countries:
        names[country.alpha_2.casefold()] = country.alpha_2
        names.setdefault(country.alpha_3.casefold(), country.alpha_2)
        for part in ("name", "official_name", "common_name"):
            if name := getattr(country, part, None):
                names.setdefault(_folded(name), country.alpha_2)
    return names


@cache
def _names_in_languages() -> dict[str, str]:
    import pycountry
    from babel import Locale

    official = {country.alpha_2 for country in pycountry.countries}
    names: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in official:
                names.setdefault(_folded(name), code)
    return names
