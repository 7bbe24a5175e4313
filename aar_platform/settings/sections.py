"""The sections of aar.yaml that belong to no package: the organisation and its databases."""

import contextlib
from collections.abc import Iterable
from importlib.metadata import entry_points
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from aar_platform.landing.secret import Secret, SecretText
from aar_platform.settings.wording import nearest

# What the warehouse can be; docs/engines.md says what another engine would take.
ENGINES = ("duckdb", "postgres", "postgresql", "spark")
# SQLAlchemy's own; others announce themselves as entry points.
DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql")


def checked_timezone(name: str) -> str:
    """The name of an IANA time zone; ValueError, with the nearest one, for any other."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        close = nearest(name, available_timezones())
        remedy = close if close.startswith("did") else "write a name such as Europe/Paris"
        raise ValueError(f"no time zone is called '{name}'; {remedy}") from None
    return name


def checked_locale(name: str) -> str:
    """A locale that figures and dates can be written in, such as en, pt_BR, zh_Hans."""
    from babel import Locale, UnknownLocaleError
    from babel.localedata import locale_identifiers

    try:
        Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        close = nearest(name.replace("-", "_"), locale_identifiers())
        remedy = close if close.startswith("did") else "write one such as en, fr or zh_Hans"
        raise ValueError(f"no locale is called '{name}'; {remedy}") from None
    return name.replace("-", "_")


def _checked_currency(code: str) -> str:
    import pycountry

    if pycountry.currencies.get(alpha_3=code.upper()) is None or code != code.upper():
        close = nearest(code, [currency.alpha_3 for currency in pycountry.currencies])
        remedy = close if close.startswith("did") else "write the three letters, such as EUR"
        raise ValueError(f"'{code}' is not a currency of ISO 4217; {remedy}")
    return code


def _checked_country(code: str) -> str:
    import pycountry

    if len(code) != 2 or code != code.upper() or pycountry.countries.get(alpha_2=code) is None:
        remedy = "write the two letters, such as FR"
        with contextlib.suppress(LookupError):
            remedy = f"did you mean '{pycountry.countries.lookup(code).alpha_2}'?"
        raise ValueError(f"'{code}' is not a country of ISO 3166; {remedy}")
    return code


class Organisation(BaseModel):
    """Whose customers they are. Figures are in `currency`; days and months are cut in `timezone`;
    telephone numbers and addresses without a country are read as of `country`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1)] = "Organisation"
    currency: Annotated[str, AfterValidator(_checked_currency)] = "EUR"
    timezone: Annotated[str, AfterValidator(checked_timezone)] = "UTC"
    locale: Annotated[str, AfterValidator(checked_locale)] = "en"
    country: Annotated[str, AfterValidator(_checked_country)] | None = None


def _checked_url(url: SecretText, schemes: Iterable[str], example: str) -> SecretText:
    if url.text.startswith("${"):
        return url
    scheme, found, _ = url.text.partition("://")
    if not found:
        raise ValueError(f"must be a URL, such as {example}")
    known = set(schemes)
    if scheme.partition("+")[0] not in known:
        raise ValueError(f"no database is called '{scheme}'; {nearest(scheme, known)}")
    return url


def _warehouse_url(url: SecretText) -> SecretText:
    return _checked_url(url, ENGINES, "duckdb://data/warehouse.duckdb")


def _operations_url(url: SecretText) -> SecretText:
    plugins = {entry.name.partition(".")[0] for entry in entry_points(group="sqlalchemy.dialects")}
    return _checked_url(url, {*DIALECTS, *plugins}, "sqlite:///data/operations.db")


OperationsUrl = Annotated[SecretText, AfterValidator(_operations_url)]


class Warehouse(BaseModel):
    """Where tables live: the URL of an Ibis backend, and the key that encrypts a DuckDB file."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True
    )

    url: Annotated[SecretText, AfterValidator(_warehouse_url)] = SecretText(
        "duckdb://data/warehouse.duckdb"
    )
    encryption_key: Secret | None = None
