"""What Google's APIs have in common: tokens, and how errors and used-up allowances are told."""

import json
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec

from aar_platform.sources.api.auth import Token, put_bearer
from aar_platform.sources.api.client import Api, Busy, check_url
from aar_platform.sources.api.errors import AccessRefused, RequestRefused

TOKEN_URL = "https://oauth2.googleapis.com/token"  # noqa: S105 (an address)
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# A day's allowance is given anew at midnight there.
_QUOTA_ZONE = ZoneInfo("America/Los_Angeles")
_LATER = ("UNAVAILABLE", "INTERNAL", "DEADLINE_EXCEEDED", "ABORTED")


def refresh_token(url: str, client_id: str, client_secret: str, refresh: str) -> Token:
    """Tokens got with a refresh token of a person who let us in."""
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "client_secret": client_secret,
        "refresh_token": refresh,
    }
    secrets = (client_secret, refresh)
    return Token(lambda: httpx.Request("POST", url, data=form), _read, put_bearer, secrets)


def service_account(where: str, key: str, scope: str, url: str | None) -> Token:
    """Tokens got with the key of a service account (the JSON file that Google gives).

    url: where tokens are asked for instead of the key's own `token_uri`. Raises AccessRefused for a
    text that is no such key.
    """
    try:
        account = json.loads(key)
        email, private = str(account["client_email"]), str(account["private_key"])
        address = check_url(url or str(account.get("token_uri") or TOKEN_URL))
    except (ValueError, TypeError, KeyError):
        # Said without a cause, which would hold the key.
        raise _no_key(where) from None

    def ask() -> httpx.Request:
        # Slow to import, with its cryptography: only a pull needs it.
        import jwt

        now = int(time.time())
        claims = {"iss": email, "scope": scope, "aud": address, "iat": now, "exp": now + 3600}
        headers = {"kid": account["private_key_id"]} if account.get("private_key_id") else None
        try:
            signed = jwt.encode(claims, private, algorithm="RS256", headers=headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise _no_key(where) from None
        form = {"grant_type": _GRANT, "assertion": signed}
        return httpx.Request("POST", address, data=form)

    body = "".join(line for line in private.splitlines() if not line.startswith("-----"))
    return Token(ask, _read, put_bearer, (key, private, body))


def judge(api: Api, response: httpx.Response) -> None:
    """Tells what Google means by an error: an allowance used up for an hour or a day; and sees an
    error that stands inside a success, also in the middle of a stream of answers."""
    if b'"error"' not in response.content:
        return
    said = _error(response.content)
    if said is None:
        return
    status, message = str(said.get("status", "")), str(said.get("message", ""))
    told = f"answered {response.status_code} {api.told(f'{status} {message}')}"
    if status == "RESOURCE_EXHAUSTED" or said.get("code") == 429:
        if "Retry-After" in response.headers:
            return
        wait = _delay(said)
        raise Busy(told, wait if wait is not None else _until_given_anew(message))
    if response.status_code < 300:
        if status in _LATER:
            raise Busy(told)
        remedy = "see whether the source's settings are right; if so, its API has changed"
        raise RequestRefused(api.where, told, remedy)


def _error(content: bytes) -> Mapping[str, Any] | None:
    """The error that an answer, or one of a stream of answers, is."""
    try:
        body = msgspec.json.decode(content)
    except msgspec.DecodeError:
        # Whoever reads the answer finds it broken.
        return None
    for part in body if isinstance(body, list) else [body]:
        if isinstance(part, dict) and isinstance(part.get("error"), dict):
            found: Mapping[str, Any] = part["error"]
            return found
    return None


def _delay(error: Mapping[str, Any]) -> float | None:
    """Seconds that the details of an error ask us to wait, as in `"retryDelay": "30s"`."""
    for detail in error.get("details") or ():
        for one in (detail, *(detail.get("errors") or ())):
            quota = (one.get("details") or {}).get("quotaErrorDetails") or one
            said = str(quota.get("retryDelay", "")).removesuffix("s")
            if said.replace(".", "", 1).isdigit():
                return float(said)
    return None


def _until_given_anew(message: str) -> float | None:
    """Seconds until an allowance that is used up is given anew, where the message names it."""
    if "per day" in message:
        now = datetime.now(_QUOTA_ZONE)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        return (midnight - now).total_seconds()
    return 3600.0 if "per hour" in message else None


def _read(reply: Mapping[str, Any]) -> tuple[str, float | None]:
    lives = reply.get("expires_in")
    return str(reply["access_token"]), float(lives) if lives else None


def _no_key(where: str) -> AccessRefused:
    return AccessRefused(
        where,
        "the secret is no key of a service account",
        "set it to the whole JSON file that Google gave for the account",
    )
