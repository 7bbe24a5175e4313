"""Who reads which report: the recipients that ask for a template, or a stand-in where none does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aar_platform.delivery.recipients import Recipient
from aar_platform.privacy.roles import Role

# Whose eyes a report is rendered for that nobody has asked for: aggregates are for everybody,
# accounts stay with those who run the platform.
STAND_INS = {False: "executive", True: "engineer"}


@dataclass(frozen=True)
class Reader:
    """Somebody a report is rendered for; `email` is None for a stand-in."""

    email: str | None
    role_name: str
    role: Role
    locale: str
    regions: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What the reader's files are called."""
        return self.email or self.role_name


def readers_of(
    template: str,
    per_account: bool,
    recipients: Sequence[Recipient],
    roles: Mapping[str, Role],
    locale: str,
) -> list[Reader]:
    """The readers of a template; `locale` is used for those who state none."""
    asking = [recipient for recipient in recipients if template in recipient.reports]
    if not asking:
        name = STAND_INS[per_account]
        return [Reader(None, name, roles[name], locale)]
    return [reader_of(recipient, roles, locale) for recipient in asking]


def reader_of(recipient: Recipient, roles: Mapping[str, Role], locale: str) -> Reader:
    """A recipient of aar.yaml as a reader."""
    return Reader(
        recipient.email,
        recipient.role,
        roles[recipient.role],
        recipient.locale or locale,
        recipient.regions,
    )
