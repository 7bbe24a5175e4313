"""Rate limits kept before they are hit: so many calls in so many seconds."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """At most `calls` in any `seconds`, as the system documents it."""

    calls: int
    seconds: float


class Pace:
    """Waits before a call where a limit would otherwise be broken; one may serve several pulls.

    `clock` gives seconds, `sleep` waits; tests hand in their own.
    """

    def __init__(
        self,
        limits: tuple[Limit, ...],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limits = limits
        self._made: list[tuple[Limit, deque[float]]] = []
        self.allow(1)
        self._clock, self._sleep = clock, sleep
        self._one_by_one = threading.Lock()

    def allow(self, times: float) -> None:
        """Take the limits for so many times what they say: larger plans are allowed more."""
        more = [Limit(max(1, round(one.calls * times)), one.seconds) for one in self._limits]
        if [limit for limit, _ in self._made] != more:
            self._made = [(limit, deque[float](maxlen=limit.calls)) for limit in more]

    def keep(self) -> None:
        """Wait until the next call is allowed, and count it."""
        with self._one_by_one:
            for limit, made in self._made:
                if len(made) == limit.calls:
                    wait = made[0] + limit.seconds - self._clock()
                    if wait > 0:
                        self._sleep(wait)
            for _, made in self._made:
                made.append(self._clock())
