"""The request budget of one connection: a PSA's patience is per tenant, so it is counted in one place.

A sliding window, a minute unless the PSA counts otherwise, under a hard ceiling: narrowed when the PSA
says 429 and widened again while it does not (additive increase, multiplicative decrease). Bulk reading
never takes the last tenth of the window nor the last slot, so that a webhook is answered at once in the
middle of a back-fill.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import takewhile

from connector.errors import Throttled
from connector.psa.port import QuotaState
from connector.psa.retry import Sleep

WINDOW_S = 60.0
CUT = 0.5  # what is left of the limit after a 429
FLOOR = 0.05  # of the ceiling: the limit never falls below it
STEP = 0.1  # of the ceiling: how much the limit grows in a minute without a 429
CALM_S = 10.0  # 429s of one burst narrow the limit once
BULK_SHARE = 0.9
PATIENCE_S = 60.0
SHORTEST_S = 0.001  # a rounding error must not make us spin


class Budget:
    """Slots for requests in flight and a limit on requests in a window; use `acquire` and `release`.

    `window_s`: how long the PSA counts, in seconds; `per_minute` is then the average over it.
    """

    def __init__(
        self,
        per_minute: float,
        concurrency: int,
        *,
        window_s: float = WINDOW_S,
        clock: Callable[[], float] | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        if per_minute * window_s < WINDOW_S or concurrency < 1:
            raise ValueError("a budget needs at least one request a window and one slot")
        self._window_s = window_s
        self._ceiling = per_minute * window_s / WINDOW_S
        self._limit = self._ceiling
        self._slots = asyncio.Semaphore(concurrency)
        self._bulk = asyncio.Semaphore(max(1, concurrency - 1))
        self._clock, self._sleep = clock or time.monotonic, sleep
        self._sent: deque[float] = deque()
        self._closed_until = self._last_cut = float("-inf")
        self._total = self._throttled = 0

    async def acquire(self, *, urgent: bool = False) -> None:
        """Wait for a turn and a slot. Throttled if that takes more patience than a minute."""
        if urgent:
            await self._turn(1.0)
            await self._slots.acquire()
            return
        await self._bulk.acquire()
        try:
            await self._turn(BULK_SHARE)
            await self._slots.acquire()
        except BaseException:
            self._bulk.release()
            raise

    def release(self, *, urgent: bool = False) -> None:
        self._slots.release()
        if not urgent:
            self._bulk.release()

    def succeeded(self) -> None:
        """The PSA answered: widen a narrowed limit by a little, a tenth of the ceiling a minute."""
        if self._limit < self._ceiling:
            step = STEP * self._ceiling / self._limit * self._window_s / WINDOW_S
            self._limit = min(self._ceiling, self._limit + step)

    def cap(self, per_minute: float) -> None:
        """A new ceiling: others use the PSA's patience too. A lower one counts at once."""
        self._ceiling = max(1.0, per_minute * self._window_s / WINDOW_S)
        self._limit = min(self._limit, self._ceiling)

    def throttled(self, retry_after: float) -> None:
        """The PSA said 429: nobody sends before `retry_after` seconds, and fewer a minute from now on."""
        now = self._clock()
        self._throttled += 1
        self._closed_until = max(self._closed_until, now + retry_after)
        if now - self._last_cut >= CALM_S:
            self._last_cut = now
            self._limit = max(self._ceiling * FLOOR, self._limit * CUT, 1.0)

    def state(self) -> QuotaState:
        self._forget(self._clock())
        return QuotaState(
            limit_per_minute=self._limit * WINDOW_S / self._window_s,
            used_last_minute=self.used(WINDOW_S),
            requests_total=self._total,
            throttled_total=self._throttled,
        )

    async def _turn(self, share: float) -> None:
        while True:
            now = self._clock()
            self._forget(now)
            if now < self._closed_until:
                wait = self._closed_until - now
                if wait > PATIENCE_S:
                    raise Throttled(f"the PSA asked for {wait:.0f} s of patience", retry_after=wait)
            elif len(self._sent) < max(1.0, self._limit * share):
                self._sent.append(now)
                self._total += 1
                return
            else:
                wait = self._sent[0] + self._window_s - now
                if wait > PATIENCE_S:
                    raise Throttled(
                        f"our share of the PSA's patience is used up for {wait:.0f} s", retry_after=wait
                    )
            await self._sleep(max(wait, SHORTEST_S))

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] <= now - self._window_s:
            self._sent.popleft()

    def used(self, seconds: float) -> int:
        """Requests sent in the last so many seconds, of those in the window."""
        since = self._clock() - seconds
        return sum(1 for _ in takewhile(lambda at: at > since, reversed(self._sent)))
