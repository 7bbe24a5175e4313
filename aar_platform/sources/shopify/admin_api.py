"""Shopify's GraphQL endpoint: its cost-based limit kept, its errors inside success told apart."""

import time
from typing import Any

import httpx
import msgspec

from aar_platform.sources.api import client
from aar_platform.sources.api.auth import Header
from aar_platform.sources.api.client import Answer, Api, Busy
from aar_platform.sources.api.errors import AccessRefused, RequestRefused, SourceFailed

VERSION = "2026-07"
# Told inside a success, of an answer that may come if asked for again.
_LATER = ("INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE")


class TooCostly(SourceFailed):
    """A question that costs more points than one may; `share` of it would have been allowed."""

    def __init__(self, where: str, share: float) -> None:
        super().__init__(
            where,
            "Shopify says that one record costs more than a question may",
            "nothing can be done in the settings; its limits have changed",
        )
        self.share = share


class _Bucket(msgspec.Struct):
    maximumAvailable: float
    currentlyAvailable: float
    restoreRate: float


class _Cost(msgspec.Struct):
    requestedQueryCost: float = 0.0
    throttleStatus: _Bucket | None = None


class _Extensions(msgspec.Struct):
    cost: _Cost | None = None
    # Warnings of the search: terms that it did not understand and left out.
    search: Any = None


class _Envelope(msgspec.Struct):
    errors: Any = None
    extensions: _Extensions | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)


class AdminApi(Api):
    """The Admin API of one shop.

    A question costs points, by what it asks for; they come back at a rate that depends on the
    shop's plan. Every answer tells how many are left, and a question waits until there are enough.
    """

    def __init__(self, where: str, base_url: str, token: str) -> None:
        auth = Header("X-Shopify-Access-Token", token, token)
        url = f"{base_url}/admin/api/{VERSION}"
        super().__init__(where, url, auth, judge=lambda _, response: self._look(response))
        self._costs: dict[tuple[str, Any], float] = {}
        self._told: _Cost | None = None
        self._told_at = 0.0

    def query(self, document: str, **variables: Any) -> Answer:
        """The answer to a GraphQL document, without errors in it.

        Raises TooCostly for one that asks for more at once than is allowed, and as `ask` does.
        """
        mark = (document, variables.get("first"))
        self._wait_for_points(self._costs.get(mark, 0.0))
        answer = self.post("graphql.json", {"query": document, "variables": variables})
        if self._told is not None:
            self._costs[mark] = self._told.requestedQueryCost
        return answer

    def _wait_for_points(self, needed: float) -> None:
        bucket = self._told.throttleStatus if self._told else None
        if bucket is None or bucket.restoreRate <= 0:
            return
        back = (time.monotonic() - self._told_at) * bucket.restoreRate
        left = min(bucket.maximumAvailable, bucket.currentlyAvailable + back)
        if needed > left:
            client.pause((needed - left) / bucket.restoreRate)

    def _look(self, response: httpx.Response) -> None:
        if response.status_code != 200:
            return
        try:
            envelope = _ENVELOPE.decode(response.content)
        except msgspec.DecodeError:
            return  # No answer of GraphQL; what the body should have is missed where it is read.
        extensions = envelope.extensions or _Extensions()
        if extensions.cost is not None:
            self._told, self._told_at = extensions.cost, time.monotonic()
        if envelope.errors:
            self._refuse_errors(envelope.errors, extensions.cost)
        warned = [one for one in _dicts(extensions.search) if one.get("warnings")]
        if warned:
            raise self.unusable(f"a filter was not understood: {self.told(str(warned[0]))}")

    def _refuse_errors(self, errors: Any, cost: _Cost | None) -> None:
        told = _dicts(errors)
        notes = [one["extensions"] for one in told if isinstance(one.get("extensions"), dict)]
        codes = {str(note.get("code")) for note in notes}
        said = self.told("; ".join(str(one.get("message")) for one in told) or str(errors))
        if "THROTTLED" in codes:
            raise Busy("said THROTTLED", _time_until(cost))
        if "MAX_COST_EXCEEDED" in codes:
            note = next(one for one in notes if one.get("code") == "MAX_COST_EXCEEDED")
            raise TooCostly(self.where, _share(note))
        if "ACCESS_DENIED" in codes:
            raise AccessRefused(
                self.where,
                f"access was refused (ACCESS_DENIED {said})",
                "give the app the scope it names, or name the object under `leave_out`",
            )
        if codes & set(_LATER):
            raise Busy(f"answered with an error: {said}")
        raise RequestRefused(
            self.where,
            f"answered with an error: {said}",
            "see whether the source's settings are right; if so, its API has changed",
        )


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _time_until(cost: _Cost | None) -> float | None:
    """Seconds until the points for a question are there; None where the answer does not say."""
    if cost is None or cost.throttleStatus is None or cost.throttleStatus.restoreRate <= 0:
        return None
    bucket = cost.throttleStatus
    return max(1.0, (cost.requestedQueryCost - bucket.currentlyAvailable) / bucket.restoreRate)


def _share(note: dict[str, Any]) -> float:
    """Which part of a question may be asked; half of it where the error tells no numbers."""
    cost, most = note.get("cost"), note.get("maxCost")
    if isinstance(cost, int | float) and isinstance(most, int | float) and cost > 0:
        return min(0.9, 0.95 * most / cost)
    return 0.5
