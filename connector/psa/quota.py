"""The request budget of one connection: a PSA's patience is per tenant, so it is counted in one place.

A sliding window, a minute unless the PSA counts otherwise, under a hard ceiling, and a pace: how many any
minute may hold, narrowed when the PSA says 429 and widened again while it does not (additive increase,
multiplicative decrease). Where the window is an hour, only the pace is narrowed: what was sent before a
storm must not silence us for the rest of the hour. Bulk reading never takes the last tenth of either nor
the last slot, so that a webhook is answered at once in the middle of a back-fill.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from itertools import takewhile
from math import ceil
from typing import Any, Protocol, runtime_checkable

from connector.errors import Throttled
from connector.psa.port import QuotaState
from connector.psa.retry import Sleep

WINDOW_S = 60.0
CUT = 0.5  # what is left of the pace after a 429
FLOOR = 0.05  # of the ceiling: the pace never falls below it
STEP = 0.1  # of the ceiling: how much the pace grows in a minute without a 429
BURST = 2.0  # times the average: a pace that has grown so far needs no holding back
CALM_S = 10.0  # 429s of one burst narrow the pace once
BULK_SHARE = 0.9
PATIENCE_S = 60.0
SHORTEST_S = 0.001  # a rounding error must not make us spin
GRAINS = 60  # parts of the window that are told apart when it is handed on


_patience: ContextVar[float] = ContextVar("patience", default=PATIENCE_S)


@contextmanager
def impatient(seconds: float) -> Iterator[None]:
    """In it a 429 is waited out only for so long: who asks has looked at what may change meanwhile.

    A pace is waited for all the same, or a narrow one would let nothing through.
    """
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


def patience_s() -> float:
    """Seconds for which a 429 is waited out here."""
    return _patience.get()


class Budget:
    """Slots for requests in flight and a limit on requests in a window; use `acquire` and `release`.

    `window_s`: how long the PSA counts, in seconds; `per_minute` is then the average over it.
    `permit` is awaited before each request, where somebody else counts them, too.
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
        self._share = self._ceiling = self._pace = per_minute * window_s / WINDOW_S
        self._least = 0.0
        self._slots = asyncio.Semaphore(concurrency)
        self._bulk = asyncio.Semaphore(max(1, concurrency - 1))
        self._clock, self._sleep = clock or time.monotonic, sleep
        self._sent: deque[float] = deque()
        self._closed_until = self._last_cut = float("-inf")
        self._total = self._throttled = 0
        self.permit: Callable[[], Awaitable[None]] | None = None

    async def acquire(self, *, urgent: bool = False) -> None:
        """Wait for a turn and a slot. Throttled if that takes more patience than a minute."""
        if urgent:
            await self._enter(1.0)
            return
        await self._bulk.acquire()
        try:
            await self._enter(BULK_SHARE)
        except BaseException:
            self._bulk.release()
            raise

    async def _enter(self, share: float) -> None:
        """A turn and a slot. Who had to wait for the slot takes another turn: it is counted, and a 429 is
        heeded, when it is sent."""
        at = await self._turn(share)
        waits = self._slots.locked()
        await self._slots.acquire()
        if not waits:
            return
        try:
            with suppress(ValueError):  # so long ago that it is forgotten
                self._sent.remove(at)
            self._total -= 1
            await self._turn(share)
        except BaseException:
            self._slots.release()
            raise

    def release(self, *, urgent: bool = False) -> None:
        self._slots.release()
        if not urgent:
            self._bulk.release()

    @property
    def _average(self) -> float:
        """The ceiling as requests a minute."""
        return self._ceiling * WINDOW_S / self._window_s

    def succeeded(self) -> None:
        """The PSA answered: widen a narrowed pace by a little, a tenth of the ceiling a minute."""
        if self._pace < self._ceiling:
            wider = self._pace + STEP * self._average / self._pace
            self._pace = self._ceiling if wider >= BURST * self._average else min(self._ceiling, wider)

    def cap(self, per_minute: float, least: float = 0.0) -> None:
        """A new ceiling: others use the PSA's patience too. A lower one counts at once.

        `least`: how many a minute are sent, evenly, even where more than the ceiling has been sent
        already; never more than the first ceiling in all.
        """
        self._ceiling = max(1.0, per_minute * self._window_s / WINDOW_S)
        self._pace = min(self._pace, self._ceiling)
        self._least = least

    def throttled(self, retry_after: float) -> None:
        """The PSA said 429: nobody sends before `retry_after` seconds, and fewer a minute from now on."""
        now = self._clock()
        self._throttled += 1
        self._closed_until = max(self._closed_until, now + retry_after)
        if now - self._last_cut >= CALM_S:
            self._last_cut = now
            average = self._average
            self._pace = max(average * FLOOR, min(self._pace, average) * CUT, 1.0)

    def state(self) -> QuotaState:
        self._forget(self._clock())
        return QuotaState(
            limit_per_minute=min(self._pace, self._average),
            used_last_minute=self.used(WINDOW_S),
            requests_total=self._total,
            throttled_total=self._throttled,
            limit=int(self._ceiling),
            left=max(0, int(self._ceiling) - len(self._sent)),
            window_s=self._window_s,
        )

    def handed_on(self, now: datetime) -> dict[str, Any]:
        """What another process must know to go on within the same limits: JSON, instants as epoch seconds.

        What was sent is told by grains of the window, each as late as its last request.
        """
        clock = self._clock()
        self._forget(clock)
        past = now.timestamp() - clock
        grain = self._window_s / GRAINS
        sent: Counter[int] = Counter(int((clock - at) // grain) for at in self._sent)
        closed = self._closed_until + past if self._closed_until > clock else None
        return {
            "sent": [[round(now.timestamp() - age * grain, 3), n] for age, n in sorted(sent.items())],
            "closed_until": closed,
            "last_cut": None if self._last_cut == float("-inf") else self._last_cut + past,
            "share": self._share,
            "pace": self._pace,
            "ceiling": self._ceiling,
            "least": self._least,
            "total": self._total,
            "throttled": self._throttled,
        }

    def take_over(self, kept: Mapping[str, Any], now: datetime) -> None:
        """Go on from what `handed_on` said, here or elsewhere; its pace only if its share is ours."""
        clock = self._clock()
        past = now.timestamp() - clock
        grains = sorted((min(float(at) - past, clock), int(n)) for at, n in kept["sent"])
        self._sent = deque(at for at, n in grains for _ in range(n))
        closed, cut = kept["closed_until"], kept["last_cut"]
        self._closed_until = float("-inf") if closed is None else float(closed) - past
        self._last_cut = float("-inf") if cut is None else float(cut) - past
        self._total, self._throttled = int(kept["total"]), int(kept["throttled"])
        if kept["share"] == self._share:
            self._pace, self._ceiling = float(kept["pace"]), float(kept["ceiling"])
            self._least = float(kept["least"])

    def assume(self, requests: int) -> None:
        """Somebody else may have sent so many, at any time until now."""
        self._sent.extend([self._clock()] * requests)

    async def _turn(self, share: float) -> float:
        """When it was taken."""
        if self.permit is not None:
            await self.permit()
        while True:
            now = self._clock()
            self._forget(now)
            if now < self._closed_until:
                wait = self._closed_until - now
                if wait > patience_s() + SHORTEST_S:
                    raise Throttled(f"the PSA asked for {wait:.0f} s of patience", retry_after=wait)
            elif (wait := self._full(now, share)) <= 0.0:
                self._sent.append(now)
                self._total += 1
                return now
            elif wait > PATIENCE_S + SHORTEST_S:
                raise Throttled(
                    f"our share of the PSA's patience is used up for {wait:.0f} s", retry_after=wait
                )
            await self._sleep(max(wait, SHORTEST_S))

    @property
    def spent(self) -> bool:
        """Whether even something urgent would have to wait for what was sent before."""
        now = self._clock()
        self._forget(now)
        return self._full(now, 1.0) > 0.0

    @property
    def at_once(self) -> int:
        """How many urgent requests may be sent now, before one would have to wait for its turn."""
        now = self._clock()
        self._forget(now)
        if now < self._closed_until:
            return 0
        room = ceil(max(1.0, self._ceiling)) - len(self._sent)
        if self._pace < self._ceiling:
            room = min(room, ceil(max(1.0, self._pace)) - self.used(WINDOW_S))
        return max(0, room)

    def _full(self, now: float, share: float) -> float:
        """Seconds until one more may be sent; 0 or less if it may be now."""
        wait = self._until_under(len(self._sent), self._ceiling * share, self._window_s) - now
        if wait > 0.0 and self._least and len(self._sent) < self._share:
            wait = min(wait, self._sent[-1] + WINDOW_S / self._least - now)
        if self._pace < self._ceiling:
            wait = max(wait, self._until_under(self.used(WINDOW_S), self._pace * share, WINDOW_S) - now)
        return wait

    def _until_under(self, used: int, limit: float, window_s: float) -> float:
        """When fewer than `limit` of the `used` latest requests are in the window; -inf if they are fewer."""
        most = ceil(max(1.0, limit))
        return float("-inf") if used < most else self._sent[-most] + window_s

    def _forget(self, now: float) -> None:
        while self._sent and self._sent[0] <= now - self._window_s:
            self._sent.popleft()

    def used(self, seconds: float) -> int:
        """Requests sent in the last so many seconds, of those in the window."""
        since = self._clock() - seconds
        return sum(1 for _ in takewhile(lambda at: at > since, reversed(self._sent)))


@runtime_checkable
class Budgeted(Protocol):
    """An adapter whose budget can be handed from one process to another. One that has none counts alone."""

    @property
    def budget(self) -> Budget: ...
