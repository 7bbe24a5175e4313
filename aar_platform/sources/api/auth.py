"""How a request says who asks; tokens are renewed in mid-pull."""

import base64
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any

import httpx
import msgspec

# A token is renewed this long before it ends, so that none ends on its way.
EARLY_SECONDS = 60


class Header(httpx.Auth):
    """A secret in a header, such as `Authorization: Bearer …`."""

    def __init__(self, name: str, value: str, secret: str) -> None:
        self.name, self.value = name, value
        self.secrets: tuple[str, ...] = (secret, value)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Put the header on every request."""
        request.headers[self.name] = self.value
        yield request


def bearer(token: str) -> Header:
    """`Authorization: Bearer …`."""
    return Header("Authorization", f"Bearer {token}", token)


def basic(user: str, password: str) -> Header:
    """HTTP basic authentication."""
    code = base64.b64encode(f"{user}:{password}".encode()).decode()
    header = Header("Authorization", f"Basic {code}", password)
    # Some systems take their key as the user.
    header.secrets = (user, password, code)
    return header


class Token(httpx.Auth):
    """A token got with a grant, put on every request, and got anew when it ends or is refused.

    `ask` builds the request for a token; `read` gives from its reply (JSON) the token and how many
    seconds it lives (None: unknown). `put` puts the token on a request. `is_refused` tells from an
    answer that the token has ended: by default status 401. Raises httpx.HTTPStatusError where the
    system gives no token.
    """

    requires_response_body = True

    def __init__(
        self,
        ask: Callable[[], httpx.Request],
        read: Callable[[Mapping[str, Any]], tuple[str, float | None]],
        put: Callable[[httpx.Request, str], None],
        secrets: tuple[str, ...],
        is_refused: Callable[[httpx.Response], bool] = lambda response: response.status_code == 401,
    ) -> None:
        self._ask, self._read, self._put, self._is_refused = ask, read, put, is_refused
        self._token: str | None = None
        self._ends: float | None = None
        self.secrets = secrets

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Get a token where there is none or it is about to end; once more where it is refused."""
        if self._token is None or (self._ends and time.monotonic() > self._ends - EARLY_SECONDS):
            self._accept((yield self._ask()))
        self._put(request, self._token or "")
        response = yield request
        if self._is_refused(response):
            self._accept((yield self._ask()))
            self._put(request, self._token or "")
            yield request

    def _accept(self, response: httpx.Response) -> None:
        response.read()
        response.raise_for_status()
        try:
            self._token, lives = self._read(msgspec.json.decode(response.content))
        except (msgspec.DecodeError, KeyError, TypeError, ValueError):
            # Said as a refusal: a reply without a token is one, whatever its status.
            raise httpx.HTTPStatusError(
                "the reply holds no token", request=response.request, response=response
            ) from None
        self.secrets = (*self.secrets, self._token)
        self._ends = time.monotonic() + lives if lives else None


def put_bearer(request: httpx.Request, token: str) -> None:
    """A token as `Authorization: Bearer …`."""
    request.headers["Authorization"] = f"Bearer {token}"


_SHARED: dict[tuple[str, ...], Token] = {}


def shared(key: tuple[str, ...], make: Callable[[], Token]) -> Token:
    """One token for all objects of a source in this process: systems give only so many in so many
    minutes. `key` tells grants apart and holds no secret, at most a hash of one."""
    if key not in _SHARED:
        _SHARED[key] = make()
    return _SHARED[key]
