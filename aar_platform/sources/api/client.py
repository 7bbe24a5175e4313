"""The one way in which systems are asked: paced, retried, judged, and never over a bare line."""

import functools
import ipaddress
import random
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import tenacity

from aar_platform.sources.api.bodies import Body, BodyUnusable
from aar_platform.sources.api.errors import (
    GOES_ON,
    AccessRefused,
    AnswerUnusable,
    LimitReached,
    NotConnected,
    PagesDisagree,
    RequestRefused,
    SourceFailed,
    Unreachable,
    told,
)
from aar_platform.sources.api.limits import Limit, Pace

TRIES = 4
# A run does not wait longer than this for a system that asks us to come back later.
LONGEST_WAIT_SECONDS = 300.0
TIMEOUT_SECONDS = 60.0
_BUSY = (429, 500, 502, 503, 504)


class Busy(Exception):
    """An answer that says "later": tried again after `wait` seconds, or after a back-off."""

    def __init__(self, why: str, wait: float | None = None) -> None:
        super().__init__(why)
        self.wait = wait


class Answer(Body):
    """A good answer: status, headers and the JSON body."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.content)
        self.status: int = response.status_code
        self.headers = response.headers


# Looks at every answer before it counts as good. It returns nothing, or raises Busy for one that
# says "later", or SourceFailed for an error that stands inside a success.
Judge = Callable[["Api", httpx.Response], None]


def pause(seconds: float) -> None:
    """Wait; a function of its own so that tests need not."""
    time.sleep(seconds)


def check_url(url: str) -> str:
    """A base URL that secrets may be sent to: https, or http on this machine; ValueError else."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url.rstrip("/")
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return url.rstrip("/")
    raise ValueError("must begin with https:// (http:// is for this machine alone)")


@functools.cache
def trusted() -> ssl.SSLContext:
    """Whom we trust, read once: each reading takes 40 ms."""
    return httpx.create_ssl_context()


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Api:
    """A system's API under one base URL.

    where: how errors call it (source and object). auth: an httpx.Auth with `secrets`, a tuple of
    what errors must not show. limits: kept before they are hit. judge: see Judge. pace: keeps
    limits that several pulls share. tries: how often a question is asked before it has failed.
    """

    def __init__(
        self,
        where: str,
        base_url: str,
        auth: httpx.Auth,
        limits: tuple[Limit, ...] = (),
        judge: Judge | None = None,
        headers: Mapping[str, str] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.where, self.base_url = where, check_url(base_url)
        self.auth = auth
        self.requests = 0
        self.tries = TRIES
        self._judge = judge
        self.pace = pace or Pace(limits, sleep=lambda seconds: pause(seconds))
        self.limits = limits
        self._client = httpx.Client(
            auth=auth,
            verify=trusted(),
            headers={"Accept": "application/json", **(headers or {})},
            timeout=httpx.Timeout(TIMEOUT_SECONDS, connect=min(TIMEOUT_SECONDS, 15.0)),
            event_hooks={"request": [self._before]},
        )

    def get(self, path: str, params: Mapping[str, Any] | None = None, **more: Any) -> Answer:
        """The answer to a GET; see `ask`."""
        return self.ask("GET", path, params=params, **more)

    def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        """The answer to a POST that only asks; see `ask`."""
        return self.ask("POST", path, json=json, **more)

    def ask(self, method: str, path: str, *, may_be_empty: bool = False, **request: Any) -> Answer:
        """A good answer, after retries where the system was busy or the line broke.

        path: below the base URL, or a link that the system gave, of the same host. may_be_empty:
        whether an empty body (204, 304) is an answer. Raises SourceFailed.
        """
        url = self._url(path)
        try:
            for attempt in tenacity.Retrying(
                stop=tenacity.stop_after_attempt(self.tries),
                wait=self._wait,
                retry=tenacity.retry_if_exception_type((Busy, httpx.TransportError)),
                sleep=pause,
                reraise=True,
            ):
                with attempt:
                    return self._once(method, url, may_be_empty, request)
        except Busy as busy:
            if busy.wait is not None and busy.wait > LONGEST_WAIT_SECONDS:
                remedy = f"run again then: {GOES_ON}"
                minutes = round(busy.wait / 60)
                why = f"{self.told(str(busy))}, to come back in {minutes} minutes"
                raise LimitReached(self.where, why, remedy) from None
            raise Unreachable(
                self.where,
                f"{self.told(str(busy))}{self._times}",
                f"run again later: {GOES_ON}",
            ) from None
        except httpx.TimeoutException:
            raise self._unreachable(url, "gave no answer in time") from None
        except httpx.TransportError as error:
            why = "broke off its answer" if _is_cut(error) else "cannot be reached"
            raise self._unreachable(url, why) from None
        raise AssertionError("unreachable")

    def told(self, said: str) -> str:
        """A system's words without our secrets; see `errors.told`."""
        return told(said, getattr(self.auth, "secrets", ()))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _before(self, request: httpx.Request) -> None:
        self.pace.keep()
        self.requests += 1

    def _url(self, path: str) -> str:
        if not urlsplit(path).scheme:
            # A link from the root is one of the host, any other path is below the base.
            is_rooted = path.startswith("//") or (
                path.startswith("/") and path.startswith(urlsplit(self.base_url).path + "/")
            )
            return (
                urljoin(self.base_url, path) if is_rooted else f"{self.base_url}/{path.lstrip('/')}"
            )
        ours, theirs = urlsplit(self.base_url), urlsplit(path)
        if (theirs.scheme, theirs.netloc) != (ours.scheme, ours.netloc):
            raise AnswerUnusable(
                self.where,
                "the answer points to another host for its next page",
                "nothing was sent there; see whether the source's address is right",
            )
        return path

    def _once(
        self, method: str, url: str, may_be_empty: bool, request: Mapping[str, Any]
    ) -> Answer:
        try:
            response = self._client.request(method, url, **request)
        except httpx.HTTPStatusError as error:
            # Of the reply to a question for a token: the grant itself was turned down.
            response = error.response
            if response.status_code not in _BUSY:
                raise AccessRefused(
                    self.where,
                    f"no token was given ({response.status_code} {self.told(response.text)})",
                    "check the credentials of the source",
                ) from None
        if self._judge is not None:
            self._judge(self, response)
        status = response.status_code
        if status in _BUSY:
            raise Busy(f"answered {status} {self.told(response.text)}", _retry_after(response))
        if status in (401, 403):
            self._refuse(response)
        if status == 204 or not response.content.strip():
            if may_be_empty and status in (200, 204, 304):
                return Answer(response)
            raise self.unusable(f"{status} without content")
        if status >= 300:
            raise RequestRefused(
                self.where,
                f"answered {status} {self.told(response.text)}",
                "see whether the source's settings are right; if so, its API has changed",
            )
        answer = Answer(response)
        try:
            answer.check()
        except BodyUnusable as error:
            raise Busy(f"gave an answer that cannot be used: {error}") from None
        return answer

    def unusable(self, why: str) -> AnswerUnusable:
        """The error for an answer that is not what the system documents."""
        return AnswerUnusable(
            self.where,
            f"the answer cannot be used: {self.told(why)}",
            "nothing of it was taken over",
        )

    def changed(self, why: str) -> PagesDisagree:
        """The error for pages that are not of one list: the pull begins anew, a few times."""
        return PagesDisagree(
            self.where,
            f"the list changed while it was read: {why}",
            "run again later: all of it is asked for anew",
        )

    def _refuse(self, response: httpx.Response) -> None:
        said = self.told(response.text)
        if response.status_code == 401:
            raise AccessRefused(
                self.where,
                f"the credentials were refused (401 {said})",
                "renew them and set the source's secret anew",
            )
        raise AccessRefused(
            self.where,
            f"access was refused (403 {said})",
            "give the key the right to read this object, or name the object under `leave_out`",
        )

    def _unreachable(self, url: str, why: str) -> SourceFailed:
        asked = urlsplit(url)
        port = asked.port or (443 if asked.scheme == "https" else 80)
        return NotConnected(
            self.where,
            f"{asked.hostname}:{port} {why}{self._times}",
            f"run again later: {GOES_ON}",
        )

    @property
    def _times(self) -> str:
        return f", {self.tries} times" if self.tries > 1 else ""

    def _wait(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Busy) and error.wait is not None:
            if error.wait > LONGEST_WAIT_SECONDS:
                raise error
            return error.wait
        # 1, 2, 4 s and up to half as much again, so that several of us do not come back at once.
        return float(2 ** (state.attempt_number - 1)) * (1 + random.random() / 2)


def _is_cut(error: httpx.TransportError) -> bool:
    return isinstance(error, httpx.ReadError | httpx.RemoteProtocolError)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds that the system asks us to wait: a number or a date (RFC 9110, 10.2.3)."""
    said = response.headers.get("Retry-After", "").strip()
    if not said:
        return None
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
