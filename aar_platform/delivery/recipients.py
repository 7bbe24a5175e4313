"""The sections `recipients` and `delivery` of aar.yaml: who receives reports, and by which way."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from aar_platform.landing.secret import Secret

ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]]+@([^@\s.]+\.)+[^@\s.]{2,}")
DOMAIN = re.compile(r"([^@\s./:]+\.)+[^@\s./:]{2,}")


def _address(value: str) -> str:
    if not ADDRESS.fullmatch(value):
        raise ValueError("is not an e-mail address; write it as name@example.com")
    return value


def _domain(value: str) -> str:
    if not DOMAIN.fullmatch(value):
        raise ValueError("is not a domain; write what follows the @, as in example.com")
    return value.lower()


Address = Annotated[str, AfterValidator(_address)]


class Recipient(BaseModel):
    """A person who receives reports. `locale` None means the organisation's; `reports` names
    templates; `regions` are at hand in a role's `rows` expression as `recipient.regions`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    email: Address
    role: str
    locale: str | None = None
    reports: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


class Smtp(BaseModel):
    """The mail server; `sender` None means that `user` is the address mail comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    host: str
    port: Annotated[int, Field(strict=True, ge=1, le=65535)] = 587
    user: str | None = None
    password: Secret | None = None
    starttls: bool = True
    sender: Address | None = None


class DeliverySettings(BaseModel):
    """`outbox` is the folder that reports are rendered into; `smtp` None means files only;
    `allowed_domains` None means that any recipient may be written to."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    outbox: Path = Path("reports")
    smtp: Smtp | None = None
    allowed_domains: tuple[Annotated[str, AfterValidator(_domain)], ...] | None = None

    def allows(self, email: str) -> bool:
        """Whether mail may leave for this address; a domain does not cover its subdomains."""
        domain = email.rpartition("@")[2].lower()
        return self.allowed_domains is None or domain in self.allowed_domains
