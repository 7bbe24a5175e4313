"""The operations database of one aar.yaml."""

from typing import TYPE_CHECKING

from aar_platform.landing.secret import URL_PASSWORD
from aar_platform.settings.loading import Settings

if TYPE_CHECKING:
    from aar_platform.operations.store import Operations


def open_operations(settings: Settings) -> "Operations":
    """The database that `operations` in aar.yaml names; it is opened at first use.

    Raises SecretMissing where a secret of its URL is not set, and OperationsUnavailable.
    """
    from aar_platform.operations.store import Operations

    url = settings.operations
    hidden = [url.with_text(f"${{{name}}}").reveal() for name in url.names]
    password = URL_PASSWORD.search(url.text)
    if password is None:
        return Operations(url.reveal(), hidden=hidden)
    rest = url.text[: password.start(1) - 1] + url.text[password.end(1) :]
    secret = url.with_text(password[1]).reveal()
    return Operations(url.with_text(rest).reveal(), secret, hidden)
