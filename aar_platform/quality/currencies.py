"""Currencies as sources write them, brought to ISO 4217 where only one can be meant."""

from collections.abc import Iterable
from functools import cache

# Signs that one currency has to itself. £ also stands for pounds that no export of a business
# outside their own countries writes so; $ and ¥ are told apart by the organisation's country.
_SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS", "₫": "VND", "₴": "UAH",
    "₺": "TRY", "₽": "RUB", "₱": "PHP", "₦": "NGN", "zł": "PLN", "Kč": "CZK", "Ft": "HUF",
    "US$": "USD", "$US": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD",
    "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD", "R$": "BRL", "MX$": "MXN",
    "CN¥": "CNY", "JP¥": "JPY", "円": "JPY", "元": "CNY", "人民币": "CNY",
}  # fmt: skip
_NAMES = {
    "euro": "EUR", "euros": "EUR", "us dollar": "USD", "us dollars": "USD", "rmb": "CNY",
    "pound sterling": "GBP", "pounds sterling": "GBP", "sterling": "GBP", "yen": "JPY",
    "yuan": "CNY", "renminbi": "CNY", "swiss franc": "CHF", "swiss francs": "CHF",
}  # fmt: skip
_SIGN_BY_COUNTRY = {
    "$": {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD",
          "MX": "MXN", "TW": "TWD", "CL": "CLP", "CO": "COP", "AR": "ARS"},
    "¥": {"JP": "JPY", "CN": "CNY"},
    "￥": {"JP": "JPY", "CN": "CNY"},
}  # fmt: skip


@cache
def currency_codes() -> tuple[str, ...]:
    """All ISO 4217 codes, withdrawn ones too: old orders were paid in them."""
    from babel.numbers import list_currencies

    return tuple(sorted(list_currencies() - {"XXX", "XTS"}))


def currency_forms(values: Iterable[str], country: str) -> dict[str, str]:
    """The ISO 4217 code of each value that has one and is not yet written so."""
    known = frozenset(currency_codes())
    forms = {}
    for value in values:
        code = _code(value, known, country.upper())
        if code is not None and code != value:
            forms[value] = code
    return forms


def _code(value: str, known: frozenset[str], country: str) -> str | None:
    # GBp is a penny, ZAc a cent: upper case would make them a hundredfold.
    is_minor_unit = len(value) == 3 and value[:2].isupper() and value[2].islower()
    if not is_minor_unit and value.upper() in known:
        return value.upper()
    return (
        _SIGNS.get(value)
        or _NAMES.get(value.casefold())
        or _SIGN_BY_COUNTRY.get(value, {}).get(country)
    )
